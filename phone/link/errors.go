package link

import "errors"

// Why a fault is refused.
var (
	errOffline    = errors.New("the handset is offline: nothing that the network does reaches it; first: fault network wifi")
	errNoFlow     = errors.New("no socket is open: there is nothing that the network could forget")
	errNoStream   = errors.New("no connection to a server is open")
	errNotStalled = errors.New("no connection is stalled")
)
