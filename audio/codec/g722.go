package codec

// g722 is G.722 at 64 kbit/s, mode 1: 16000 samples a second, split into two bands
// that are each coded by ADPCM, 6 bits for the lower one and 2 for the higher one.
//
//	samples ─▶ QMF ─┬─ lower ─▶ 6 bits ─┐
//	                └─ higher ▶ 2 bits ─┴▶ 1 octet for 2 samples
//
// The names are those of the recommendation (ITU-T G.722, sections 3 to 6), whose
// integer arithmetic is followed bit by bit: both ends have to come to the same
// predictor. The samples have 16 bits here, and 14 there.
type g722 struct{}

func (g722) encoder() Encoder  { e := g722Encoder{bands: newG722Bands()}; return &e }
func (g722) decoder() Decoder  { d := g722Decoder{bands: newG722Bands()}; return &d }
func (g722) octets(n int) int  { return n / 2 }
func (g722) samples(n int) int { return 2 * n }

func (g722) contents(payload []byte) (Contents, bool) {
	return Contents{Samples: 2 * len(payload)}, true
}

// g722Bands are the two halves of the spectrum: each end of a stream has its own.
type g722Bands struct{ lower, higher g722Band }

func newG722Bands() g722Bands {
	return g722Bands{lower: g722Band{det: 32}, higher: g722Band{det: 8}} // section 3.5, reset
}

// advance has the predictors of both bands follow a code word, of which the lower one
// uses the upper four bits of six (section 3.3).
func (b *g722Bands) advance(low, high int) {
	b.lower.advanceLower(low >> 2)
	b.higher.advanceHigher(high)
}

// g722Encoder is the state of a stream that is sent.
type g722Encoder struct {
	bands g722Bands
	qmf   qmf
}

// Encode implements [Encoder]. A single sample at the end is left out.
func (e *g722Encoder) Encode(dst []byte, samples []int16) []byte {
	for ; len(samples) >= 2; samples = samples[2:] {
		xl, xh := e.qmf.split(int(samples[0]), int(samples[1]))
		low := quantiseLower(saturate(xl-e.bands.lower.s), e.bands.lower.det)
		high := quantiseHigher(saturate(xh-e.bands.higher.s), e.bands.higher.det)
		e.bands.advance(low, high)
		dst = append(dst, byte(high<<6|low))
	}
	return dst
}

// g722Decoder is the state of a stream that is received.
type g722Decoder struct {
	bands g722Bands
	qmf   qmf
}

// Decode implements [Decoder].
func (d *g722Decoder) Decode(dst []int16, payload []byte) []int16 {
	for _, code := range payload {
		low, high := int(code&0x3F), int(code>>6)
		rl := limit(d.bands.lower.s + d.bands.lower.det*qm6[low]>>15)
		rh := limit(d.bands.higher.s + d.bands.higher.det*qm2[high]>>15)
		d.bands.advance(low, high)
		first, second := d.qmf.join(rl, rh)
		dst = append(dst, first, second)
	}
	return dst
}

// quantiseLower is the 60-level quantiser of the lower band (QUANTL, section 6.2.1.1).
func quantiseLower(el, det int) int {
	size := el
	if el < 0 {
		size = ^el
	}
	level := 1
	for level < len(q6) && size >= q6[level]*det>>12 {
		level++
	}
	if el < 0 {
		return iln[level]
	}
	return ilp[level]
}

// quantiseHigher is the 4-level quantiser of the higher band (QUANTH, section 6.2.2.1).
func quantiseHigher(eh, det int) int {
	switch {
	case eh < 0 && ^eh >= 564*det>>12:
		return 0
	case eh < 0:
		return 1
	case eh >= 564*det>>12:
		return 2
	}
	return 3
}

// qmf is a quadrature mirror filter of 24 taps (section 3.1 and table 11): a ring would
// be shorter, and slower.
type qmf struct{ x [24]int }

// taps is half of the filter, which is symmetric.
var taps = [12]int{3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11}

// push takes in two values and returns what the two phases of the filter make of the last 24.
func (q *qmf) push(a, b int) (even, odd int) {
	copy(q.x[:], q.x[2:])
	q.x[22], q.x[23] = a, b
	for i, tap := range taps {
		odd += q.x[2*i] * tap
		even += q.x[2*i+1] * taps[11-i]
	}
	return even, odd
}

// split is the transmit filter: two samples become one of each band.
func (q *qmf) split(first, second int) (low, high int) {
	even, odd := q.push(first, second)
	return (even + odd) >> 14, (even - odd) >> 14
}

// join is the receive filter: one of each band become two samples.
func (q *qmf) join(low, high int) (first, second int16) {
	even, odd := q.push(low+high, low-high)
	return int16(saturate(even >> 11)), int16(saturate(odd >> 11))
}
