//go:build hostile

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// lies are answers to a phone's REGISTER that no server should give. raw is
// written as it is, over a connection.
var lies = map[string]struct {
	transport string
	answer    func(req string) []string
}{
	"another CSeq":           {"udp", says("200 OK", "CSeq: 1 REGISTER", "CSeq: 77 REGISTER")},
	"another method":         {"udp", says("200 OK", " REGISTER", " INVITE")},
	"another branch":         {"udp", says("200 OK", "z9hG4bK", "z9hG4bKother")},
	"another Call-ID":        {"udp", says("200 OK", "Call-ID: ", "Call-ID: x")},
	"another From tag":       {"udp", says("200 OK", ";tag=", ";tag=x")},
	"a Via of somebody else": {"udp", says("200 OK", "Via: SIP/2.0/UDP 127.0.0.1", "Via: SIP/2.0/UDP 192.0.2.9:1")},
	"no Via":                 {"udp", says("200 OK", "Via: ", "X-Via: ")},
	"200 twice": {"udp", func(req string) []string {
		a := answer(req, "200 OK")
		return []string{a, a, strings.Replace(a, ";tag=server", ";tag=other", 1)}
	}},
	"a thousand times 100":    {"udp", func(req string) []string { return repeat(1000, answer(req, "100 Trying")) }},
	"all status codes":        {"udp", func(req string) []string { return everyStatus(req) }},
	"nobody's contacts":       {"udp", says("200 OK", "Contact: <", "Contact: "+strings.Repeat("<sip:x@192.0.2.1>;expires=1, ", 500)+"<")},
	"no contact":              {"udp", says("200 OK", "Contact: ", "X-Contact: ")},
	"a contact for no time":   {"udp", says("200 OK", "expires=3600", "expires=0")},
	"a contact for less":      {"udp", says("200 OK", "expires=3600", "expires=-1")},
	"a contact for ever":      {"udp", says("200 OK", "expires=3600", "expires=18446744073709551616")},
	"a contact to a NUL":      {"udp", says("200 OK", "expires=3600", "expires=\x00")},
	"Min-Expires 2^31":        {"udp", says("423 Interval Too Brief", "Call-ID", "Min-Expires: 2147483648\r\nCall-ID")},
	"Min-Expires 2^64":        {"udp", says("423 Interval Too Brief", "Call-ID", "Min-Expires: 18446744073709551616\r\nCall-ID")},
	"Min-Expires less":        {"udp", says("423 Interval Too Brief", "Call-ID", "Min-Expires: -1\r\nCall-ID")},
	"Retry-After 2^32":        {"udp", says("503 Service Unavailable", "Call-ID", "Retry-After: 4294967296\r\nCall-ID")},
	"Retry-After less":        {"udp", says("503 Service Unavailable", "Call-ID", "Retry-After: -1\r\nCall-ID")},
	"a challenge of nothing":  {"udp", says("401 Unauthorized", "Call-ID", "WWW-Authenticate: \r\nCall-ID")},
	"a challenge by Basic":    {"udp", says("401 Unauthorized", "Call-ID", "WWW-Authenticate: Basic realm=\"x\"\r\nCall-ID")},
	"a hundred challenges":    {"udp", says("401 Unauthorized", "Call-ID", strings.Repeat("WWW-Authenticate: Digest realm=\"x\", nonce=\"y\", algorithm=NONE\r\n", 100)+"Call-ID")},
	"a nonce of 20 kB":        {"udp", says("401 Unauthorized", "Call-ID", "WWW-Authenticate: Digest realm=\"x\", nonce=\""+strings.Repeat("n", 20_000)+"\"\r\nCall-ID")},
	"a redirect to itself":    {"udp", says("302 Moved Temporarily", "Via", "Via")},
	"compact forms":           {"udp", compact},
	"a body that is less":     {"udp", says("200 OK", "Content-Length: 0", "Content-Length: 999")},
	"a body that is more":     {"tcp", says("200 OK", "Content-Length: 0\r\n\r\n", "Content-Length: 0\r\n\r\nmore of it")},
	"a body of 2 GB":          {"tcp", says("200 OK", "Content-Length: 0", "Content-Length: 2147483647")},
	"a body of less than 0":   {"tcp", says("200 OK", "Content-Length: 0", "Content-Length: -1")},
	"two lengths":             {"tcp", says("200 OK", "Content-Length: 0", "Content-Length: 0\r\nContent-Length: 5")},
	"a header without an end": {"tcp", func(req string) []string { return repeat(100, "X: "+strings.Repeat("y", 1000)+"\r\n") }},
	"64,000 header fields": {"tcp", func(req string) []string {
		return []string{strings.TrimSuffix(answer(req, "200 OK"), "\r\n") + strings.Repeat("X:y\r\n", 64_000) + "\r\n"}
	}},
	"a line without an end": {"tcp", func(string) []string { return repeat(100, strings.Repeat("S", 10_000)) }},
	"NUL bytes":             {"tcp", func(string) []string { return repeat(100, strings.Repeat("\x00", 1000)) }},
	"10,000 CRLFs":          {"tcp", func(string) []string { return repeat(10, strings.Repeat("\r\n", 1000)) }},
	"another protocol":      {"tcp", func(string) []string { return []string{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"} }},
}

// says is a response in which something is not as it should be.
func says(status, what, by string) func(string) []string {
	return func(req string) []string { return []string{strings.ReplaceAll(answer(req, status), what, by)} }
}

func repeat(n int, text string) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = text
	}
	return all
}

func everyStatus(req string) (all []string) {
	for status := range 1000 {
		all = append(all, answer(req, fmt.Sprintf("%03d Whatever", status)))
	}
	return all
}

func compact(req string) []string {
	return []string{strings.NewReplacer("Via:", "v:", "From:", "f:", "To:", "t:", "Call-ID:", "i:", "Contact:", "m:", "Content-Length:", "l:").Replace(answer(req, "200 OK"))}
}

// TestHostileLyingRegistrar has a registrar lie to a phone's first REGISTER.
// Whatever the phone makes of it, it lives, does not ask without end, and
// registers and takes a call when its user asks it to.
func TestHostileLyingRegistrar(t *testing.T) {
	t.Parallel()
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := make(chan bool, 1)
			s := newSIPServer(t, func(req string) []string {
				select {
				case told <- true:
					return lie.answer(req)
				default:
					return nil
				}
			})
			phone := attackedPhone(t, s.at(lie.transport), "--auto", "busy")
			phone.recovers()
			phone.say("register") // what came behind the lie may have closed the connection
			phone.registered()
			s.rings()
			phone.complains()
			if n := s.requests(); n > 20 {
				t.Errorf("%d requests", n)
			}
			phone.within(64)
			if code := phone.quit(); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// recovers has the user register, as often as that fails or is put off, until it
// has come true.
func (v *victim) recovers() {
	v.t.Helper()
	v.say("register")
	expect(v.tester, "registered at last", func(e event.Event) bool {
		switch e := e.(type) {
		case event.Recovery:
			v.say("register")
		case event.Registration:
			if e.Phase == event.RegistrationFailed || e.Phase == event.RegistrationLost {
				v.say("register")
			}
			return e.Phase == event.RegistrationActive
		}
		return false
	})
}

// TestHostileLyingCallee has whom the phone calls answer with lies. The phone
// hangs up when its user does, and takes the next call.
func TestHostileLyingCallee(t *testing.T) {
	t.Parallel()
	body := "\r\nContact: <sip:pat@127.0.0.1:9>\r\nContent-Type: application/sdp\r\n"
	ok := func(req, sdp, tag string) string {
		text := strings.Replace(answer(req, "200 OK"), ";tag=server", ";tag="+tag, 1)
		return strings.Replace(text, "\r\nContent-Length: 0\r\n\r\n", fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", body, len(sdp), sdp), 1)
	}
	for name, lie := range map[string]func(req string) []string{
		"two who answer": func(req string) []string {
			return []string{ok(req, offer, "one"), ok(req, offer, "two"), ok(req, offer, "one")}
		},
		"a hundred who answer": func(req string) (all []string) {
			for i := range 100 {
				all = append(all, ok(req, offer, fmt.Sprint("t", i)))
			}
			return all
		},
		"no session":            func(req string) []string { return []string{ok(req, "", "one")} },
		"garbage for a session": func(req string) []string { return []string{ok(req, strings.Repeat("v=\x00\xff\r\n", 1000), "one")} },
		"media to port 0": func(req string) []string {
			return []string{ok(req, offerOf("127.0.0.1", 0), "one")}
		},
		"media to port 99999": func(req string) []string {
			return []string{ok(req, strings.Replace(offer, "audio 9", "audio 99999", 1), "one")}
		},
		"media to port -1": func(req string) []string {
			return []string{ok(req, strings.Replace(offer, "audio 9", "audio -1", 1), "one")}
		},
		"media to everybody": func(req string) []string {
			return []string{ok(req, strings.Replace(offer, "c=IN IP4 127.0.0.1", "c=IN IP4 255.255.255.255", 1), "one")}
		},
		"a thousand media": func(req string) []string {
			return []string{ok(req, offer+strings.Repeat("m=audio 9 RTP/AVP 0\r\n", 1000), "one")}
		},
		"rings a hundred times": func(req string) []string {
			return append(repeat(100, answer(req, "180 Ringing")), answer(req, "486 Busy Here"))
		},
		"redirects to itself": func(req string) []string {
			return []string{strings.Replace(answer(req, "302 Moved Temporarily"), "\r\nVia", "\r\nContact: <sip:pat@lab.test>\r\nVia", 1)}
		},
		"a final of 699":        func(req string) []string { return []string{answer(req, "699 No")} },
		"refuses, then answers": func(req string) []string { return []string{answer(req, "486 Busy Here"), ok(req, offer, "one")} },
		"answers, then refuses": func(req string) []string { return []string{ok(req, offer, "one"), answer(req, "486 Busy Here")} },
		"asks for another CSeq": func(req string) []string {
			return []string{strings.Replace(ok(req, offer, "one"), "CSeq: ", "CSeq: 4294967296", 1), answer(req, "404 Not Found")}
		},
		"hangs up before it does": func(req string) []string {
			return []string{"BYE sip:alice@lab.test SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bKbye\r\nFrom: " + sipField(req, "To") + ";tag=server\r\nTo: " + sipField(req, "From") +
				"\r\nCall-ID: " + sipField(req, "Call-ID") + "\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n", answer(req, "404 Not Found")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSIPServer(t, func(req string) []string {
				if strings.HasPrefix(req, "INVITE ") {
					return lie(req)
				}
				return nil
			})
			phone := attackedPhone(t, s.at("udp"), "--auto", "busy")
			phone.registered()
			before := phone.usage()
			phone.say("call pat")
			if e := phone.reaches(event.CallUp, event.CallEnded); e == event.CallUp {
				phone.say("hang up")
				phone.call(event.CallEnded)
			}
			s.rings()
			phone.grown(before)
			phone.within(64)
			if code := phone.quit(); code > 1 { // 1: there was nothing to hang up any more
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// reaches waits for one of the phases of a call, and says which it was.
func (v *victim) reaches(phases ...event.CallPhase) event.CallPhase {
	v.t.Helper()
	return expect(v.tester, fmt.Sprint("a call that is one of ", phases), func(e event.Call) bool { return slices.Contains(phases, e.Phase) }).Phase
}
