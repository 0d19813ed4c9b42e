package media

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/media/xr"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxRoundTrip is the longest credible round trip: a longer one is a clock that
// leapt.
const maxRoundTrip = 10 * time.Second

// A control is the RTCP side of a session (RFC 3550 §6).
type control struct {
	*basis
	route     *route
	keys      *protection
	in        *reception
	inward    *inward
	out       *sender
	outward   *outward
	clock     reportClock
	weSend    bool // our next report is an SR
	roundTrip time.Duration
	since     time.Time // the clock has not leapt since; nothing older is measured against
	extended  extended
}

// begin has the first report follow in its time.
func (c *control) begin(now time.Time) {
	c.clock, c.since = newReportClock(), now
	c.schedule(now)
}

// forgetTiming drops the measurements from before the time leapt.
func (c *control) forgetTiming(now time.Time) {
	c.since = now
	c.extended.forgetTiming()
}

// ntpEpoch is from 1900 to 1970, in seconds (RFC 5905 §6).
const ntpEpoch = 2208988800

// ntpTime is t in the 64 bits of NTP.
func ntpTime(t time.Time) uint64 {
	seconds := uint64(t.Unix()+ntpEpoch) << 32
	return seconds | uint64(t.Nanosecond())<<32/uint64(time.Second)
}

// shortNTP is the middle 32 bits: units of 1/65536 s.
func shortNTP(t time.Time) uint32 { return uint32(ntpTime(t) >> 16) }

// fromShort turns units of 1/65536 s into a duration.
func fromShort(units uint32) time.Duration {
	return time.Duration(uint64(units) * uint64(time.Second) >> 16)
}

// schedule sets the time of the next report by the present members.
func (c *control) schedule(now time.Time) {
	members, senders := 1, 0
	if c.inward.heard() {
		members++
		senders++
	}
	if c.weSend {
		senders++
	}
	c.clock.schedule(now, members, senders, c.weSend, c.cfg.Rand)
}

// report appends a compound packet: SR or RR, SDES with the CNAME (§6.1), and
// a BYE at the end.
func (c *control) report(effects []system.Effect, now time.Time, bye bool) []system.Effect {
	to := c.route.remoteRTCP
	if c.route.revoked || !addressed(to) || !c.keys.sealOfControl().keyed() || !c.route.reach.may(to, maxReport) {
		return effects
	}
	c.weSend = c.out.active()
	packets := []rtcp.Packet{c.senderOrReceiverReport(now), rtcp.NewCNAMESourceDescription(c.out.ssrc, c.cfg.CNAME)}
	if extended := c.extended.packet(now, c.extended.measured(now, c.roundTrip)); extended != nil && c.route.reach.may(to, maxReport+maxExtended) {
		packets = append(packets, extended)
	}
	if bye {
		packets = append(packets, &rtcp.Goodbye{Sources: []uint32{c.out.ssrc}})
	}
	data, err := rtcp.Marshal(packets)
	if err != nil {
		panic("media: a report of our own cannot be written: " + err.Error())
	}
	data = c.keys.protectControl(data)
	c.clock.initial = false
	c.clock.measure(len(data))
	c.route.reach.spend(to, len(data))
	socket := c.cfg.RTCP
	if c.n.Mux {
		socket = c.cfg.RTP
	}
	return append(effects, system.Send{Socket: socket, To: to, Data: data})
}

// senderOrReceiverReport is an SR if we have sent since the second last
// report, else an RR (§6.4).
func (c *control) senderOrReceiverReport(now time.Time) rtcp.Packet {
	blocks := c.receptionReports(now)
	if !c.weSend {
		return &rtcp.ReceiverReport{SSRC: c.out.ssrc, Reports: blocks}
	}
	return &rtcp.SenderReport{
		SSRC: c.out.ssrc, NTPTime: ntpTime(now), RTPTime: c.out.stampAt(now),
		PacketCount: uint32(c.out.packets - c.out.before.packets), OctetCount: uint32(c.out.octets - c.out.before.octets),
		Reports: blocks,
	}
}

// receptionReports returns the block about the peer, if packets came since the
// last report (§6.4.1).
func (c *control) receptionReports(now time.Time) []rtcp.ReceptionReport {
	src, last := &c.inward.source, &c.inward.lastSR
	if !c.inward.heard() || src.received == last.reported {
		return nil
	}
	last.reported = src.received
	block := rtcp.ReceptionReport{
		SSRC: src.ssrc, FractionLost: src.fractionLost(), TotalLost: src.cumulativeLost(),
		LastSequenceNumber: src.highest, Jitter: uint32(src.jitter),
	}
	if !last.at.IsZero() {
		block.LastSenderReport = last.ntp
		block.Delay = uint32(uint64(now.Sub(last.at)) << 16 / uint64(time.Second))
	}
	return []rtcp.ReceptionReport{block}
}

// receive handles a compound packet of the peer. It must come from the
// negotiated address, or from the host of the media; reports then go there
// (symmetric RTCP, RFC 4961).
func (c *control) receive(now time.Time, from netip.AddrPort, data []byte) []system.Effect {
	if from != c.route.remoteRTCP && from.Addr() != c.route.remote.Addr() {
		return nil
	}
	first := rtcp.PacketType(data[1])
	if first != rtcp.TypeSenderReport && first != rtcp.TypeReceiverReport {
		return nil // not a compound packet (A.2)
	}
	c.route.leadsRTCP(from)
	c.route.reach.hears(from.Addr(), len(data))
	c.clock.measure(len(data))
	c.outward.far.sends = false // unless there is an SR
	var blocks []rtcp.ReceptionReport
	for len(data) >= 4 {
		size := 4 * (int(binary.BigEndian.Uint16(data[2:])) + 1)
		if size > len(data) || data[0]>>6 != 2 {
			break
		}
		blocks = append(blocks, c.read(now, data[:size])...)
		data = data[size:]
	}
	// Of several reports in one datagram one may have the block about us (§6.1).
	ours := slices.DeleteFunc(blocks, func(b rtcp.ReceptionReport) bool { return b.SSRC != c.out.ssrc })
	if len(ours) > 0 {
		c.route.reach.reported(from.Addr())
	}
	c.out.expect(ours)
	c.measureRoundTrip(now, ours)
	c.inward.reportedPause(now, &c.outward.far)
	return c.outward.reportedOn(now, c.out.packets, ours)
}

// read handles one packet of a compound, and returns what it reports of
// others. It ignores types that a phone does not need.
func (c *control) read(now time.Time, data []byte) []rtcp.ReceptionReport {
	switch rtcp.PacketType(data[1]) {
	case rtcp.TypeSenderReport:
		var sr rtcp.SenderReport
		if sr.Unmarshal(data) != nil {
			return nil
		}
		if c.inward.heard() && sr.SSRC == c.inward.source.ssrc {
			c.inward.lastSR.ntp, c.inward.lastSR.at = uint32(sr.NTPTime>>16), now
		}
		c.outward.far.sends, c.outward.far.before, c.outward.far.sent = true, c.outward.far.sent, sr.PacketCount
		return sr.Reports
	case rtcp.TypeReceiverReport:
		var rr rtcp.ReceiverReport
		if rr.Unmarshal(data) == nil {
			return rr.Reports
		}
	case rtcp.TypeExtendedReport:
		c.measureRoundTrip(now, c.extended.read(now, data))
	case rtcp.TypeGoodbye:
		var bye rtcp.Goodbye
		if bye.Unmarshal(data) == nil && c.inward.heard() && len(bye.Sources) > 0 && bye.Sources[0] == c.inward.source.ssrc {
			c.in.settled = false
		}
	}
	return nil
}

// measureRoundTrip measures the round trip from the blocks about our own stream:
// now - LSR - DLSR (§6.4.1).
func (c *control) measureRoundTrip(now time.Time, ours []rtcp.ReceptionReport) {
	for _, b := range ours {
		if b.LastSenderReport == 0 {
			continue
		}
		age := shortNTP(now) - b.LastSenderReport
		trip := age - b.Delay
		if int32(trip) < 0 || fromShort(trip) > maxRoundTrip || fromShort(age) > now.Sub(c.since)+time.Millisecond {
			continue
		}
		c.roundTrip = fromShort(trip)
	}
}

// metrics is what we report of the peer's audio by RTCP XR.
func (c *control) metrics(now time.Time) event.VoIPMetrics {
	return xr.Metrics(c.extended.measured(now, c.roundTrip).Block(c.inward.source.ssrc))
}

// mouthToEar estimates the one-way delay: a packet is filled, travels for half
// a round trip, and waits in the jitter buffer.
func (c *control) mouthToEar() time.Duration {
	return c.n.PTime + c.roundTrip/2 + durationOf(int64(c.in.buffer.delay), c.Rate())
}
