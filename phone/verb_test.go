package phone

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// TestEveryVerbIsDone wants the handset to do all that a phone can be told, but
// for what the stage does.
func TestEveryVerbIsDone(t *testing.T) {
	known := map[string]bool{}
	for _, spec := range verb.Specs(verb.Phone) {
		if known[spec.Name] = true; (doers[spec.Name] == nil) != spec.Stage {
			t.Errorf("%s: done by the handset is %v, by the stage %v", spec.Name, doers[spec.Name] != nil, spec.Stage)
		}
	}
	for name := range doers {
		if !known[name] {
			t.Errorf("nobody can say %q", name)
		}
	}
}
