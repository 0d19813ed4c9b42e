package link

import "errors"

// How a connection ends on which the link has worked. The texts are those of
// the system's own errors, so that an app cannot tell.
var (
	ErrReset     = errors.New("connection reset by peer")
	ErrTimeout   = errors.New("connection timed out")
	ErrNoBuffers = errors.New("no buffer space available")
)

// Why a fault is refused.
var (
	errOffline    = errors.New("the handset is offline: nothing that the network does reaches it; first: fault network wifi")
	errNoFlow     = errors.New("no socket is open: there is nothing that the network could forget")
	errNoStream   = errors.New("no connection to a server is open")
	errNotStalled = errors.New("no connection is stalled")
)
