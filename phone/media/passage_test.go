package media

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func newAnsweredPair(seed uint64) *pair {
	p := newPair(seed)
	p.a.Answered(p.now)
	p.b.Answered(p.now)
	return p
}

// holdB has b hear nothing from now on.
func (p *pair) holdB() {
	n := agreed(addrA)
	n.Receive = false
	p.b.Renegotiate(p.now, n)
}

// said is what an end has logged of dead directions, in its order.
func (e *end) said() (list []string) {
	for _, v := range e.events {
		switch v := v.(type) {
		case event.Warning:
			list = append(list, string(v.Rule)+": "+v.Note)
		case event.Media:
			list = append(list, string(v.Phase)+": "+v.Detail)
		}
	}
	return list
}

func wantSaid(t *testing.T, e *end, want ...string) {
	t.Helper()
	got := e.said()
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("said\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestNothingArrives(t *testing.T) {
	p := newAnsweredPair(1)
	p.a.out.lose = func(int) bool { return true }
	p.run(2*time.Second + time.Millisecond)
	wantSaid(t, p.b, "no-audio-in: nothing has come from 192.0.2.1:4000 for 2.0 s; nor does it report")
	p.run(8*time.Second - time.Millisecond)
	wantSaid(t, p.a, "no-audio-out: the far end reports nothing of what we sent to 192.0.2.2:5000 in the last ")
	s := p.b.Stats(p.now)
	if s.Received != 0 || s.Lost != 500 || s.LossPct != 100 || s.MOS != 0 || s.DeadIn.D() != 10*time.Second || s.DeadOut != 0 {
		t.Errorf("of a call in which nothing arrives: %+v", s)
	}
	if s := p.a.Stats(p.now); s.DeadIn != 0 || s.DeadOut.D() < 5*time.Second || s.FarLossPct != 100 || s.MOS < 4 {
		t.Errorf("of the end that is not heard: %+v", s)
	}
	if !p.b.Empty(p.now) || p.a.Empty(p.now) {
		t.Error("what is played where nothing arrives passes for the peer's sound")
	}
}

func TestAudioStopsAndComesBack(t *testing.T) {
	for _, outage := range []time.Duration{12 * time.Second, 80 * time.Second} { // the other is more than maxDropout
		p := newAnsweredPair(2)
		p.run(3 * time.Second)
		p.a.out.lose = func(int) bool { return true }
		p.run(outage)
		if s := p.b.Stats(p.now); s.LossPct < 50 || s.MOS != 0 {
			t.Errorf("after %s without audio: %+v", outage, s)
		}
		p.a.out.lose = nil
		p.run(10 * time.Second)
		wantSaid(t, p.b,
			"no-audio-in: nothing has come from 192.0.2.1:4000 for 2.0 s, after 150 packets; it reports that it has sent ",
			"back: in, after "+event.Round(outage)+" of nothing")
		wantSaid(t, p.a, "no-audio-out: ", "back: out, after ")
		s := p.b.Stats(p.now)
		near(t, "packets lost in the outage", float64(s.Lost), float64(p.a.out.lost), 2)
		if s.DeadIn != 0 || s.MOS == 0 || s.MOS > 3 {
			t.Errorf("after the outage: %+v", s)
		}
		if s := p.a.Stats(p.now); outage < time.Minute && (s.FarLost < 590 || s.FarLossPct < 10) {
			t.Errorf("the far end's report of the outage: %+v", s)
		}
	}
}

// TestNothingIsDue: where nothing has to arrive, nothing is missing.
func TestNothingIsDue(t *testing.T) {
	silent := func(p *pair) { p.a.out.cut = true }
	pauses := func(p *pair) { p.a.next = 1e9 } // its reports go on
	for name, do := range map[string]func(p *pair){
		"early media": func(p *pair) {
			p.a.answered, p.b.answered = false, false
			p.a.expect(p.now)
			p.b.expect(p.now)
			p.a.out.lose = func(int) bool { return true } // and its reports come
		},
		"hold": func(p *pair) {
			p.holdB()
			silent(p)
		},
		"held by the peer": func(p *pair) {
			n := agreed(addrA)
			n.Send = false
			p.b.Renegotiate(p.now, n)
			silent(p)
		},
		"comfort noise": func(p *pair) {
			p.a.hands(t, p, comfortNoise, []byte{60})
			pauses(p)
		},
		"comfort noise of old": func(p *pair) {
			p.a.hands(t, p, oldComfortNoise, []byte{60})
			pauses(p)
		},
		"comfort noise, and a digit": func(p *pair) {
			p.a.hands(t, p, comfortNoise, []byte{60})
			p.a.hands(t, p, 101, []byte{5, 0x8a, 4, 0})
			pauses(p)
		},
		"an app that was frozen": func(p *pair) {
			p.now = p.now.Add(time.Minute)
			p.a.next, p.a.out.inFlight = p.a.next+61_000, nil // the peer is the last to speak again
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newAnsweredPair(3)
			p.run(3 * time.Second)
			do(p)
			p.run(1900 * time.Millisecond)
			if name != "an app that was frozen" {
				p.run(time.Minute)
			}
			empty := name == "hold" || name == "held by the peer" || name == "early media"
			if s := p.b.Stats(p.now); s.DeadIn != 0 || s.Lost > 1 || p.b.Empty(p.now) != empty {
				t.Errorf("%+v, empty: %t", s, p.b.Empty(p.now))
			}
			wantSaid(t, p.b)
			if name == "early media" {
				wantSaid(t, p.a)
			}
		})
	}
}

// TestAPauseWithoutAWordIsLoss: what a peer leaves out without a word was due, though it
// goes on with the next number.
func TestAPauseWithoutAWordIsLoss(t *testing.T) {
	p := newAnsweredPair(4)
	p.run(3 * time.Second)
	mic := p.a.next
	p.a.next = 1e9
	p.run(25 * time.Second)
	p.a.next = mic + 25_000
	p.run(5 * time.Second)
	s := p.b.Stats(p.now)
	near(t, "packets lost in the pause", float64(s.Lost), 1250, 3)
	if s.DeadIn != 0 || s.MOS > 2 {
		t.Errorf("after the pause: %+v", s)
	}
	wantSaid(t, p.b, "no-audio-in: ", "back: in, after 25.0 s of nothing")
	wantSaid(t, p.a)
}

// TestAnOutageCountsOnce: the packets that an outage cost are not lost again when the peer
// restarts its numbers.
func TestAnOutageCountsOnce(t *testing.T) {
	p := newAnsweredPair(6)
	p.run(3 * time.Second)
	p.a.out.lose = func(int) bool { return true }
	p.run(5 * time.Second)
	p.a.out.lose = nil
	p.run(time.Second)
	p.a.Session.out.sequence += 20_000
	p.run(time.Second)
	near(t, "packets lost", float64(p.b.Stats(p.now).Lost), 250, 3)
}

// hands gives the peer the next packet of an end at once, of another kind.
func (e *end) hands(t *testing.T, p *pair, payloadType uint8, payload []byte) {
	t.Helper()
	o := &e.Session.out
	h := rtp.Header{PayloadType: payloadType, SSRC: o.ssrc, SequenceNumber: o.sequence, Timestamp: o.stamp}
	o.sequence++
	peer := p.b
	if e == p.b {
		peer = p.a
	}
	p.carry(peer, e, peer.Receive(p.now, system.Received{Socket: rtpSocket, From: e.addr, Data: wire(t, h, payload)}))
}

// TestWhatIsNoAudio: packets that cannot be played, and one now and then, keep no direction
// alive, and bring none back.
func TestWhatIsNoAudio(t *testing.T) {
	for name, c := range map[string]struct {
		payloadType uint8
		payload     []byte
		every       time.Duration
	}{
		"another codec":        {96, make([]byte, 160), 20 * time.Millisecond},
		"empty, to keep a NAT": {0, nil, time.Second},
		"one now and then":     {0, make([]byte, 160), 2500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			p := newAnsweredPair(10)
			p.run(3 * time.Second)
			p.a.next, p.a.out.inFlight = 1e9, nil // its microphone is silent from now on
			for began := p.now; p.now.Sub(began) < 20*time.Second; p.run(c.every) {
				p.a.hands(t, p, c.payloadType, c.payload)
			}
			wantSaid(t, p.b, "no-audio-in: ")
			if s := p.b.Stats(p.now); s.DeadIn.D() < 15*time.Second || s.MOS != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestMissingPacketsHaveTheLengthOfThoseThatCame: not that which was agreed.
func TestMissingPacketsHaveTheLengthOfThoseThatCame(t *testing.T) {
	p := newAnsweredPair(11)
	n := agreed(addrB)
	n.PTime = 60 * time.Millisecond
	p.a.Renegotiate(p.now, n)
	p.run(3 * time.Second)
	p.a.out.cut, p.a.out.inFlight = true, nil
	p.run(6 * time.Second)
	near(t, "packets of 60 ms lost in 6 s", float64(p.b.Stats(p.now).Lost), 100, 2)
}

// TestWhatTheFarEndSends: the warning says what its reports show, and has the numbers of its
// own moment beside it.
func TestWhatTheFarEndSends(t *testing.T) {
	report := func(s *Session, after time.Duration, packets ...rtcp.Packet) {
		data, err := rtcp.Marshal(append(packets, rtcp.NewCNAMESourceDescription(9, "b@b")))
		if err != nil {
			t.Fatal(err)
		}
		s.Receive(epoch.Add(after), system.Received{Socket: rtcpSocket, From: port(addrA, 1), Data: data})
	}
	sent := func(n uint32) rtcp.Packet { return &rtcp.SenderReport{SSRC: 9, PacketCount: n} }
	nothing := &rtcp.ReceiverReport{SSRC: 9}
	for want, packets := range map[string][][]rtcp.Packet{
		"it reports that it has sent 50 packets":    {{sent(20)}, {sent(50)}},
		"it reports that it sends nothing any more": {{sent(50)}, {sent(50)}},
		"it reports that it sends nothing":          {{sent(50)}, {nothing}},
		"it reports that it has sent 60 packets":    {{sent(20)}, {sent(60), nothing}}, // one datagram
	} {
		s := newTestSession(addrB, addrA, 1)
		answered := epoch.Add(300 * time.Millisecond)
		s.Answered(answered)
		for i, p := range packets {
			report(s, time.Duration(i+1)*500*time.Millisecond, p...)
		}
		s.Advance(epoch.Add(2 * time.Second)) // the numbers of each second
		var said []string
		for _, e := range logged(s.Advance(answered.Add(deadAfter))) {
			what, detail := e.Text()
			said = append(said, what+": "+detail)
		}
		if len(said) != 3 || !strings.Contains(said[0], "for 2.0 s; "+want+";") || !strings.Contains(said[1], "nothing in for 2.0 s") {
			t.Errorf("want %q: said %q", want, said)
		}
	}
}

// TestWhatWasLostStaysLost: what was due in an outage and did not come is lost, whatever
// ends it; where sequence numbers tell, they count, and nothing is counted twice.
func TestWhatWasLostStaysLost(t *testing.T) {
	const outage = 500 // packets
	for name, c := range map[string]struct {
		before time.Duration
		end    func(p *pair) // after the outage
	}{
		"nothing came before":              {0, func(*pair) {}},
		"the same stream":                  {3 * time.Second, func(*pair) {}},
		"another stream":                   {3 * time.Second, func(p *pair) { p.a.Session.out.ssrc++ }},
		"put on hold":                      {3 * time.Second, (*pair).holdB},
		"put on hold, and resumed":         {3 * time.Second, func(p *pair) { p.holdB(); p.b.Renegotiate(p.now, agreed(addrA)) }},
		"the app was frozen meanwhile":     {3 * time.Second, func(p *pair) { p.now, p.a.next, p.b.next = p.now.Add(time.Minute), p.a.next+60_000, p.b.next+60_000 }},
		"the peer was silent, not unheard": {3 * time.Second, func(p *pair) { p.a.Session.out.sequence -= outage }},
	} {
		t.Run(name, func(t *testing.T) {
			p := newAnsweredPair(8)
			p.run(c.before)
			p.a.out.lose = func(int) bool { return true }
			p.run(outage * 20 * time.Millisecond)
			c.end(p)
			p.b.notice(p.now)
			near(t, "packets lost when the outage ends", float64(p.b.Stats(p.now).Lost), outage, 3)
			p.a.out.lose = nil
			p.run(3 * time.Second)
			near(t, "packets lost", float64(p.b.Stats(p.now).Lost), outage, 5)
		})
	}
}

// TestAPauseEndsWithItsPeer: comfort noise speaks for who has sent it.
func TestAPauseEndsWithItsPeer(t *testing.T) {
	p := newAnsweredPair(9)
	p.run(time.Second)
	p.b.inward.pause = pause{on: true, since: p.now}
	p.b.expect(p.now)
	p.a.out.cut, p.a.out.inFlight = true, nil
	p.b.Renegotiate(p.now, agreed(netip.MustParseAddrPort("192.0.2.77:7000")))
	p.run(2*time.Second + time.Millisecond)
	wantSaid(t, p.b, "no-audio-in: ")
}

// TestAFarEndHearsNothingOfWhatWasNotSent: who begins to speak just before a report is
// not unheard.
func TestAFarEndHearsNothingOfWhatWasNotSent(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	s.Answered(epoch)
	s.out.packets = 1
	s.outward.speaks(epoch.Add(9*time.Second), s.out.packets)
	if said := s.outward.reportedOn(epoch.Add(10*time.Second), s.out.packets, nil); said != nil {
		t.Errorf("a second after the first packet: %v", said)
	}
	s.out.packets++
	s.notice(epoch.Add(time.Minute)) // the app was frozen, and its reports are of before
	if said := s.outward.reportedOn(epoch.Add(time.Minute+time.Second), s.out.packets, nil); said != nil {
		t.Errorf("a second after the app runs again: %v", said)
	}
	if said := s.outward.reportedOn(epoch.Add(time.Minute+6*time.Second), s.out.packets, nil); said != nil {
		t.Errorf("nothing has been sent since the last report: %v", said)
	}
	s.out.packets++
	if said := s.outward.reportedOn(epoch.Add(time.Minute+12*time.Second), s.out.packets, nil); said == nil {
		t.Error("six seconds after that nothing was said")
	}
	if dead := s.Stats(epoch.Add(2 * time.Minute)).DeadOut.D(); dead != 6*time.Second {
		t.Errorf("dead for %s by the last report, which is a minute old", dead)
	}
}

// TestFarReports: what a report says of us, and what it does not.
func TestFarReports(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	s.Answered(epoch)
	report := func(after time.Duration, highest, lost uint32) string {
		s.out.packets += 100
		b := rtcp.ReceptionReport{SSRC: s.out.ssrc, LastSequenceNumber: highest, TotalLost: lost, Jitter: 80}
		var said string
		for _, e := range s.outward.reportedOn(epoch.Add(after), s.out.packets, []rtcp.ReceptionReport{b}) {
			said, _ = e.(system.Log).Event.Text()
		}
		return said
	}
	for i, c := range []struct {
		after         time.Duration
		highest, lost uint32
		said          string
		wantLost      uint64
		pct           float64
	}{
		{5 * time.Second, 100, 3, "", 3, 3},
		{6 * time.Second, 100, 3, "", 3, 1.5}, // one report may be early
		{10 * time.Second, 100, 3, "no-audio-out", 203, 100 * 203.0 / 300},
		{15 * time.Second, 100, 3, "", 303, 75.75},             // it was said
		{20 * time.Second, 200, 1<<24 - 1, "audio back", 0, 0}, // duplicates: one less than none
	} {
		if said := report(c.after, c.highest, c.lost); !strings.Contains(said, c.said) || (said == "") != (c.said == "") {
			t.Errorf("report %d: said %q, want %q", i, said, c.said)
		}
		stats := s.Stats(epoch.Add(c.after))
		if stats.FarLost != c.wantLost || stats.FarLossPct != c.pct || stats.FarJitter.D() != 10*time.Millisecond {
			t.Errorf("report %d: %+v, want %d lost, %g %%, 10 ms", i, stats, c.wantLost, c.pct)
		}
	}
}

func TestAnOldReportSaysNothing(t *testing.T) {
	p := newAnsweredPair(7)
	p.run(10 * time.Second)
	p.a.out.mute = true
	p.run(20 * time.Second)
	p.a.out.cut = true
	p.run(3 * time.Second)
	wantSaid(t, p.b, "no-audio-in: nothing has come from 192.0.2.1:4000 for 2.0 s, after 1500 packets; nor does it report")
}

func TestAFarEndThatNeverReportsIsNotAccused(t *testing.T) {
	p := newAnsweredPair(5)
	p.b.out.cut = true
	p.run(20 * time.Second)
	wantSaid(t, p.a, "no-audio-in: nothing has come from 192.0.2.2:5000 for 2.0 s; nor does it report")
	if s := p.a.Stats(p.now); s.DeadOut != 0 {
		t.Errorf("%+v", s)
	}
}

// TestDueWhereAudioComesFrom: where SDP names no address, what we send is due from when the
// peer's audio shows one.
func TestDueWhereAudioComesFrom(t *testing.T) {
	s := New(Config{Known: anybody, Negotiated: agreed(netip.MustParseAddrPort("0.0.0.0:4000")), Rand: rand.New(rand.NewPCG(1, 1))}, epoch)
	s.Answered(epoch)
	if s.outward.due {
		t.Error("something is due at no address")
	}
	if hear(t, s, epoch, addrB, 9, 1); !s.outward.due {
		t.Error("nothing is due where audio comes from")
	}
}
