//go:build peers && cgo

package media

import (
	"os"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// saysHello is speech at the rate of an end, over and over.
func saysHello(t *testing.T, e *end) {
	t.Helper()
	f, err := os.Open("../../assets/sounds/en-hello.wav")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	hello, err := pcm.ReadWAV(f)
	if err != nil {
		t.Fatal(err)
	}
	e.mic = hello.Open(e.Rate(), true).Read
}

// TestOpus carries a clean call at every rate with the numbers of G.711's, and digits by its
// own clock.
func TestOpus(t *testing.T) {
	for _, rate := range codec.Opus.Rates() {
		for _, hz := range []float64{440, 3000, 6000, 10000, 15000} {
			if hz > 0.45*float64(rate) {
				continue
			}
			c := codec.Opus.At(rate)
			p := newPairOf(c, hz, 1)
			p.run(time.Second)
			p.a.ear, p.b.ear = nil, nil
			p.run(4 * time.Second)
			wantHeard(t, c.String(), p.b, hz)
			wantHeard(t, c.String(), p.a, 1000)
			s := p.b.Stats(p.now)
			if p.b.Rate() != rate || s.Sent != 250 || s.Received < 248 || s.Lost+s.Late+s.Concealed+s.Recovered+s.Noise != 0 || s.JitterMax.D() > time.Millisecond {
				t.Errorf("%d Hz: statistics of a clean call: %+v", rate, s)
			}
			near(t, "the delay in ms", s.Delay.D().Seconds()*1000, 25, 8)
			if err := p.a.SendDTMF(p.now, "5"); err != nil {
				t.Fatal(err)
			}
			p.run(time.Second)
			if digits := only[event.DTMF](p.b.events); len(digits) != 1 || digits[0].Digit != "5" || digits[0].Length.D() != 160*time.Millisecond {
				t.Errorf("%d Hz: digits %+v", rate, digits)
			}
		}
	}
}

// TestOpusPackets: each length of packet, by the clock of 48000 Hz whatever the rate.
func TestOpusPackets(t *testing.T) {
	for _, rate := range codec.Opus.Rates() {
		for _, ms := range []int{10, 20, 40, 60} {
			p := newPairOf(codec.Opus.At(rate), 440, 7)
			n := agreedOn(addrB, codec.Opus.At(rate))
			n.PTime = time.Duration(ms) * time.Millisecond
			p.a.Renegotiate(p.now, n)
			packets := p.a.captures(p.now, 30, 20*time.Millisecond, pcm.Frame(rate))
			if len(packets) != 600/ms {
				t.Errorf("%d Hz: %d packets of %d ms in 600", rate, len(packets), ms)
			}
			for i := 1; i < len(packets); i++ {
				if step := packets[i].Timestamp - packets[i-1].Timestamp; step != uint32(48*ms) {
					t.Errorf("%d Hz: packets of %d ms are %d apart", rate, ms, step)
				}
			}
		}
	}
}

// TestOpusRecovers: once losses are reported, the packet after one that is lost holds it once
// more, and the buffer waits for it; a receiver that has not asked for that is not sent it.
func TestOpusRecovers(t *testing.T) {
	for _, fec := range []bool{true, false} {
		p := newPairOf(codec.Opus.Under(codec.Terms{FEC: fec}), 440, 1)
		saysHello(t, p.a)
		p.a.out.lose = func(n int) bool { return n < 2000 && n%20 == 0 }
		p.run(10 * time.Second)
		before := p.b.Stats(p.now)
		p.run(30 * time.Second)
		s := p.b.Stats(p.now)
		lost, recovered, concealed := s.Lost-before.Lost, s.Recovered-before.Recovered, s.Concealed-before.Concealed
		if lost < 70 || fec != (recovered > lost*3/5) || !fec && recovered > 0 || concealed > lost-recovered+2 {
			t.Errorf("FEC %t: of %d lost packets %d are recovered, %d made up", fec, lost, recovered, concealed)
		}
		if fec && (s.MOS < 4.25 || s.Delay.D() < 35*time.Millisecond || s.LossPct < 4) {
			t.Errorf("with what is recovered: %+v", s)
		}
		p.run(30 * time.Second) // without a loss
		if s := p.b.Stats(p.now); s.Recovered+s.Concealed > before.Recovered+before.Concealed+lost+2 || s.Delay.D() > 30*time.Millisecond {
			t.Errorf("FEC %t: later: %+v", fec, s)
		}
	}
}

// TestOpusConceals: what no packet holds is made up by the decoder, nearly as loud as what was there,
// and ends when the stream has died.
func TestOpusConceals(t *testing.T) {
	p := newPairOf(codec.Opus, 440, 2)
	p.a.out.lose = func(n int) bool { return n >= 100 && n < 102 || n >= 200 }
	p.run(4 * time.Second)
	for i, frame := 90, 0; i < 115; i++ {
		frame = i * 960
		if level := pcm.Level(p.b.ear[frame : frame+960]); level < -13 {
			t.Errorf("%d ms: the sound is at %g dBFS", i*20, level)
		}
	}
	if s := p.b.Stats(p.now); s.Concealed != 2 {
		t.Errorf("%+v", s)
	}
	p.run(time.Second)
	if level := pcm.Level(p.b.ear[len(p.b.ear)-960:]); level > -90 {
		t.Errorf("a stream that has died is heard at %g dBFS", level)
	}
}

// TestOpusDTX: silence is hardly sent, is no loss and no death, and counts as silence.
func TestOpusDTX(t *testing.T) {
	for _, dtx := range []bool{true, false} {
		p := newPairOf(codec.Opus.Under(codec.Terms{DTX: dtx}), 440, 3)
		p.a.Answered(p.now)
		p.b.Answered(p.now)
		p.run(2 * time.Second)
		p.a.mic = func(frame []int16) { clear(frame) }
		p.run(10 * time.Second)
		s, sent := p.b.Stats(p.now), p.a.Stats(p.now).Sent
		if dtx && (sent > 100+120 || s.Noise < 15) || !dtx && (sent != 600 || s.Noise != 0) || s.Lost+s.Late+s.Concealed != 0 || s.MOS < 4.3 {
			t.Errorf("DTX %t: %d packets are sent; %+v", dtx, sent, s)
		}
		if p.b.Empty(p.now) {
			t.Errorf("DTX %t: a pause passes for nothing", dtx)
		}
		p.play(440)
		p.run(time.Second)
		p.b.ear = nil
		p.run(time.Second)
		wantHeard(t, "after the pause", p.b, 440)
		wantSaid(t, p.b)
		p.a.out.cut = true
		p.run(3 * time.Second)
		wantSaid(t, p.b, "no-audio-in: nothing has come")
	}
}

func TestOpusPlayoutDoesNotAllocate(t *testing.T) {
	p := newPairOf(codec.Opus, 440, 8)
	p.run(time.Second)
	frame := make([]int16, 960)
	if n := testing.AllocsPerRun(100, func() { p.b.Playout(p.now, frame) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
