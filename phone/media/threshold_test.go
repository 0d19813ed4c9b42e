package media

import (
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// This file repeats the numbers of the package as times: a threshold that moves
// fails its test.

// samples is how many samples a time holds at 8000 Hz.
func samples(d time.Duration) int64 { return int64(d * 8000 / time.Second) }

// TestExcessIsCutAtOnce: a delay of up to 200 ms above the target is left to
// the steering, a longer one is cut.
func TestExcessIsCutAtOnce(t *testing.T) {
	for over, cut := range map[time.Duration]bool{
		0: false, 150 * time.Millisecond: false, 200 * time.Millisecond: false,
		200*time.Millisecond + 125*time.Microsecond: true, 300 * time.Millisecond: true, time.Second: true,
	} {
		var b jitterBuffer
		const at = 80000
		b.transit.observe(at, at) // the floor is 0, so the target is 20 ms
		b.playing, b.next = true, at-160-samples(over)
		before := b.next
		b.cut(at)
		if (b.next != before) != cut {
			t.Errorf("%s above the target: cut by %d samples", over, b.next-before)
		}
		if cut && at-b.next != 160 {
			t.Errorf("%s above the target: cut to a delay of %d samples, want the target, 160", over, at-b.next)
		}
	}
}

// TestStalledCard: what came while the card stood still is skipped if it is
// more than 200 ms, and played late if it is less.
func TestStalledCard(t *testing.T) {
	for stalled, want := range map[time.Duration]int{180 * time.Millisecond: 5, 400 * time.Millisecond: 24} {
		var l listener
		l.arrive(0)
		l.want(t, "begin", -1)
		for n := 1; n <= 5; n++ {
			l.arrive(n)
			l.want(t, "steady", n-1)
		}
		for n := range int(stalled / (20 * time.Millisecond)) {
			l.at += 160
			l.arrive(6 + n)
		}
		if got := l.play(); got != want {
			t.Errorf("after %s: packet %d is heard, want %d", stalled, got, want)
		}
	}
}

// TestFarAway: a packet that is up to 2 s off its time is of the same time
// line; one that is further off belongs to another.
func TestFarAway(t *testing.T) {
	for off, foreign := range map[time.Duration]bool{
		0: false, 1900 * time.Millisecond: false, 2 * time.Second: false,
		2*time.Second + 125*time.Microsecond: true, 3 * time.Second: true, 20 * time.Second: true,
	} {
		for _, sign := range []int64{-1, 1} {
			var b jitterBuffer
			const at = 1 << 20
			put := func(stamp int64) {
				b.put(at, uint32(stamp), packet{samples: 160, codec: codec.PCMU, payload: make([]byte, 160)})
			}
			put(at)
			put(at + sign*samples(off))
			if got := b.late == 1; got != foreign {
				t.Errorf("%s off, sign %d: foreign %t", off, sign, got)
			}
		}
	}
}

// TestAnotherTimeLine: four packets in a row that do not fit begin a new one.
func TestAnotherTimeLine(t *testing.T) {
	for n, moved := range map[int]bool{3: false, 4: true} {
		var l listener
		l.begin(t)
		for i := range n {
			l.arriveAs(i, 0x40000000+uint32(160*i), false)
		}
		if got := !l.playing; got != moved {
			t.Errorf("after %d packets of another time line: moved %t", n, got)
		}
	}
}

// TestSteering has the thresholds of the correction: 15 ms in silence and too
// short a delay at any time, 60 ms in speech.
func TestSteering(t *testing.T) {
	loud, soft := make([]int16, 160), make([]int16, 160)
	for i := range loud {
		loud[i], soft[i] = 301, -300
	}
	for _, c := range []struct {
		what  string
		chunk []int16
		off   time.Duration // from the target
		want  int           // sign of the change of the chunk's length
	}{
		{"silence, 15 ms above", soft, 15 * time.Millisecond, 0},
		{"silence, more than that above", soft, 15*time.Millisecond + 125*time.Microsecond, -1},
		{"silence, 15 ms below", soft, -15 * time.Millisecond, 0},
		{"silence, more than that below", soft, -15*time.Millisecond - 125*time.Microsecond, 1},
		{"speech, 60 ms above", loud, 60 * time.Millisecond, 0},
		{"speech, more than that above", loud, 60*time.Millisecond + 125*time.Microsecond, -1},
		{"speech, 15 ms below", loud, -15 * time.Millisecond, 0},
		{"speech, more than that below", loud, -15*time.Millisecond - 125*time.Microsecond, 1},
	} {
		var b jitterBuffer
		const at = 80000
		b.transit.observe(at, at-4000)
		b.transit.observe(at, at)
		target := b.transit.target()
		b.chunk = append(b.pcm[:0], c.chunk...)
		b.delay = float64(target + samples(c.off))
		b.next = at - int64(b.delay) + int64(len(b.chunk))
		b.steer(at)
		got := len(b.chunk) - len(c.chunk)
		if got < 0 != (c.want < 0) || got > 0 != (c.want > 0) {
			t.Errorf("%s: the chunk is %d samples longer", c.what, got)
		}
	}
}

// TestMeasuredDelayIsSmoothed: over 16 packets.
func TestMeasuredDelayIsSmoothed(t *testing.T) {
	var b jitterBuffer
	const at = 80000
	b.transit.observe(at, at)
	b.delay, b.next = 160, at-320
	b.steer(at)
	if b.delay != 170 {
		t.Errorf("a delay of 160 and one of 320 give %g, want 170", b.delay)
	}
}

// TestTarget: 20 ms more than the variation, from 20 ms to 200 ms.
func TestTarget(t *testing.T) {
	for late, want := range map[time.Duration]time.Duration{
		0: 20 * time.Millisecond, 10 * time.Millisecond: 30 * time.Millisecond, 50 * time.Millisecond: 70 * time.Millisecond,
		180 * time.Millisecond: 200 * time.Millisecond, 181 * time.Millisecond: 200 * time.Millisecond, time.Second: 200 * time.Millisecond,
	} {
		var tr transit
		tr.observe(0, 0)
		tr.observe(samples(late), 0) // only the packet's lateness passes between the two
		tr.peak = max(tr.peak, float64(samples(late)))
		if got := durationOf(tr.target(), clockRate); got != want {
			t.Errorf("%s late: target %s, want %s", late, got, want)
		}
	}
}

// TestTargetFalls: with a time constant of 4 s, and a variation of at most 1 s
// counts.
func TestTargetFalls(t *testing.T) {
	var tr transit
	const at = 1 << 20
	tr.observe(at, at)
	tr.observe(at, at-samples(30*time.Second))
	if tr.peak != float64(samples(time.Second)) {
		t.Errorf("a clock that leapt makes a variation of %g samples", tr.peak)
	}
	second := samples(time.Second)
	tr.observe(at+second, at+second)
	if want := 8000 * 0.75; tr.peak != want {
		t.Errorf("a second later the variation is %g, want %g", tr.peak, want)
	}
}

// TestFloor: the fastest packet counts for 4 s at least and 8 s at most.
func TestFloor(t *testing.T) {
	for after, want := range map[time.Duration]int64{
		3 * time.Second: -100, 4*time.Second - 125*time.Microsecond: -100, 7 * time.Second: -100,
		8*time.Second + 20*time.Millisecond: 0,
	} {
		var tr transit
		tr.observe(0, 100)
		for at := samples(20 * time.Millisecond); at <= samples(after); at += 160 {
			tr.observe(at, at)
		}
		if got := tr.floor(); got != want {
			t.Errorf("after %s the floor is %d, want %d", after, got, want)
		}
	}
}

// TestSourceLimits has those of RFC 3550 appendix A.1: a dropout of 3000
// packets, a reordering by 100.
func TestSourceLimits(t *testing.T) {
	for step, want := range map[int]verdict{
		1: accepted, 2999: accepted, 3000: misfit, 40000: misfit,
		-1: accepted, -63: accepted, -64: accepted, -99: accepted, -100: misfit, -101: misfit, 0: duplicate,
	} {
		s := newSource(1, 20000, clockRate)
		s.update(20000)
		if got := s.update(uint16(20000 + step)); got != want {
			t.Errorf("a step of %d: %d, want %d", step, got, want)
		}
	}
}

// TestJitterLeavesLeapsOut: only a change of transit of up to a second counts.
func TestJitterLeavesLeapsOut(t *testing.T) {
	for step, want := range map[time.Duration]float64{time.Second: 500, time.Second + 125*time.Microsecond: 0} {
		s := newSource(1, 0, clockRate)
		s.observe(0, 0)
		s.observe(160+samples(step), 160)
		if s.jitter != want || s.jitterMax != want {
			t.Errorf("a step of %s: jitter %g, at most %g, want %g", step, s.jitter, s.jitterMax, want)
		}
		s.observe(320+samples(step), 320)
		if s.jitterMax != want || s.jitter != want*15/16 {
			t.Errorf("then %g, at most %g", s.jitter, s.jitterMax)
		}
	}
}

// TestRoundTripLimits: a round trip of up to 10 s counts, a negative one does
// not.
func TestRoundTripLimits(t *testing.T) {
	for trip, want := range map[time.Duration]time.Duration{
		60 * time.Millisecond: 60 * time.Millisecond, 9 * time.Second: 9 * time.Second, 10 * time.Second: 10 * time.Second,
		11 * time.Second: 0, -time.Second: 0,
	} {
		s := newTestSession(addrA, addrB, 1)
		now := epoch.Add(time.Minute)
		s.control.measureRoundTrip(now, []rtcp.ReceptionReport{{
			SSRC: s.out.ssrc, LastSenderReport: shortNTP(now.Add(-trip - 5*time.Second)), Delay: 5 << 16,
		}})
		if got := s.control.roundTrip; (got - want).Abs() > time.Millisecond {
			t.Errorf("a round trip of %s is measured as %s", trip, got)
		}
	}
}

// TestNTPTime has a moment whose NTP time is known: 1 January 1970 is
// 2208988800 s after 1900 (RFC 5905 §6).
func TestNTPTime(t *testing.T) {
	if got, want := ntpTime(time.Unix(0, 5e8)), uint64(2208988800)<<32|1<<31; got != want {
		t.Errorf("%#x, want %#x", got, want)
	}
	if got := fromShort(3<<16 | 1<<15); got != 3500*time.Millisecond {
		t.Errorf("3.5 s are read as %s", got)
	}
}

// TestLeap: a step of up to 2 s between two calls is not a leap.
func TestLeap(t *testing.T) {
	for step, leapt := range map[time.Duration]bool{2 * time.Second: false, 2*time.Second + 1: true} {
		s := newTestSession(addrA, addrB, 1)
		s.inward.source.timed = true
		s.notice(epoch.Add(step))
		if s.inward.source.timed == leapt {
			t.Errorf("%s: leapt %t", step, !s.inward.source.timed)
		}
	}
}

// TestDigitLengths: 160 ms each with 80 ms between them, as SendDTMF says.
func TestDigitLengths(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	if err := s.SendDTMF(epoch, "12"); err != nil {
		t.Fatal(err)
	}
	var begins []int
	for n := range 40 {
		for _, c := range s.Capture(epoch.Add(time.Duration(n)*20*time.Millisecond), make([]int16, 160)) {
			if send, ok := c.(system.Send); ok && send.Data[1] == 0x80|101 {
				begins = append(begins, 20*n)
			}
			if log, ok := c.(system.Log); ok && log.Event != dtmf(true, 1, 1280, clockRate) && log.Event != dtmf(true, 2, 1280, clockRate) {
				t.Errorf("%+v", log.Event)
			}
		}
	}
	// 160 ms of sound, two more packets that end it, 80 ms of pause.
	if len(begins) != 2 || begins[1]-begins[0] != 160+40+80 {
		t.Errorf("digits begin at %v ms", begins)
	}
}

// TestConcealmentTimes: full for 10 ms, half way down at 35 ms, gone at 60 ms
// (G.711 Appendix I).
func TestConcealmentTimes(t *testing.T) {
	for ms, want := range map[int]int{0: 480, 9: 480, 10: 480, 35: 240, 59: 9, 60: 0, 100: 0} {
		if got := fade(8 * ms); got != want {
			t.Errorf("after %d ms the level is %d/480, want %d/480", ms, got, want)
		}
	}
	if fade(80) != 480 || fade(81) == 480 || fade(479) == 0 || fade(480) != 0 {
		t.Error("the sound is full for other than 10 ms or fades for other than 60 ms")
	}
}

// TestQualityCountsWhatIsLateToo: the estimate rates what the user heard, so a
// packet that came too late is as bad as a lost one, and half a round trip
// counts as delay.
func TestQualityCountsWhatIsLateToo(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	s.inward.source = newSource(1, 0, clockRate)
	for n := range uint16(100) {
		if n != 50 {
			s.inward.source.update(n)
		}
	}
	s.in.buffer.late, s.in.buffer.delay, s.control.roundTrip = 4, 400, 100*time.Millisecond
	got := s.Stats(epoch)
	if got.Received != 99 || got.Lost != 1 || got.LossPct != 1 || got.Late != 4 {
		t.Errorf("%+v", got)
	}
	// 20 ms in the packet, 50 ms on the way, 50 ms in the buffer; 5 % loss.
	near(t, "MOS", got.MOS, opinion(rating(120*time.Millisecond, 0.05)), 1e-9)
	if got := got.Delay.D(); got != 50*time.Millisecond {
		t.Errorf("the delay in the buffer is %s", got)
	}
}
