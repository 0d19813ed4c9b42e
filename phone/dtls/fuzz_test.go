package dtls

import (
	"bytes"
	"testing"
)

// FuzzReceive: nothing that comes from the network ends in a panic, in keys, or in more
// than was sent to us, whatever stage the handshake is at. The first octet says which
// datagram of a handshake is replaced; the rest is what comes in its place, and, turned
// into a mask, what it is changed by.
func FuzzReceive(f *testing.F) {
	l := newLink(nil)
	var all [][]byte
	l.mangle = func(_ int, b []byte) [][]byte {
		all = append(all, append([]byte{byte(len(all))}, b...))
		return [][]byte{b}
	}
	l.run()
	for _, b := range all {
		f.Add(b)
	}
	f.Add([]byte{0, 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	last := bytes.Clone(all[0])
	copy(last[1+5:], "\xff\xff\xff\xff\xff\xff") // the number of the record
	f.Add(last)
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 {
			return
		}
		alone(t, in[1:])
		replaced(t, int(in[0]%8), in[1:])
	})
}

// alone gives both ends a datagram that nobody has sent, and once more.
func alone(t *testing.T, b []byte) {
	l := newLink(func(_, s *Config) { s.Random = seeded(5) }) // whose cookie nobody knows
	for i, e := range l.ends {
		n := 0
		for range 2 {
			n = 0
			for _, d := range e.Receive(epoch, home, bytes.Clone(b)) {
				n += len(d)
			}
		}
		if e.Done() {
			t.Errorf("end %d is done", i)
		}
		if server := i == 1; server && n > len(b) {
			t.Errorf("%d octets are answered with %d", len(b), n)
		}
	}
}

// replaced changes a datagram of a handshake. Either it goes on to the same keys, or there
// are none.
func replaced(t *testing.T, at int, b []byte) {
	for _, mask := range []bool{false, true} {
		l := newLink(nil)
		n := 0
		l.mangle = func(_ int, d []byte) [][]byte {
			n++
			if n-1 != at {
				return [][]byte{d}
			}
			return [][]byte{changed(d, b, mask)}
		}
		l.run()
		if l.ends[0].Done() && l.ends[1].Done() {
			l.agreed(t)
		}
	}
}

func changed(d, b []byte, mask bool) []byte {
	if !mask {
		return b
	}
	out := append([]byte{}, d...)
	for i := range out {
		if i < len(b) {
			out[i] ^= b[i]
		}
	}
	return out
}
