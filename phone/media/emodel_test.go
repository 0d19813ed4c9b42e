package media

import (
	"math"
	"testing"
	"time"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s is %.3f, want %.3f", what, got, want)
	}
}

// The pairs of R and MOS that ITU-T G.107 table B.1 prints (it rounds 4.024 up to
// 4.03), and the 4.41 of a default connection.
func TestOpinionAsPublished(t *testing.T) {
	for r, want := range map[float64]float64{93.2: 4.41, 90: 4.34, 80: 4.03, 70: 3.60, 60: 3.10, 50: 2.58, 0: 1, -5: 1, 3: 1, 100: 4.5, 120: 4.5} {
		near(t, "MOS", opinion(r), want, 0.0065)
	}
}

func TestDelayImpairment(t *testing.T) {
	for ms, want := range map[time.Duration]float64{
		0: 0, 100: 0,
		// X = log2(Ta/100) by hand from G.107 equation 7-28.
		200: 3.04, 400: 24.07, 800: 40.83,
	} {
		near(t, "Idd", delayImpairment(ms*time.Millisecond), want, 0.06)
	}
	for d := time.Duration(0); d < 2*time.Second; d += 10 * time.Millisecond {
		if delayImpairment(d+10*time.Millisecond) < delayImpairment(d) {
			t.Fatalf("a longer delay than %s is less of an impairment", d)
		}
	}
}

// Ie,eff of G.711 with concealment: 95*Ppl/(Ppl+25.1).
func TestLossImpairment(t *testing.T) {
	for percent, want := range map[float64]float64{0: 0, 1: 3.64, 3: 10.14, 5: 15.78, 10: 27.07, 100: 75.94} {
		near(t, "Ie,eff", lossImpairment(percent/100), want, 0.01)
	}
}

func TestOpinionOfACall(t *testing.T) {
	near(t, "a perfect call", opinion(rating(60*time.Millisecond, 0)), 4.41, 0.01)
	near(t, "5 % loss", opinion(rating(60*time.Millisecond, 0.05)), 3.94, 0.02)
	if worst := opinion(rating(time.Minute, 1)); worst != 1 {
		t.Errorf("the worst call has MOS %f, want 1", worst)
	}
}
