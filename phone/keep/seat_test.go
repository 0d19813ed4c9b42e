package keep

import (
	"testing"
)

// TestSeats: nobody gets the seat of another, and one that is left is the next's.
func TestSeats(t *testing.T) {
	dir := t.TempDir()
	sit := func(row string, want int) *Seat {
		t.Helper()
		s, err := Sit(dir, row)
		if err != nil || s.N != want {
			t.Fatalf("%+v, %v, want seat %d", s, err, want)
		}
		return s
	}
	first, second := sit("alice", 0), sit("alice", 1)
	third, bob := sit("alice", 2), sit("bob", 0)
	second.Close()
	again := sit("alice", 1)
	first.Close()
	last := sit("alice", 0)
	for _, s := range []*Seat{third, bob, again, last} {
		s.Close()
	}
}
