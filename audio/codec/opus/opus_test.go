package opus

import "testing"

// TestComplexity: a pause wants more computing, for the library to find it.
func TestComplexity(t *testing.T) {
	for dtx, want := range map[bool]int{false: 5, true: 9} {
		if got := (Settings{DTX: dtx}).complexity(); got != want {
			t.Errorf("DTX %t: %d, want %d", dtx, got, want)
		}
	}
}
