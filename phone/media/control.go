package media

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxRoundTrip is the longest credible round trip: a longer one is a clock that
// leapt.
const maxRoundTrip = 10 * time.Second

// A control is the RTCP side of a session (RFC 3550 §6).
type control struct {
	clock     reportClock
	weSend    bool // our next report is an SR
	roundTrip time.Duration
	since     time.Time // the clock has not leapt since; nothing older is measured against
}

func newControl(now time.Time) control {
	return control{clock: newReportClock(), since: now}
}

// forgetTiming drops the measurements from before the time leapt.
func (c *control) forgetTiming(now time.Time) { c.since = now }

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

// scheduleReport sets the time of the next report by the present members.
func (s *Session) scheduleReport(now time.Time) {
	members, senders := 1, 0
	if s.inward.heard() {
		members++
		senders++
	}
	if s.control.weSend {
		senders++
	}
	s.control.clock.schedule(now, members, senders, s.control.weSend, s.cfg.Rand)
}

// report appends a compound packet: SR or RR, SDES with the CNAME (§6.1), and
// a BYE at the end.
func (s *Session) report(effects []system.Effect, now time.Time, bye bool) []system.Effect {
	to := s.route.remoteRTCP
	if s.route.revoked || !addressed(to) || !s.keys.sealOfControl().keyed() || !s.route.reach.may(to, maxReport) {
		return effects
	}
	s.control.weSend = s.out.active()
	packets := []rtcp.Packet{s.senderOrReceiverReport(now), rtcp.NewCNAMESourceDescription(s.out.ssrc, s.cfg.CNAME)}
	if bye {
		packets = append(packets, &rtcp.Goodbye{Sources: []uint32{s.out.ssrc}})
	}
	data, err := rtcp.Marshal(packets)
	if err != nil {
		panic("media: a report of our own cannot be written: " + err.Error())
	}
	data = s.keys.sealOfControl().protectControl(data)
	s.control.clock.initial = false
	s.control.clock.measure(len(data))
	s.route.reach.spend(to, len(data))
	socket := s.cfg.RTCP
	if s.n.Mux {
		socket = s.cfg.RTP
	}
	return append(effects, system.Send{Socket: socket, To: to, Data: data})
}

// senderOrReceiverReport is an SR if we have sent since the second last
// report, else an RR (§6.4).
func (s *Session) senderOrReceiverReport(now time.Time) rtcp.Packet {
	blocks := s.receptionReports(now)
	if !s.control.weSend {
		return &rtcp.ReceiverReport{SSRC: s.out.ssrc, Reports: blocks}
	}
	return &rtcp.SenderReport{
		SSRC: s.out.ssrc, NTPTime: ntpTime(now), RTPTime: s.out.stampAt(now),
		PacketCount: uint32(s.out.packets - s.out.before.packets), OctetCount: uint32(s.out.octets - s.out.before.octets),
		Reports: blocks,
	}
}

// receptionReports returns the block about the peer, if packets came since the
// last report (§6.4.1).
func (s *Session) receptionReports(now time.Time) []rtcp.ReceptionReport {
	src, last := &s.inward.source, &s.inward.lastSR
	if !s.inward.heard() || src.received == last.reported {
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

// receiveReport handles a compound packet of the peer. It must come from the
// negotiated address, or from the host of the media; reports then go there
// (symmetric RTCP, RFC 4961).
func (s *Session) receiveReport(now time.Time, from netip.AddrPort, data []byte) []system.Effect {
	if from != s.route.remoteRTCP && from.Addr() != s.route.remote.Addr() {
		return nil
	}
	first := rtcp.PacketType(data[1])
	if first != rtcp.TypeSenderReport && first != rtcp.TypeReceiverReport {
		return nil // not a compound packet (A.2)
	}
	s.route.leadsRTCP(from)
	s.route.reach.hears(from.Addr(), len(data))
	s.control.clock.measure(len(data))
	s.outward.far.sends = false // unless there is an SR
	var blocks []rtcp.ReceptionReport
	for len(data) >= 4 {
		size := 4 * (int(binary.BigEndian.Uint16(data[2:])) + 1)
		if size > len(data) || data[0]>>6 != 2 {
			break
		}
		blocks = append(blocks, s.receiveControl(now, data[:size])...)
		data = data[size:]
	}
	// Of several reports in one datagram one may have the block about us (§6.1).
	ours := slices.DeleteFunc(blocks, func(b rtcp.ReceptionReport) bool { return b.SSRC != s.out.ssrc })
	if len(ours) > 0 {
		s.route.reach.reported(from.Addr())
	}
	s.out.sender.expect(ours)
	s.control.measureRoundTrip(now, ours)
	s.inward.reportedPause(now, &s.outward.far)
	return s.outward.reportedOn(now, s.out.packets, ours)
}

// receiveControl handles one packet of a compound, and returns what it reports of
// others. It ignores types that a phone does not need.
func (s *Session) receiveControl(now time.Time, data []byte) []rtcp.ReceptionReport {
	switch rtcp.PacketType(data[1]) {
	case rtcp.TypeSenderReport:
		var sr rtcp.SenderReport
		if sr.Unmarshal(data) != nil {
			return nil
		}
		if s.inward.heard() && sr.SSRC == s.inward.source.ssrc {
			s.inward.lastSR.ntp, s.inward.lastSR.at = uint32(sr.NTPTime>>16), now
		}
		s.outward.far.sends, s.outward.far.before, s.outward.far.sent = true, s.outward.far.sent, sr.PacketCount
		return sr.Reports
	case rtcp.TypeReceiverReport:
		var rr rtcp.ReceiverReport
		if rr.Unmarshal(data) == nil {
			return rr.Reports
		}
	case rtcp.TypeGoodbye:
		var bye rtcp.Goodbye
		if bye.Unmarshal(data) == nil && s.inward.heard() && len(bye.Sources) > 0 && bye.Sources[0] == s.inward.source.ssrc {
			s.in.settled = false
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
