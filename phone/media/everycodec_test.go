package media

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestShortPacketsOfAnotherCodec: each takes as long as its samples do, and two may overlap.
func TestShortPacketsOfAnotherCodec(t *testing.T) {
	s := newPairOf(codec.G722, 440, 1).b.Session
	for i := range uint16(40) {
		h := rtp.Header{SSRC: 1, PayloadType: codec.PCMU.PayloadType, SequenceNumber: i, Timestamp: 5 * uint32(i)}
		s.Receive(epoch, system.Received{Socket: rtpSocket, From: addrA, Data: wire(t, h, make([]byte, 10))})
	}
	frame := make([]int16, pcm.Frame(s.Rate()))
	for i := range 10 {
		s.Playout(epoch.Add(time.Duration(i)*20*time.Millisecond), frame)
	}
	if st := s.Stats(epoch.Add(200 * time.Millisecond)); st.Received != 40 {
		t.Errorf("%+v", st)
	}
}

// A lazyDecoder gives nothing.
type lazyDecoder struct{}

func (lazyDecoder) Decode(dst []int16, _ []byte) []int16 { return dst }

// TestADecoderThatGivesTooLittle is no reason to fall over.
func TestADecoderThatGivesTooLittle(t *testing.T) {
	var b jitterBuffer
	b.tune(codec.PCMU)
	b.decoder, b.speaks = lazyDecoder{}, codec.PCMU
	b.playing, b.next = true, 100
	b.insert(0, packet{stamp: 20, samples: 160, codec: codec.PCMU})
	frame := make([]int16, 160)
	if b.fill(100, frame); b.next < 180 {
		t.Errorf("the time goes on to %d", b.next)
	}
}

// TestAnythingInEveryCall: no codec, length, order or time of packets is too much for a
// call, whatever it speaks.
func TestAnythingInEveryCall(t *testing.T) {
	for seed := range uint64(6) {
		for _, call := range codec.All() {
			for _, sent := range codec.All() {
				t.Run(fmt.Sprintf("%s in %s, seed %d", sent, call, seed), func(t *testing.T) {
					anything(t, call, sent, rand.New(rand.NewPCG(seed, 7)))
				})
			}
		}
	}
}

func anything(t *testing.T, call, sent codec.Codec, rng *rand.Rand) {
	s := newPairOf(call, 440, 1).b.Session
	now, stamp := epoch, uint32(0)
	most := []int{3, 20, 400, 1400}[rng.IntN(4)]
	for i := range uint16(400) {
		h := rtp.Header{SSRC: 1, PayloadType: sent.PayloadType, SequenceNumber: i + uint16(rng.IntN(3)), Timestamp: stamp, Marker: rng.IntN(50) == 0}
		if rng.IntN(20) == 0 { // both in one call
			h.PayloadType = call.PayloadType
		}
		s.Receive(now, system.Received{Socket: rtpSocket, From: addrA, Data: wire(t, h, make([]byte, rng.IntN(most)))})
		stamp += uint32(rng.IntN(most))
		now = now.Add(time.Duration(rng.IntN(25)) * time.Millisecond)
		s.Playout(now, make([]int16, pcm.Frame(s.Rate())>>rng.IntN(2)))
	}
}
