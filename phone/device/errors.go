package device

// systemError is an error by which an app learns what the system has done to
// it, or does not do for it.
type systemError string

func (e systemError) Error() string { return string(e) }

// What a reclaimed socket gives (Apple TN2277; DTS thread 85038). The texts are
// those of the platform's errno.
const (
	// ErrNotConnected is ENOTCONN, from a stream or a UDP socket.
	ErrNotConnected systemError = "socket is not connected: the system reclaimed it"
	// ErrDestroyed is ECONNABORTED, from a TCP connection of a frozen app (AOSP
	// ConnectivityService, SOCK_DESTROY).
	ErrDestroyed systemError = "software caused connection abort: the system destroyed the socket of the frozen app"
	// ErrAborted is ECONNABORTED, from a listening socket.
	ErrAborted systemError = "software caused connection abort: the system reclaimed the listening socket"
)

// Why the system does not show a reported call (CXErrorCodeIncomingCallError).
const (
	ErrNoCallScreen  systemError = "this system has no call screen"
	ErrDoNotDisturb  systemError = "filtered: Do Not Disturb is on"
	ErrBlockedCaller systemError = "filtered: the user has blocked the caller"
)

// errNoAudio is what an app gets that opens the sound card in the background
// before the system has activated its audio session.
const errNoAudio systemError = "the audio session is not active"

// What TCP gives up for, when the network was closed to the app for too long.
const (
	// ErrTimedOut is ETIMEDOUT.
	ErrTimedOut systemError = "connection timed out: the network was closed to the app"
	// ErrNoBuffers is ENOBUFS.
	ErrNoBuffers systemError = "no buffer space available: the network is closed to the app"
)
