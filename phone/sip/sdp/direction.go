package sdp

func sends(direction string) bool    { return direction == SendRecv || direction == SendOnly }
func receives(direction string) bool { return direction == SendRecv || direction == RecvOnly }

func directionOf(send, receive bool) string {
	switch {
	case send && receive:
		return SendRecv
	case send:
		return SendOnly
	case receive:
		return RecvOnly
	default:
		return Inactive
	}
}

// mirror is a direction seen from the other end (RFC 3264 §6.1).
func mirror(direction string) string {
	return directionOf(receives(direction), sends(direction))
}

// meet is what two wishes of the same end leave.
func meet(a, b string) string {
	return directionOf(sends(a) && sends(b), receives(a) && receives(b))
}
