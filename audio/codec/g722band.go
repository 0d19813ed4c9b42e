package codec

// A g722Band is the predictor and the scale of one band: two poles and six zeros,
// which follow the signal by its signs alone (sections 3.4 to 3.6). Encoder and decoder
// advance theirs by the same code words.
type g722Band struct {
	s, sz int    // the prediction, and the part of the zeros in it
	r, p  [3]int // reconstructed, and partly reconstructed signals, the newest first
	a     [3]int // of the poles; a[0] is not used
	d, b  [6]int // quantised differences, the newest first; of the zeros
	nb    int    // the scale as a logarithm,
	det   int    // and as a factor
}

// advanceLower adapts the lower band to the upper four bits of its code (INVQAL, LOGSCL,
// SCALEL).
func (b *g722Band) advanceLower(code int) {
	d := b.det * qm4[code] >> 15
	b.scale(wl[code], 18432, 8)
	b.predict(d)
}

// advanceHigher adapts the higher band to its code (INVQAH, LOGSCH, SCALEH).
func (b *g722Band) advanceHigher(code int) {
	d := b.det * qm2[code] >> 15
	b.scale(wh[code], 22528, 10)
	b.predict(d)
}

// scale adapts the scale factor: it leaks, and grows with large codes.
func (b *g722Band) scale(by, most, shift int) {
	b.nb = min(max(b.nb*127>>7+by, 0), most)
	mantissa := ilb[b.nb>>6&31]
	if exponent := shift - b.nb>>11; exponent >= 0 {
		b.det = mantissa >> exponent << 2
	} else {
		b.det = mantissa << -exponent << 2
	}
}

// predict takes in a quantised difference and predicts the next sample (block 4,
// section 6.2.1.4).
func (b *g722Band) predict(d int) {
	r, p := saturate(b.s+d), saturate(b.sz+d)
	b.r, b.p = [3]int{r, b.r[0], b.r[1]}, [3]int{p, b.p[0], b.p[1]}
	b.poles()
	b.zeros(d)
	copy(b.d[1:], b.d[:])
	b.d[0] = d

	b.sz = 0
	for i, d := range b.d {
		b.sz += b.b[i] * saturate(2*d) >> 15
	}
	b.sz = saturate(b.sz)
	sp := saturate(b.a[1]*saturate(2*b.r[0])>>15 + b.a[2]*saturate(2*b.r[1])>>15)
	b.s = saturate(sp + b.sz)
}

// poles adapts the second-order predictor (UPPOL2 and UPPOL1).
func (b *g722Band) poles() {
	same := func(x, y int) bool { return x < 0 == (y < 0) }
	up := saturate(4 * b.a[1])
	if same(b.p[0], b.p[1]) {
		up = saturate(-up)
	}
	step := -128
	if same(b.p[0], b.p[2]) {
		step = 128
	}
	a2 := min(max(step+up>>7+b.a[2]*32512>>15, -12288), 12288)
	step = -192
	if same(b.p[0], b.p[1]) {
		step = 192
	}
	most := saturate(15360 - a2)
	b.a[1] = min(max(saturate(step+b.a[1]*32640>>15), -most), most)
	b.a[2] = a2
}

// zeros adapts the sixth-order predictor to a difference, by the six before it (UPZERO).
func (b *g722Band) zeros(d int) {
	for i, before := range b.d {
		step := 0
		switch {
		case d == 0:
		case d < 0 == (before < 0):
			step = 128
		default:
			step = -128
		}
		b.b[i] = saturate(step + b.b[i]*32640>>15)
	}
}

// saturate limits a value to 16 bits.
func saturate(v int) int { return min(max(v, -32768), 32767) }

// limit limits a reconstructed value to 15 bits (LIMIT, section 6.2.1.6).
func limit(v int) int { return min(max(v, -16384), 16383) }

// The tables of the recommendation (tables 13 to 21).
var (
	// q6 are the decision levels of the lower band.
	q6 = [30]int{
		0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650,
		714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
	}
	// iln and ilp are its codes for negative and for positive differences.
	iln = [31]int{
		0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19,
		18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
	}
	ilp = [31]int{
		0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47,
		46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32,
	}
	// qm6, qm4 and qm2 are what the codes stand for, of 6, 4 and 2 bits.
	qm6 = [64]int{
		-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
		-7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728,
		24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
		4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
	}
	qm4 = [16]int{
		0, -20456, -12896, -8968, -6288, -4240, -2584, -1200,
		20456, 12896, 8968, 6288, 4240, 2584, 1200, 0,
	}
	qm2 = [4]int{-7408, -1616, 7408, 1616}
	// wl and wh are by how much a code moves the scale; wl is W_L over RL42.
	wl = [16]int{-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60}
	wh = [4]int{798, -214, 798, -214}
	// ilb is the mantissa of the scale: 2048 * 2^(i/32).
	ilb = [32]int{
		2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
		2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
	}
)
