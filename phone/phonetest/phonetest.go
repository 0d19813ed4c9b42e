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
// Each call is a line of a scenario that is being written (see [World.Script]),
// in the language of phone/scenario; what is wrong with it, and an expectation
// that is not fulfilled, end the test with the text that the command shows,
// with the lines, the facts and the likely cause. Invariants are looked at when
// the test ends.
//
// Nothing waits: hours pass in a second, and the same calls give the same log.
// [Live] has the same world on real sockets.
// The log is there to be looked at: [World.Log], [Actor.State].
//
// A World belongs to one goroutine, and any number of them can be used at the
// same time: such tests may be parallel.
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

// TB is what a World needs of a [testing.TB].
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// A World is phones and the built-in server, in virtual time or live.
type World struct {
	t      TB
	ctx    context.Context // ends when the stage cannot go on
	stage  play.Stage      // nil: there is none
	player *play.Player
	file   *scenario.File
	lines  []string
	played int // steps of the file
	over   bool
}

// scriptName is what messages call the scenario that a test writes.
const scriptName = "test.talk"

// New makes a world that is set up as the "use" and "never" lines say; without
// any there are a phone, alice, and the server with its robots.
func New(t TB, setup ...string) *World {
	t.Helper()
	return Seeded(t, 1, setup...)
}

// Seeded is New with another seed of all that is random, such as how long
// packets take.
func Seeded(t TB, seed uint64, setup ...string) *World {
	t.Helper()
	w := &World{t: t, lines: setup}
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

// Live is New over real sockets, in the time of the wall, with the server on
// loopback: what is a second there takes a second here. The phones say a tone,
// or what "use phone NAME mic=…" says; there is no sound card.
func Live(t TB, setup ...string) *World {
	t.Helper()
	w := &World{t: t, lines: setup}
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

// on puts the world on a stage. What a cleanup looks at must be there still:
// the last that was asked for is the first to be done.
func (w *World) on(ctx context.Context, s play.Stage) {
	w.ctx, w.stage, w.player = ctx, s, play.NewPlayer(s)
	w.t.Cleanup(w.invariants)
}

// fatal ends the test. Where t is none that ends the goroutine, what follows
// does nothing.
func (w *World) fatal(text string) {
	w.t.Helper()
	w.over = true
	w.t.Fatalf("%s", strings.TrimRight(text, "\n"))
}

// parse reads what was written until now.
func (w *World) parse() bool {
	w.t.Helper()
	f, err := scenario.ParseFile(scriptName, []byte(w.Script()), nil)
	if err != nil {
		w.fatal(err.Error())
		return false
	}
	w.file = f
	return true
}

// Script is the scenario that the test has written until now; what was expected
// in Go stands in it as a comment.
func (w *World) Script() string { return strings.Join(w.lines, "\n") + "\n" }

// Play plays lines of the language, such as "bob: call alice".
func (w *World) Play(lines string) {
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
		w.fatal(fmt.Sprintf("%q: the world is there already; its setup is for New", lines))
		return
	}
	for _, s := range w.steps()[w.played:] {
		w.played++
		if !w.step(s) {
			return
		}
	}
}

// steps are those of all cases.
func (w *World) steps() (list []scenario.Step) {
	for _, c := range w.file.Cases {
		list = append(list, c.Steps...)
	}
	return list
}

// step plays one step, and ends the test if it fails.
func (w *World) step(s scenario.Step) bool {
	w.t.Helper()
	done, failure := w.player.Play(w.ctx, w.file, s)
	if failure == nil {
		return true
	}
	w.fatal(report.FailureText(new(play.Result), &play.CaseResult{Verdict: done.Verdict, Failure: failure}, ""))
	return false
}

// invariants looks at the "never" lines, at the end of the test.
func (w *World) invariants() {
	w.t.Helper()
	for _, i := range w.player.Invariants(w.file) {
		if i.Verdict == play.Failed {
			w.t.Errorf("%s:%d: %s: violated at %s: %s", scriptName, i.Line, i.Text, event.Stamp(i.At), i.Detail)
		}
	}
}

// Wait lets time pass for everybody.
func (w *World) Wait(d time.Duration) {
	w.t.Helper()
	w.Play("wait " + d.String())
}

// Value is what a variable was set to, as in "registered as $contact"; "" if it
// was not.
func (w *World) Value(name string) string {
	if w.player == nil {
		return ""
	}
	v, _ := w.player.Value(strings.TrimPrefix(name, "$"))
	return v
}

// Log is what has happened, to everybody.
func (w *World) Log() *event.Log {
	if w.stage == nil {
		return new(event.Log)
	}
	return w.stage.Log()
}

// An Actor is a phone, a robot of the server, or, as "lab", the server itself.
type Actor struct {
	world *World
	name  string
}

// Phone is somebody in the world by name. That there is nobody of that name is
// said by what it is told to do first.
func (w *World) Phone(name string) Actor { return Actor{w, name} }

// Do has the actor carry out a verb, such as "answer from notification".
func (a Actor) Do(verb string) {
	a.world.t.Helper()
	a.world.Play(a.name + ": " + verb)
}

// Expect waits for what an "expect" line says, such as "wake by INVITE within
// 2s and notification" or "no wake for 5m".
func (a Actor) Expect(what string) {
	a.world.t.Helper()
	a.world.Play(a.name + ": expect " + what)
}

// State is the state of the actor, folded from its events.
func (a Actor) State() *event.Fold { return event.FoldOf(a.world.Log().After(0), a.name) }

// Expect waits for an event of one type for which ok holds, or any if it is
// nil, and gives it. Like an "expect" line it looks back to the actor's last
// verb first, and waits for [scenario.DefaultWithin] if within is zero. The
// text is for the message, "no TEXT within 2 s".
func Expect[E event.Event](a Actor, text string, within time.Duration, ok func(E) bool) (found E) {
	w := a.world
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
