package media

import (
	"slices"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/media/xr"
)

// maxExtended is more than an XR packet of ours has, in octets: it has three blocks at most.
const maxExtended = 96

// oddExtended names an XR packet that cannot be read, or only in part.
const oddExtended = "RTCP XR that breaks RFC 3611"

// What our receiver is, in the numbers of RFC 3611 §4.7.6: lost packets are made up of what
// was before them, and the jitter buffer adapts, to a step of jitter within 0.6 s.
const (
	concealsStandard, adapts = 3, 3
	adaptRate                = 15
)

// extended are the extended reports of RTCP (RFC 3611) of a session, ours and the peer's.
type extended struct {
	*basis
	in     *reception
	inward *inward
	out    *sender
	// The reference time of the peer, and when it came; zero: none has.
	theirs struct {
		ssrc, ntp uint32
		at        time.Time
	}
	far event.VoIPMetrics // of our audio, by its last report
}

// forgetTiming drops the measurements from before the time leapt.
func (x *extended) forgetTiming() { x.theirs.at = time.Time{} }

// packet is what goes with a report of ours; nil: nothing does.
func (x *extended) packet(now time.Time, m xr.Measured) rtcp.Packet {
	var blocks []rtcp.ReportBlock
	if x.n.XR.RoundTrip {
		blocks = append(blocks, &rtcp.ReceiverReferenceTimeReportBlock{NTPTimestamp: ntpTime(now)})
	}
	if x.n.XR.RoundTrip && !x.theirs.at.IsZero() {
		since := uint32(uint64(now.Sub(x.theirs.at)) << 16 / uint64(time.Second))
		blocks = append(blocks, &rtcp.DLRRReportBlock{Reports: []rtcp.DLRRReport{{SSRC: x.theirs.ssrc, LastRR: x.theirs.ntp, DLRR: since}}})
	}
	if x.n.XR.Metrics && x.inward.heard() {
		blocks = append(blocks, m.Block(x.inward.source.ssrc))
	}
	if len(blocks) == 0 {
		return nil
	}
	return &rtcp.ExtendedReport{SenderSSRC: x.out.ssrc, Reports: blocks}
}

// read takes in an XR packet of the peer's. It returns when that has had the last of our
// reference times, as a block about a sender report has it.
func (x *extended) read(now time.Time, data []byte) []rtcp.ReceptionReport {
	report, ok := xr.Read(data, x.out.ssrc)
	if !ok {
		x.inward.foreign.take(oddExtended)
	}
	if report.Reference != 0 {
		x.theirs.ssrc, x.theirs.ntp, x.theirs.at = report.Sender, uint32(report.Reference>>16), now
	}
	if report.Metrics.Known() {
		x.far = report.Metrics
	}
	return []rtcp.ReceptionReport{{LastSenderReport: report.LastRR, Delay: report.Delay}}
}

// measured is what we know of the peer's audio. Like RTCP's own reports it is of what has
// come until now; what nobody has measured is not there.
func (x *extended) measured(now time.Time, roundTrip time.Duration) xr.Measured {
	b, t := &x.in.buffer, x.inward.totals(now)
	delay := durationOf(int64(b.delay), x.Rate())
	m := xr.Measured{
		Expected: t.expected - t.closed, Lost: t.lost(), Late: b.late, Recovered: b.remedy.recovered,
		Counts: x.inward.runs.Counts(t.absent.lost), PacketTime: x.inward.packetTime(),
		RTT: roundTrip, EndSystem: x.n.PTime + delay,
		Concealment: concealsStandard, Adaptive: adapts, AdaptRate: adaptRate,
		Nominal: delay, Maximum: durationOf(b.transit.target()+int64(b.of(excess)), x.Rate()), AbsMax: durationOf(int64(b.of(delayMax+excess)), x.Rate()),
	}
	// Only G.711 has a level at 0 dBm0, and R and MOS of the E-model (G.107). For wideband there
	// is another scale (G.107.1), on which R goes to 129, and RFC 3611 has room for 100. And ITU-T
	// G.113 (09/2024) has no impairment of Opus on any scale, and none of G.722 with losses.
	if !slices.Contains(codec.Usual(), x.n.Codec) {
		return m
	}
	m.Signal, m.Noise = b.level.speech.level(), b.level.pauses.level()
	if loss, ok := x.inward.unheard(t); ok {
		m.Rated, m.Rating, m.Listening = true, rating(m.EndSystem+roundTrip/2, loss), rating(0, loss)
		m.MOSCQ, m.MOSLQ = opinion(m.Rating), opinion(m.Listening)
	}
	return m
}
