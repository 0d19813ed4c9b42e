package media

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/media/xr"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var allExtended = sdp.XR{Metrics: true, RoundTrip: true}

// extends has both ends send extended reports.
func (p *pair) extends(x sdp.XR) {
	for _, e := range []*end{p.a, p.b} {
		n := e.n
		n.XR = x
		e.Renegotiate(p.now, n)
	}
}

// extendedOf is the XR packet of a report of e's; nil: it has none.
func extendedOf(t *testing.T, e *end, now time.Time) *rtcp.ExtendedReport {
	t.Helper()
	for _, p := range reportOf(t, e, now) {
		if x, ok := p.(*rtcp.ExtendedReport); ok {
			return x
		}
	}
	return nil
}

// inBursts loses four packets in a row of every hundred, and one alone, 50 behind them.
func inBursts(n int) bool { return n%100 < 4 && n > 103 || n%100 == 54 }

// TestExtendedReports: the far end reports what it measures of our audio, and that is known
// here.
func TestExtendedReports(t *testing.T) {
	p := newPair(31)
	p.extends(allExtended)
	p.a.out.lose = inBursts
	p.run(30 * time.Second)
	far, theirs := p.a.Stats(p.now).FarXR, p.b.Stats(p.now).XR
	if !far.Known() || !theirs.Known() {
		t.Fatalf("the far end reports %+v, and has measured %+v", far, theirs)
	}
	near(t, "the loss", far.LossPct, 4.5, 0.5)
	near(t, "the loss as measured there", theirs.LossPct, 4.5, 0.5)
	near(t, "the loss in bursts", far.BurstLossPct, 100, 0.5)
	near(t, "the length of bursts in ms", far.Burst.D().Seconds()*1000, 80, 0.5)
	near(t, "the loss in gaps", far.GapLossPct, 1, 0.4)
	near(t, "the length of gaps in ms", far.Gap.D().Seconds()*1000, 1920, 150)
	near(t, "the round trip in ms", far.RTT.D().Seconds()*1000, 60, 2)
	near(t, "its own delay in ms", far.EndSystem.D().Seconds()*1000, 45, 10)
	near(t, "MOS of what is heard", far.MOSLQ, 4.0, 0.15)
	if far.MOSCQ > far.MOSLQ || !far.R.Known || far.R.Value < 75 || far.R.Value > 83 {
		t.Errorf("R %+v, MOS-CQ %g beside MOS-LQ %g", far.R, far.MOSCQ, far.MOSLQ)
	}
	if far.DiscardPct != 0 || far.Gmin != 16 || far.Signal != (event.Reading{Value: -3, Known: true}) || far.Noise.Known || far.Echo.Known || far.ExtR.Known || far.Adaptive != 3 || far.Concealment != 3 {
		t.Errorf("%+v", far)
	}
	if s := p.b.Stats(p.now); s.FarXR.LossPct != 0 || s.FarXR.Burst != 0 || s.FarXR.MOSLQ != 4.4 || s.Foreign != 0 {
		t.Errorf("of the other direction: %+v", s)
	}
}

// What nobody has asked for is not sent.
func TestNoExtendedReports(t *testing.T) {
	for _, c := range []struct {
		x      sdp.XR
		blocks int
	}{{sdp.XR{}, 0}, {sdp.XR{Metrics: true}, 1}, {sdp.XR{RoundTrip: true}, 2}, {allExtended, 3}} {
		p := newPair(32)
		p.extends(c.x)
		p.run(15 * time.Second)
		x, blocks := extendedOf(t, p.b, p.now), 0
		if x != nil {
			blocks = len(x.Reports)
		}
		if s := p.a.Stats(p.now); blocks != c.blocks || s.FarXR.Known() != c.x.Metrics || s.XR.Known() != c.x.Metrics {
			t.Errorf("%+v: %d blocks, known %+v, measured %+v", c.x, blocks, s.FarXR, s.XR)
		}
	}
}

// Each loss and each discard is in a burst or in a gap, whatever becomes of the packets.
func TestRunsAreOfWhatStatisticsSay(t *testing.T) {
	for seed := range uint64(12) {
		p := newAnsweredPair(40 + seed)
		p.a.out.loss, p.a.out.jitter, p.a.out.duplicate = 0.05, time.Duration(seed)*20*time.Millisecond, 0.01
		p.run(10 * time.Second)
		if seed%4 == 0 { // another stream at once
			p.a.Session.out.rename(p.a.cfg.Rand)
			p.a.Session.out.sequence += 500
			p.run(3 * time.Second)
		}
		if seed%4 == 1 { // nothing for a time, and then the same stream
			p.a.out.cut = true
			p.run(5 * time.Second)
			p.a.out.cut = false
			p.run(3 * time.Second)
		}
		if seed%4 == 2 { // or another
			p.a.out.cut = true
			p.run(3 * time.Second)
			p.a.Session.out.rename(p.a.cfg.Rand)
			p.a.out.cut = false
			p.run(3 * time.Second)
		}
		s := p.b.Stats(p.now)
		counts := p.b.inward.runs.Counts(p.b.inward.totals(p.now).absent.lost)
		if counts.Lost() != s.Lost+s.Late {
			t.Errorf("seed %d: %+v, lost %d and late %d", seed, counts, s.Lost, s.Late)
		}
		if all := counts.InBursts + counts.InGaps; all != s.Received+s.Lost {
			t.Errorf("seed %d: %d packets in bursts and gaps, %d received, %d lost", seed, all, s.Received, s.Lost)
		}
	}
}

// What comes and does not open is neither lost nor in a burst.
func TestRunsLeaveOutWhatDoesNotOpen(t *testing.T) {
	p := newPair(33)
	p.sealsAs(sealed(sdp.GCM128, 1, 2))
	p.run(3 * time.Second)
	p.b.keys.take(sealed(sdp.GCM128, 2, 9)) // for a moment they have other keys
	p.run(500 * time.Millisecond)
	p.b.keys.take(sealed(sdp.GCM128, 2, 1))
	p.run(3 * time.Second)
	s := p.b.Stats(p.now)
	if counts := p.b.inward.runs.Counts(0); s.Unopened == 0 || s.Lost != 0 || counts.Lost() != 0 {
		t.Errorf("%d did not open, %d lost: %+v", s.Unopened, s.Lost, counts)
	}
	if m := p.b.control.extended.measured(p.now, 0); m.Expected != s.Received || m.Expected > 310 {
		t.Errorf("%d packets were expected, and %d received", m.Expected, s.Received)
	}
}

// Nor is what waited in the kernel while nobody listened, nor what found no room there.
func TestRunsLeaveOutALeap(t *testing.T) {
	p := newPair(29)
	p.run(3 * time.Second)
	p.b.Stood(p.now, 1500*time.Millisecond)
	first := p.a.out.carried
	p.a.out.lose = func(n int) bool { return n > first && n < first+5 }
	p.run(3 * time.Second)
	if s, counts := p.b.Stats(p.now), p.b.inward.runs.Counts(0); s.Lost != 0 || counts.Lost() != 0 || counts.InGaps != s.Received {
		t.Errorf("%d lost of %d: %+v", s.Lost, s.Received, counts)
	}
}

// Packets that came too late are discarded, and what comes by a slow way is talked over with
// pain, however well it is heard.
func TestDiscardsAndDelay(t *testing.T) {
	p := newPair(28)
	p.extends(allExtended)
	p.a.out.jitter = 300 * time.Millisecond
	p.a.out.delay, p.b.out.delay = 200*time.Millisecond, 200*time.Millisecond
	p.run(20 * time.Second)
	s := p.b.Stats(p.now)
	if s.XR.DiscardPct == 0 || s.Late == 0 {
		t.Errorf("%d were late: %+v", s.Late, s.XR)
	}
	near(t, "the discards", s.XR.DiscardPct, 100*float64(s.Late)/float64(s.Received+s.Lost), 0.4)
	if far := p.b.Stats(p.now).FarXR; far.MOSLQ != 4.4 || far.MOSCQ != 4.2 || far.R.Value > 88 {
		t.Errorf("of audio by a slow way: %+v", far)
	}
}

// A reference time that nobody has agreed on is not answered.
func TestReferenceTimeUnasked(t *testing.T) {
	p := newPair(27)
	p.extends(allExtended)
	n := p.b.n
	n.XR = sdp.XR{Metrics: true}
	p.b.Renegotiate(p.now, n)
	p.run(15 * time.Second)
	if x := extendedOf(t, p.b, p.now); len(x.Reports) != 1 {
		t.Errorf("reported is %v", x)
	}
}

// Whoever sends no audio has the round trip by the reference times (RFC 3611 §4.4, §4.5).
func TestRoundTripOfAReceiver(t *testing.T) {
	for _, x := range []sdp.XR{{}, {RoundTrip: true}} {
		p := newPair(34)
		p.extends(x)
		n := p.b.n
		n.Send = false
		p.b.Renegotiate(p.now, n)
		p.run(30 * time.Second)
		want := 0.0
		if x.RoundTrip {
			want = 60
		}
		near(t, "the round trip in ms", p.b.Stats(p.now).RTT.D().Seconds()*1000, want, 2)
	}
}

// A reference time from before a gap in our time says nothing.
func TestReferenceTimeAfterALeap(t *testing.T) {
	p := newPair(35)
	p.extends(sdp.XR{RoundTrip: true})
	p.run(20 * time.Second)
	p.a.notice(p.now.Add(10 * time.Second))
	x := extendedOf(t, p.a, p.now.Add(10*time.Second))
	if slices.ContainsFunc(x.Reports, func(b rtcp.ReportBlock) bool { _, ok := b.(*rtcp.DLRRReportBlock); return ok }) {
		t.Errorf("reported is %v", x)
	}
}

// SRTP and one port for all change nothing.
func TestExtendedReportsOfOtherCalls(t *testing.T) {
	for name, prepare := range map[string]func(p *pair){
		"SRTP": func(p *pair) { p.seals(sealed(sdp.GCM128, 1, 2), sealed(sdp.GCM128, 2, 1)) },
		"rtcp-mux": func(p *pair) {
			for _, e := range []*end{p.a, p.b} {
				n := e.n
				n.Mux, n.RemoteRTCP = true, n.Remote
				e.Renegotiate(p.now, n)
			}
		},
		"DTLS": func(p *pair) { p.shakes(true, "") },
	} {
		p := newPair(36)
		prepare(p)
		p.extends(allExtended)
		p.run(20 * time.Second)
		if s := p.a.Stats(p.now); !s.FarXR.Known() || s.FarXR.LossPct != 0 || s.Foreign != 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// R and MOS are of G.711, and of audio that comes.
func TestRatingsThatAreUnavailable(t *testing.T) {
	rated := func(m event.VoIPMetrics) bool { return m.R.Known && m.MOSLQ > 0 && m.MOSCQ > 0 && m.Signal.Known }
	none := func(m event.VoIPMetrics) bool { return !m.R.Known && m.MOSLQ == 0 && m.MOSCQ == 0 }
	for c, want := range map[codec.Codec]func(event.VoIPMetrics) bool{codec.PCMU: rated, codec.PCMA: rated, codec.G722: none} {
		p := newPairOf(c, 440, 37)
		p.extends(allExtended)
		p.run(5 * time.Second)
		if m := p.a.Stats(p.now).XR; !m.Known() || !want(m) {
			t.Errorf("%s: %+v", c, m)
		}
	}
	if m := newPairOf(codec.G722, 440, 37).loud(0); m.Signal.Known || m.Noise.Known {
		t.Errorf("of G.722: %+v, %+v", m.Signal, m.Noise)
	}
	p := newAnsweredPair(38)
	p.extends(allExtended)
	p.run(5 * time.Second)
	p.b.out.cut = true
	p.run(5 * time.Second)
	if m := p.a.Stats(p.now).XR; !none(m) || m.LossPct < 40 || m.BurstLossPct < 99 || m.Burst.D() < 4*time.Second {
		t.Errorf("of a dead direction: %+v", m)
	}
}

// A packet that breaks the rules is counted, and what can be read of it is taken.
func TestOddExtendedReports(t *testing.T) {
	p := newPair(39)
	p.run(3 * time.Second)
	ssrc := p.a.Session.out.ssrc
	good, err := rtcp.ExtendedReport{Reports: []rtcp.ReportBlock{xr.Measured{Expected: 4, Lost: 2}.Block(ssrc)}}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	first, err := (&rtcp.ReceiverReport{}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	lies := append(append(slices.Clone(first), good...), 4, 0, 0xFF, 0xFF)
	lies[len(first)+3]++ // the block is of this packet
	p.a.Receive(p.now, system.Received{Socket: rtcpSocket, From: port(addrB, 1), Data: lies})
	if s := p.a.Stats(p.now); s.Foreign != 1 || s.FarXR.LossPct != 50 {
		t.Errorf("%d foreign, %+v", s.Foreign, s.FarXR)
	}
	// A stranger's is not read at all, nor one that is no compound packet.
	for _, sig := range []system.Received{
		{Socket: rtcpSocket, From: netip.MustParseAddrPort("203.0.113.5:61001"), Data: append(slices.Clone(first), xrOf(t, ssrc)...)},
		{Socket: rtcpSocket, From: port(addrB, 1), Data: xrOf(t, ssrc)},
	} {
		p.a.Receive(p.now, sig)
	}
	if s := p.a.Stats(p.now); s.FarXR.LossPct != 50 || s.Foreign != 1 {
		t.Errorf("%d foreign, %+v", s.Foreign, s.FarXR)
	}
}

// xrOf is an XR packet that says that a source lost everything.
func xrOf(t *testing.T, ssrc uint32) []byte {
	t.Helper()
	data, err := rtcp.ExtendedReport{Reports: []rtcp.ReportBlock{xr.Measured{Expected: 1, Lost: 1}.Block(ssrc)}}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A host that has not shown that it receives gets no more for our extended reports.
func TestExtendedReportsStayWithinReach(t *testing.T) {
	caller := netip.MustParseAddrPort("198.51.100.1:4000")
	sent := map[bool]int{}
	for _, extended := range []bool{false, true} {
		p := newStranger(caller)
		if n := p.n; extended {
			n.XR = allExtended
			p.Renegotiate(p.now, n)
		}
		p.run(20*time.Second, 50, caller)
		if got, most := p.sent[caller.Addr()], amplification*p.route.reach.received; got > most {
			t.Errorf("%d bytes of at most %d", got, most)
		}
		sent[extended] = p.sent[caller.Addr()]
	}
	if sent[true] == 0 {
		t.Error("nothing was sent")
	}
	// With room for a usual report alone, that goes alone.
	p := newStranger(caller)
	n := p.n
	n.XR = allExtended
	p.Renegotiate(p.now, n)
	p.run(200*time.Millisecond, 1, caller)
	for room, want := range map[int]int{maxReport - 1: 0, maxReport: 1, maxReport + maxExtended: 2} {
		p.route.reach.sent = amplification*p.route.reach.received - room
		size := 0
		for _, e := range p.control.report(nil, p.now, false) {
			if packets, err := rtcp.Unmarshal(e.(system.Send).Data); err == nil {
				size = len(packets) - 1
			}
		}
		if size != want {
			t.Errorf("with room for %d octets: %d packets, want %d", room, size, want)
		}
	}
	// The longest report has room in what is reckoned with.
	q := newPair(30)
	q.extends(allExtended)
	q.run(20 * time.Second)
	x := extendedOf(t, q.a, q.now)
	if data, err := x.Marshal(); err != nil || len(data) > maxExtended || len(x.Reports) != 3 {
		t.Errorf("%d octets, %v", len(data), err)
	}
}

// loud is what is measured of a tone of half scale that comes and goes, with noise of such a
// peak in its pauses.
func (p *pair) loud(noise int16) event.VoIPMetrics {
	p.extends(allExtended)
	said, frames := tone(440), 0
	p.a.mic = func(frame []int16) {
		if frames++; frames%100 < 50 {
			said(frame)
			return
		}
		for i := range frame {
			frame[i] = noise * int16(1-i%2*2)
		}
	}
	p.run(10 * time.Second)
	return p.b.Stats(p.now).XR
}

// TestLevels: the tone has -6.0 dB of a full sine, which is 3.17 dBm0; the noise is a square
// wave, which is 3 dB louder than a sine. Less of either than a second has no level.
func TestLevels(t *testing.T) {
	for noise, want := range map[int16]int{100: -44, 8: -66, 0: -127} {
		m := newPair(39).loud(noise)
		if !m.Signal.Known || m.Signal.Value != -3 || !m.Noise.Known || m.Noise.Value < want-1 || m.Noise.Value > want+1 {
			t.Errorf("noise of %d: %+v, %+v, want -3 and about %d", noise, m.Signal, m.Noise, want)
		}
	}
	for packets, known := range map[int]bool{49: false, 50: true} {
		var l volume
		for range packets {
			l.hear(make([]int16, 160))
			l.hear(nil)
		}
		if got := l.pauses.level(); got.Known != known || known && got.Value != -127 || l.speech.level().Known {
			t.Errorf("%d packets: %+v", packets, l)
		}
	}
}
