package media

import (
	"math"
	"testing"
)

func TestFindPitch(t *testing.T) {
	for _, hz := range []float64{70, 100, 133, 180} {
		x := make([]int16, historyLen)
		for i := range x {
			// A voice: a fundamental and two harmonics.
			w := 2 * math.Pi * hz * float64(i) / clockRate
			x[i] = int16(8000*math.Sin(w) + 4000*math.Sin(2*w+1) + 2000*math.Sin(3*w+2))
		}
		period := clockRate / hz
		if got := float64(scale(1).findPitch(x)); math.Abs(math.Remainder(got, period)) > 1 {
			t.Errorf("pitch of %g Hz is %g samples, want a multiple of %.1f", hz, got, period)
		}
	}
}

func TestConcealmentIsSmoothAndFades(t *testing.T) {
	var c concealer
	speak := tone(440)
	heard := make([]int16, 800)
	speak(heard)
	c.heard(heard)
	made := make([]int16, 640)
	for i := 0; i < len(made); i += 160 {
		c.conceal(made[i : i+160])
	}
	// A sine of half scale at 440 Hz steps by 5662 at most.
	last := heard[len(heard)-1]
	for i, v := range made {
		if step := math.Abs(float64(v) - float64(last)); step > 6500 {
			t.Fatalf("a step of %.0f at sample %d", step, i)
		}
		last = v
	}
	if p := purity(append(heard[720:], made[:80]...)[:80], 440); p != 0 {
		t.Errorf("too short to judge, %f", p)
	}
	if l := level(made[:80]); l < 10000 {
		t.Errorf("level %.0f in the first 10 ms, want it full", l)
	}
	if l := level(made[400:480]); l > 3000 {
		t.Errorf("level %.0f after 50 ms, want it low", l)
	}
	if l := level(made[480:]); l != 0 {
		t.Errorf("level %.0f after 60 ms, want silence", l)
	}
}

func level(x []int16) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(x)))
}

func TestConcealBeforeAnythingWasHeard(t *testing.T) {
	var c concealer
	frame := make([]int16, 160)
	c.conceal(frame)
	if level(frame) != 0 {
		t.Error("sound out of nothing")
	}
	c.join(frame[:5]) // shorter than the cross-fade
}

// Leaving out or repeating a pitch period must not be heard as a click.
func TestSteeringIsSmooth(t *testing.T) {
	for _, lengthen := range []bool{true, false} {
		var b jitterBuffer
		speak := tone(200)
		heard := make([]int16, 800)
		speak(heard)
		b.plc.heard(heard)
		b.chunk = b.pcm[:160]
		speak(b.chunk)
		n := b.pitch()
		if lengthen {
			b.lengthen(n)
		} else {
			b.shorten(n)
		}
		want := 160 - n
		if lengthen {
			want = 160 + n
		}
		if len(b.chunk) != want {
			t.Fatalf("%d samples, want %d", len(b.chunk), want)
		}
		last := heard[len(heard)-1]
		for i, v := range b.chunk {
			if step := math.Abs(float64(v) - float64(last)); step > 3000 {
				t.Fatalf("a step of %.0f at sample %d", step, i)
			}
			last = v
		}
	}
}
