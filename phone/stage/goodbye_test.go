package stage

import (
	"context"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// TestPanicBesideThePhone: a bug in a goroutine beside a phone's machine ends the phone, and
// the phone ends its call first.
func TestPanicBesideThePhone(t *testing.T) {
	l, at := liveLab(t, 4)
	ph, log := foundBy(t, setup.Values{"server": at.String(), "domain": "example.test"}, nil)
	follow(t, log, "registered", func(e event.Event) bool {
		r, ok := e.(event.Registration)
		return ok && r.Phase == event.RegistrationActive
	})
	if err := ph.Do(t.Context(), "call echo", "test"); err != nil {
		t.Fatal(err)
	}
	follow(t, log, "call up", func(e event.Event) bool {
		c, ok := e.(event.Call)
		return ok && c.Phase == event.CallUp
	})
	ph.Guard("prompt", func() { panic("on purpose") })
	follow(t, l.Log(), "the end of the call", func(e event.Event) bool {
		c, ok := e.(event.Call)
		return ok && c.Phase == event.CallEnded && c.By == "peer"
	})
	follow(t, l.Log(), "the sign-off", func(e event.Event) bool {
		s, ok := e.(event.Server)
		return ok && s.What == "unregistered"
	})
}

// follow waits for an event of a log.
func follow(t *testing.T, log *event.Log, what string, ok func(event.Event) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a phone that dies says nothing
	defer cancel()
	for r := range log.Follow(ctx, 0) {
		if ok(r.Event) {
			return
		}
	}
	t.Fatalf("no %s", what)
}
