package media

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestCleanCall(t *testing.T) {
	p := newPair(1)
	p.run(10 * time.Second)
	wantTone(t, p.b.ear[8000:], 440, 0.99)
	wantTone(t, p.a.ear[8000:], 1000, 0.99)
	s := p.b.Stats(p.now)
	if s.Sent != 500 || s.Lost != 0 || s.Late != 0 || s.Concealed != 0 || s.LossPct != 0 {
		t.Errorf("statistics of a clean call: %+v", s)
	}
	if s.Received < 498 || s.Jitter.D() > time.Millisecond {
		t.Errorf("received %d, jitter %s", s.Received, s.Jitter)
	}
	near(t, "MOS", s.MOS, 4.41, 0.02)
	near(t, "the round trip in ms", s.RTT.D().Seconds()*1000, 60, 2)
	if n := len(only[event.RTP](p.b.events)); n != 9 {
		t.Errorf("%d statistics events in 10 s, want 9 (and one at Close)", n)
	}
}

func TestLossIsExactAndConcealed(t *testing.T) {
	p := newPair(2)
	p.a.out.lose = func(n int) bool { return n > 100 && n < 950 && n%10 == 0 }
	p.run(20 * time.Second)
	s := p.b.Stats(p.now)
	if int(s.Lost) != p.a.out.lost || int(s.Concealed) != p.a.out.lost || s.Late != 0 {
		t.Errorf("lost %d, concealed %d, late %d; want %d, the same, 0", s.Lost, s.Concealed, s.Late, p.a.out.lost)
	}
	wantTone(t, p.b.ear[8000:], 440, 0.97)
}

func TestImpairedNetwork(t *testing.T) {
	for seed := range uint64(5) {
		p := newPair(seed)
		p.a.out.jitter, p.a.out.loss, p.a.out.duplicate = 60*time.Millisecond, 0.03, 0.05
		p.run(60 * time.Second)
		*p.a.out = path{rng: p.a.out.rng, delay: 60 * time.Millisecond, inFlight: p.a.out.inFlight, lost: p.a.out.lost}
		p.run(300 * time.Millisecond) // what is on the way arrives
		s := p.b.Stats(p.now)
		if s.Lost != uint64(p.a.out.lost) {
			t.Errorf("seed %d: lost %d, want %d", seed, s.Lost, p.a.out.lost)
		}
		if s.Late > 30 {
			t.Errorf("seed %d: %d of 3000 packets late", seed, s.Late)
		}
		if s.Concealed < s.Lost*8/10 || s.Concealed > s.Lost+s.Late+20 {
			t.Errorf("seed %d: concealed %d of lost %d and late %d", seed, s.Concealed, s.Lost, s.Late)
		}
		if d := s.Delay.D(); d < 30*time.Millisecond || d > 130*time.Millisecond {
			t.Errorf("seed %d: delay %s with 60 ms of jitter", seed, d)
		}
		wantTone(t, p.b.ear[16000:], 440, 0.85)
	}
}

func TestDelayFallsWhenTheNetworkCalmsDown(t *testing.T) {
	p := newPair(3)
	p.a.mic = func(f []int16) { clear(f) } // the delay is steered in silence
	p.a.out.jitter = 120 * time.Millisecond
	p.run(20 * time.Second)
	rough := p.b.Stats(p.now).Delay.D()
	p.a.out.jitter = 0
	p.run(30 * time.Second)
	calm := p.b.Stats(p.now).Delay.D()
	if rough < 80*time.Millisecond || calm > 50*time.Millisecond {
		t.Errorf("delay %s with 120 ms of jitter, %s after it", rough, calm)
	}
}

// Two sound cards whose clocks differ by 500 ppm (ten times what real ones
// do) drift 150 ms apart in five minutes.
func TestDrift(t *testing.T) {
	for _, frame := range []float64{19.99, 20.01} {
		for name, mic := range map[string]func([]int16){"silence": func(f []int16) { clear(f) }, "tone": tone(440)} {
			p := newPair(4)
			p.a.mic, p.a.frame = mic, frame
			p.run(5 * time.Minute)
			s := p.b.Stats(p.now)
			if d := s.Delay.D(); d > 100*time.Millisecond || s.Lost != 0 {
				t.Errorf("%s at %g ms: delay %s, lost %d", name, frame, d, s.Lost)
			}
			if s.Late+s.Concealed > 20 {
				t.Errorf("%s at %g ms: late %d, concealed %d", name, frame, s.Late, s.Concealed)
			}
			if name == "tone" {
				wantTone(t, p.b.ear[16000:], 440, 0.97)
			}
		}
	}
}

func TestOtherPacketTimes(t *testing.T) {
	for _, ms := range []time.Duration{10, 30, 40, 60, 120, 200} {
		p := newPair(5)
		n := agreed(addrB)
		n.PTime = ms * time.Millisecond
		p.a.Renegotiate(p.now, n)
		p.run(6 * time.Second)
		want := uint64(6000 / ms)
		if s := p.a.Stats(p.now); s.Sent < want-1 || s.Sent > want {
			t.Errorf("%d ms: sent %d packets in 6 s, want %d", ms, s.Sent, want)
		}
		if s := p.b.Stats(p.now); s.Concealed != 0 || s.Late != 0 {
			t.Errorf("%d ms: %+v", ms, s)
		}
		wantTone(t, p.b.ear[8000:], 440, 0.98)
	}
}

func TestHoldAndResume(t *testing.T) {
	p := newPair(6)
	p.run(3 * time.Second)
	n := agreed(addrB)
	n.Send, n.Receive = false, false
	p.a.Renegotiate(p.now, n)
	m := agreed(addrA)
	m.Send, m.Receive = false, false
	p.b.Renegotiate(p.now, m)
	sent := p.a.Stats(p.now).Sent
	p.run(5 * time.Second)
	if s := p.a.Stats(p.now); s.Sent != sent {
		t.Errorf("%d packets were sent on hold", s.Sent-sent)
	}
	if purity(p.b.ear[len(p.b.ear)-8000:], 440) != 0 {
		t.Error("something was heard on hold")
	}
	p.a.Renegotiate(p.now, agreed(addrB))
	p.b.Renegotiate(p.now, agreed(addrA))
	p.run(3 * time.Second)
	wantTone(t, p.b.ear[len(p.b.ear)-8000:], 440, 0.99)
	wantTone(t, p.a.ear[len(p.a.ear)-8000:], 1000, 0.99)
	if s := p.b.Stats(p.now); s.Lost != 0 || s.Late != 0 || s.Concealed != 0 {
		t.Errorf("hold counted as trouble: %+v", s)
	}
}

func TestCodecChange(t *testing.T) {
	p := newPair(10)
	p.run(2 * time.Second)
	for e, peer := range map[*end]*end{p.a: p.b, p.b: p.a} {
		n := agreed(peer.addr)
		n.Codec, n.PayloadType = codec.PCMA, codec.PCMA.PayloadType
		e.Renegotiate(p.now, n)
	}
	p.run(2 * time.Second)
	wantTone(t, p.b.ear[4000:], 440, 0.98)
	if s := p.b.Stats(p.now); s.Lost+s.Late+s.Concealed != 0 {
		t.Errorf("a change of codec counted as trouble: %+v", s)
	}
}

// The way through the network becomes 300 ms longer and later short again.
func TestRouteChange(t *testing.T) {
	p := newPair(12)
	for _, delay := range []time.Duration{30, 330, 30} {
		p.a.out.delay = delay * time.Millisecond
		p.run(20 * time.Second)
		wantTone(t, p.b.ear[len(p.b.ear)-40000:], 440, 0.98)
		if d := p.b.Stats(p.now).Delay.D(); d > 120*time.Millisecond {
			t.Errorf("delay in the buffer %s after a change to %d ms", d, delay)
		}
	}
	if s := p.b.Stats(p.now); s.Late > 30 || s.Lost != 0 {
		t.Errorf("late %d, lost %d", s.Late, s.Lost)
	}
}

func TestTimestampsCountTimeNotSamples(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	frame := make([]int16, 160)
	read := func(now time.Time, frame []int16) (p rtp.Packet) {
		t.Helper()
		if err := p.Unmarshal(s.Capture(now, frame)[0].(system.Send).Data); err != nil {
			t.Fatal(err)
		}
		return p
	}
	first := read(epoch, frame)
	second := read(epoch.Add(20*time.Millisecond), frame)
	woken := read(epoch.Add(time.Hour), frame)
	if !first.Marker || second.Marker || !woken.Marker {
		t.Errorf("markers %t %t %t, want true false true", first.Marker, second.Marker, woken.Marker)
	}
	if step := woken.Timestamp - first.Timestamp; step != 3600*clockRate {
		t.Errorf("the timestamp went on by %d in an hour", step)
	}
	longer := agreed(addrB)
	longer.PTime *= 2
	s.Renegotiate(epoch.Add(time.Hour+time.Second), longer)
	resumed := read(epoch.Add(time.Hour+time.Second), append(frame, frame...))
	if step := resumed.Timestamp - woken.Timestamp; step != clockRate {
		t.Errorf("the timestamp went on by %d in a pause of a second", step)
	}
	if woken.SequenceNumber != first.SequenceNumber+2 {
		t.Error("the sequence number counts packets")
	}
}

func TestNothingIsSentToNowhere(t *testing.T) {
	for _, remote := range []string{"0.0.0.0:4000", "192.0.2.1:0"} {
		n := agreed(netip.MustParseAddrPort(remote))
		n.RemoteRTCP = n.Remote
		s := New(Config{Negotiated: n, CNAME: strings.Repeat("x", 1000), Rand: rand.New(rand.NewPCG(1, 1))}, epoch)
		if effects := s.Capture(epoch, make([]int16, 160)); effects != nil {
			t.Errorf("%s: %v", remote, effects)
		}
		if effects := s.Close(epoch); len(effects) != 1 {
			t.Errorf("%s: %v at Close, want only statistics", remote, effects)
		}
	}
}

// An app that was frozen for hours in a call continues normally: no burst of
// reports, no jitter of hours.
func TestFrozenForHours(t *testing.T) {
	p := newPair(7)
	p.run(10 * time.Second)
	before := p.b.Stats(p.now)
	sent := len(p.b.out.inFlight)
	// b sleeps for 3 h. Its kernel kept the packets of the first second.
	p.step(p.a, p.b)
	wake := p.now.Add(3 * time.Hour)
	p.now = wake
	p.a.next += 3 * 3600 * 1000
	p.b.next += 3 * 3600 * 1000
	p.run(100 * time.Millisecond)
	reports := 0
	for _, f := range p.b.out.inFlight {
		if f.sig.Socket == rtcpSocket {
			reports++
		}
	}
	if reports > 1 {
		t.Errorf("%d reports at once after the sleep (%d datagrams in flight before)", reports, sent)
	}
	p.run(5 * time.Second)
	s := p.b.Stats(p.now)
	if s.JitterMax > before.JitterMax+event.Millis(5*time.Millisecond) {
		t.Errorf("jitter %s at most before the sleep, %s after", before.JitterMax, s.JitterMax)
	}
	if s.RTT.D() > time.Second {
		t.Errorf("round trip %s", s.RTT)
	}
	wantTone(t, p.b.ear[len(p.b.ear)-16000:], 440, 0.99)
	if n := len(only[event.RTP](p.b.events)); n > 9+7 {
		t.Errorf("%d statistics events", n)
	}
}

func TestCloseSaysBye(t *testing.T) {
	p := newPair(8)
	p.run(2 * time.Second)
	effects := p.a.Close(p.now)
	if len(effects) != 3 {
		t.Fatalf("%d calls at Close, want BYE, statistics and what the audio was like", len(effects))
	}
	p.carry(p.a, p.b, effects)
	if !p.a.Deadline().IsZero() || p.a.Close(p.now) != nil || p.a.Capture(p.now, make([]int16, 160)) != nil {
		t.Error("a closed session still does something")
	}
	p.run(100 * time.Millisecond)
	if p.b.in.settled {
		t.Error("the BYE was not understood")
	}
}

func TestPlayoutDoesNotAllocate(t *testing.T) {
	p := newPair(9)
	p.a.out.loss = 0.05
	p.run(3 * time.Second)
	frame := make([]int16, 160)
	now := p.now
	if n := testing.AllocsPerRun(100, func() {
		p.b.Playout(now, frame)
		now = now.Add(20 * time.Millisecond)
	}); n != 0 {
		t.Errorf("%g allocations in Playout", n)
	}
}

// TestStandstill stops one end for as long as its socket takes packets, and for
// longer: what waited comes in a lump, the rest has found no room, and neither is
// the network's doing.
func TestStandstill(t *testing.T) {
	for _, gap := range []time.Duration{3 * time.Second, 15 * time.Second, 90 * time.Second} {
		p := newPair(4)
		p.run(10 * time.Second)
		before := p.b.Stats(p.now)
		for stop := p.now.Add(gap); p.now.Before(stop); p.now = p.now.Add(time.Millisecond) {
			p.step(p.a, p.b)
		}
		room := 250 // packets of 20 ms; RTCP has a socket of its own
		p.a.out.inFlight = slices.DeleteFunc(p.a.out.inFlight, func(f flight) bool {
			if f.sig.Socket == rtpSocket {
				room--
			}
			return f.sig.Socket == rtpSocket && room < 0
		})
		p.b.next = float64(p.now.Sub(epoch))/1e6 + 100 // then its frames go on
		p.run(10 * time.Second)
		s := p.b.Stats(p.now)
		if s.Lost > 0 || s.LossPct > 0 || s.Late > before.Late+1 {
			t.Errorf("%s: lost %d, %g %%, late %d", gap, s.Lost, s.LossPct, s.Late)
		}
		if s.JitterMax.D() > before.JitterMax.D()+time.Millisecond {
			t.Errorf("%s: jitter of up to %s, before %s", gap, s.JitterMax, before.JitterMax)
		}
		for _, e := range append(only[event.RTP](p.b.events), only[event.RTP](p.a.events)...) {
			if e.RTT.D() > 100*time.Millisecond {
				t.Errorf("%s: a round trip of %s", gap, e.RTT)
			}
		}
		near(t, "MOS after "+gap.String(), s.MOS, before.MOS, 0.05)
		wantTone(t, p.b.ear[len(p.b.ear)-16000:], 440, 0.99)
	}
}

// TestTheCardIsNotTheNetwork: what waits for a card that opens late, or stands still, is
// not late, and costs no quality; what the network holds up is and does.
func TestTheCardIsNotTheNetwork(t *testing.T) {
	const packets = 250
	for name, c := range map[string]struct {
		opens, stands, pause time.Duration
		lump                 bool // the network holds the packets up
		drains               bool // what the card does not ask for is listened to, after a while
		unplayed, late       [2]uint64
	}{
		"open in time":         {unplayed: [2]uint64{0, 0}, late: [2]uint64{0, 0}},
		"it opens late":        {opens: 1900 * time.Millisecond, unplayed: [2]uint64{80, 95}, late: [2]uint64{0, 0}},
		"it stands still":      {stands: 2 * time.Second, pause: time.Second, unplayed: [2]uint64{35, 50}, late: [2]uint64{0, 0}},
		"it is not waited for": {stands: 2 * time.Second, pause: time.Second, drains: true, unplayed: [2]uint64{40, 52}, late: [2]uint64{0, 0}},
		"the network held up":  {stands: 2 * time.Second, pause: time.Second, lump: true, unplayed: [2]uint64{0, 0}, late: [2]uint64{5, 50}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestSession(addrB, addrA, 1)
			frame := make([]int16, 160)
			var held []uint16
			for i := range packets {
				at := time.Duration(i) * 20 * time.Millisecond
				still := at >= c.stands && at < c.stands+c.pause
				if held = append(held, uint16(i)); !c.lump || !still {
					for _, n := range held {
						hear(t, s, epoch.Add(at), addrA, 9, n)
					}
					held = nil
				}
				switch {
				case at >= c.opens && (c.lump || !still):
					s.Playout(epoch.Add(at), frame)
				case c.drains && at >= c.stands+200*time.Millisecond:
					s.Drain(epoch.Add(at), frame)
				}
			}
			stats := s.Stats(epoch.Add(packets * 20 * time.Millisecond))
			in := func(n uint64, of [2]uint64) bool { return n >= of[0] && n <= of[1] }
			if !in(stats.Unplayed, c.unplayed) || !in(stats.Late, c.late) || stats.Received != packets {
				t.Errorf("%+v; want unplayed %v, late %v", stats, c.unplayed, c.late)
			}
			if good := stats.MOS > 4; good == c.lump {
				t.Errorf("MOS %.2f", stats.MOS)
			}
		})
	}
}
