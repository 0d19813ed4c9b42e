package words

import "testing"

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 own choices", 1: "1 own choice", 2: "2 own choices"} {
		if got := Count(n, "own choice"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
