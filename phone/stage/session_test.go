package stage

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/seeds"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// done is what the people of a random session do.
var done = []string{
	"register", "unregister", "background", "background", "foreground", "lock", "unlock", "kill", "crash", "reboot",
	"call bob", "call echo", "call busy", "call carol", "answer", "answer", "answer from notification", "open notification",
	"decline", "hang up", "hang up", "dtmf 1#", "mute", "unmute", "hold", "resume", "speak tone 880", "speak silence", "clock next",
	"carol: register", "carol: background", "carol: foreground", "carol: call alice", "carol: answer", "carol: decline", "carol: hang up", "carol: call bob",
	"bob: call alice", "bob: call alice", "bob: call carol", "bob: hang up", "echo: call alice", "echo: hang up",
	"bob: speak tone 550", "lab: ping alice", "lab: password alice other", "lab: password alice secret", "lab: stop", "lab: start",
	"fault server close", "fault server reset", "fault server stall", "fault server unstall",
}

// pauses are how long they wait: mostly not at all, or as long as a packet
// takes, for what happens at the same time is what goes wrong. The next
// keepalive comes by "clock next".
var pauses = []time.Duration{
	0, 0, 0, time.Millisecond, 3 * time.Millisecond, 20 * time.Millisecond, 45 * time.Millisecond, 100 * time.Millisecond,
	700 * time.Millisecond, 3 * time.Second, 12 * time.Second, 40 * time.Second,
}

// A deed is what somebody does, and how long nobody does anything then.
type deed struct {
	line string
	then time.Duration
}

// session lets people do something, and gives what happened.
func session(t *testing.T, seed uint64, deeds []deed) *event.Log {
	t.Helper()
	const head = "use lab\nuse phone carol\n"
	w, err := New(Config{Casting: Casting{File: parse(t, head)}, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range deeds {
		step := parse(t, head+d.line).Cases[0].Steps[0]
		_ = w.Act(t.Context(), step) // what is refused is in the log
		w.world.RunUntil(w.world.Elapsed() + d.then)
	}
	return w.Log()
}

// anyDeeds are n of them at random, after the first registration.
func anyDeeds(seed uint64, n int) []deed {
	rng := rand.New(rand.NewPCG(seed, 0))
	deeds := []deed{{line: "register"}}
	for range n {
		deeds[len(deeds)-1].then = pauses[rng.IntN(len(pauses))]
		deeds = append(deeds, deed{line: done[rng.IntN(len(done))]})
	}
	return deeds
}

// TestRecordedSessions lets people do anything at any time, and wants the
// scenario that is made of it to pass.
func TestRecordedSessions(t *testing.T) {
	for seed := range seeds.Runs(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			f, src := recorded(t, session(t, seed, anyDeeds(seed, 12)))
			if r, log := playFile(t, f, seed); r.Verdict() != play.Passed {
				t.Errorf("%s", src)
				explain(t, r, log)
			}
		})
	}
}

// TestRecordedAtOnce has much happen within milliseconds, and wants the
// scenario to pass on other networks, too, where packets take another time.
func TestRecordedAtOnce(t *testing.T) {
	const ms = time.Millisecond
	open := []deed{{"register", time.Second}}
	asleep := []deed{{"register", time.Second}, {"background", 15 * time.Second}}
	for name, deeds := range map[string][]deed{
		"three calls wake it": append(asleep, deed{"bob: call alice", ms}, deed{"carol: call alice", ms}, deed{"echo: call alice", time.Second},
			deed{"answer from notification", 5 * time.Second}, deed{"hang up", time.Second}),
		"three calls ring": append(open, deed{"bob: call alice", 2 * ms}, deed{"carol: call alice", 0}, deed{"echo: call alice", time.Second},
			deed{"answer", time.Second}, deed{"hang up", time.Second}),
		"both call":               append(open, deed{"call bob", 0}, deed{"bob: call alice", time.Second}, deed{"answer", 3 * time.Second}, deed{"hang up", time.Second}),
		"both hang up":            append(open, deed{"call carol", time.Second}, deed{"carol: answer", time.Second}, deed{"carol: hang up", 0}, deed{"hang up", time.Second}),
		"a call while it goes":    append(open, deed{"bob: call alice", 0}, deed{"background", 30 * ms}, deed{"foreground", time.Second}, deed{"answer", time.Second}),
		"calls one after another": append(open, deed{"call busy", ms}, deed{"call bob", 300 * ms}, deed{"hang up", ms}, deed{"call echo", ms}, deed{"lock", 2 * time.Second}, deed{"hang up", time.Second}),
		"the server goes and comes": append(asleep, deed{"lab: stop", ms}, deed{"lab: start", ms}, deed{"bob: call alice", 40 * time.Second}, deed{"bob: call alice", time.Second},
			deed{"answer", time.Second}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, src := recorded(t, session(t, 1, deeds))
			for seed := range uint64(3) {
				if r, log := playFile(t, f, seed); r.Verdict() != play.Passed {
					t.Errorf("seed %d:\n%s", seed, src)
					explain(t, r, log)
				}
			}
		})
	}
}
