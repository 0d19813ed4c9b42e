package play

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
)

// TestCausesAreRules wants every likely cause to be explained.
func TestCausesAreRules(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range causes {
		if _, err := diagnose.Find(c.rule); err != nil || seen[c.rule] {
			t.Errorf("cause %q: %v, or twice", c.rule, err)
		}
		seen[c.rule] = true
	}
}
