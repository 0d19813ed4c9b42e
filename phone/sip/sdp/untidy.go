package sdp

import (
	"slices"
	"strings"
)

// faults are what is wrong with a description that was understood all the same,
// each once. There are about 30 kinds, and 26 letters.
type faults []string

func (f *faults) add(what string) {
	if len(*f) < maxFaults && !slices.Contains(*f, what) {
		*f = append(*f, what)
	}
}

// maxFaults is how many faults of a description are named (our own number): a
// person mends them one after the other.
const maxFaults = 10

func (f faults) String() string { return strings.Join(f, "; ") }
