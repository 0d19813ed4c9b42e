package stage

import (
	"context"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// TestDoors: the lab speaks every protocol that a phone can be told to, and has
// somebody call there.
func TestDoors(t *testing.T) {
	for _, p := range setup.Protocols() {
		file := parse(t, "use phone alice raw=lines control="+p.Name+"\nexpect registered within 10s\nlock\nwait 1s\nbob: call alice\nexpect notification from bob within 10s\n")
		w, err := New(Config{Casting: Casting{File: file}, Seed: 1})
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		r := play.Run(context.Background(), file, w, play.Options{World: true, Seed: 1})
		if r.Verdict() != play.Passed {
			t.Errorf("%s: %s\n%s", p.Name, r.Verdict(), verdicts(r))
		}
	}
}
