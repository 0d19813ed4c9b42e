package verb

import "github.com/sleeptalk/sleeptalk/phone/internal/misbehave"

// Misbehaviours lists what the lab can do wrong, as "misbehave NAME" has it. What
// it does then is the lab's.
func Misbehaviours() []misbehave.Misbehaviour { return misbehave.All() }

// MisbehaviourNames are their names.
func MisbehaviourNames() []string { return misbehave.Names() }
