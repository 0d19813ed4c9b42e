package codec

import "slices"

// A law is one companding law of G.711 as two tables.
type law struct {
	// shift drops the low bits of a 16-bit sample that the law does not
	// use.
	shift uint
	code  []byte
	value [256]int16
}

// Every conversion is one look-up in a table, so encoding a 20 ms frame costs a
// fraction of a microsecond and allocates nothing when the destination has room.

func (l *law) encoder() Encoder  { return l }
func (l *law) decoder() Decoder  { return l }
func (l *law) octets(n int) int  { return n }
func (l *law) samples(n int) int { return n }

func (l *law) contents(payload []byte) (Contents, bool) { return Contents{Samples: len(payload)}, true }

// Encode implements [Encoder].
func (l *law) Encode(dst []byte, samples []int16) []byte {
	at := len(dst)
	dst = slices.Grow(dst, len(samples))[:at+len(samples)]
	out, code, shift := dst[at:], l.code, l.shift
	for i, s := range samples {
		out[i] = code[uint16(s)>>shift]
	}
	return dst
}

// Decode implements [Decoder].
func (l *law) Decode(dst []int16, payload []byte) []int16 {
	at := len(dst)
	dst = slices.Grow(dst, len(payload))[:at+len(payload)]
	out, value := dst[at:], &l.value
	for i, b := range payload {
		out[i] = value[b]
	}
	return dst
}

// fill builds the tables from the two functions of a law.
func (l *law) fill(compress func(int16) byte, expand func(byte) int16) *law {
	l.code = make([]byte, 1<<(16-l.shift))
	for i := range l.code {
		l.code[i] = compress(int16(i << l.shift))
	}
	for i := range l.value {
		l.value[i] = expand(byte(i))
	}
	return l
}

// newMuLaw builds the tables of mu-law, which quantises 14 bits.
func newMuLaw() *law { return (&law{shift: 2}).fill(compressMu, expandMu) }

// newALaw builds the tables of A-law. It quantises 13 bits, but its smallest
// step is two of them, so 12 decide.
func newALaw() *law { return (&law{shift: 4}).fill(compressA, expandA) }

// muBias joins the segments of mu-law into one exponential: 33 in the 14-bit
// scale of G.711 table 2.
const muBias = 33

// compressMu is the encoding law of G.711 tables 2a and 2b: a sign, three
// bits of segment and four bits within it, all inverted.
func compressMu(s int16) byte {
	m := min(magnitude(s)>>2+muBias, 0x1FFF)
	segment := byte(1)
	for i := m >> 6; i != 0; i >>= 1 {
		segment++
	}
	code := (8-segment)<<4 | (0xF - byte(m>>segment)&0xF)
	if s >= 0 {
		code |= 0x80
	}
	return code
}

// expandMu gives the middle of the interval that a mu-law code stands for.
func expandMu(code byte) int16 {
	inverted := ^code
	exponent := inverted >> 4 & 7
	mantissa := int(inverted & 0xF)
	step := 8 << exponent
	v := 0x80<<exponent + step*mantissa + step/2 - 4*muBias
	return signed(v, code)
}

// evenBits are inverted on the line in A-law (G.711 section 3.3, note to
// table 1), so that silence keeps clocks busy.
const evenBits = 0x55

// compressA is the encoding law of G.711 tables 1a and 1b.
func compressA(s int16) byte {
	m := magnitude(s) >> 4
	code := byte(m)
	if m > 15 {
		exponent := byte(1)
		for ; m > 31; m >>= 1 {
			exponent++
		}
		code = exponent<<4 + byte(m-16)
	}
	if s >= 0 {
		code |= 0x80
	}
	return code ^ evenBits
}

// expandA gives the middle of the interval that an A-law code stands for.
func expandA(code byte) int16 {
	bits := (code ^ evenBits) & 0x7F
	exponent := bits >> 4
	m := int(bits & 0xF)
	if exponent > 0 {
		m += 16
	}
	m = m<<4 + 8
	if exponent > 1 {
		m <<= exponent - 1
	}
	return signed(m, code)
}

// magnitude is the size of s with negative numbers in one's complement, as
// G.711 counts them: -1 is as far from the middle as 0.
func magnitude(s int16) int {
	if s < 0 {
		s = ^s
	}
	return int(s)
}

// signed gives v the sign of a code, whose top bit is set for positive.
func signed(v int, code byte) int16 {
	if code&0x80 == 0 {
		v = -v
	}
	return int16(v)
}
