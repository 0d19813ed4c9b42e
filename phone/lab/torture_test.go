package lab

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/internal/torture"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestTorture gives the lab the messages of RFC 4475 and RFC 5118 (see TestTorture in
// phone/sip), and wants the statuses that are right from the registrar and proxy of
// example.com, where its users are unknown to be anywhere. After each the lab answers
// OPTIONS.
func TestTorture(t *testing.T) {
	// What is not here gets no answer: a response, or a request without what a
	// response needs.
	want := map[string]string{
		// RFC 4475 §3.1.1: valid messages.
		"wsinv": "481", "intmeth": "404", "esc01": "404", "escnull": "401", "esc02": "404", "lwsdisp": "480", "longreq": "480",
		"dblreq": "401", "semiuri": "404", "transports": "480", "mpart01": "404",
		// §3.1.2: invalid messages.
		"badinv01": "400", "clerr": "400", "ncl": "400", "scalar02": "400", "quotbal": "400", "ltgtruri": "400", "lwsruri": "400",
		"lwsstart": "400", "trws": "400", "escruri": "400", "badaspec": "400", "mismatch01": "400", "mismatch02": "400",
		"baddate": "480", "regbadct": "401", "baddn": "404", "badvers": "505",
		// §3.2 to §3.4.
		"badbranch": "480", "insuf": "400", "unkscm": "416", "novelsc": "416", "unksm2": "404", "bext01": "420", "invut": "480", "regaut01": "401",
		"multi01": "400", "mcl01": "400", "zeromf": "200", "cparam01": "401", "cparam02": "401", "regescrt": "401", "sdp01": "480", "inv2543": "480",
		// RFC 5118; the addresses are not the lab's.
		"ipv6-good": "404", "ipv6-bad": "400", "port-ambiguous": "404", "port-unambiguous": "404", "via-received-param-with-delim": "481",
		"via-received-param-no-delim": "404", "ipv6-in-sdp": "404", "mult-ip-in-header": "481", "mult-ip-in-sdp": "404",
		"ipv4-mapped-ipv6": "480", "ipv6-bug-abnf-3-colons": "404", "ipv6-correct-abnf-2-colons": "404",
	}
	// Over TCP the lab waits for the rest of what is shorter than it says, refuses what
	// has no length, and finds a second message behind the first. Over UDP it answers
	// to the port in the Via, which is not the sender's where there is one (RFC 3261
	// §18.2.2).
	only := map[sip.Transport]map[string]string{
		sip.TCP: {"clerr": "", "inv2543": "400", "dblreq": "401 404"},
		sip.UDP: {"mult-ip-in-header": "", "ipv4-mapped-ipv6": ""},
	}
	messages, err := torture.Messages("../sip/testdata/torture")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range messages {
		for _, transport := range []sip.Transport{sip.UDP, sip.TCP} {
			right := want[name]
			if other, differs := only[transport][name]; differs {
				right = other
			}
			b := newBench(t, func(cfg *Config) {
				cfg.Domain, cfg.Accounts = "example.com", append(cfg.Accounts, Account{User: "user"}, Account{User: "UserB"})
			})
			if got := b.ear(transport).hears(text); got != right {
				t.Errorf("%s over %s: %q, want %q", name, transport, got, right)
			}
			if res := b.wire().request("OPTIONS", "sip:example.com", "<sip:example.com>"); res.StatusCode != 200 {
				t.Errorf("OPTIONS after %s over %s: %d", name, transport, res.StatusCode)
			}
		}
	}
}

// An ear is a client that hears the statuses of responses, be they fit to read
// or not.
type ear struct {
	idle
	bench *bench
	over  sip.Transport
	local netip.AddrPort
	heard strings.Builder
	send  func(data string)
}

func (e *ear) Receive(_ time.Time, s system.Signal) []system.Effect {
	switch s := s.(type) {
	case system.Bound:
		e.local = s.Local
	case system.Connected:
		e.local = s.Local
	case system.Received:
		e.heard.Write(s.Data)
	}
	return nil
}

var statusLine = regexp.MustCompile(`(?m)^SIP/2\.0 (\d+)`)

func (b *bench) ear(over sip.Transport) *ear {
	e := &ear{bench: b, over: over}
	node := b.w.Add("ear", b.addr(), e, link.Path{})
	do := func(effect system.Effect) {
		b.w.Do(node, func(time.Time) []system.Effect { return []system.Effect{effect} })
		b.run(100 * time.Millisecond)
	}
	to := netip.AddrPort{}
	if over == sip.UDP {
		to = netip.AddrPortFrom(labAddr, 5060)
		do(system.Bind{RTP: 1, Port: 5060})
	} else {
		do(system.Connect{Socket: 1, Target: "lab:5060"})
	}
	e.send = func(data string) { do(system.Send{Socket: 1, To: to, Data: []byte(data)}) }
	return e
}

// hears is the statuses of the responses to a message, copies left out.
func (e *ear) hears(text string) string {
	e.send(text)
	e.bench.run(time.Second)
	var statuses []string
	for _, found := range statusLine.FindAllStringSubmatch(e.heard.String(), -1) {
		statuses = append(statuses, found[1])
	}
	return strings.Join(slices.Compact(statuses), " ")
}
