package diagnose

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestCausesAreRules wants every likely cause to be explained, once.
func TestCausesAreRules(t *testing.T) {
	seen := map[event.Rule]bool{}
	for _, c := range causes {
		if _, err := Find(string(c.rule)); err != nil || seen[c.rule] {
			t.Errorf("cause %q: %v, or twice", c.rule, err)
		}
		seen[c.rule] = true
	}
}
