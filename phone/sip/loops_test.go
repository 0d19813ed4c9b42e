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

// TestLiesToOtherRequests: whatever a server answers to a re-INVITE, a BYE, a CANCEL
// or an OPTIONS, it is asked a few times and no more. REGISTER and INVITE, which
// back off, are in phone/app.
func TestLiesToOtherRequests(t *testing.T) {
	const stale = `%s: Digest realm="r", nonce="n", qop="auth", stale=true`
	lies := map[string]string{
		"401":            "401 " + strings.Replace(stale, "%s", "WWW-Authenticate", 1),
		"407":            "407 " + strings.Replace(stale, "%s", "Proxy-Authenticate", 1),
		"another realm":  `401 WWW-Authenticate: Digest realm="NUMBER", nonce="n"`,
		"302 to itself":  "302 Contact: <sip:bob@192.0.2.9:5060>",
		"302 elsewhere":  "302 Contact: <sip:bob@NUMBER.example.com>",
		"305":            "305 Contact: <sip:192.0.2.9:5060;lr>",
		"380":            "380 Contact: <sip:bob@example.net>",
		"423":            "423 Min-Expires: 9NUMBER",
		"491":            "491 Retry-After: 0",
		"503 at once":    "503 Retry-After: 0",
		"503, a date":    "503 Retry-After: Mon, 01 Jan 2035 00:00:00 GMT",
		"503, rubbish":   "503 Retry-After: -1",
		"503, for years": "503 Retry-After: 4294967295",
		"500":            "500 Retry-After: 1",
	}
	for method, begin := range map[string][]string{
		"INVITE":  {"invite bob", "respond INVITE 200 sdp Contact: <sip:bob@192.0.2.50>", "reinvite 1"},
		"BYE":     {"invite bob", "respond INVITE 200 sdp Contact: <sip:bob@192.0.2.50>", "hangup 1"},
		"CANCEL":  {"invite bob", "respond INVITE 180", "hangup 1"},
		"OPTIONS": {"ask"},
	} {
		for name, lie := range lies {
			t.Run(method+" "+name, func(t *testing.T) {
				r := registered(t)
				r.plays(begin...)
				sent := 0
				r.seen = func(out control.Output, _ int) {
					for _, e := range out.Effects {
						if s, ok := e.(system.Send); ok && strings.HasPrefix(string(s.Data), method+" ") {
							sent++
						}
					}
				}
				var answered sip.Message
				for until := r.now.Add(10 * time.Minute); r.now.Before(until); r.plays("advance 1s") {
					for n := 0; r.sent[method] != answered && n < 100; n++ {
						answered = r.sent[method]
						r.plays("respond " + method + " " + strings.ReplaceAll(lie, "NUMBER", strings.Repeat("9", sent+1)))
					}
				}
				if sent > 10 {
					t.Errorf("%d more in ten minutes", sent)
				}
			})
		}
	}
}

// TestClosedSoon: a server that closes the connection eleven seconds after each registration
// is registered with a few times an hour, and named.
func TestClosedSoon(t *testing.T) {
	r := registered(t)
	var heard listener
	heard.listen(r)
	for until := r.now.Add(time.Hour); r.now.Before(until); {
		r.plays("advance 11s", "closed")
		for !r.a.Opening() {
			r.plays("advance 1s")
		}
		r.plays("connected", "respond REGISTER 200 Contact: CONTACT;expires=3600")
	}
	if n := heard.sent["REGISTER"]; n > 15 || !slices.Equal(heard.warnings, []event.Rule{event.RuleServerLoop}) || !strings.Contains(heard.notes[0], "6 registrations in a row at pbx.example.com:5060 were lost within 32 s") {
		t.Errorf("sent %d times; %q", n, heard.notes)
	}
}
