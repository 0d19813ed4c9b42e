package media

import (
	"math"
	"time"
)

// The E-model's constants (ITU-T G.107) with the values of G.113 Appendix I.
const (
	ratingBest   = 93.2 // R of a connection with all default values (G.107)
	lossRobust   = 25.1 // Bpl of G.711 with loss concealment as in its Appendix I
	equipment    = 0.0  // Ie of G.711
	delayNoticed = 100 * time.Millisecond
)

// rating is the transmission rating R of a G.711 call in one direction:
//
//	R = 93.2 - Id - Ie,eff
//
// delay is the one-way delay from mouth to ear, loss the share (0 to 1) of
// packets that were not played. Of Id only the part of absolute delay (Idd)
// is counted, because echo cannot be seen from here, and loss is taken as
// random (BurstR = 1): so it is an estimate. A call with another codec has the
// rating of G.711: for wideband there is another scale (G.107.1), which nobody
// could compare with this one.
func rating(delay time.Duration, loss float64) float64 {
	return ratingBest - delayImpairment(delay) - lossImpairment(loss)
}

// delayImpairment is Idd (G.107 equations 7-27 and 7-28): nothing up to
// 100 ms, then more and more.
func delayImpairment(delay time.Duration) float64 {
	if delay <= delayNoticed {
		return 0
	}
	x := math.Log2(float64(delay) / float64(delayNoticed))
	sixth := func(v float64) float64 { return math.Pow(1+math.Pow(v, 6), 1.0/6) }
	return 25 * (sixth(x) - 3*sixth(x/3) + 2)
}

// lossImpairment is Ie,eff (G.107 equation 7-29).
func lossImpairment(loss float64) float64 {
	percent := 100 * min(max(loss, 0), 1)
	return equipment + (95-equipment)*percent/(percent+lossRobust)
}

// opinion turns a rating into a mean opinion score, 1 to 4.5 (G.107 Annex B).
func opinion(r float64) float64 {
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	default:
		// The polynomial dips below 1 for ratings under 6.5.
		return max(1, 1+0.035*r+r*(r-60)*(100-r)*7e-6)
	}
}
