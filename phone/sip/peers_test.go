package sip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// warnings are what the agent has said of unknown senders.
func (r *rig) warnings() int { return strings.Count(r.w.String(), "warning: unknown-sender") }

// registered is an agent over UDP that is registered, and that knows what its
// server's name resolves to.
func registeredOverUDP(t testing.TB, cfg string) *rig {
	t.Helper()
	r := newRig(t, Config{})
	r.plays("config udp"+cfg, "register", "connected", "resolved pbx.example.com 192.0.2.9 192.0.2.10")
	return r
}

func (r *rig) from(addr string, data []byte) {
	r.take(system.Received{Socket: r.socket, From: netip.MustParseAddrPort(addr), Data: data})
}

// TestAdmits: who may send a request over UDP, by address.
func TestAdmits(t *testing.T) {
	for _, test := range []struct {
		who, from, config string
		want              bool
	}{
		{"the address that the flow leads to", "192.0.2.9:5060", "", true},
		{"another port of it", "192.0.2.9:40000", "", true},
		{"written as IPv6", "[::ffff:192.0.2.9]:5060", "", true},
		{"another address of the server's name", "192.0.2.10:5060", "", true},
		{"a neighbour", "192.0.2.11:5060", "", false},
		{"this machine", "127.0.0.1:5060", "", false},
		{"our own address", "192.0.2.1:49152", "", false},
		{"over IPv6", "[2001:db8::1]:5060", "", false},
		{"a proxy of Path", "192.0.2.20:5060", "", true},
		{"a proxy of Service-Route", "[2001:db8::20]:5060", "", true},
		{"the address in a Contact that is not ours", "192.0.2.30:5060", "", false},
		{"anybody, where that is wanted", "198.51.100.7:5060", " any", true},
	} {
		r := registeredOverUDP(t, test.config)
		r.plays("respond REGISTER 200 Contact: CONTACT;expires=3600 | Contact: <sip:x@192.0.2.30>;expires=60 | Path: <sip:192.0.2.20;lr> | Service-Route: <sip:[2001:db8::20]:5070;lr>")
		r.from(test.from, Encode(r.peerRequest("OPTIONS", "")))
		if _, answered := r.sent["OPTIONS 200"]; answered != test.want {
			t.Errorf("%s, %s: answered %t, want %t", test.who, test.from, answered, test.want)
		}
		if said := r.warnings() == 1; said == test.want {
			t.Errorf("%s, %s: said that it is refused: %t", test.who, test.from, said)
		}
	}
}

// TestAnswersFromAnotherAddress: a server with several addresses may answer from
// any of them, and is known by it from then on. What a response must have is the
// branch of our request.
func TestAnswersFromAnotherAddress(t *testing.T) {
	r := registeredOverUDP(t, "")
	register := r.sent["REGISTER"]
	ok := NewResponse(register.(*sip.Request), 200, "b0b")
	ok.AppendHeader(sip.HeaderClone(register.GetHeaders("Contact")[0]))
	ok.SetBody(nil)
	res := Encode(ok)
	forged := []byte(strings.Replace(string(res), "branch=z9hG4bK", "branch=z9hG4bKx", 1))
	r.from("192.0.2.77:5060", forged)
	if r.a.reg.active() || r.warnings() != 1 {
		t.Fatalf("a forged answer registers us: %t; said %d times", r.a.reg.active(), r.warnings())
	}
	r.from("192.0.2.88:5060", res)
	if !r.a.reg.active() {
		t.Fatal("the answer from another address of the server is lost")
	}
	r.from("192.0.2.88:40000", Encode(r.peerRequest("OPTIONS", "")))
	if _, answered := r.sent["OPTIONS 200"]; !answered {
		t.Error("a request from the address that the registrar answered from is refused")
	}
}

// TestFloodFromElsewhere: 100,000 sources leave a few lines in the log, and the
// agent remembers a few of them; half of them come while names are looked up.
func TestFloodFromElsewhere(t *testing.T) {
	r := registeredOverUDP(t, "")
	request := Encode(r.peerRequest("INVITE", ""))
	events, effects := 0, 0
	for i := range 100_000 {
		if i == 50_000 {
			r.now = r.now.Add(time.Minute) // the next has the server's name looked up
		}
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 5060)
		for _, e := range r.a.Receive(r.now, system.Received{Socket: r.socket, From: from, Data: request}).Effects {
			effects++
			if l, ok := e.(system.Log); ok {
				if _, is := l.Event.(event.Warning); is {
					events++
				}
			}
		}
	}
	if events == 0 || events > 15 || effects != events+1 {
		t.Errorf("%d effects, %d of them warnings: want at most 15, and one look-up", effects, events)
	}
	if n := r.a.client.txs.Len(); n != 1 || len(r.a.calls.list) != 0 || len(r.a.peers.suspects) > maxSuspects {
		t.Errorf("%d transactions, %d calls, %d suspects", n, len(r.a.calls.list), len(r.a.peers.suspects))
	}
}

// TestLookUpWithoutAnAnswer: a look-up that is never answered, as the app slept
// when the answer came, holds up no other; what waited for it is said in the end.
func TestLookUpWithoutAnAnswer(t *testing.T) {
	r := newRig(t, Config{})
	r.plays("config udp", "register", "connected", "respond REGISTER 200 Contact: CONTACT;expires=3600")
	options := Encode(r.peerRequest("OPTIONS", ""))
	looks := func() int { return strings.Count(r.w.String(), "look up pbx.example.com") }
	r.from("198.51.100.7:5060", options)
	if looks() != 1 || r.warnings() != 0 {
		t.Fatalf("looked up %d times, said %d", looks(), r.warnings())
	}
	r.now = r.now.Add(lookupRest)
	r.from("192.0.2.10:5060", options)
	if looks() != 2 {
		t.Fatalf("looked up %d times in %s", looks(), lookupRest)
	}
	r.plays("resolved pbx.example.com 192.0.2.10")
	if !strings.Contains(r.w.String(), "OPTIONS from 198.51.100.7:5060 refused") || r.warnings() != 1 {
		t.Errorf("said %d times in\n%s", r.warnings(), &r.w)
	}
}

// TestDialogsOfNames: the proxies of a dialog that have names are known before its
// first request comes from them, and a scanner who knocks just then changes nothing.
func TestDialogsOfNames(t *testing.T) {
	for name, make := range map[string][]string{
		"incoming": {"peer INVITE sdp Record-Route: <sip:edge.example.com;lr>", "answer 1"},
		"outgoing": {"invite bob", "respond INVITE 200 sdp Contact: <sip:bob@example.com> | Record-Route: <sip:edge.example.com;lr>"},
	} {
		r := registeredOverUDP(t, "")
		r.plays("respond REGISTER 200 Contact: CONTACT;expires=3600")
		r.now = r.now.Add(time.Minute)
		r.plays(make...)
		r.plays("resolved edge.example.com 192.0.2.60")
		scanner := Encode(r.peerRequest("OPTIONS", ""))
		r.from("198.51.100.7:5060", scanner)
		r.plays("from 192.0.2.60:5060 BYE")
		if !strings.Contains(r.w.String(), "NOTICE Ended{ID:1 By:peer") {
			t.Errorf("%s: the BYE is lost in\n%s", name, &r.w)
		}
	}
}

// TestLookUpsRestByName: what somebody unknown has had looked up holds up no other
// name, and no name is looked up twice in half a minute.
func TestLookUpsRestByName(t *testing.T) {
	r := registeredOverUDP(t, "")
	looks := func(host string) int { return strings.Count(r.w.String(), "look up "+host) }
	s := newStep(r.now.Add(time.Minute))
	p := &r.a.peers
	p.refuse(s, "OPTIONS", []string{"pbx.example.com"})
	p.refuse(s, "BYE", []string{"pbx.example.com", "edge.example.com"})
	p.refuse(s, "BYE", []string{"pbx.example.com", "edge.example.com"})
	r.print(s.Out)
	if looks("pbx") != 2 || looks("edge") != 1 { // one of the first is that of the flow
		t.Errorf("looked up:\n%s", &r.w)
	}
}

// TestAnswerToAnEarlierFlow: the same name asked for twice is answered twice, and the
// next one is waited for all the same.
func TestAnswerToAnEarlierFlow(t *testing.T) {
	r := newRig(t, Config{})
	p := &r.a.peers
	s := newStep(r.now)
	s.from = netip.MustParseAddrPort("198.51.100.7:5060")
	resolved := func(host, addr string) {
		p.resolved(s, system.Resolved{Host: host, Addrs: []netip.Addr{netip.MustParseAddr(addr)}})
	}
	p.open(s, netip.Addr{})
	p.open(s, netip.Addr{})
	resolved("pbx.example.com", "192.0.2.9")
	resolved("pbx.example.com", "192.0.2.9")
	s.Now = s.Now.Add(time.Minute)
	p.refuse(s, "INVITE", []string{"pbx.example.com", "edge.example.com"})
	resolved("pbx.example.com", "192.0.2.9")
	if len(p.suspects) != 1 {
		t.Error("it is judged before the last name is known")
	}
	resolved("edge.example.com", "192.0.2.9")
	if len(p.suspects) != 0 {
		t.Error("it is never judged")
	}
	s.Now = s.Now.Add(time.Minute)
	p.refuse(s, "INVITE", []string{"edge.example.com"}) // which is never answered
	s.Now = s.Now.Add(time.Minute)
	p.refuse(s, "INVITE", []string{"pbx.example.com"})
	resolved("pbx.example.com", "192.0.2.9")
	if len(p.suspects) != 0 {
		t.Error("it waits for an answer that never comes")
	}
}

// TestDialogsWithoutLookUps: where nobody is refused, a call has nothing looked up.
func TestDialogsWithoutLookUps(t *testing.T) {
	for _, config := range []string{"config", "config udp any"} {
		r := newRig(t, Config{})
		r.plays(config, "register", "connected", "respond REGISTER 200 Contact: CONTACT;expires=3600", "peer INVITE sdp Record-Route: <sip:edge.example.com;lr>")
		if _, looked := r.a.peers.names["edge.example.com"]; looked || !strings.Contains(r.w.String(), "call incoming") {
			t.Errorf("%s:\n%s", config, &r.w)
		}
	}
}

// TestNamesAreBounded: however many proxies a server names, few are looked up.
func TestNamesAreBounded(t *testing.T) {
	r := registeredOverUDP(t, "")
	var path []string
	for i := range 500 {
		path = append(path, fmt.Sprintf("<sip:edge%d.example.com;lr>", i))
	}
	r.plays("respond REGISTER 200 Contact: CONTACT;expires=3600 | Path: " + strings.Join(path, ", "))
	if n := strings.Count(r.w.String(), "look up edge"); n != maxHosts || len(r.a.peers.names) != maxHosts+1 {
		t.Errorf("%d proxies are looked up, and %d names remembered", n, len(r.a.peers.names))
	}
}

// TestStreamsTakeNobodyElse: over TCP there is only the server.
func TestStreamsTakeNobodyElse(t *testing.T) {
	r := newRig(t, Config{})
	r.plays("config", "register", "connected", "resolved pbx.example.com 192.0.2.10")
	for addr, want := range map[string]bool{"192.0.2.9": true, "192.0.2.10": true, "192.0.2.11": false} {
		if got := r.a.Knows(netip.MustParseAddr(addr)); got != want {
			t.Errorf("audio from %s: %t, want %t", addr, got, want)
		}
	}
}
