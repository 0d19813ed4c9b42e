package device

// socketError is an error by which an app learns that the system has taken
// one of its sockets. The texts are those of the platform's errno.
type socketError string

func (e socketError) Error() string { return string(e) }

// What a reclaimed socket gives (Apple TN2277; DTS thread 85038).
const (
	// ErrNotConnected is ENOTCONN, from a stream or a UDP socket.
	ErrNotConnected socketError = "socket is not connected: the system reclaimed it"
	// ErrAborted is ECONNABORTED, from a listening socket.
	ErrAborted socketError = "software caused connection abort: the system reclaimed the listening socket"
)

// What TCP gives up for, when the network was closed to the app for too long.
const (
	// ErrTimedOut is ETIMEDOUT.
	ErrTimedOut socketError = "connection timed out: the network was closed to the app"
	// ErrNoBuffers is ENOBUFS.
	ErrNoBuffers socketError = "no buffer space available: the network is closed to the app"
)
