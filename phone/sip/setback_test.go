package sip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestRefusedRefresh: what the answers to the refresh of a subscription make of it (RFC 6665
// §4.1.2.2). 600 s are granted, and refreshed after 300 s.
func TestRefusedRefresh(t *testing.T) {
	const never, over = 0, -1
	for answer, next := range map[string]time.Duration{
		"503":                    150 * time.Second,
		"503 Retry-After: 1":     150 * time.Second,
		"503 Retry-After: 200":   200 * time.Second,
		"500":                    150 * time.Second,
		"408":                    150 * time.Second,
		"504 Retry-After: 299":   299 * time.Second,
		"502 Retry-After: 99999": never, // before it expires
		"400":                    never, "403": never, "406": never, "415": never, "420": never, "486": never, "488": never, "491": never, "600": never, "603": never, "505": never,
		"423": never,
		"404": over, "405": over, "410": over, "416": over, "480": over, "481": over, "482": over, "483": over, "484": over, "485": over, "489": over, "501": over, "604": over,
	} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays("subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600 | Contact: <sip:192.0.2.9:5060;transport=tcp>", "notify active;expires=600",
			"advance 300s", "respond SUBSCRIBE "+answer, "advance 100ms")
		r.plays("notify active text")
		taken := strings.Count(r.w.String(), " told active") == 2
		if (next == over) == taken || next == over && heard.phase != event.SubscriptionEnded {
			t.Errorf("%s: %s, and the NOTIFY behind it is taken: %t\n%s", answer, heard.phase, taken, &r.w)
		}
		if next == over {
			continue
		}
		if !slices.Equal(heard.warnings, []event.Rule{event.RuleRequestRefused}) || !strings.Contains(heard.notes[0], "it lives on for 05:00") {
			t.Errorf("%s: %q", answer, heard.notes)
		}
		if next == never {
			r.plays("advance 299800ms")
			if heard.sent["SUBSCRIBE"] != 2 || heard.phase != event.SubscriptionActive {
				t.Errorf("%s: sent %d times, %s before its end", answer, heard.sent["SUBSCRIBE"], heard.phase)
			}
			if r.plays("advance 100ms"); heard.phase != event.SubscriptionEnded || !strings.Contains(r.w.String(), "it expired, and its refresh was answered "+answer[:3]) {
				t.Errorf("%s: %s at its end\n%s", answer, heard.phase, &r.w)
			}
			continue
		}
		r.plays(fmt.Sprintf("advance %s", next-200*time.Millisecond))
		if heard.sent["SUBSCRIBE"] != 2 {
			t.Errorf("%s: it is refreshed again before %s", answer, next)
		}
		r.plays("advance 100ms", "respond SUBSCRIBE 200 Expires: 600")
		if heard.sent["SUBSCRIBE"] != 3 || heard.phase != event.SubscriptionActive || heard.life != 600*time.Second {
			t.Errorf("%s: not refreshed again after %s: %s for %s", answer, next, heard.phase, heard.life)
		}
		if r.plays("advance 300s"); heard.sent["SUBSCRIBE"] != 4 {
			t.Errorf("%s: the answer is remembered after the next: %s", answer, &r.w)
		}
	}
}

// TestRefusedToTheEnd: a notifier that refuses each refresh until the subscription expires
// is asked for another, when it says. What of it is not told by 64*T1 is not asked for more.
func TestRefusedToTheEnd(t *testing.T) {
	for retry, sent := range map[string]int{"700": 2, "9": 3} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays("subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600 | Contact: <sip:192.0.2.9:5060;transport=tcp>", "notify active;expires=600", "advance 300s",
			"respond SUBSCRIBE 503 Retry-After: "+retry)
		r.plays("notify active;expires=20", "advance 10s") // it ends sooner, and the server is spared all the same
		if heard.sent["SUBSCRIBE"] != sent {
			t.Errorf("Retry-After: %s: sent %d times, want %d\n%s", retry, heard.sent["SUBSCRIBE"], sent, &r.w)
		}
		if sent == 3 {
			continue
		}
		r.plays("advance 689s")
		if heard.sent["SUBSCRIBE"] != 2 || heard.phase != event.SubscriptionEnded {
			t.Errorf("sent %d times, %s before the server wants", heard.sent["SUBSCRIBE"], heard.phase)
		}
		if r.plays("advance 1s"); heard.sent["SUBSCRIBE"] != 3 {
			t.Errorf("sent %d times when the server wants", heard.sent["SUBSCRIBE"])
		}
	}
}

// TestUnansweredRefresh: no answer is like a 408 (RFC 3261 §8.1.3.1).
func TestUnansweredRefresh(t *testing.T) {
	for life, sent := range map[int]int{600: 3, 30: 2} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays("subscribe presence bob", fmt.Sprintf("respond SUBSCRIBE 200 Expires: %d | Contact: <sip:192.0.2.9:5060;transport=tcp>", life), "notify active")
		r.plays(fmt.Sprintf("advance %ds", life/2), "advance 32s")
		phase, want := heard.phase, event.SubscriptionActive
		if life == 30 {
			want = event.SubscriptionEnded
		}
		if r.plays("advance 134s"); heard.sent["SUBSCRIBE"] != sent || phase != want {
			t.Errorf("of %d s: sent %d times, %s\n%s", life, heard.sent["SUBSCRIBE"], phase, &r.w)
		}
	}
}

// TestRefusedRepublication: a publication outlives the refusal of its refresh, which is tried
// again, and is published anew where it has expired meanwhile. 600 s are granted.
func TestRefusedRepublication(t *testing.T) {
	for answer, want := range map[string]struct {
		next time.Duration // the next PUBLISH; 0: none
		body bool          // it has the document
	}{
		"503 Retry-After: 1": {150 * time.Second, false}, "500": {150 * time.Second, false}, "408": {150 * time.Second, false},
		"504 Retry-After: 200": {200 * time.Second, false}, "504 Retry-After: 400": {400 * time.Second, true},
		"403": {}, "400": {}, "423": {},
	} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays("publish open", "respond PUBLISH 200 SIP-ETag: a | Expires: 600", "advance 300s", "respond PUBLISH "+answer)
		if heard.phase != event.SubscriptionActive || !slices.Equal(heard.warnings, []event.Rule{event.RuleRequestRefused}) {
			t.Errorf("%s: %s, %q", answer, heard.phase, heard.notes)
		}
		if want.next > 0 {
			r.plays("advance " + (want.next - 1).String())
		} else {
			r.plays("advance 1h")
		}
		ended := strings.Contains(r.w.String(), "it expired, and its refresh was answered "+answer[:3])
		if heard.sent["PUBLISH"] != 2 || ended != (want.body || want.next == 0) || (heard.phase == event.SubscriptionEnded) != ended {
			t.Errorf("%s: sent %d times, %s; ended: %t\n%s", answer, heard.sent["PUBLISH"], heard.phase, ended, &r.w)
		}
		if want.next == 0 {
			continue
		}
		r.plays("advance 1ns")
		if req := r.sent["PUBLISH"]; heard.sent["PUBLISH"] != 3 || (len(req.Body()) > 0) != want.body || (Text(req, "SIP-If-Match") == "") != want.body {
			t.Fatalf("%s: sent %d times:\n%s", answer, heard.sent["PUBLISH"], req)
		}
		r.plays("respond PUBLISH 200 SIP-ETag: b | Expires: 600", "advance 299s")
		if heard.phase != event.SubscriptionActive {
			t.Errorf("%s: %s after the next", answer, heard.phase)
		}
		if r.plays("advance 20m"); heard.phase != event.SubscriptionEnded {
			t.Errorf("%s: %s, though nobody has answered for longer than it lives", answer, heard.phase)
		}
	}
}

// TestPublicationIsRefused: what a person asks for and the server refuses is said to be
// refused, be it the first or not, and is not tried again.
func TestPublicationIsRefused(t *testing.T) {
	for _, first := range []string{"500", "200 SIP-ETag: a | Expires: 600"} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays("publish open", "respond PUBLISH "+first)
		if first != "500" {
			r.plays("publish closed", "respond PUBLISH 500")
		}
		sent := heard.sent["PUBLISH"]
		if r.plays("advance 1h"); heard.phase != event.SubscriptionRefused || heard.sent["PUBLISH"] != sent {
			t.Errorf("%s: %s, sent %d times more", first, heard.phase, heard.sent["PUBLISH"]-sent)
		}
	}
}

// TestUnansweredRepublication: no answer is like a 408.
func TestUnansweredRepublication(t *testing.T) {
	r := registered(t)
	var heard listener
	heard.listen(r)
	r.plays("publish open", "respond PUBLISH 200 SIP-ETag: a | Expires: 600", "advance 300s", "advance 32s")
	if r.plays("advance 134s"); heard.sent["PUBLISH"] != 3 || heard.phase != event.SubscriptionActive {
		t.Errorf("sent %d times, %s\n%s", heard.sent["PUBLISH"], heard.phase, &r.w)
	}
}

// TestPublicationThatIsOver: a publication that the server has had, and whose refresh it
// grants no time, or no entity-tag to name it by, has ended. One that a person asks for was
// refused.
func TestPublicationThatIsOver(t *testing.T) {
	for _, answer := range []string{"200 SIP-ETag: a | Expires: 0", "200 Expires: 600"} {
		for _, c := range []struct {
			before []string
			phase  event.SubscriptionPhase
		}{
			{[]string{"publish open"}, event.SubscriptionRefused},
			{[]string{"publish open", "respond PUBLISH 200 SIP-ETag: a | Expires: 600", "advance 300s"}, event.SubscriptionEnded},
			{[]string{"publish open", "respond PUBLISH 200 SIP-ETag: a | Expires: 600", "publish closed"}, event.SubscriptionRefused},
			{[]string{"publish open", "respond PUBLISH 200 SIP-ETag: a | Expires: 600", "advance 300s", "respond PUBLISH 403", "advance 300s", "publish open"}, event.SubscriptionRefused},
		} {
			r := registered(t)
			var heard listener
			heard.listen(r)
			r.plays(c.before...)
			sent := heard.sent["PUBLISH"]
			if r.plays("respond PUBLISH "+answer, "advance 20m"); heard.phase != c.phase || heard.sent["PUBLISH"] != sent {
				t.Errorf("%s after %q: %s, sent %d times more\n%s", answer, c.before, heard.phase, heard.sent["PUBLISH"]-sent, &r.w)
			}
		}
	}
}
