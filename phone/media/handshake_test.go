package media

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/dtls"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/ice"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// seeded draws the same octets each time.
func seeded(seed byte) func([]byte) {
	r := rand.NewChaCha8([32]byte{seed})
	return func(b []byte) { _, _ = r.Read(b) }
}

// A certified is what an end has for DTLS.
type certified struct {
	identity *dtls.Identity
	random   func([]byte)
}

func newCertified(seed byte) certified {
	return certified{dtls.NewIdentity(seeded(seed)), seeded(seed + 100)}
}

// shakes has both ends of a new pair agree on DTLS; a is the one that begins. Each believes
// the fingerprint that it is given.
func (p *pair) shakes(mux bool, fingerprintOfB string) {
	a, b := newCertified(1), newCertified(2)
	ends := []struct {
		*end
		certified
		theirs string
	}{{p.a, a, b.identity.Fingerprint().String()}, {p.b, b, a.identity.Fingerprint().String()}}
	if fingerprintOfB != "" {
		ends[0].theirs = fingerprintOfB
	}
	for _, e := range ends {
		cfg := e.cfg
		cfg.Negotiated.SRTP = sdp.SRTP{By: sdp.DTLS}
		cfg.Negotiated.DTLS = sdp.Handshake{Fingerprints: e.theirs, Active: e.end == p.a}
		if cfg.Negotiated.Mux = mux; mux {
			cfg.Negotiated.RemoteRTCP = cfg.Negotiated.Remote
		}
		cfg.DTLS = DTLS{Identity: func() *dtls.Identity { return e.identity }, Random: e.random}
		e.Session = New(cfg, p.now)
	}
}

// TestHandshakeKeyLog: both ends write the same line, as Wireshark reads it; each of two
// handshakes has one.
func TestHandshakeKeyLog(t *testing.T) {
	p := newPair(1)
	p.shakes(false, "")
	var lines [2][]string
	for i, e := range []*end{p.a, p.b} {
		e.keys.handshakes.cfg.KeyLog = func(line []byte) []system.Effect {
			lines[i] = append(lines[i], string(line))
			return []system.Effect{system.Log{Event: event.Error{Op: "write"}}}
		}
	}
	p.run(time.Second)
	slices.Sort(lines[0])
	slices.Sort(lines[1])
	if len(lines[0]) != 2 || !slices.Equal(lines[0], lines[1]) {
		t.Errorf("a writes %q, b %q", lines[0], lines[1])
	}
	if e := only[event.Error](p.a.events); len(e) != 2 {
		t.Errorf("what there is to say of it: %+v", e)
	}
	for _, line := range lines[0] {
		if !regexp.MustCompile(`^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}\n$`).MatchString(line) {
			t.Errorf("a line is %q", line)
		}
	}
}

// told are the steps of the keys that an end has logged, and its errors.
func (e *end) told() (list []string) {
	for _, one := range e.events {
		switch one := one.(type) {
		case event.Media:
			detail, _, _ := strings.Cut(one.Detail, "certificate")
			list = append(list, string(one.Phase)+": "+detail+one.SRTP)
		case event.Error:
			list = append(list, string(one.Rule)+": "+one.Err)
		}
	}
	return list
}

// TestHandshake: a call whose keys are agreed by DTLS is heard, and its reports arrive; with
// rtcp-mux, and with a handshake for RTCP of its own.
func TestHandshake(t *testing.T) {
	for _, mux := range []bool{true, false} {
		t.Run(fmt.Sprintf("mux %t", mux), func(t *testing.T) {
			p := newPair(1)
			p.shakes(mux, "")
			p.run(8 * time.Second)
			wantTone(t, p.b.ear[8000:], 440, 0.99)
			wantTone(t, p.a.ear[8000:], 1000, 0.99)
			if s := p.b.Stats(p.now); s.Lost != 0 || s.Foreign != 0 || s.FarOf == 0 {
				t.Errorf("statistics: %+v", s)
			}
			if own := p.a.keys.sealOfControl() != p.a.keys.seal; own == mux {
				t.Errorf("RTCP has keys of its own: %t", own)
			}
			if got, want := p.a.told(), []string{"keying: dtls handshake, which we begin", "secured: dtls AEAD_AES_128_GCM"}; !slices.Equal(got, want) {
				t.Errorf("a tells %q, want %q", got, want)
			}
			if got, want := p.b.told(), []string{"keying: dtls handshake, which the peer begins", "secured: dtls AEAD_AES_128_GCM"}; !slices.Equal(got, want) {
				t.Errorf("b tells %q, want %q", got, want)
			}
		})
	}
}

// TestHandshakeOtherCertificate: who shows another certificate than the SDP names is sent no
// audio, and none of his is played.
func TestHandshakeOtherCertificate(t *testing.T) {
	p := newPair(1)
	p.shakes(true, newCertified(7).identity.Fingerprint().String())
	p.run(4 * time.Second)
	for _, e := range []*end{p.a, p.b} {
		if s := e.Stats(p.now); s.Sent != 0 || s.Received != 0 || s.MOS != 0 {
			t.Errorf("statistics: %+v", s)
		}
		if !e.Withholds() || !e.Unkeyed() {
			t.Errorf("audio is withheld: %t; the handshake has failed: %t", e.Withholds(), e.Unkeyed())
		}
	}
	if got := strings.Join(p.a.told(), "; "); !strings.Contains(got, "dtls-fingerprint: its certificate is not the one") {
		t.Errorf("a tells %q", got)
	}
	if got := strings.Join(p.b.told(), "; "); !strings.Contains(got, "dtls-failed: it refused: BadCertificate") {
		t.Errorf("b tells %q", got)
	}
}

// TestHandshakeUnanswered: nobody answers, and 31 s later the log has it, once.
func TestHandshakeUnanswered(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	p.a.out.cut = true
	p.a.Answered(p.now)
	p.run(3 * time.Second)
	if w := only[event.Warning](p.a.events); len(w) != 1 || w[0].Rule != event.RuleNoAudioIn || !strings.Contains(w[0].Hint, "the handshake of DTLS is not over") {
		t.Errorf("after three seconds a warns %+v", w)
	}
	p.run(27 * time.Second)
	if got := p.a.told(); len(got) != 1 {
		t.Errorf("too early: %q", got)
	}
	p.run(5 * time.Second)
	if got := strings.Join(p.a.told()[1:], "; "); got != "dtls-unanswered: no answer came in 31s" {
		t.Errorf("a tells %q", got)
	}
}

// TestHandshakeStays: a change of the call that leaves the certificate and the addresses as
// they are leaves the keys, too; with another certificate there is another handshake.
func TestHandshakeStays(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	p.run(2 * time.Second)
	keys := p.a.n.SRTP
	for _, e := range []*end{p.a, p.b} { // as agreed by an offer and answer, which have no keys
		n := e.cfg.Negotiated
		n.Send, n.SRTP = e == p.a, sdp.SRTP{By: sdp.DTLS}
		n.DTLS.Active = !n.DTLS.Active
		e.Renegotiate(p.now, n)
	}
	p.run(time.Second)
	if p.a.n.SRTP != keys || p.a.Withholds() || len(p.a.told()) != 2 {
		t.Errorf("after a hold: %v, told %q", p.a.n.SRTP, p.a.told())
	}

	sent := p.a.Stats(p.now).Sent
	n := p.a.cfg.Negotiated
	n.DTLS.Fingerprints = newCertified(7).identity.Fingerprint().String()
	p.a.Renegotiate(p.now, n)
	p.run(time.Second)
	if s := p.a.Stats(p.now); !p.a.Withholds() || s.Sent != sent {
		t.Errorf("another certificate: %d sent, %d before", s.Sent, sent)
	}
}

// TestHandshakeMoves: with another address, of the peer's or our own, there is another
// handshake. An association to which both have given a name may move, and so may one whose way
// is found by ICE.
func TestHandshakeMoves(t *testing.T) {
	for _, test := range []struct {
		id, own         string
		ice, ours, anew bool
	}{
		{"", "", false, false, true},
		{"", "", false, true, true},
		{"abc", "", false, false, true},
		{"abc", "", false, true, true},
		{"abc", "xyz", false, false, false},
		{"abc", "xyz", false, true, false},
		{"", "", true, false, false},
		{"", "", true, true, false},
	} {
		p := newPair(1)
		p.shakes(true, "")
		n := p.a.cfg.Negotiated
		n.DTLS.ID, n.DTLS.Own = test.id, test.own
		if test.ice {
			n.ICE = &ice.Description{}
		}
		p.a.Renegotiate(p.now, n)
		p.run(2 * time.Second)
		first := p.a.keys.handshakes.list[0]
		if test.ours {
			p.a.Move(rtpSocket, rtcpSocket, port(addrA, 10))
		} else {
			n.Remote = port(n.Remote, 10)
		}
		p.a.Renegotiate(p.now, n)
		if anew := p.a.keys.handshakes.list[0] != first; anew != test.anew {
			t.Errorf("%+v: begun anew: %t", test, anew)
		}
		if to := p.a.route.facing(first); !test.anew && to != n.Remote {
			t.Errorf("the handshake goes to %v", to)
		}
	}
}

// TestHandshakeRenamed: another name, of either end, is another association; ICE that comes to
// be spoken is none.
func TestHandshakeRenamed(t *testing.T) {
	for what, change := range map[string]func(*sdp.Negotiated){
		"theirs": func(n *sdp.Negotiated) { n.DTLS.ID = "def" }, "ours": func(n *sdp.Negotiated) { n.DTLS.Own = "uvw" },
		"neither": func(n *sdp.Negotiated) { n.ICE = &ice.Description{} },
	} {
		p := newPair(1)
		p.shakes(true, "")
		n := p.a.cfg.Negotiated
		n.DTLS.ID, n.DTLS.Own = "abc", "xyz"
		p.a.Renegotiate(p.now, n)
		first := p.a.keys.handshakes.list[0]
		change(&n)
		p.a.Renegotiate(p.now, n)
		if anew := p.a.keys.handshakes.list[0] != first; anew != (what != "neither") {
			t.Errorf("%s: begun anew: %t", what, anew)
		}
	}
}

// TestHandshakeUnproven: towards an address that has not shown that it receives nothing is
// begun, and what comes from there is answered with less; when it has, all goes on.
func TestHandshakeUnproven(t *testing.T) {
	p := newPair(1)
	p.shakes(false, "")
	p.a.out.mute, p.b.out.mute = true, true // what reports prove is another matter
	for _, e := range []*end{p.a, p.b} {
		e.route.reach.open = false
	}
	if at := p.a.keys.due(); !at.IsZero() {
		t.Errorf("a handshake is due at %v", at)
	}
	p.run(3 * time.Second)
	if p.a.out.carried != 0 {
		t.Errorf("%d datagrams were sent", p.a.out.carried)
	}
	p.a.Trust(p.now, netip.Addr{})
	p.run(2 * time.Second)
	if !p.a.keys.handshakes.list[0].conn.Done() || !p.b.keys.handshakes.list[0].conn.Done() {
		t.Errorf("not done: %q, %q", p.a.told(), p.b.told())
	}
	if p.b.route.reach.proven != addrA.Addr() {
		t.Errorf("proven is %v", p.b.route.reach.proven)
	}
}

// TestHandshakeFromElsewhere: a stranger takes no part in it.
func TestHandshakeFromElsewhere(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	hello := p.a.Advance(p.now)
	for _, e := range hello {
		if e, ok := e.(system.Send); ok {
			from := netip.MustParseAddrPort("203.0.113.9:4000")
			for _, answer := range p.b.Receive(p.now, system.Received{Socket: rtpSocket, From: from, Data: e.Data}) {
				if s, ok := answer.(system.Send); ok {
					t.Errorf("a stranger is answered: %d octets to %v", len(s.Data), s.To)
				}
			}
		}
	}
	if n := p.b.Stats(p.now).Refused; n != 1 {
		t.Errorf("%d refused", n)
	}
}

// TestHandshakeMoment: nothing is sent before there are keys, and what the microphone has
// meanwhile is not said later.
func TestHandshakeMoment(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	p.run(60 * time.Millisecond)
	for _, early := range [][]byte{{0x80, 0}, {0x80, 200}} { // a far end that has the keys before us speaks before us
		p.a.Receive(p.now, system.Received{Socket: rtpSocket, From: addrB, Data: append(early, make([]byte, 40)...)})
	}
	if s := p.a.Stats(p.now); s.Sent != 0 || s.Unopened != 0 || s.Foreign != 2 || !p.a.Withholds() {
		t.Errorf("before there are keys: %+v", s)
	}
	p.run(200 * time.Millisecond)
	if s := p.a.Stats(p.now); s.Sent == 0 || s.Sent > 5 || p.a.Withholds() {
		t.Errorf("%d packets of the first moments with keys", s.Sent)
	}
}

// exchange carries what an end has to say to the other, as if it came from an address, and
// gives the datagrams of the answer.
func exchange(p *pair, to *end, from netip.AddrPort, effects []system.Effect) (answer []system.Effect) {
	for _, e := range effects {
		if s, ok := e.(system.Send); ok && IsDTLS(s.Data) {
			answer = append(answer, to.Receive(p.now, system.Received{Socket: rtpSocket, From: from, Data: s.Data})...)
		}
	}
	return answer
}

// TestHandshakeForged: who receives what we send, and answers as if he were elsewhere, proves
// nothing of that place, whoever begins.
func TestHandshakeForged(t *testing.T) {
	victim := netip.MustParseAddrPort("203.0.113.9:4000")
	for _, forged := range []bool{false, true} {
		p := newPair(1)
		p.shakes(true, "")
		for _, e := range []*end{p.a, p.b} {
			e.route.reach, e.route.origin.known = reach{trusted: e.cfg.Negotiated.Remote.Addr()}, anybody
		}
		fromB, fromA := addrB, addrA
		hello := p.a.Advance(p.now)
		again := exchange(p, p.a, addrB, exchange(p, p.b, addrA, hello))
		if forged {
			fromB, fromA = victim, victim
		}
		flight := exchange(p, p.b, fromA, again)
		if got, want := p.b.route.reach.proven == fromA.Addr(), !forged; got != want {
			t.Errorf("forged %t: to the server, %v is proven", forged, p.b.route.reach.proven)
		}
		if forged {
			flight = exchange(p, p.b, addrA, again)
		}
		exchange(p, p.a, fromB, flight)
		if !p.a.keys.handshakes.list[0].conn.Proven() {
			t.Fatal("the server has not answered")
		}
		if got, want := p.a.route.reach.proven == fromB.Addr(), !forged; got != want {
			t.Errorf("forged %t: to the client, %v is proven", forged, p.a.route.reach.proven)
		}
	}
}

// TestHandshakeFollows: a peer whose port changes in the handshake is sent the rest where it
// is now; afterwards it is only for its audio to say.
func TestHandshakeFollows(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	again := exchange(p, p.a, addrB, exchange(p, p.b, addrA, p.a.Advance(p.now)))
	exchange(p, p.b, addrA, again)
	exchange(p, p.b, port(addrA, 7), again)
	if to := p.b.route.facing(p.b.keys.handshakes.list[0]); to != port(addrA, 7) {
		t.Errorf("the flight goes to %v", to)
	}
	p.run(5 * time.Second)
	exchange(p, p.b, port(addrA, 9), again)
	if to := p.b.route.facing(p.b.keys.handshakes.list[0]); !p.b.keys.handshakes.list[0].conn.Done() || to == port(addrA, 9) {
		t.Errorf("after the handshake it goes to %v", to)
	}
}

// TestHandshakeAgain: a handshake that has failed begins again with the next agreement, and
// a passive end takes the hello of who comes late.
func TestHandshakeAgain(t *testing.T) {
	for _, both := range []bool{true, false} {
		p := newPair(1)
		p.shakes(false, "")
		p.a.out.cut, p.b.out.cut = true, true
		p.run(40 * time.Second)
		if len(only[event.Error](p.a.events)) != 1 || len(only[event.Error](p.b.events)) != 1 {
			t.Fatalf("a tells %q, b %q", p.a.told(), p.b.told())
		}
		if slices.ContainsFunc(only[event.Warning](p.a.events), func(w event.Warning) bool { return w.Rule == event.RuleDTLSUnanswered }) {
			t.Error("that of RTCP says the same once more")
		}
		p.a.out.cut, p.b.out.cut = false, false
		if both {
			p.b.Renegotiate(p.now, p.b.cfg.Negotiated)
		}
		p.a.Renegotiate(p.now, p.a.cfg.Negotiated)
		p.run(3 * time.Second)
		for _, e := range []*end{p.a, p.b} {
			for _, one := range e.keys.handshakes.list {
				if !one.conn.Done() {
					t.Errorf("both %t: not done: %q", both, e.told())
				}
			}
		}
		kept := p.a.keys.handshakes.list[0]
		p.a.keys.handshakes.list[1].failed = true
		if p.a.Renegotiate(p.now, p.a.cfg.Negotiated); p.a.keys.handshakes.list[0] != kept {
			t.Error("the audio has begun anew, though only the handshake of RTCP has failed")
		}
	}
}

// TestHandshakeLateStray: what is no hello does not begin a handshake that was given up, and
// one that the certificate has ended stays so.
func TestHandshakeLateStray(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	p.a.out.cut = true
	p.run(40 * time.Second)
	given := p.b.keys.handshakes.list[0]
	p.b.Receive(p.now, system.Received{Socket: rtpSocket, From: addrA, Data: []byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0}})
	p.b.Receive(p.now, system.Received{Socket: rtpSocket, From: addrA, Data: []byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 13, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9}})
	if p.b.keys.handshakes.list[0] != given {
		t.Error("a stray datagram has begun it anew")
	}
	p = newPair(1)
	p.shakes(true, newCertified(7).identity.Fingerprint().String())
	p.run(4 * time.Second)
	ended, hello := p.b.keys.handshakes.list[0], dtls.New(dtls.Config{Client: true, Profiles: dtls.Profiles(), Random: seeded(9)}, p.now).Advance(p.now)
	p.b.Receive(p.now, system.Received{Socket: rtpSocket, From: addrA, Data: hello[0]})
	if !ended.failed || p.b.keys.handshakes.list[0] != ended {
		t.Error("a handshake that was refused has begun anew")
	}
}

// TestHandshakeOfControl: if only that of RTCP fails, the audio goes on, and the log says
// what does not.
func TestHandshakeOfControl(t *testing.T) {
	p := newPair(1)
	p.shakes(false, "")
	other := p.a.cfg.Negotiated.DTLS
	other.Fingerprints = newCertified(7).identity.Fingerprint().String()
	p.a.keys.handshakes.list[1] = p.a.keys.handshakes.begin(p.now, other, false)
	p.run(4 * time.Second)
	wantTone(t, p.b.ear[8000:], 440, 0.99)
	w := slices.DeleteFunc(only[event.Warning](p.a.events), func(w event.Warning) bool { return w.Rule != event.RuleDTLSFingerprint })
	if len(w) != 1 || !strings.HasPrefix(w[0].Note, "no reports (RTCP) are sent or read: ") || w[0].Call != 1 || strings.Contains(w[0].Hint, "played") {
		t.Errorf("a warns %+v", w)
	}
	if e := only[event.Error](p.a.events); len(e) != 0 {
		t.Errorf("errors: %+v", e)
	}
}

// TestHandshakeUnsent: what the kernel or we ourselves have not sent of a handshake is not
// audio, and the error that nobody answers says so.
func TestHandshakeUnsent(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	p.a.out.cut = true
	for _, e := range p.a.Advance(p.now) {
		if s, ok := e.(system.Send); ok {
			if said := p.a.Unsent(p.now, system.Unsent{Socket: s.Socket, To: s.To, Data: s.Data, Err: system.Unreachable}); len(said) > 0 {
				t.Errorf("it says %+v", said)
			}
		}
	}
	shut := p.a.route
	shut.reach = reach{}
	if out := p.a.keys.handshakes.says(nil, &shut, p.a.keys.handshakes.list[0], addrB, [][]byte{{22}}); len(out) != 0 {
		t.Errorf("sent all the same: %+v", out)
	}
	if s := p.a.Stats(p.now); s.Unsent != 0 || s.Sent != 0 {
		t.Errorf("%d unsent, %d sent", s.Unsent, s.Sent)
	}
	p.run(35 * time.Second)
	want := "no answer came in 31s; 1 datagram of ours waited for the address to show that it receives (unproven-address); this computer has not sent 1 datagram of ours"
	if e := only[event.Error](p.a.events); len(e) != 1 || e[0].Err != want {
		t.Errorf("errors: %+v", e)
	}
}

// TestHandshakeWithheld: where nothing is begun because the address has not shown that it
// receives, the log says that, and blames no network.
func TestHandshakeWithheld(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	p.a.route.reach, p.b.out.cut = reach{}, true
	p.a.Trust(p.now, netip.MustParseAddr("198.51.100.7"))
	p.a.Answered(p.now)
	p.run(4 * time.Second)
	rules := map[event.Rule]string{}
	for _, w := range only[event.Warning](p.a.events) {
		rules[w.Rule] = w.Hint
	}
	if _, ok := rules[event.RuleUnprovenAddress]; !ok || !strings.Contains(rules[event.RuleNoAudioIn], "nothing is sent there before (unproven-address)") {
		t.Errorf("a warns %q", rules)
	}
}

// TestMaxHello: it is more than a hello with the longest cookie has.
func TestMaxHello(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	p.a.Advance(p.now)
	verify := append([]byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 1, 14, 3, 0, 1, 2, 0, 0, 0, 0, 0, 0, 1, 2, 254, 253, 255}, make([]byte, 255)...)
	for _, e := range p.a.Receive(p.now, system.Received{Socket: rtpSocket, From: addrB, Data: verify}) {
		if s, ok := e.(system.Send); ok {
			if len(s.Data) < 300 || len(s.Data) > maxHello {
				t.Errorf("%d octets", len(s.Data))
			}
			return
		}
	}
	t.Error("no hello with a cookie")
}

// TestHandshakeRevoked: who no longer consents to be sent anything is sent no handshake.
func TestHandshakeRevoked(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	hello := p.a.Advance(p.now)
	p.a.Revoke(p.now)
	p.b.Revoke(p.now)
	if answer := exchange(p, p.b, addrA, hello); len(answer) != 1 { // that it begins
		t.Errorf("answered with %+v", answer)
	}
	if at := p.a.keys.due(); !at.IsZero() {
		t.Errorf("a handshake is due at %v", at)
	}
}

// TestHandshakeOfOtherSocket: what comes by a socket that is no longer the session's is none
// of its handshakes, not that of RTCP.
func TestHandshakeOfOtherSocket(t *testing.T) {
	p := newPair(1)
	p.shakes(false, "")
	for _, e := range p.a.Advance(p.now) {
		if s, ok := e.(system.Send); ok {
			for socket, want := range map[system.Socket]int{rtpSocket: 1, rtcpSocket: 1, 77: 0} {
				answers := 0
				for _, e := range p.b.Receive(p.now, system.Received{Socket: socket, From: addrA, Data: s.Data}) {
					if _, ok := e.(system.Send); ok {
						answers++
					}
				}
				if answers != want {
					t.Errorf("socket %d: %d answers", socket, answers)
				}
			}
			return
		}
	}
	t.Error("no hello")
}
