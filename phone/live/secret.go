package live

import "crypto/rand"

// Secret draws what nobody is to guess: the keys of SRTP. All else that is left to chance
// comes from sources that a seed, or enough of what they have given, lays open.
func Secret(b []byte) { _, _ = rand.Read(b) } // never fails: see crypto/rand
