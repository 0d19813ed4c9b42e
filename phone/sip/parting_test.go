package sip

import (
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const granted = "respond SUBSCRIBE 200 Contact: <sip:192.0.2.9:5060;transport=tcp> | Expires: "

// TestNoTimeGranted: a notifier that grants no time sends one more NOTIFY (RFC 6665
// §4.2.1.2), which is told and answered 200. Nothing more is sent, and one that was granted
// some before has ended.
func TestNoTimeGranted(t *testing.T) {
	first := []string{"subscribe presence bob", granted + "0"}
	refresh := []string{"subscribe presence bob", granted + "600", "notify active;expires=600", "advance 300s", granted + "0"}
	for _, tc := range []struct {
		name        string
		begun, then []string
		sent, told  int
		left        int
	}{
		{"first", first, []string{"notify terminated;reason=timeout"}, 1, 1, 0},
		{"refresh", refresh, []string{"notify terminated;reason=timeout"}, 2, 2, 0},
		{"first, deactivated", first, []string{"notify terminated;reason=deactivated", "advance 1h"}, 1, 1, 0},
		{"two NOTIFYs", refresh, []string{"notify active", "notify terminated;reason=timeout"}, 2, 3, 0},
		{"one that does not end it", refresh, []string{"notify active;expires=10", "advance 31s"}, 2, 2, 1},
		{"one that does not end it, later", refresh, []string{"notify active;expires=10", "advance 32s"}, 2, 2, 0},
		{"none yet", first, []string{"advance 31s"}, 1, 0, 1},
		{"none", first, []string{"advance 32s"}, 1, 0, 0},
		{"a new flow", refresh, []string{"closed reset", "connected", "respond REGISTER 200 Contact: CONTACT;expires=3600", "advance 10m"}, 2, 1, 0},
		{"subscribed meanwhile", first, []string{"subscribe presence bob", granted + "600"}, 2, 0, 2},
		{"subscribed meanwhile, later", first, []string{"subscribe presence bob", granted + "600", "notify active", "advance 32s"}, 2, 1, 1},
	} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays(tc.begun...)
		phase := event.SubscriptionRefused
		if len(tc.begun) > 2 {
			phase = event.SubscriptionEnded
		}
		if heard.phase != phase {
			t.Errorf("%s: %s, want %s", tc.name, heard.phase, phase)
		}
		r.plays(tc.then...)
		log := r.w.String()
		if told := strings.Count(log, " told "); heard.sent["SUBSCRIBE"] != tc.sent || told != tc.told || len(r.a.watches.list) != tc.left {
			t.Errorf("%s: sent %d times, told %d times, %d left\n%s", tc.name, heard.sent["SUBSCRIBE"], told, len(r.a.watches.list), log)
		}
		if strings.Count(log, "the notifier grants no time") != 1 || slices.Contains(heard.warnings, event.RuleTurnedAway) || strings.Contains(log, "no NOTIFY within") {
			t.Errorf("%s:\n%s", tc.name, log)
		}
	}
	r := registered(t)
	r.plays(first...)
	if err := r.do("unsubscribe presence bob"); err == nil && !strings.Contains(r.w.String(), "there is no subscription") {
		t.Errorf("it can be ended again:\n%s", &r.w)
	}
}

// TestNotifyWhileUnsubscribing: a NOTIFY that crosses the end that we wish for does not
// have the subscription live on, nor wait for ever.
func TestNotifyWhileUnsubscribing(t *testing.T) {
	begun := []string{"subscribe presence bob", granted + "600", "notify active;expires=600", "unsubscribe presence bob"}
	for name, then := range map[string][]string{
		"before the answer":            {"notify active;expires=10", granted + "0", "advance 31s", "notify terminated;reason=timeout"},
		"after the answer":             {granted + "0", "notify active;expires=10", "advance 31s", "notify terminated;reason=timeout"},
		"no other follows":             {granted + "0", "advance 5s", "notify active;expires=10", "advance 27s"},
		"long before the answer":       {"notify active;expires=1", "advance 20s", granted + "0", "advance 31s", "notify terminated"},
		"pending, and nothing follows": {"notify pending", granted + "0", "advance 32s"},
	} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays(append(slices.Clone(begun), then[:len(then)-1]...)...)
		if len(r.a.watches.list) != 1 || strings.Contains(r.w.String(), " ended") {
			t.Errorf("%s: it is over too soon:\n%s", name, &r.w)
		}
		r.plays(then[len(then)-1])
		if heard.sent["SUBSCRIBE"] != 2 || len(r.a.watches.list) != 0 || strings.Count(r.w.String(), "at our wish") != 1 || len(heard.warnings) != 0 {
			t.Errorf("%s: sent %d times, %d left, %q\n%s", name, heard.sent["SUBSCRIBE"], len(r.a.watches.list), heard.warnings, &r.w)
		}
	}
	r := registered(t)
	r.plays("subscribe presence bob", granted+"600", "advance 31s", "unsubscribe presence bob", "advance 2s", granted+"0", "notify terminated")
	if log := r.w.String(); strings.Count(log, "at our wish") != 1 || strings.Contains(log, "turned-away") {
		t.Errorf("the first NOTIFY is waited for:\n%s", log)
	}
}
