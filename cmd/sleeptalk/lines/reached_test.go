package lines

import (
	"context"
	"errors"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestEndUnreached ends a run whose phone was never on the network, or may not
// say its password there; what goes wrong later is for the script to see.
func TestEndUnreached(t *testing.T) {
	open := event.Socket{Name: "control", Phase: event.SocketOpen}
	failed := event.Socket{Name: "control", Phase: event.SocketFailed, Error: "refused"}
	clear := event.Registration{Phase: event.RegistrationFailed, Reason: "not in clear", Rule: event.RuleClearPassword}
	for name, c := range map[string]struct {
		events []event.Event
		code   int // 0: the run goes on
	}{
		"refused":             {[]event.Event{failed}, cli.ExitCannot},
		"in clear":            {[]event.Event{open, clear}, cli.ExitInvalid},
		"refused later":       {[]event.Event{open, failed, event.Registration{Phase: event.RegistrationActive}}, 0},
		"of another socket":   {[]event.Event{event.Socket{Name: "wake", Phase: event.SocketFailed}, open, event.Registration{Phase: event.RegistrationActive}}, 0},
		"refused by a server": {[]event.Event{open, event.Registration{Phase: event.RegistrationFailed, Rule: event.RuleWrongPassword}}, 0},
	} {
		log := new(event.Log)
		for _, e := range c.events {
			log.Append(event.Record{Phone: "alice", Event: e})
		}
		ctx, stop := context.WithCancelCause(t.Context())
		EndUnreached(ctx, log, "alice", stop)
		f, ended := errors.AsType[*cli.Failure](context.Cause(ctx))
		if ended != (c.code != 0) || ended && (f.Code != c.code || f.Error() == "") {
			t.Errorf("%s: %v", name, context.Cause(ctx))
		}
		stop(nil)
	}
}

// TestRefusedInClear: that a phone did not say its password is not the server's
// doing.
func TestRefusedInClear(t *testing.T) {
	log := new(event.Log)
	log.Append(event.Record{Phone: "alice", Event: event.Registration{Phase: event.RegistrationFailed, Reason: "not in clear", Hint: "TLS", Rule: event.RuleClearPassword}})
	f, ok := errors.AsType[*cli.Failure](Refused(log, "alice"))
	if !ok || f.Code != cli.ExitInvalid || f.Error() != "not in clear: TLS" || f.Hint == "" {
		t.Errorf("got %+v", f)
	}
}
