package xr

import (
	"encoding/binary"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	headerLen = 8 // of the packet: the header of RTCP and the SSRC of who sends it (RFC 3611 §2)
	blockLen  = 4 // of a block's own header (§3)
	subLen    = 12
)

// A Report is what an XR packet says that a phone has a use for.
type Report struct {
	Sender uint32
	// Reference is the time of the sender, as NTP has it (§4.4); 0: it does not say.
	Reference uint64
	// LastRR is the middle of the reference time that the sender has of us, and Delay how
	// long ago it came, both in 1/65536 s (§4.5); 0: it has none.
	LastRR, Delay uint32
	Metrics       event.VoIPMetrics // of our audio
}

// Read reads an XR packet, and what it says of our source. Blocks of other types, and about
// others, are left out. ok is false where a block breaks the rules: it counts for nothing, and
// what comes before it, or after, is taken.
func Read(packet []byte, ours uint32) (r Report, ok bool) {
	if len(packet) < headerLen || packet[1] != byte(rtcp.TypeExtendedReport) {
		return r, false
	}
	r.Sender, ok = binary.BigEndian.Uint32(packet[4:]), true
	for rest := packet[headerLen:]; len(rest) > 0; {
		if len(rest) < blockLen {
			return r, false
		}
		size := blockLen + 4*int(binary.BigEndian.Uint16(rest[2:]))
		if size > len(rest) {
			return r, false
		}
		ok = r.block(rest[:size], ours) && ok
		rest = rest[size:]
	}
	return r, ok
}

// block takes in one block, and reports whether it is as it must be.
func (r *Report) block(b []byte, ours uint32) bool {
	switch rtcp.BlockTypeType(b[0]) {
	case rtcp.ReceiverReferenceTimeReportBlockType:
		if len(b) != blockLen+8 {
			return false
		}
		r.Reference = binary.BigEndian.Uint64(b[blockLen:])
	case rtcp.DLRRReportBlockType:
		return r.delays(b[blockLen:], ours)
	case rtcp.VoIPMetricsReportBlockType:
		return r.metrics(b, ours)
	}
	return true
}

// delays takes in the sub-blocks of a DLRR block.
func (r *Report) delays(b []byte, ours uint32) bool {
	for ; len(b) >= subLen; b = b[subLen:] {
		if binary.BigEndian.Uint32(b) == ours {
			r.LastRR, r.Delay = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
		}
	}
	return len(b) == 0
}

// metrics takes in VoIP metrics. A Gmin of 0 is reserved (§4.7.2): whoever sends it has counted
// no bursts.
func (r *Report) metrics(b []byte, ours uint32) bool {
	const length = blockLen + 32
	if len(b) != length {
		return false
	}
	one := make([]byte, headerLen, headerLen+length)
	one[0], one[1], one[3] = 2<<6, byte(rtcp.TypeExtendedReport), (headerLen+length)/4-1
	var x rtcp.ExtendedReport
	if x.Unmarshal(append(one, b...)) != nil || len(x.Reports) != 1 {
		return false
	}
	block := x.Reports[0].(*rtcp.VoIPMetricsReportBlock)
	switch {
	case block.Gmin == 0:
		return false
	case block.SSRC == ours:
		r.Metrics = Metrics(block)
	}
	return true
}
