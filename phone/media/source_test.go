package media

import "testing"

func TestSourceCounts(t *testing.T) {
	tests := []struct {
		name               string
		sequence           []uint16
		expected, lost     uint64
		unique, received   uint64
		cumulative, newest uint32
	}{
		{"in order", []uint16{5, 6, 7}, 3, 0, 3, 3, 0, 7},
		{"one lost", []uint16{5, 7}, 3, 1, 2, 2, 1, 7},
		{"reordered", []uint16{5, 7, 6}, 3, 0, 3, 3, 0, 7},
		{"the first two swapped", []uint16{6, 5, 7}, 3, 0, 3, 3, 0, 7},
		{"duplicate", []uint16{5, 6, 6}, 2, 0, 2, 3, 0xFFFFFF, 6},
		{"late duplicate", []uint16{5, 6, 7, 5}, 3, 0, 3, 4, 0xFFFFFF, 7},
		{"a duplicate does not hide a loss", []uint16{5, 7, 7}, 3, 1, 2, 3, 0, 7},
		{"wraparound", []uint16{65534, 65535, 0, 1}, 4, 0, 4, 4, 0, 1<<16 + 1},
		{"wraparound with loss", []uint16{65534, 1}, 4, 2, 2, 2, 2, 1<<16 + 1},
		{"wraparound with reordering", []uint16{65534, 0, 65535}, 3, 0, 3, 3, 0, 1 << 16},
		{"reordered over the start", []uint16{0, 65535, 1}, 3, 0, 3, 3, 0, 1},
		{"one stray packet is not believed", []uint16{5, 6, 30000, 7}, 3, 0, 3, 3, 0, 7},
		{"a restart keeps the loss before it", []uint16{5, 7, 30000, 30001, 30002}, 5, 1, 4, 4, 1, 30002},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSource(1, test.sequence[0], clockRate)
			for _, n := range test.sequence {
				s.update(n)
			}
			if s.expected() != test.expected || s.lost() != test.lost || s.unique != test.unique || s.received != test.received {
				t.Errorf("expected %d lost %d unique %d received %d, want %d %d %d %d",
					s.expected(), s.lost(), s.unique, s.received, test.expected, test.lost, test.unique, test.received)
			}
			if s.cumulativeLost() != test.cumulative || s.highest != test.newest {
				t.Errorf("cumulative %#x newest %d, want %#x %d", s.cumulativeLost(), s.highest, test.cumulative, test.newest)
			}
		})
	}
}

func TestSourceManyCycles(t *testing.T) {
	s := newSource(1, 60000, clockRate)
	for n := range uint32(300000) {
		if n%100 != 99 {
			s.update(uint16(60000 + n))
		}
	}
	if s.expected() != 299999 || s.lost() != 2999 {
		t.Errorf("expected %d, lost %d; want 299999, 2999", s.expected(), s.lost())
	}
}

func TestFractionLost(t *testing.T) {
	s := newSource(1, 0, clockRate)
	for n := range uint16(100) {
		if n%4 != 3 || n == 99 {
			s.update(n)
		}
	}
	if f := s.fractionLost(); f != 24*256/100 {
		t.Errorf("24 of 100 lost: fraction %d, want %d", f, 24*256/100)
	}
	for n := uint16(100); n < 200; n++ {
		s.update(n)
	}
	if f := s.fractionLost(); f != 0 {
		t.Errorf("nothing lost since: fraction %d, want 0", f)
	}
}

// Packets that come alternately 0 and 10 ms late differ by 80 units each, so
// the filter of A.8 settles there.
func TestJitterSettles(t *testing.T) {
	s := newSource(1, 0, clockRate)
	for n := range int64(500) {
		s.observe(n*160+n%2*80, uint32(0xFFFFF000)+uint32(n*160)) // the timestamp wraps on the way
	}
	near(t, "jitter", s.jitter, 80, 0.5)
	before := s.jitter
	s.observe(500*160+8*3600*clockRate, s.lastStamp+160)
	if s.jitter != before {
		t.Errorf("a clock that leapt by 8 h changed the jitter from %f to %f", before, s.jitter)
	}
}
