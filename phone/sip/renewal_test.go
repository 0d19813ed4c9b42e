package sip

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestSubscriptionGrants looks at the time that is believed of a 200 to a SUBSCRIBE and to
// a PUBLISH that asked for an hour, and at what is said of it.
func TestSubscriptionGrants(t *testing.T) {
	odd, incomplete := []event.Rule{event.RuleOddExpiry}, []event.Rule{event.RuleIncompleteGrant}
	for expires, want := range map[string]struct {
		life  time.Duration
		warns []event.Rule
	}{
		"Expires: 600":                {600 * time.Second, nil},
		"Expires: 3600":               {time.Hour, nil},
		"Expires: 3601":               {time.Hour, odd},
		"Expires: 4294967295":         {time.Hour, odd},
		"Expires: 4294967296":         {time.Hour, odd},
		"Expires: abc":                {time.Hour, odd},
		"Expires: -1":                 {time.Hour, odd},
		"Expires: 600 (ten minutes)":  {600 * time.Second, odd},
		"Expires: 600.5":              {600 * time.Second, odd},
		"Expires: 7200 (two hours)":   {time.Hour, odd},
		"Expires: ":                   {time.Hour, incomplete},
		"X: no Expires":               {time.Hour, incomplete},
		"Expires: 3":                  {3 * time.Second, nil},
		"Expires: 2":                  {2 * time.Second, []event.Rule{event.RuleShortExpires}},
		"Expires: 1":                  {time.Second, []event.Rule{event.RuleShortExpires}},
		"Expires: 0":                  {0, nil},
		"Expires: 0 (not for minute)": {0, odd},
	} {
		for method, order := range map[string]string{"SUBSCRIBE": "subscribe presence bob", "PUBLISH": "publish open"} {
			r := registered(t)
			var heard listener
			heard.listen(r)
			answer := "respond " + method + " 200 " + expires + " | SIP-ETag: a | Contact: <sip:192.0.2.9:5060;transport=tcp>"
			r.plays(order, answer)
			phase := event.SubscriptionActive
			if want.life == 0 {
				phase = event.SubscriptionRefused
			}
			if !slices.Equal(heard.warnings, want.warns) || heard.phase != phase || heard.life != want.life {
				t.Errorf("%s to %s: %s for %s, warnings %q; want %s", expires, method, heard.phase, heard.life, heard.notes, want.life)
			}
			if want.life == 0 {
				continue
			}
			if method == "SUBSCRIBE" {
				r.plays("notify active")
			}
			r.plays("advance "+(want.life/2).String(), answer)
			if strings.Contains(fmt.Sprint(heard.notes), "e+") {
				t.Errorf("%s to %s: %q", expires, method, heard.notes)
			}
			if len(heard.warnings) != len(want.warns) || heard.sent[method] != 2 {
				t.Errorf("%s to %s: said again at the refresh: %q; sent %d times", expires, method, heard.notes, heard.sent[method])
			}
		}
	}
}

// TestBriefWish: who asks for a second is told to ask for more, and not the notifier.
func TestBriefWish(t *testing.T) {
	for asked, hint := range map[time.Duration]string{
		time.Second: "ask for a minute at the least", 2 * time.Second: "ask for a minute at the least", 3 * time.Second: "have it grant a minute at the least",
	} {
		r := registered(t)
		out, err := r.a.Tell(r.now, control.Subscribe{Package: "presence", For: asked})
		if err != nil {
			t.Fatal(err)
		}
		r.print(out)
		r.plays("respond SUBSCRIBE 200 Expires: 1 | Contact: <sip:192.0.2.9:5060;transport=tcp>")
		if !strings.Contains(r.w.String(), "between them it is over; try: "+hint) {
			t.Errorf("%s:\n%s", asked, &r.w)
		}
	}
}

// TestSubscriptionWithoutContact: the 200 that begins a dialog lacks its Contact. The
// NOTIFY that follows has one; a refresh needs none.
func TestSubscriptionWithoutContact(t *testing.T) {
	r := registered(t)
	var heard listener
	heard.listen(r)
	r.plays("subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600")
	if !slices.Equal(heard.warnings, []event.Rule{event.RuleIncompleteGrant}) || !strings.Contains(heard.notes[0], "no Contact: the next goes to sip:bob@example.com") {
		t.Errorf("%q", heard.notes)
	}
	r.plays("notify active", "advance 300s", "respond SUBSCRIBE 200 Expires: 600")
	if to := r.sent["SUBSCRIBE"].(*sip.Request).Recipient; to.Host != "192.0.2.9" || len(heard.warnings) != 1 {
		t.Errorf("the refresh goes to %s; %q", to.String(), heard.notes)
	}
	r = registered(t)
	heard = listener{}
	heard.listen(r)
	r.plays("subscribe presence bob", "notify active", "respond SUBSCRIBE 200 Expires: 600")
	if len(heard.warnings) > 0 {
		t.Errorf("the NOTIFY has begun the dialog: %q", heard.notes)
	}
}

// TestBriefSubscriptions: what lives for a second is refreshed as often as the budget
// allows, which is named.
func TestBriefSubscriptions(t *testing.T) {
	for method, order := range map[string]string{"SUBSCRIBE": "subscribe presence bob", "PUBLISH": "publish open"} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays(order)
		var answered sip.Message
		for until := r.now.Add(10 * time.Minute); r.now.Before(until); r.plays("advance 100ms") {
			if r.sent[method] == answered {
				continue
			}
			answered = r.sent[method]
			r.plays("respond " + method + " 200 Expires: 1 | SIP-ETag: a | Contact: <sip:192.0.2.9:5060;transport=tcp>")
			if method == "SUBSCRIBE" {
				r.plays("notify active")
			}
		}
		loops := 0
		for _, rule := range heard.warnings {
			if rule == event.RuleServerLoop {
				loops++
			}
		}
		if n := heard.sent[method]; n < 60 || n > 330 || loops == 0 || loops > 20 {
			t.Errorf("%s: sent %d times, named %d times", method, n, loops)
		}
	}
}

// TestRefreshesCost: what the answers to a refresh have the phone send besides, by a 412, a
// 423 or a challenge, comes out of the same budget.
func TestRefreshesCost(t *testing.T) {
	const stale = `401 WWW-Authenticate: Digest realm="lab", nonce="n", qop="auth", stale=true`
	for _, tc := range []struct {
		method, order string
		answers       []string // in turn, before the 200
	}{
		{"PUBLISH", "publish open", []string{"412"}},
		{"PUBLISH", "publish open", []string{"412", "423 Min-Expires: MORE"}},
		{"PUBLISH", "publish open", []string{stale}},
		{"PUBLISH", "publish open", []string{stale, stale, stale}},
		{"SUBSCRIBE", "subscribe presence bob", []string{stale, stale, stale}},
	} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays(tc.order)
		answers := append(slices.Clone(tc.answers), "200 Expires: 1 | SIP-ETag: a | Contact: <sip:192.0.2.9:5060;transport=tcp>")
		var answered sip.Message
		next := 0
		for until := r.now.Add(10 * time.Minute); r.now.Before(until); r.plays("advance 100ms") {
			for r.sent[tc.method] != answered {
				answered = r.sent[tc.method]
				answer := strings.Replace(answers[next], "MORE", strconv.Itoa(3600+heard.sent[tc.method]), 1)
				r.plays("respond " + tc.method + " " + answer)
				if next = (next + 1) % len(answers); next == 0 && tc.method == "SUBSCRIBE" {
					r.plays("notify active")
				}
			}
		}
		if n := heard.sent[tc.method]; n < 60 || n > 330+1+len(tc.answers) {
			t.Errorf("%s, %q: sent %d times", tc.method, tc.answers, n)
		}
	}
}

// TestRenewal: whether and when a subscription is begun anew that its notifier has ended
// (RFC 6665 §4.1.3).
func TestRenewal(t *testing.T) {
	const never = -1
	for state, want := range map[string]time.Duration{
		"deactivated": 0, "Deactivated": 0, "timeout": 0, "deactivated;retry-after=60": 0,
		"probation": 30 * time.Second, "probation;retry-after=120": 2 * time.Minute, "probation;retry-after=0": 0,
		"giveup": 30 * time.Second, "giveup;retry-after=7": 7 * time.Second,
		"giveup;retry-after=soon": 30 * time.Second, "giveup;retry-after=7s": 7 * time.Second,
		"rejected": never, "noresource": never, "invariant": never, "rejected;retry-after=5": never, "noresource;retry-after=5": never, "invariant;retry-after=5": never,
		"because": never, "": never, "because;retry-after=5": 5 * time.Second,
	} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays("subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600 | Contact: <sip:192.0.2.9:5060;transport=tcp>", "notify active", "advance 33s")
		first := r.sent["SUBSCRIBE"].(*sip.Request)
		r.plays("notify terminated;reason=" + state)
		if heard.phase != event.SubscriptionEnded || strings.Contains(state, "retry-after=1") != strings.Contains(r.w.String(), "retry after 02:00") {
			t.Errorf("%q: %s\n%s", state, heard.phase, &r.w)
		}
		if strings.HasSuffix(state, "retry-after=0") != strings.Contains(r.w.String(), "retry after 00:00") {
			t.Errorf("%q: %s", state, &r.w)
		}
		if state == "" && !strings.Contains(r.w.String(), "ended the notifier ended it\n") {
			t.Errorf("no reason:\n%s", &r.w)
		}
		if want == never {
			if r.plays("advance 48h"); heard.sent["SUBSCRIBE"] != 1 || len(r.a.watches.list) != 0 {
				t.Errorf("%q: it is begun anew", state)
			}
			continue
		}
		if want > 0 {
			if r.plays("advance " + (want - time.Second).String()); heard.sent["SUBSCRIBE"] != 1 {
				t.Errorf("%q: it is begun anew before %s are over", state, want)
			}
			r.plays("advance 1s")
		}
		second := r.sent["SUBSCRIBE"].(*sip.Request)
		if heard.sent["SUBSCRIBE"] != 2 || second.CallID().Value() == first.CallID().Value() || second.To().Params.Has("tag") || second.CSeq().SeqNo != 1 {
			t.Errorf("%q: no new dialog after %s: %v", state, want, second)
		}
	}
}

// TestRenewalsAreBounded: a notifier that ends each subscription as soon as it has begun
// is asked later and later, and named once, whatever reason it gives; and so is one that
// does it before it answers.
func TestRenewalsAreBounded(t *testing.T) {
	for _, reason := range []string{"deactivated", "timeout", "probation;retry-after=0", "giveup;retry-after=0", "x;retry-after=0"} {
		for _, order := range []string{"answer first", "notify first"} {
			r := registered(t)
			var heard listener
			heard.listen(r)
			r.plays("subscribe presence bob")
			var answered sip.Message
			for until := r.now.Add(25 * time.Minute); r.now.Before(until); r.plays("advance 1s") {
				for n := 0; r.sent["SUBSCRIBE"] != answered && n < 100; n++ {
					answered = r.sent["SUBSCRIBE"]
					lines := []string{"respond SUBSCRIBE 200 Expires: 600 | Contact: <sip:192.0.2.9:5060;transport=tcp>", "notify terminated;reason=" + reason}
					if order == "notify first" {
						slices.Reverse(lines)
					}
					r.plays(lines...)
				}
			}
			loops := 0
			for _, rule := range heard.warnings {
				if rule == event.RuleServerLoop {
					loops++
				}
			}
			// at 0 s, at once, and 30 s, 1, 2, 4 and 8 min later
			if n := heard.sent["SUBSCRIBE"]; n != 7 || loops != 1 {
				t.Errorf("%s, %s: sent %d times, named %d times", reason, order, n, loops)
			}
		}
	}
}

// TestRenewalForgets: one that has lasted is begun anew at once.
func TestRenewalForgets(t *testing.T) {
	n := renewal{begun: epoch}
	now := epoch
	for i, lasts := range []time.Duration{soon, soon, soon, soon + 1, soon, soon} {
		now = now.Add(lasts)
		wait, ok := n.after(now, "deactivated", 0, false)
		if want := []time.Duration{0, 30 * time.Second, time.Minute, 0, 0, 30 * time.Second}[i]; wait != want || !ok {
			t.Errorf("%d: in %s, want %s", i, wait, want)
		}
		now = now.Add(wait)
		n.begun = now
	}
	for _, tc := range []struct {
		short       int
		asked, want time.Duration
	}{{1, 0, renewBase}, {6, 0, 16 * time.Minute}, {7, 0, renewMost}, {1 << 30, 0, renewMost}, {2, time.Hour, time.Hour}, {0, 1 << 32 * time.Second, maxExpires}} {
		n := renewal{begun: epoch, short: tc.short}
		if wait, _ := n.after(epoch, "giveup", tc.asked, true); wait != tc.want {
			t.Errorf("after %d and %s: in %s, want %s", tc.short, tc.asked, wait, tc.want)
		}
	}
}

// TestRenewalIsOurs: one that waits can be ended, begun at once, and is not begun by a new
// flow.
func TestRenewalIsOurs(t *testing.T) {
	ended := []string{"subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600 | Contact: <sip:192.0.2.9:5060;transport=tcp>", "notify active", "notify terminated;reason=probation;retry-after=20"}
	for name, tc := range map[string]struct {
		then  []string
		sent  int
		phase event.SubscriptionPhase
		left  int
	}{
		"unsubscribed":        {[]string{"unsubscribe presence bob", "advance 1h"}, 1, event.SubscriptionEnded, 0},
		"subscribed":          {[]string{"subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600 | Contact: <sip:192.0.2.9:5060;transport=tcp>"}, 2, event.SubscriptionActive, 1},
		"on a new flow":       {[]string{"closed reset", "connected", "respond REGISTER 200 Contact: CONTACT;expires=3600", "advance 19s"}, 1, event.SubscriptionEnded, 1},
		"it is time":          {[]string{"advance 20s"}, 2, event.SubscriptionEnded, 1},
		"it is time, no flow": {[]string{"closed reset", "advance 21s", "connected"}, 2, event.SubscriptionEnded, 1},
	} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays(append(slices.Clone(ended), tc.then...)...)
		if heard.sent["SUBSCRIBE"] != tc.sent || heard.phase != tc.phase || len(r.a.watches.list) != tc.left {
			t.Errorf("%s: sent %d times, %s, %d left\n%s", name, heard.sent["SUBSCRIBE"], heard.phase, len(r.a.watches.list), &r.w)
		}
	}
}

// TestAnswerAfterTheEnd: the 200 to a SUBSCRIBE comes after the NOTIFY that has ended what
// it was to begin: nothing is active, and its challenge is not answered.
func TestAnswerAfterTheEnd(t *testing.T) {
	for _, answer := range []string{"200 Expires: 600", `401 WWW-Authenticate: Digest realm="lab", nonce="n"`, "503", "423 Min-Expires: 7200"} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays("subscribe presence bob", "notify terminated;reason=noresource", "respond SUBSCRIBE "+answer, "advance 60s")
		if heard.phase != event.SubscriptionEnded || heard.sent["SUBSCRIBE"] != 1 || len(r.a.watches.list) != 0 {
			t.Errorf("%s: %s, sent %d times", answer, heard.phase, heard.sent["SUBSCRIBE"])
		}
	}
}
