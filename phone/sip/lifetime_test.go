package sip

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestUnregisterWhileRefreshing: the refresh under way when a person signs off is refused.
// The binding of before is removed all the same, and is never said to be lost.
func TestUnregisterWhileRefreshing(t *testing.T) {
	for _, refusal := range []string{"500", "403", "503 Retry-After: 5", "423 Min-Expires: 7200"} {
		for _, answer := range []string{"200", "500"} {
			r := registered(t)
			var heard listener
			heard.listen(r)
			r.plays("advance 30m", "unregister", "respond REGISTER "+refusal)
			if c := r.sent["REGISTER"].(*sip.Request).GetHeader("Contact").Value(); heard.sent["REGISTER"] != 2 || !strings.HasSuffix(c, ";expires=0") {
				t.Fatalf("%s: sent %d times, the last with %s", refusal, heard.sent["REGISTER"], c)
			}
			r.plays("respond REGISTER "+answer, "advance 2h")
			log := r.w.String()
			if heard.sent["REGISTER"] != 2 || strings.Contains(log, "registration lost") || strings.Contains(log, "the registrar keeps the binding") != (answer == "500") {
				t.Errorf("%s, then %s:\n%s", refusal, answer, log)
			}
		}
	}
	r := newRig(t, Config{})
	var heard listener
	heard.listen(r)
	r.plays("register", "connected", "unregister", "respond REGISTER 500", "advance 2h")
	if heard.sent["REGISTER"] != 1 || r.a.reg.held() {
		t.Errorf("there was none to remove: sent %d times\n%s", heard.sent["REGISTER"], &r.w)
	}
}

// TestSlowGrant: the answer takes so long that little or nothing is left of what it
// grants. The refresh is sent at once, and the app is not blamed for it.
func TestSlowGrant(t *testing.T) {
	const late = "it had expired when its answer came"
	for _, tc := range []struct {
		takes, refreshed time.Duration // after the answer
		lost             []string
	}{
		{200 * time.Millisecond, 500 * time.Millisecond, nil},
		{499 * time.Millisecond, 500 * time.Millisecond, nil},
		{500 * time.Millisecond, 0, nil},
		{600 * time.Millisecond, 0, nil},
		{999 * time.Millisecond, 0, nil},
		{time.Second, 0, []string{late}},
		{3 * time.Second, 0, []string{late}},
	} {
		r := newRig(t, Config{})
		r.plays("register", "connected", "advance "+tc.takes.String())
		var heard listener
		heard.listen(r)
		var lost []string
		seen := r.seen
		r.seen = both(seen, func(e event.Registration) {
			if e.Phase == event.RegistrationLost {
				lost = append(lost, e.Reason)
			}
		})
		r.plays("respond REGISTER 200 Contact: CONTACT;expires=1")
		if tc.refreshed > 0 {
			if r.plays("advance " + (tc.refreshed - 1).String()); heard.sent["REGISTER"] != 0 {
				t.Errorf("%s: it is refreshed sooner than after %s", tc.takes, tc.refreshed)
			}
		}
		r.plays("advance 1ns")
		if heard.sent["REGISTER"] != 1 || !slices.Equal(lost, tc.lost) {
			t.Errorf("%s: refreshed %d times, lost %q, want %q", tc.takes, heard.sent["REGISTER"], lost, tc.lost)
		}
	}
}

// both has the registrations of an output looked at, too.
func both(seen func(control.Output, int), look func(event.Registration)) func(control.Output, int) {
	return func(out control.Output, input int) {
		seen(out, input)
		for _, effect := range out.Effects {
			log, _ := effect.(system.Log)
			if e, ok := log.Event.(event.Registration); ok {
				look(e)
			}
		}
	}
}
