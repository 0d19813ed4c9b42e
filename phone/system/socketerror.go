package system

// A SocketError says why a socket could not be opened, or was lost. Each kernel
// has numbers and words of its own for it; the shell that runs on one finds out
// which of these it means, so that errors.Is tells them apart everywhere else.
type SocketError string

// The errors of a socket.
const (
	// Refused: the host answers, the port does not.
	Refused SocketError = "connection refused"
	// Reset: the other end, or something on the way, has torn the connection
	// down (RST).
	Reset SocketError = "connection reset by peer"
	// ClosedByPeer: the other end has ended it in good order, and said why.
	ClosedByPeer SocketError = "closed by the peer"
	// TimedOut: nobody answers.
	TimedOut SocketError = "connection timed out"
	// Unreachable: there is no way to the host or its network.
	Unreachable SocketError = "no route to host"
	// UnknownHost: the name does not exist. NoResolver: nobody could say
	// whether it does.
	UnknownHost SocketError = "no such host"
	NoResolver  SocketError = "no answer from a resolver"
	// BadTarget: the target is not "host:port".
	BadTarget SocketError = "bad target"
	// AddrInUse: another socket has the local address. NotLocal: it is not an
	// address of this machine. NoPort: no local port is free.
	AddrInUse SocketError = "address already in use"
	NotLocal  SocketError = "cannot assign requested address"
	NoPort    SocketError = "no free port"
	// Forbidden: the machine does not let it be sent, such as its packet filter.
	Forbidden SocketError = "operation not permitted"
	// Moved: the machine is on another network, where it has another address.
	Moved SocketError = "our address has changed"
	// NoBuffers: the kernel holds all that it can. Stalled: the shell does, and
	// closed the socket, because the other end has stopped reading.
	NoBuffers SocketError = "no buffer space available"
	Stalled   SocketError = "the peer has stopped reading"
)

func (e SocketError) Error() string { return string(e) }
