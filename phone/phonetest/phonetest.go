// Package phonetest lets a Go test say what a scenario says: a sleeping phone
// and a server in virtual time, verbs, and expectations as text or as Go.
//
//	func TestItRings(t *testing.T) {
//		w := phonetest.New(t, "use lab", "never stay awake > 10s")
//		alice, bob := w.Phone("alice"), w.Phone("bob")
//		alice.Do("register")
//		alice.Expect("registered within 3s")
//		alice.Do("background")
//		alice.Expect("suspended within 15s")
//		bob.Do("call alice")
//		alice.Expect("wake by INVITE within 2s")
//		frame := phonetest.Expect(alice, "frame of more than 500 bytes", 2*time.Second,
//			func(e event.Frame) bool { return e.Bytes > 500 })
//		…
//	}
//
// Each call adds a line to a scenario (see [Scenario.Script]), in the language of
// phone/scenario. A mistake in it, or an expectation that is not met, ends the
// test with the text that "sleeptalk run" shows: the lines, the facts and the
// likely cause. Invariants are checked when the test ends.
//
// Nothing waits in real time: hours pass in a second, and the same calls give
// the same log. [Live] plays the same on real sockets. To look at the log, use
// [Scenario.Log] and [Actor.State].
//
// A Scenario belongs to one goroutine. Tests with scenarios of their own may run
// in parallel.
package phonetest

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// TB is the part of [testing.TB] that a Scenario needs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// A Scenario is played while a test writes it: on phones and the built-in
// server, in virtual time or live.
type Scenario struct {
	t      TB
	ctx    context.Context // ends when the stage cannot go on
	stage  play.Stage      // nil: there is none
	player *play.Player
	file   *scenario.File
	lines  []string
	played int // steps of the file
	over   bool
}

// scriptName is the file name of a test's scenario in messages.
const scriptName = "test.talk"

// New makes a scenario that the "use" and "never" lines set up; without any it
// has a phone, alice, and the server with its robots.
func New(t TB, setup ...string) *Scenario {
	t.Helper()
	return Seeded(t, 1, setup...)
}

// Seeded is like New with another seed for all randomness, such as the delays
// of packets.
func Seeded(t TB, seed uint64, setup ...string) *Scenario {
	t.Helper()
	w := &Scenario{t: t, lines: setup}
	if !w.parse() {
		return w
	}
	s, err := stage.New(stage.Config{Casting: stage.Casting{File: w.file}, Seed: seed})
	if err != nil {
		w.fatal(err.Error())
		return w
	}
	w.on(context.Background(), s)
	return w
}

// Live is like New over real sockets and in real time, with the server on
// loopback: a wait of a second takes a second. The phones speak a tone, or the
// sound of "use phone NAME mic=…"; there is no sound card.
func Live(t TB, setup ...string) *Scenario {
	t.Helper()
	w := &Scenario{t: t, lines: setup}
	if !w.parse() {
		return w
	}
	s, err := stage.NewLive(context.Background(), stage.LiveConfig{Casting: stage.Casting{File: w.file}, Seed: 1})
	if err != nil {
		w.fatal(err.Error())
		return w
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("%v", err)
		}
	})
	w.on(s.Context(), s)
	return w
}

// on puts the scenario on a stage. Cleanups run last in, first out, so the
// invariants are checked before the stage closes.
func (w *Scenario) on(ctx context.Context, s play.Stage) {
	w.ctx, w.stage, w.player = ctx, s, play.NewPlayer(s)
	w.t.Cleanup(w.invariants)
}

// fatal ends the test. If t.Fatal returns, later calls are no-ops.
func (w *Scenario) fatal(text string) {
	w.t.Helper()
	w.over = true
	w.t.Fatalf("%s", strings.TrimRight(text, "\n"))
}

// parse parses the scenario so far.
func (w *Scenario) parse() bool {
	w.t.Helper()
	f, err := scenario.ParseFile(scriptName, []byte(w.Script()), nil)
	if err != nil {
		w.fatal(err.Error())
		return false
	}
	w.file = f
	return true
}

// Script returns the scenario that the test has written so far; an expectation
// in Go appears in it as a comment.
func (w *Scenario) Script() string { return strings.Join(w.lines, "\n") + "\n" }

// Play plays lines of the language, such as "bob: call alice".
func (w *Scenario) Play(lines string) {
	w.t.Helper()
	if w.over {
		return
	}
	uses := len(w.file.Uses)
	for line := range strings.Lines(strings.TrimSpace(lines)) {
		w.lines = append(w.lines, strings.TrimSpace(line))
	}
	if !w.parse() {
		return
	}
	if len(w.file.Uses) > uses {
		w.fatal(fmt.Sprintf("%q: the stage is already set up; pass this line to New", lines))
		return
	}
	for _, s := range w.steps()[w.played:] {
		w.played++
		if !w.step(s) {
			return
		}
	}
}

// steps returns the steps of all cases.
func (w *Scenario) steps() (list []scenario.Step) {
	for _, c := range w.file.Cases {
		list = append(list, c.Steps...)
	}
	return list
}

// step plays one step, and ends the test if it fails.
func (w *Scenario) step(s scenario.Step) bool {
	w.t.Helper()
	done, failure := w.player.Play(w.ctx, w.file, s)
	if failure == nil {
		return true
	}
	w.fatal(report.FailureText(new(play.Result), &play.CaseResult{Verdict: done.Verdict, Failure: failure}, ""))
	return false
}

// invariants checks the "never" lines at the end of the test.
func (w *Scenario) invariants() {
	w.t.Helper()
	for _, i := range w.player.Invariants(w.file) {
		if i.Verdict == play.Failed {
			w.t.Errorf("%s:%d: %s: violated at %s: %s", scriptName, i.Line, i.Text, event.Stamp(i.At), i.Detail)
		}
	}
}

// Wait lets time pass.
func (w *Scenario) Wait(d time.Duration) {
	w.t.Helper()
	w.Play("wait " + d.String())
}

// Value returns the value of a variable, as set by "registered as $contact"; ""
// if it is not set.
func (w *Scenario) Value(name string) string {
	if w.player == nil {
		return ""
	}
	v, _ := w.player.Value(strings.TrimPrefix(name, "$"))
	return v
}

// Log returns the event log of all actors.
func (w *Scenario) Log() *event.Log {
	if w.stage == nil {
		return new(event.Log)
	}
	return w.stage.Log()
}

// An Actor is a phone, a robot of the server, or, as "lab", the server itself.
type Actor struct {
	scenario *Scenario
	name     string
}

// Phone returns the actor of a name. If there is none of that name, the actor's
// first verb fails.
func (w *Scenario) Phone(name string) Actor { return Actor{w, name} }

// Do makes the actor execute a verb, such as "answer from notification".
func (a Actor) Do(verb string) {
	a.scenario.t.Helper()
	a.scenario.Play(a.name + ": " + verb)
}

// Expect waits until an "expect" line holds, such as "wake by INVITE within 2s
// and notification" or "no wake for 5m".
func (a Actor) Expect(what string) {
	a.scenario.t.Helper()
	a.scenario.Play(a.name + ": expect " + what)
}

// State returns the state of the actor, folded from its events.
func (a Actor) State() *event.Fold { return event.FoldOf(a.scenario.Log().From(0), a.name) }

// Expect waits for an event of one type for which ok holds, or any if ok is
// nil, and returns it. Like an "expect" line it first looks back to the actor's
// last verb; it waits for [scenario.DefaultWithin] if within is zero. The text
// is for the message, "no TEXT within 2 s".
func Expect[E event.Event](a Actor, text string, within time.Duration, ok func(E) bool) (found E) {
	w := a.scenario
	w.t.Helper()
	if w.over {
		return found
	}
	first := true
	e := scenario.Event(text, func(e E) bool {
		fits := ok == nil || ok(e)
		if fits && first {
			found, first = e, false
		}
		return fits
	})
	within = cmp.Or(within, scenario.DefaultWithin)
	line := fmt.Sprintf("# %s: expect %s within %s", a.name, event.Printable(text), within)
	w.lines = append(w.lines, line)
	if w.parse() {
		w.step(scenario.Await(scenario.Place{File: scriptName, Line: len(w.lines), Col: 3, Width: len(line) - 2}, a.name, e, within))
	}
	return found
}
