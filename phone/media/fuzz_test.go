package media

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/internal/srtp"
	"github.com/sleeptalk/sleeptalk/phone/media/xr"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// FuzzReceive gives a session datagrams cut out of the input. Two octets
// precede each: the first says on which socket it comes and after how long, the
// second how long it is.
func FuzzReceive(f *testing.F) {
	chunk := func(flags byte, data []byte) []byte {
		return append([]byte{flags, byte(len(data))}, data...)
	}
	sound := wire(f, rtp.Header{SSRC: 1, SequenceNumber: 65535, Timestamp: 0xFFFFFFF0, CSRC: []uint32{7}}, make([]byte, 160))
	f.Add(append(chunk(0, sound), chunk(4, wire(f, rtp.Header{SSRC: 1, PayloadType: 101}, []byte{1, 0x8A, 1, 0}))...))
	report, err := rtcp.Marshal([]rtcp.Packet{
		&rtcp.SenderReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{LastSenderReport: 1}}},
		rtcp.NewCNAMESourceDescription(1, "x"), &rtcp.Goodbye{Sources: []uint32{1}},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(chunk(0, sound), chunk(1, report)...))
	extended, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{}, &rtcp.ExtendedReport{Reports: []rtcp.ReportBlock{
		&rtcp.ReceiverReferenceTimeReportBlock{NTPTimestamp: 1 << 40}, xr.Measured{Expected: 9, Lost: 3}.Block(1),
	}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(chunk(0, sound), chunk(1, extended)...))
	f.Add(chunk(0xFE, wire(f, rtp.Header{SSRC: 1, PayloadType: 13}, nil)))
	f.Fuzz(func(t *testing.T, in []byte) {
		in = in[:min(len(in), 4096)] // longer ones find nothing new, slowly
		s := newTestSession(addrB, addrA, 1)
		if len(in) > 0 { // each codec has its turn
			c := codec.All()[int(in[len(in)-1])%len(codec.All())]
			s.Renegotiate(epoch, agreedOn(addrA, c))
		}
		if len(in) > 1 && in[len(in)-2]&1 == 1 { // and so has SRTP
			n := s.n
			n.SRTP = sealed(sdp.Suite(srtp.Suites()[int(in[len(in)-2]>>1)%len(srtp.Suites())]), 2, 1)
			s.Renegotiate(epoch, n)
		}
		if n := s.n; len(in) > 2 && in[len(in)-3]&1 == 1 {
			n.XR = allExtended
			s.Renegotiate(epoch, n)
		}
		now := epoch
		frame := make([]int16, pcm.Frame(s.Rate()))
		for len(in) > 2 {
			flags, n := in[0], min(int(in[1]), len(in)-2)
			socket := rtpSocket
			if flags&1 != 0 {
				socket = rtcpSocket
			}
			now = now.Add(time.Duration(flags&^1) * 5 * time.Millisecond)
			s.Receive(now, system.Received{Socket: socket, From: addrA, Data: in[2 : 2+n]})
			s.Playout(now, frame)
			s.Capture(now, frame)
			if system.Due(s.Deadline(), now) {
				s.Advance(now)
			}
			in = in[2+n:]
		}
		stats := s.Stats(now)
		if stats.MOS != 0 && (stats.MOS < 1 || stats.MOS > 4.5) || stats.LossPct < 0 || stats.LossPct > 100 {
			t.Fatalf("statistics %+v", stats)
		}
		if m := stats.XR; m.LossPct >= 100 || m.BurstLossPct >= 100 || m.R.Value > 100 || m.MOSLQ > 4.5 {
			t.Fatalf("we report %+v", m)
		}
		if len(s.in.buffer.queue) > queueCap {
			t.Fatalf("%d packets wait", len(s.in.buffer.queue))
		}
		s.Close(now)
	})
}
