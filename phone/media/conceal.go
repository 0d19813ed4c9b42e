package media

import "github.com/sleeptalk/sleeptalk/audio/pcm"

// Concealment constants, in samples at 8000 Hz, after ITU-T G.711 Appendix I.
const (
	widest = pcm.FullRate / clockRate // the largest scale

	pitchMin     = 40  // 5 ms: 200 Hz, the highest pitch looked for
	pitchMax     = 120 // 15 ms: 66 Hz, the lowest
	pitchWindow  = 160 // 20 ms are correlated
	historyLen   = pitchMax + pitchWindow
	fadeHold     = 80  // 10 ms at full level,
	fadeEnd      = 480 // then down to nothing at 60 ms
	crossfadeLen = 32  // 4 ms from made-up sound back to real sound
)

// A concealer makes up for sound that did not arrive: it repeats the last pitch
// period and fades it out within 60 ms, as G.711 Appendix I does. Unlike the
// appendix it adds no delay: the repetition begins smoothly because the period
// is the one that best continues the last samples.
//
//	heard  ~~~~~~~~|period|          real again
//	made up        |period|period|per·  ·  \
//	                full for 10 ms, gone at 60 ms, 4 ms of cross-fade
type concealer struct {
	scale
	past   [widest * historyLen]int16 // what history has
	period [widest * pitchMax]int16
	pitch  int // samples of period in use
	phase  int // position in it
	run    int // samples made up since the last real one
}

// history is the last real samples, the oldest first.
func (c *concealer) history() []int16 { return c.past[:c.of(historyLen)] }

// heard takes in real samples, after [concealer.join].
func (c *concealer) heard(samples []int16) {
	history := c.history()
	if len(samples) >= len(history) {
		copy(history, samples[len(samples)-len(history):])
		return
	}
	copy(history, history[len(samples):])
	copy(history[len(history)-len(samples):], samples)
}

// conceal fills frame with made-up sound.
func (c *concealer) conceal(frame []int16) {
	if c.run == 0 {
		c.analyse()
	}
	c.synthesise(frame)
	c.run += len(frame)
}

// pause fills frame with comfort noise: the peer paused on purpose.
func (c *concealer) pause(frame []int16, n *noise) {
	n.fill(frame)
	c.heard(frame)
	c.run = 0
}

// join cross-fades from made-up sound into the real samples, in place, and
// ends the run.
func (c *concealer) join(samples []int16) {
	if c.run == 0 {
		return
	}
	var tail [widest * crossfadeLen]int16
	n := min(c.of(crossfadeLen), len(samples))
	c.synthesise(tail[:n])
	crossfade(samples[:n], tail[:n], samples[:n])
	c.run = 0
}

// analyse finds the pitch of the last samples and cuts out their last period.
// Its last quarter fades into the samples before its start, so that it can be
// repeated without a click.
func (c *concealer) analyse() {
	history := c.history()
	c.pitch, c.phase = c.findPitch(history), 0
	start := len(history) - c.pitch
	copy(c.period[:], history[start:])
	q := c.pitch / 4
	crossfade(c.period[c.pitch-q:c.pitch], history[len(history)-q:], history[start-q:start])
}

func (c *concealer) synthesise(frame []int16) {
	for i := range frame {
		frame[i] = int16(int(c.period[c.phase]) * fade((c.run+i)/c.of(1)) / fadeEnd)
		if c.phase++; c.phase >= c.pitch {
			c.phase = 0
		}
	}
}

// fade is the level after n made-up samples at 8000 Hz, in 1/fadeEnd.
func fade(n int) int {
	switch {
	case n < fadeHold:
		return fadeEnd
	case n >= fadeEnd:
		return 0
	default:
		return fadeEnd * (fadeEnd - n) / (fadeEnd - fadeHold)
	}
}

// crossfade writes to dst a transition from the samples of from to those of to.
func crossfade(dst, from, to []int16) {
	n := len(dst)
	for i := range dst {
		dst[i] = int16((int(from[i])*(n-i) + int(to[i])*i) / n)
	}
}

// findPitch is the lag at which the end of x best repeats itself: the highest
// normalised cross-correlation over the last 20 ms. x has to hold at least
// historyLen samples.
func (k scale) findPitch(x []int16) int {
	end := x[len(x)-k.of(pitchWindow):]
	best, bestScore := k.of(pitchMax), 0.0
	for lag := k.of(pitchMin); lag <= k.of(pitchMax); lag++ {
		before := x[len(x)-len(end)-lag:]
		var cross, energy int64
		for i, v := range end {
			cross += int64(v) * int64(before[i])
			energy += int64(before[i]) * int64(before[i])
		}
		if cross <= 0 || energy == 0 {
			continue
		}
		score := float64(cross) * float64(cross) / float64(energy)
		if score > bestScore {
			best, bestScore = lag, score
		}
	}
	return best
}
