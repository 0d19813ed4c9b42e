package media

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A stranger is the peer of a session that does not know whether it receives.
type stranger struct {
	*Session
	now    time.Time
	sent   map[netip.Addr]int // bytes, by host
	warned int
	seq    uint16
}

func newStranger(named netip.AddrPort) *stranger {
	return &stranger{now: epoch, sent: map[netip.Addr]int{}, Session: New(Config{
		Call: 1, RTP: rtpSocket, RTCP: rtcpSocket, Local: addrA, Negotiated: agreed(named), Wary: true, Known: anybody,
		CNAME: "test@a", Rand: rand.New(rand.NewPCG(1, 0)),
	}, epoch)}
}

// run has the session speak for a while, and the peer say a packet every so often,
// from where it is; 0: never.
func (p *stranger) run(d time.Duration, every int, from netip.AddrPort) {
	frame := make([]int16, 160)
	for i := range int(d / (20 * time.Millisecond)) {
		p.now = p.now.Add(20 * time.Millisecond)
		p.see(p.Capture(p.now, frame))
		p.see(p.Advance(p.now))
		if every > 0 && i%every == 0 {
			p.seq++
			packet := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: p.n.PayloadType, SequenceNumber: p.seq, Timestamp: uint32(i) * 160, SSRC: 99}, Payload: make([]byte, 160)}
			data, err := packet.Marshal()
			if err != nil {
				panic(err)
			}
			p.see(p.Receive(p.now, system.Received{Socket: rtpSocket, From: from, Data: data}))
		}
	}
}

func (p *stranger) see(effects []system.Effect) {
	for _, c := range effects {
		switch c := c.(type) {
		case system.Send:
			p.sent[c.To.Addr()] += len(c.Data)
		case system.Log:
			if w, ok := c.Event.(event.Warning); ok && w.Rule == event.RuleUnprovenAddress {
				p.warned++
			}
		}
	}
}

// aSecond is what a second of audio is on the wire.
const aSecond = 50 * 172

// TestReach: what goes to the address that SDP names, in the three seconds before
// the ACK and in the three after.
func TestReach(t *testing.T) {
	victim, caller := netip.MustParseAddrPort("203.0.113.9:4000"), netip.MustParseAddrPort("198.51.100.1:4000")
	most := func(want int) [2]int { return [2]int{0, want} }
	full := [2]int{3*aSecond - 400, 3*aSecond + 400}
	for name, c := range map[string]struct {
		named         netip.AddrPort
		every         int // packets of the peer, one in so many frames; 0: none
		from          netip.AddrPort
		trust         netip.Addr
		before, after [2]int // at the host of from
		warned        int
	}{
		"nobody speaks, own address":     {named: caller, from: caller, trust: caller.Addr(), before: most(0), after: full},
		"nobody speaks, another's":       {named: victim, from: victim, trust: caller.Addr(), before: most(0), after: most(0), warned: 1},
		"nobody speaks, our server's":    {named: victim, from: victim, before: most(0), after: full},
		"another's, and it speaks":       {named: victim, every: 1, from: victim, trust: caller.Addr(), before: full, after: full},
		"another's, and it says little":  {named: victim, every: 10, from: victim, trust: caller.Addr(), before: [2]int{172, 3 * 15 * 172}, after: [2]int{172, 3 * 16 * 172}, warned: 1},
		"it speaks from where it is":     {named: victim, every: 10, from: caller, trust: caller.Addr(), before: [2]int{172, 3 * 15 * 172}, after: full},
		"an address in the form of IPv6": {named: caller, from: caller, trust: netip.AddrFrom16(caller.Addr().As16()), before: most(0), after: full},
	} {
		p := newStranger(c.named)
		p.run(3*time.Second, c.every, c.from)
		before := p.sent[c.from.Addr()]
		p.Trust(p.now, c.trust)
		p.run(3*time.Second, c.every, c.from)
		after := p.sent[c.from.Addr()] - before
		if before < c.before[0] || before > c.before[1] || after < c.after[0] || after > c.after[1] || p.warned != c.warned {
			t.Errorf("%s: %d bytes before the ACK, want %d; %d after, want %d; %d warnings", name, before, c.before, after, c.after, p.warned)
		}
		if other := victim.Addr(); c.from != victim && p.sent[other] > 0 {
			t.Errorf("%s: %d bytes to another", name, p.sent[other])
		}
	}
}

// TestReachIsReported: a report on our audio shows that its host receives it, if
// nobody else knows our SSRC.
func TestReachIsReported(t *testing.T) {
	victim, caller := netip.MustParseAddrPort("203.0.113.9:4000"), netip.MustParseAddrPort("198.51.100.1:4000")
	split := agreed(victim)
	split.RemoteRTCP = port(caller, 1)
	for name, c := range map[string]struct {
		play func(p *stranger) // before the report
		more uint32            // added to our SSRC
		want bool
	}{
		"on our audio": {func(p *stranger) { p.run(time.Second, 10, victim) }, 0, true},
		"on another's": {func(p *stranger) { p.run(time.Second, 10, victim) }, 1, false},
		"after the caller had heard us": {func(p *stranger) {
			p.Renegotiate(p.now, agreed(caller))
			p.run(time.Second, 0, caller)
			p.Renegotiate(p.now, agreed(victim))
		}, 0, false},
		"after the caller had heard us too": {func(p *stranger) {
			p.run(time.Second, 10, victim)
			p.Renegotiate(p.now, agreed(caller))
			p.run(time.Second, 0, caller)
			p.Renegotiate(p.now, agreed(victim))
		}, 0, false},
		"after the caller had our reports": {func(p *stranger) {
			p.Renegotiate(p.now, split)
			p.run(30*time.Second, 0, victim)
		}, 0, false},
		"before anything was sent": {func(*stranger) {}, 0, false},
	} {
		p := newStranger(victim)
		p.Trust(p.now, caller.Addr())
		c.play(p)
		data, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 99, Reports: []rtcp.ReceptionReport{{SSRC: p.out.ssrc + c.more}}}})
		if err != nil {
			t.Fatal(err)
		}
		p.see(p.Receive(p.now, system.Received{Socket: rtcpSocket, From: port(victim, 1), Data: data}))
		before := p.sent[victim.Addr()]
		p.run(3*time.Second, 0, victim)
		if got := p.sent[victim.Addr()] - before; (got > 2*aSecond) != c.want {
			t.Errorf("%s: %d bytes in 3 s after the report", name, got)
		}
	}
}

// TestReachOfReports: SDP can send reports to one place and audio to another
// (a=rtcp, RFC 3605); nothing goes there before the ACK, nor at the end.
func TestReachOfReports(t *testing.T) {
	p := newStranger(netip.MustParseAddrPort("203.0.113.9:4000"))
	p.run(30*time.Second, 0, p.route.remote)
	p.see(p.Close(p.now))
	if len(p.sent) > 0 {
		t.Errorf("sent %v", p.sent)
	}
}

// TestReachFollowsTheCall: after a change of the session nothing goes to another
// host either, and to a peer that was asked to it goes at once.
func TestReachFollowsTheCall(t *testing.T) {
	caller, victim := netip.MustParseAddrPort("198.51.100.1:4000"), netip.MustParseAddrPort("203.0.113.9:4000")
	p := newStranger(caller)
	p.Trust(p.now, caller.Addr())
	p.run(time.Second, 0, caller)
	p.Renegotiate(p.now, agreed(victim))
	p.run(3*time.Second, 0, caller)
	if p.sent[victim.Addr()] > 0 || p.sent[caller.Addr()] < aSecond-400 || p.warned != 1 {
		t.Errorf("sent %v, %d warnings", p.sent, p.warned)
	}
	p = newStranger(caller)
	p.route.reach = reach{open: true}
	p.run(time.Second, 0, caller)
	if p.sent[caller.Addr()] < aSecond-400 {
		t.Errorf("sent %v to somebody whom we have called", p.sent)
	}
}

// TestWhatIsSpared: the host that SDP names first gets so many bytes before the ACK,
// silence, and no other host does.
func TestWhatIsSpared(t *testing.T) {
	caller, victim := netip.MustParseAddrPort("198.51.100.1:4000"), netip.MustParseAddrPort("203.0.113.9:4000")
	spared := func() *Session {
		return New(Config{
			Call: 1, RTP: rtpSocket, RTCP: rtcpSocket, Local: addrA, Negotiated: agreed(caller), Wary: true, Spare: 3*172 - 1,
			Rand: rand.New(rand.NewPCG(1, 0)),
		}, epoch)
	}
	frame := make([]int16, 160)
	packets := func(s *Session) (n int) {
		for i := range 10 {
			n += len(s.Capture(epoch.Add(time.Duration(i)*20*time.Millisecond), frame))
			if !s.Withholds() {
				t.Fatal("what is spared is no place for what is to be heard")
			}
		}
		return n
	}
	if n := packets(spared()); n != 2 {
		t.Errorf("%d packets of what is nearly three", n)
	}
	s := spared()
	s.Renegotiate(epoch, agreed(victim))
	if n := packets(s); n != 0 {
		t.Errorf("%d packets to another host", n)
	}
	s = spared()
	s.Trust(epoch, caller.Addr())
	if s.Withholds() {
		t.Error("audio is withheld after the ACK")
	}
}
