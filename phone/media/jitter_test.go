package media

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A listener plays a jitter buffer, 20 ms at a time. Each packet that is put
// in sounds like its own number.
type listener struct {
	jitterBuffer
	at int64
}

const firstStamp = 0xFFFFFB00 // wraps after eight packets

func (l *listener) arrive(number int) { l.arriveAs(number, firstStamp+uint32(160*number), false) }

func (l *listener) arriveAs(number int, stamp uint32, marker bool) {
	sound := make([]int16, 160)
	for i := range sound {
		sound[i] = int16(1000 * (number + 1))
	}
	l.put(l.at, stamp, packet{
		sequence: uint16(65530 + number), samples: 160, codec: codec.PCMU, marker: marker,
		payload: codec.PCMU.NewEncoder().Encode(nil, sound),
	})
}

func (l *listener) pause(number int) {
	l.put(l.at, firstStamp+uint32(160*number), packet{sequence: uint16(65530 + number), pause: true})
}

// play plays one frame and says which packet sounds in its middle; -1 is
// silence.
func (l *listener) play() int {
	frame := make([]int16, 160)
	l.fill(l.at, frame)
	l.at += 160
	return int(math.Round(float64(frame[80])/1000)) - 1
}

func (l *listener) want(t *testing.T, what string, want ...int) {
	t.Helper()
	for i, w := range want {
		if got := l.play(); got != w {
			t.Fatalf("%s: frame %d is %d, want %d", what, i, got, w)
		}
	}
}

// begin plays packets 0 and 1.
func (l *listener) begin(t *testing.T) {
	t.Helper()
	l.arrive(0)
	l.want(t, "begin", -1)
	l.arrive(1)
	l.want(t, "begin", 0, 1)
}

func TestJitterBufferOrders(t *testing.T) {
	var l listener
	l.arrive(0)
	l.want(t, "the first packet waits for the target", -1)
	l.arrive(2)
	l.arrive(1)
	l.arrive(2)
	l.arrive(1)
	l.want(t, "reordered and doubled packets are played once, in order", 0, 1, 2)
	for n := 3; n < 20; n++ {
		l.arrive(n)
		l.want(t, "timestamps and sequence numbers wrap", n)
	}
	if l.late != 0 || l.concealed != 0 {
		t.Errorf("late %d, concealed %d", l.late, l.concealed)
	}
}

func TestJitterBufferConceals(t *testing.T) {
	var l listener
	l.begin(t)
	l.arrive(3)
	l.want(t, "a missing packet sounds like the one before", 1, 3)
	l.arrive(2)
	l.arrive(4)
	l.want(t, "a late one is not played", 4)
	if l.late != 1 || l.concealed != 160 {
		t.Errorf("late %d, concealed %d samples; want 1, 160", l.late, l.concealed)
	}
}

func TestComfortNoiseIsAPause(t *testing.T) {
	var l listener
	l.begin(t)
	l.pause(2)
	for range 100 {
		l.want(t, "silence on purpose", -1)
	}
	for i := range 3 {
		// The next talkspurt, in sequence, 100 frames on.
		l.put(l.at, firstStamp+uint32(160*(102+i)), packet{
			sequence: uint16(65530 + 3 + i), samples: 160, codec: codec.PCMU,
			payload: codec.PCMU.NewEncoder().Encode(nil, make([]int16, 160)),
		})
		l.play()
	}
	if l.concealed != 0 || l.late != 0 {
		t.Errorf("concealed %d, late %d after a pause", l.concealed, l.late)
	}
}

// After a peer stops sending without notice, 60 ms of fading sound are made up,
// then silence; its pause does not count as loss.
func TestSilentPeer(t *testing.T) {
	var l listener
	l.begin(t)
	l.play()
	l.play()
	l.play()
	l.want(t, "faded out", -1, -1, -1)
	for range 500 {
		l.play()
	}
	resumed := uint32(firstStamp)
	resumed += 160 * 508
	l.put(l.at, resumed, packet{sequence: 65532, samples: 160, codec: codec.PCMU, payload: make([]byte, 160)})
	l.play()
	l.play()
	if l.concealed != 0 || l.late != 0 {
		t.Errorf("concealed %d, late %d", l.concealed, l.late)
	}
}

func TestNewTimeLine(t *testing.T) {
	for _, marker := range []bool{true, false} {
		var l listener
		for n := range 10 {
			l.arrive(n)
			l.play()
		}
		heard := false
		for n := range 10 {
			l.arriveAs(10+n, 0x40000000+uint32(160*n), marker && n == 0)
			heard = l.play() == 10+n-1 || heard
		}
		wantLate := uint64(resyncAfter - 1)
		if marker {
			wantLate = 0
		}
		if !heard || l.late != wantLate {
			t.Errorf("marker %t: heard %t, late %d; want true, %d", marker, heard, l.late, wantLate)
		}
	}
}

// A lump of old packets (the app was frozen) is cut down to the target.
func TestLumpIsCut(t *testing.T) {
	var l listener
	for n := range 500 {
		l.arrive(n)
	}
	for range 20 {
		l.play()
	}
	if len(l.queue) > delayMax/160 {
		t.Errorf("%d packets still wait 400 ms after a lump of 500", len(l.queue))
	}
	if cap(l.queue) > queueCap {
		t.Errorf("the queue grew to %d", cap(l.queue))
	}
}

func TestAbsurdPackets(t *testing.T) {
	s := newTestSession(addrB, addrA, 1)
	for _, data := range [][]byte{
		nil,
		{0x80},
		make([]byte, 160),
		wire(t, rtp.Header{SSRC: 1, SequenceNumber: 1}, make([]byte, maxPacket+1)),
		wire(t, rtp.Header{SSRC: 1, SequenceNumber: 1}, make([]byte, 65000)),
	} {
		s.Receive(epoch, system.Received{Socket: rtpSocket, From: addrA, Data: data})
		s.Receive(epoch, system.Received{Socket: rtcpSocket, From: addrA, Data: data})
	}
	if s.in.settled || s.Stats(epoch).Received != 0 {
		t.Error("a datagram that is no RTP was counted")
	}
	s.Receive(epoch, system.Received{Socket: rtpSocket, From: addrA, Data: wire(t, rtp.Header{SSRC: 1}, nil)})
	s.Playout(epoch.Add(time.Second), make([]int16, 160))
	if s.Stats(epoch).Received != 1 {
		t.Error("an empty packet is a packet")
	}
}
