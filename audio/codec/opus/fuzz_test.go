//go:build cgo

package opus

import "testing"

// FuzzDecode gives libopus what nobody has encoded: it takes what we hold to be whole, and
// refuses the rest. Where it is not here, the lengths are held alone.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{config(31, 3), 0x80 | 3, 1, 2, 9, 8, 8, 7}, uint8(0))
	f.Add([]byte{config(9, 0), 0x40, 7, 99, 3, 200}, uint8(2))
	f.Add([]byte{config(13, 0), 0xC0, 7, 99, 3, 200, 41, 5}, uint8(3))
	f.Fuzz(func(t *testing.T, payload []byte, pick uint8) {
		rate := Rates()[int(pick)%len(Rates())]
		d := NewDecoder(rate)
		p, ok := Parse(payload)
		size := rate * 120 / 1000
		if ok {
			size = p.Samples * rate / Clock
		}
		if out, taken := d.decode(nil, payload, size, false); Missing() == nil && len(payload) > 0 && taken != ok || len(out) != size {
			t.Errorf("% x: whole %t, taken %t, %d of %d samples", payload, ok, taken, len(out), size)
		}
		d.Conceal(nil, rate/100)
		if p.Recovers {
			d.Recover(nil, payload, p.Frame*rate/Clock)
		}
		if got := d.Decode(nil, payload); len(got) != size && ok {
			t.Errorf("% x: %d samples", payload, len(got))
		}
	})
}
