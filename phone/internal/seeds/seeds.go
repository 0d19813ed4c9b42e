// Package seeds says how many random runs a test of a pure machine makes.
//
// Each run is one goroutine with a seed of its own: the race detector finds
// nothing in the hundredth run that it did not find in the first, and makes
// each ten times slower. Without it there are as many runs as the test wants.
package seeds

// least is the lowest number of runs: those that are compared with each other,
// and a few more.
const least = 4

// Runs returns how many of n runs to make: all, or an eighth under the race
// detector.
func Runs(n uint64) uint64 {
	if !racing {
		return n
	}
	return min(n, max(n/8, least))
}
