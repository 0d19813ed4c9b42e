package sip

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestBriefInterval: what is wrong with a 423 is named (RFC 3261 §21.4.17), whatever it
// refuses. An hour was asked for, and then the two hours that the first 423 wants.
func TestBriefInterval(t *testing.T) {
	for answers, want := range map[string]struct {
		reason string
		rule   event.Rule // of the registration
	}{
		"423":                    {"Interval Too Brief: it has no Min-Expires", event.RuleNotRegistered},
		"423 Min-Expires: abc":   {`Interval Too Brief: its Min-Expires is "abc", which is no number of seconds`, event.RuleNotRegistered},
		"423 Min-Expires: ":      {`Interval Too Brief: its Min-Expires is "", which is no number of seconds`, event.RuleNotRegistered},
		"423 Min-Expires: -1":    {`Interval Too Brief: its Min-Expires is "-1", which is no number of seconds`, event.RuleNotRegistered},
		"423 Min-Expires: 60":    {"Interval Too Brief: its Min-Expires is 60, and 3600 s were asked for", event.RuleServerLoop},
		"423 Min-Expires: 99999": {"Interval Too Brief: its Min-Expires is 99999, and a day is the longest that the phone asks for", event.RuleNotRegistered},
		"423 Min-Expires: 7200/423 Min-Expires: 7200": {"Interval Too Brief: its Min-Expires is 7200, and 7200 s were asked for", event.RuleServerLoop},
	} {
		for method, order := range map[string]string{"REGISTER": "register", "SUBSCRIBE": "subscribe presence bob", "PUBLISH": "publish open"} {
			r := registered(t)
			var heard listener
			heard.listen(r)
			r.plays(order)
			for answer := range strings.SplitSeq(answers, "/") {
				r.plays("respond " + method + " " + answer)
			}
			if !strings.Contains(r.w.String(), want.reason) {
				t.Errorf("%s to %s: no %q\n%s", answers, method, want.reason, &r.w)
			}
			if method == "REGISTER" && heard.last.Rule != want.rule {
				t.Errorf("%s: %s, want %s", answers, heard.last.Rule, want.rule)
			}
		}
	}
}

// TestRisingInterval: of a 423 that wants more again, though that was asked for.
func TestRisingInterval(t *testing.T) {
	r := registered(t)
	r.plays("subscribe presence bob", "respond SUBSCRIBE 423 Min-Expires: 7200", "respond SUBSCRIBE 423 Min-Expires: 9000")
	if !strings.Contains(r.w.String(), "its Min-Expires is 9000, and more was asked for already, as it wanted") {
		t.Error(r.w.String())
	}
}

// TestPublicationWithoutTag: nothing is said to be believed of an answer that is of no use.
func TestPublicationWithoutTag(t *testing.T) {
	for answer, want := range map[string]string{"200": "the answer has no SIP-ETag", "200 SIP-ETag: a | Expires: 0": "the server grants no time"} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays("publish open", "respond PUBLISH "+answer)
		if heard.phase != event.SubscriptionRefused || len(heard.warnings) > 0 || !strings.Contains(r.w.String(), want) {
			t.Errorf("%s: %s, %q\n%s", answer, heard.phase, heard.notes, &r.w)
		}
	}
}
