package media

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/internal/srtp"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// BenchmarkCapture is one frame of 20 ms from the microphone to a packet.
func BenchmarkCapture(b *testing.B) {
	s := newTestSession(addrA, addrB, 1)
	frame := make([]int16, 160)
	tone(440)(frame)
	now := epoch
	b.ReportAllocs()
	for b.Loop() {
		s.Capture(now, frame)
		now = now.Add(20 * time.Millisecond)
	}
}

// BenchmarkCaptureSealed is the same with SRTP, and a packet that is opened again: less
// BenchmarkCapture, it is what SRTP costs both ends.
func BenchmarkCaptureSealed(b *testing.B) {
	for _, suite := range srtp.Suites() {
		b.Run(suite, func(b *testing.B) {
			s := New(Config{Call: 1, RTP: rtpSocket, RTCP: rtcpSocket, Local: addrA, Negotiated: withSRTP(sealed(sdp.Suite(suite), 1, 2)), Rand: rand.New(rand.NewPCG(1, 0))}, epoch)
			peer := newSeal(sealed(sdp.Suite(suite), 2, 1), nil)
			frame := make([]int16, 160)
			tone(440)(frame)
			now := epoch
			b.ReportAllocs()
			for b.Loop() {
				out := s.Capture(now, frame)
				if _, err := peer.open(out[len(out)-1].(system.Send).Data); err != nil {
					b.Fatal(err)
				}
				now = now.Add(20 * time.Millisecond)
			}
		})
	}
}

// BenchmarkReceivePlayout is one packet of 20 ms from the network to the ear.
func BenchmarkReceivePlayout(b *testing.B) {
	benchmarkReceivePlayout(b, 0)
}

// BenchmarkReceivePlayoutLossy is the same with every tenth packet missing.
func BenchmarkReceivePlayoutLossy(b *testing.B) {
	benchmarkReceivePlayout(b, 10)
}

// BenchmarkManyCalls is what 200 calls in one process do in 20 ms: each takes a packet, plays
// and sends a frame. All of them share a thread, so the last one's packet is late by as much
// as the longest of these takes.
func BenchmarkManyCalls(b *testing.B) {
	var calls [200]*Session
	for i := range calls {
		calls[i] = newTestSession(addrB, addrA, uint64(i))
	}
	from, speak, frame := newTestSession(addrA, addrB, 1), tone(440), make([]int16, 160)
	now := epoch
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		speak(frame)
		packet := from.Capture(now, frame)[0].(system.Send).Data
		began := time.Now()
		for _, s := range calls {
			s.Receive(now, system.Received{Socket: rtpSocket, From: addrA, Data: slices.Clone(packet)})
			s.Playout(now, frame)
			s.Capture(now, frame)
		}
		took = append(took, time.Since(began))
		now = now.Add(20 * time.Millisecond)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs/p99")
}

func benchmarkReceivePlayout(b *testing.B, lose int) {
	from, to := newTestSession(addrA, addrB, 1), newTestSession(addrB, addrA, 2)
	speak := tone(440)
	frame := make([]int16, 160)
	// A ring of packets; each round writes new numbers into them.
	var ring [128][]byte
	for i := range ring {
		speak(frame)
		ring[i] = from.Capture(epoch.Add(time.Duration(i)*20*time.Millisecond), frame)[0].(system.Send).Data
	}
	now := epoch
	var sequence uint16
	var stamp uint32
	b.ReportAllocs()
	for b.Loop() {
		data := ring[sequence%128]
		data[2], data[3] = byte(sequence>>8), byte(sequence)
		data[4], data[5], data[6], data[7] = byte(stamp>>24), byte(stamp>>16), byte(stamp>>8), byte(stamp)
		sequence++
		stamp += 160
		if lose == 0 || int(sequence)%lose != 0 {
			to.Receive(now, system.Received{Socket: rtpSocket, From: addrA, Data: data})
		}
		to.Playout(now, frame)
		now = now.Add(20 * time.Millisecond)
	}
	if lose == 0 && to.in.buffer.concealed != 0 {
		b.Fatalf("%d samples concealed", to.in.buffer.concealed)
	}
}
