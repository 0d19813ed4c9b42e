package control

import (
	"errors"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var errServerClosed = errors.New("the server closed the connection")

// Closing says what a [system.Closed] of the control connection means: the
// phase of its [event.Socket], and why it is gone.
func Closing(err error) (phase event.SocketPhase, _ error) {
	switch {
	case err == nil:
		return event.SocketClosed, errServerClosed
	case errors.Is(err, system.ClosedByPeer):
		return event.SocketClosed, err
	case errors.Is(err, system.Reset):
		return event.SocketReset, err
	default:
		return event.SocketBroken, err
	}
}
