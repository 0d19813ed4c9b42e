package media

import (
	"slices"
	"testing"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// A spyHealer decodes the first octet of a payload, makes up 100 and recovers 1, 2, 3 and so on.
type spyHealer struct{ decoded, concealed, recovered, rewound int }

func (s *spyHealer) Decode(dst []int16, payload []byte) []int16 {
	s.decoded++
	return append(dst, slices.Repeat([]int16{int16(payload[0])}, 960)...)
}

func (s *spyHealer) Conceal(dst []int16, n int) []int16 {
	s.concealed += n
	return append(dst, slices.Repeat([]int16{100}, n)...)
}

func (s *spyHealer) Recover(dst []int16, _ []byte, n int) []int16 {
	s.recovered++
	for i := range n {
		dst = append(dst, int16(i))
	}
	return dst
}

func (s *spyHealer) Rewind() { s.rewound++ }

// newHealed is a buffer that has played a packet until now, and its decoder.
func newHealed() (*jitterBuffer, *spyHealer) {
	b, spy := new(jitterBuffer), new(spyHealer)
	b.tune(codec.Opus)
	b.decoder, b.speaks = spy, codec.Opus
	b.transit.observe(0, 0)
	b.playing, b.next, b.sequence = true, 960, 1
	return b, spy
}

// comes has a packet of 20 ms wait, which recovers as much before it.
func (b *jitterBuffer) comes(at int64, sequence uint16, value byte) {
	b.insert(at, packet{stamp: int64(sequence) * 960, sequence: sequence + 1, samples: 960, codec: codec.Opus, payload: []byte{value}, recovers: 960})
}

// TestAHoleIsFilledByTheNextPacket: its end, what is before that is made up, and each is
// counted.
func TestAHoleIsFilledByTheNextPacket(t *testing.T) {
	b, spy := newHealed()
	b.comes(960, 3, 50) // two are missing
	frame := make([]int16, 3*960)
	b.fill(960+960, frame)
	if spy.concealed != 960 || spy.recovered != 1 || frame[959] != 100 || frame[961] != 1 || frame[1919] != 959 || frame[2000] != 50 {
		t.Errorf("made up %d, recovered %d: %d %d %d %d", spy.concealed, spy.recovered, frame[959], frame[961], frame[1919], frame[2000])
	}
	if b.concealedPackets() != 1 || b.remedy.recovered != 1 || b.transit.patience != 960 {
		t.Errorf("%d concealed, %d recovered, waits for %d more", b.concealedPackets(), b.remedy.recovered, b.transit.patience)
	}
}

// TestAHoleIsBegunAlready: of what is recovered, the rest is played, and what was made up leads
// into it.
func TestAHoleIsBegunAlready(t *testing.T) {
	b, spy := newHealed()
	b.transit.peak = 0
	frame := make([]int16, 240)
	b.fill(960+960, frame) // 5 ms
	b.comes(960+960, 2, 50)
	rest := make([]int16, 720)
	b.fill(960+960+240, rest)
	if spy.recovered != 1 || rest[719] != 959 || rest[0] != 100 || rest[300] != 540 {
		t.Errorf("recovered %d: %d, %d, %d", spy.recovered, rest[0], rest[300], rest[719])
	}
}

// TestNothingIsRecoveredInAPause: of what was not sent, nothing is missing.
func TestNothingIsRecoveredInAPause(t *testing.T) {
	b, spy := newHealed()
	b.remedy.rests = true
	b.insert(960, packet{stamp: 2880, sequence: 2, samples: 960, codec: codec.Opus, payload: []byte{50}, recovers: 960})
	frame := make([]int16, 2*960)
	b.fill(1920, frame)
	if spy.recovered != 0 || spy.concealed != 2*960 || b.missing != 0 || frame[1919] != 100 {
		t.Errorf("recovered %d, made up %d, missing %d", spy.recovered, spy.concealed, b.missing)
	}
}

// TestWhatWouldHaveBeenRecovered is waited for from then on.
func TestWhatWouldHaveBeenRecovered(t *testing.T) {
	b, spy := newHealed()
	b.fill(1920, make([]int16, 960)) // one is missing, and nothing there
	b.comes(2880, 2, 50)
	before := b.transit.target()
	b.fill(2880, make([]int16, 960))
	if spy.recovered != 0 || b.transit.target() != before+960 {
		t.Errorf("recovered %d; the target goes from %d to %d", spy.recovered, before, b.transit.target())
	}
}

// wary is an encoder that is told of losses.
type wary struct {
	codec.Encoder
	told []int
}

func (w *wary) Expect(percent int) { w.told = append(w.told, percent) }

// TestLossesAreForgotten by half with each report that has none.
func TestLossesAreForgotten(t *testing.T) {
	w := new(wary)
	o := sender{encoder: w}
	for _, fraction := range []uint8{64, 0, 0, 26, 0} {
		o.expect([]rtcp.ReceptionReport{{FractionLost: fraction}})
	}
	o.expect(nil)
	if want := []int{25, 12, 6, 10, 5}; !slices.Equal(w.told, want) {
		t.Errorf("%v, want %v", w.told, want)
	}
}

// TestALatePacketIsDecoded: it was its turn, so what was made up for it is taken back, and it
// is decoded though it is too late to be heard; one that is not the next is not.
func TestALatePacketIsDecoded(t *testing.T) {
	for sequence, decoded := range map[uint16]bool{2: true, 3: false, 1: false} {
		b, spy := newHealed()
		b.remedy.decoded = 1
		b.fill(1920, make([]int16, 3*960+480)) // nothing is there: 70 ms are made up
		before := *spy
		b.put(1920+3360, 960, packet{sequence: sequence, samples: 960, codec: codec.Opus, payload: []byte{50}})
		if (spy.decoded == 1) != decoded || (spy.rewound == 1) != decoded || b.late != 1 {
			t.Errorf("packet %d: decoded %d, rewound %d, late %d", sequence, spy.decoded, spy.rewound, b.late)
		}
		// What is made up goes on from it: 50 ms of that have been played, and 10 are next.
		if made := spy.concealed - before.concealed; decoded && made != 6*480 || len(b.remedy.made) == 0 && decoded {
			t.Errorf("packet %d: %d made up anew, %d left", sequence, made, len(b.remedy.made))
		}
	}
}

// TestALatePacketGoesOnInTime: what is left of one that comes while it should be heard is
// played, decoded as if nothing had been made up; after one that is lost, what was made up
// stays.
func TestALatePacketGoesOnInTime(t *testing.T) {
	for sequence, rewound := range map[uint16]int{2: 1, 3: 0} {
		b, spy := newHealed()
		b.remedy.decoded = 1
		b.fill(1920, make([]int16, 480))
		b.insert(1920, packet{stamp: 960, sequence: sequence, samples: 960, codec: codec.Opus, payload: []byte{50}})
		rest := make([]int16, 480)
		b.fill(2400, rest)
		if spy.rewound != rewound || rest[479] != 50 {
			t.Errorf("packet %d: rewound %d times, want %d; %d is heard", sequence, spy.rewound, rewound, rest[479])
		}
	}
}

// TestNoiseOfAPauseIsNotTakenBack: nothing was missing.
func TestNoiseOfAPauseIsNotTakenBack(t *testing.T) {
	b, spy := newHealed()
	b.remedy.decoded, b.remedy.rests = 1, true
	b.fill(1920, make([]int16, 960))
	b.insert(1920, packet{stamp: 1920, sequence: 2, samples: 960, codec: codec.Opus, payload: []byte{50}})
	b.fill(2880, make([]int16, 960))
	if spy.rewound != 0 || spy.decoded != 1 {
		t.Errorf("rewound %d times, decoded %d", spy.rewound, spy.decoded)
	}
}

// TestWhatIsRecoveredTakesBackWhatWasMadeUp, if that was for the same packet.
func TestWhatIsRecoveredTakesBackWhatWasMadeUp(t *testing.T) {
	for sequence, rewound := range map[uint16]int{2: 1, 3: 0} { // one is missing, or two
		b, spy := newHealed()
		b.remedy.decoded = 1
		b.fill(1920, make([]int16, 240+960*int(sequence-2)))
		b.comes(1920, sequence, 50)
		b.fill(1920+240+960*int64(sequence-2), make([]int16, 720))
		if spy.recovered != 1 || spy.rewound != rewound {
			t.Errorf("packet %d: recovered %d, rewound %d, want %d", sequence, spy.recovered, spy.rewound, rewound)
		}
	}
}
