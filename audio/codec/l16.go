package codec

import "encoding/binary"

// linear is L16: samples as they are, in network byte order (RFC 3551 section
// 4.5.11).
type linear struct{}

func (linear) encoder() Encoder  { return linear{} }
func (linear) decoder() Decoder  { return linear{} }
func (linear) octets(n int) int  { return 2 * n }
func (linear) samples(n int) int { return n / 2 }

func (linear) contents(payload []byte) (Contents, bool) {
	return Contents{Samples: len(payload) / 2}, true
}

// Encode implements [Encoder].
func (linear) Encode(dst []byte, samples []int16) []byte {
	for _, s := range samples {
		dst = binary.BigEndian.AppendUint16(dst, uint16(s))
	}
	return dst
}

// Decode implements [Decoder].
func (linear) Decode(dst []int16, payload []byte) []int16 {
	for ; len(payload) >= 2; payload = payload[2:] {
		dst = append(dst, int16(binary.BigEndian.Uint16(payload)))
	}
	return dst
}
