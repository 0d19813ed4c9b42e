package opus

// Limits of a packet (RFC 6716 sections 3.2.1, 3.2.5).
const (
	maxFrame   = 1275               // octets
	maxSamples = 120 * Clock / 1000 // 120 ms
)

// A Packet is what a payload says of itself (RFC 6716 section 3).
type Packet struct {
	// Samples is how long the payload lasts, and Frame each of its frames, at [Clock].
	Samples, Frame int
	// Recovers says that the first frame has the one before it once more (LBRR, RFC 6716
	// section 2.1.7).
	Recovers bool
	// Quiet says that there is nothing in it: the sender pauses (DTX, RFC 6716 section 2.1.9).
	Quiet bool
}

// Parse reads the header of a payload; ok: it keeps the rules of RFC 6716 section 3.4.
func Parse(payload []byte) (p Packet, ok bool) {
	if len(payload) == 0 {
		return p, false
	}
	config, stereo := payload[0]>>3, payload[0]&4 != 0
	first, longest, count, ok := frames(payload[0]&3, payload[1:])
	p.Frame = frameLength(config)
	p.Samples = count * p.Frame
	if !ok || longest > maxFrame || p.Samples > maxSamples {
		return Packet{}, false
	}
	p.Quiet = longest <= 1
	p.Recovers = config < 16 && len(first) > 1 && recovers(first[0], p.Frame, stereo)
	return p, true
}

// frameLength is the length of a frame at [Clock] (RFC 6716 table 2): SILK has 10 to 60 ms,
// both layers together 10 and 20 ms, CELT 2.5 to 20 ms.
func frameLength(config byte) int {
	const ms = Clock / 1000
	switch {
	case config < 12:
		return [...]int{10, 20, 40, 60}[config&3] * ms
	case config < 16:
		return [...]int{10, 20}[config&1] * ms
	}
	return 5 * ms << (config & 3) / 2
}

// frames returns the first frame, the length of the longest and how many there are, by the
// code in the header (RFC 6716 section 3.2).
func frames(code byte, rest []byte) (first []byte, longest, count int, ok bool) {
	switch code {
	case 0:
		return rest, len(rest), 1, true
	case 1:
		half := len(rest) / 2
		return rest[:half], half, 2, len(rest)%2 == 0
	case 2:
		n, rest, ok := length(rest)
		if !ok || n > len(rest) {
			return nil, 0, 0, false
		}
		return rest[:n], max(n, len(rest)-n), 2, true
	}
	return many(rest)
}

// length reads the length of a frame, of one or two octets (RFC 6716 section 3.2.1).
func length(b []byte) (n int, rest []byte, ok bool) {
	switch {
	case len(b) > 0 && b[0] < 252:
		return int(b[0]), b[1:], true
	case len(b) > 1:
		return 4*int(b[1]) + int(b[0]), b[2:], true
	}
	return 0, nil, false
}

// many reads the frames of code 3 (RFC 6716 section 3.2.5).
func many(b []byte) (first []byte, longest, count int, ok bool) {
	if len(b) == 0 {
		return nil, 0, 0, false
	}
	variable, padded := b[0]&0x80 != 0, b[0]&0x40 != 0
	if count, b = int(b[0]&0x3F), b[1:]; count == 0 {
		return nil, 0, 0, false
	}
	if padded {
		if b, ok = unpad(b); !ok {
			return nil, 0, 0, false
		}
	}
	if !variable {
		n := len(b) / count
		return b[:n], n, count, len(b)%count == 0
	}
	head, left := 0, 0
	for i := range count - 1 {
		n, rest, ok := length(b)
		if !ok {
			return nil, 0, 0, false
		}
		if b = rest; i == 0 {
			head = n
		}
		left, longest = left+n, max(longest, n)
	}
	if left > len(b) {
		return nil, 0, 0, false
	}
	if count == 1 {
		head = len(b)
	}
	return b[:head], max(longest, len(b)-left), count, true
}

// unpad removes the padding, whose length comes first (RFC 6716 section 3.2.5).
func unpad(b []byte) ([]byte, bool) {
	padding := 0
	for more := true; more; {
		if len(b) == 0 {
			return nil, false
		}
		n := int(b[0])
		if more = n == 255; more {
			n = 254
		}
		padding, b = padding+n, b[1:]
	}
	if padding > len(b) {
		return nil, false
	}
	return b[:len(b)-padding], true
}

// recovers reads the LBRR flag of a frame, which follows a flag of voice activity for each
// 20 ms; a second channel has its own after those (RFC 6716 section 4.2.3).
func recovers(first byte, frame int, stereo bool) bool {
	n := max(1, frame/(Clock/50))
	return first>>(7-n)&1 != 0 || stereo && first>>(6-2*n)&1 != 0
}
