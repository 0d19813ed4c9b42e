package server

const (
	// MaxBacklog is how much a stalled connection may pile up before it is
	// closed.
	MaxBacklog = 256 << 10
	// maxUnread is how many messages a stalled WebSocket may pile up: empty ones have
	// no bytes (our own number).
	maxUnread = 4096
)

// An unread is what has come over a connection while its server hangs: bytes of a
// stream, or the messages of a WebSocket.
type unread struct {
	stream   []byte
	messages [][]byte
	size     int // of both
}

// hold keeps what a server that hangs has not read, and gives the connection up where
// that is more than fits.
func (c *conn) hold(stream []byte, messages ...[]byte) {
	u := &c.unread
	u.stream, u.size = append(u.stream, stream...), u.size+len(stream)
	for _, m := range messages {
		u.messages, u.size = append(u.messages, m), u.size+len(m)
	}
	if u.size > MaxBacklog || len(u.messages) > maxUnread {
		c.Close(true, "stalled, and sent more than fits")
	}
}

// Stall makes the connection a server that hangs: it accepts bytes and
// answers nothing. Afterwards it works off what it has accepted.
func (c *conn) Stall(on bool) {
	c.stalled = on
	if on {
		c.rest.reset()
		return
	}
	late := c.unread
	c.unread = unread{}
	if c.transport.WebSocket() {
		c.messages(late.messages)
		return
	}
	c.receive(late.stream)
}
