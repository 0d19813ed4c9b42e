package pcm

import "math"

// blocksPerSecond is how many blocks of a [ToneDetector] are in a second.
const blocksPerSecond = 10

// toneSize is the size of its transform at [Rate]: a line every 7.8 Hz.
const toneSize = 1024

// toneReach is how far from its line the power of one tone may lie, in Hz.
// A tone in a 100 ms Hann window reaches 20 Hz to each side; a lost frame or
// a jump in phase spreads it further.
const toneReach = 5.0 * Rate / toneSize

// A Block is the analysis of 100 ms of sound by a [ToneDetector].
type Block struct {
	// Hz is the frequency of the strongest tone, to about 1 Hz.
	Hz float64
	// Purity is the share of the power in that tone: above 0.9 for a pure
	// tone, also after G.711; mostly below 0.6 for speech or noise.
	Purity float64
	// Level is the level of the whole block, in dBFS.
	Level float64
}

// A ToneDetector looks for the strongest tone in each 100 ms of a stream.
type ToneDetector struct {
	block    []int16 // its capacity is 100 ms
	spectrum *spectrum
	line     float64 // from one line of the spectrum to the next, in Hz
	reach    int     // toneReach, in lines
}

// NewToneDetector returns a detector at the start of a stream of a rate.
func NewToneDetector(rate int) *ToneDetector {
	d := &ToneDetector{block: make([]int16, 0, rate/blocksPerSecond), spectrum: newSpectrum(analysisOf(rate).tone())}
	d.line = float64(rate) / float64(2*len(d.spectrum.power))
	d.reach = int(math.Ceil(toneReach / d.line))
	return d
}

// Write takes a frame and returns the blocks that it completes.
func (d *ToneDetector) Write(frame []int16) []Block {
	var out []Block
	for len(frame) > 0 {
		n := min(len(frame), cap(d.block)-len(d.block))
		d.block = append(d.block, frame[:n]...)
		frame = frame[n:]
		if len(d.block) == cap(d.block) {
			out = append(out, d.judge())
			d.block = d.block[:0]
		}
	}
	return out
}

// judge measures the block.
func (d *ToneDetector) judge() Block {
	b := Block{Level: Level(d.block)}
	d.spectrum.measure(d.block)
	power := d.spectrum.power
	peak, total := 0, 0.0
	// The lowest lines are the offset of a cheap sound card, not sound.
	const lowest = 3
	for i := lowest; i < len(power); i++ {
		total += power[i]
		if power[i] > power[peak] || peak == 0 {
			peak = i
		}
	}
	if total == 0 {
		return b
	}
	var near float64
	for i := max(lowest, peak-d.reach); i <= min(len(power)-1, peak+d.reach); i++ {
		near += power[i]
	}
	b.Purity = near / total
	b.Hz = between(power, peak) * d.line
	return b
}

// between returns where the top of a peak lies between its neighbours, in
// lines: the top of the parabola through the three in decibels.
func between(power []float64, peak int) float64 {
	if peak == 0 || peak == len(power)-1 {
		return float64(peak)
	}
	const tiny = 1e-9
	l, m, r := math.Log(power[peak-1]+tiny), math.Log(power[peak]+tiny), math.Log(power[peak+1]+tiny)
	if curve := l - 2*m + r; curve < 0 {
		return float64(peak) + 0.5*(l-r)/curve
	}
	return float64(peak)
}
