package lines

import (
	"context"
	"errors"
	"fmt"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// EndUnreached ends the run if the first connection to the server fails, or if
// the phone may not sign on over it: a script has nothing to gain from a phone
// that never was on the network. One that goes on to another server of the domain says
// so next, and any other that it waits.
func EndUnreached(ctx context.Context, log *event.Log, name string, stop context.CancelCauseFunc) {
	opened, failed := false, ""
	for r := range log.Follow(ctx, 0) {
		if r.Phone != name {
			continue
		}
		if w, on := r.Event.(event.Warning); failed != "" && !(on && w.Rule == event.RuleServerFailover) {
			stop(cli.Cannot(errors.New(failed), "is the server up, and does it listen on tcp? sleeptalk doctor"))
			return
		}
		failed = ""
		switch e := r.Event.(type) {
		case event.Socket:
			if e.Name == "control" && e.Phase == event.SocketFailed && !opened {
				failed = e.Error
			}
			opened = opened || e.Name == "control" && e.Phase == event.SocketOpen
		case event.Registration:
			switch {
			case e.Rule == event.RuleClearPassword:
				stop(inClear(e))
				return
			case e.Phase == event.RegistrationActive || e.Phase == event.RegistrationFailed:
				return
			}
		}
	}
}

// inClear is the error of a phone that may not send its password.
func inClear(e event.Registration) error {
	return cli.Invalid(fmt.Errorf("%s: %s", e.Reason, e.Hint), "--clear-password on, where nobody listens in")
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
	if failed.Rule == event.RuleClearPassword {
		return inClear(*failed)
	}
	reason := failed.Reason
	if failed.Status > 0 { // in SIP and HTTP
		reason = fmt.Sprintf("%d %s", failed.Status, failed.Reason)
	}
	return cli.Cannot(fmt.Errorf("the server refused to register %s: %s", name, reason), failed.Hint)
}
