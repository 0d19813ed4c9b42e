package dtls

import "testing"

func TestIs(t *testing.T) {
	hello := make([]byte, HeaderLen)
	copy(hello, []byte{22, 254, 253})
	with := func(at int, octet byte) []byte {
		data := append([]byte(nil), hello...)
		data[at] = octet
		return data
	}
	for name, test := range map[string]struct {
		data []byte
		want bool
	}{
		"a handshake":       {hello, true},
		"cut short":         {hello[:2], true},
		"DTLS 1.0":          {with(2, 255), true},
		"the lowest":        {with(0, 20), true},
		"the highest":       {with(0, 63), true},
		"STUN":              {with(0, 19), false},
		"TURN":              {with(0, 64), false},
		"TLS, not DTLS":     {with(1, 3), false},
		"without a version": {hello[:1], false},
		"nothing":           {nil, false},
	} {
		if got := Is(test.data); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
