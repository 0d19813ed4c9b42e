package lines

import (
	"context"
	"errors"
	"fmt"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// EndUnreached ends the run if the first connection to the server fails: a
// script has nothing to gain from a phone that never was on the network.
func EndUnreached(ctx context.Context, log *event.Log, name string, stop context.CancelCauseFunc) {
	for r := range log.Follow(ctx, 0) {
		s, ok := r.Event.(event.Socket)
		if !ok || r.Phone != name || s.Name != "control" {
			continue
		}
		switch s.Phase {
		case event.SocketOpen:
			return
		case event.SocketFailed:
			stop(cli.Cannot(errors.New(s.Error), "is the server up, and does it listen on tcp? sleeptalk doctor"))
			return
		}
	}
}

// Reached reports whether a phone has ever reached its server. One whose log is
// too long to be kept has.
func Reached(log *event.Log, name string) bool {
	for r := range log.From(0) {
		s, ok := r.Event.(event.Socket)
		if ok && r.Phone == name && s.Name == "control" && s.Phase == event.SocketOpen {
			return true
		}
	}
	return log.Lost() > 0
}

// Refused is the error of a phone that the server never let in.
func Refused(log *event.Log, name string) error {
	var failed *event.Registration
	for r := range log.From(0) {
		e, ok := r.Event.(event.Registration)
		if !ok || r.Phone != name {
			continue
		}
		switch e.Phase {
		case event.RegistrationActive:
			return nil
		case event.RegistrationFailed:
			failed = &e
		}
	}
	if failed == nil || log.Lost() > 0 { // what is lost may have let it in
		return nil
	}
	return cli.Cannot(fmt.Errorf("the server refused to register %s: %d %s", name, failed.Status, failed.Reason), failed.Hint)
}
