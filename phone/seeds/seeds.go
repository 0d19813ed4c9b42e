// Package seeds says how many random lives a test of a pure machine lives.
//
// Each is one goroutine, from a seed of its own: the race detector finds nothing
// in the hundredth that it did not find in the first, and takes ten times as
// long for it. Without it there are as many as the test wants.
package seeds

// least is how many there are at any rate: those that are compared with each
// other, and a few more.
const least = 4

// Runs is how many of n runs there are: all, or an eighth under the race
// detector.
func Runs(n uint64) uint64 {
	if !racing {
		return n
	}
	return min(n, max(n/8, least))
}
