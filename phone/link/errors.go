package link

import "errors"

// Why a fault is refused.
var (
	errOffline    = errors.New("the handset is offline: this fault cannot reach it; first: fault network wifi")
	errNoFlow     = errors.New("no socket is open: the network has nothing to forget")
	errNoStream   = errors.New("no connection to a server is open")
	errNotStalled = errors.New("no connection is stalled")
)
