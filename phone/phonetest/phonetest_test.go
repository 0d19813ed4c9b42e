package phonetest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/phonetest"
)

// failing is a TB that records its failure and goes on.
type failing struct {
	text     []string
	cleanups []func()
}

func (*failing) Helper()             {}
func (f *failing) Cleanup(do func()) { f.cleanups = append(f.cleanups, do) }
func (f *failing) Errorf(format string, args ...any) {
	f.text = append(f.text, fmt.Sprintf(format, args...))
}
func (f *failing) Fatalf(format string, args ...any) { f.Errorf(format, args...) }

func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(w *phonetest.Scenario)
		want string
	}{
		"a word that is wrong": {
			func(w *phonetest.Scenario) { w.Phone("alice").Expect("wake by INVTE") },
			"test.talk:2:23 unknown wake cause \"INVTE\"\n2 | alice: expect wake by INVTE\n  |                       ^^^^^ did you mean INVITE?",
		},
		"nobody of that name": {
			func(w *phonetest.Scenario) { w.Phone("alcie").Do("register") },
			`test.talk:2:1 nobody here is called "alcie"`,
		},
		"a verb is refused": {
			func(w *phonetest.Scenario) { w.Phone("alice").Do("answer") },
			"error: answer: no call is ringing\n  --> test.talk:2\n 2 | alice: answer\n",
		},
		"setup comes too late": {
			func(w *phonetest.Scenario) { w.Play("use phone carol") },
			`"use phone carol": the stage is already set up; pass this line to New`,
		},
		"no such event": {
			func(w *phonetest.Scenario) {
				phonetest.Expect(w.Phone("alice"), "call that lasted an hour", time.Second, func(e event.Call) bool { return e.Lasted.D() > time.Hour })
			},
			"error: no call that lasted an hour within 1 s\n  --> test.talk:2\n 2 | # alice: expect call that lasted an hour within 1s\n   |   ^^^^^^^",
		},
		"an invariant does not hold": {
			func(w *phonetest.Scenario) { w.Play("lock\nwait 1s\nunlock") },
			"test.talk:1: never locked: violated at 00:00.00",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := new(failing)
			c.do(phonetest.New(f, "never locked"))
			for _, do := range f.cleanups {
				do()
			}
			if len(f.text) != 1 || !strings.HasPrefix(f.text[0], c.want) {
				t.Errorf("got  %q\nwant %q", f.text, c.want)
			}
		})
	}
}

func TestWrongSetup(t *testing.T) {
	f := new(failing)
	w := phonetest.New(f, "use lab domian=x")
	w.Phone("alice").Do("register") // does nothing
	if len(f.text) != 1 || !strings.Contains(f.text[0], "did you mean domain?") || len(f.cleanups) > 0 || len(w.Log().After(0)) > 0 {
		t.Errorf("got %q", f.text)
	}
}

// An expectation in Go finds an event since the last verb, and a test's script
// is a scenario.
func TestExpectInGo(t *testing.T) {
	t.Parallel()
	w := phonetest.Seeded(t, 7, "use lab")
	alice := w.Phone("alice")
	alice.Do("register")
	w.Wait(3 * time.Second)
	r := phonetest.Expect(alice, "binding", time.Second, func(e event.Registration) bool { return e.Phase == "active" })
	if r.Status != 200 || !alice.State().Registration.Active {
		t.Errorf("got %+v", r)
	}
	alice.Do("background")
	phonetest.Expect[event.State](alice, "change of state", 0, nil)
	alice.Expect("no registered again for 1m")
	want := "use lab\nalice: register\nwait 3s\n# alice: expect binding within 1s\nalice: background\n" +
		"# alice: expect change of state within 32s\nalice: expect no registered again for 1m\n"
	if got := w.Script(); got != want {
		t.Errorf("the scenario is\n%s\nwant\n%s", got, want)
	}
}

// TestLive says the same to a phone on real sockets.
func TestLive(t *testing.T) {
	w := phonetest.Live(t, "use lab", "use phone carol", "never killed")
	alice, carol := w.Phone("alice"), w.Phone("carol")
	alice.Do("register")
	alice.Expect("registered within 3s")
	carol.Do("register")
	carol.Expect("registered within 3s")
	carol.Do("call alice")
	alice.Expect("call incoming within 2s")
	alice.Do("answer")
	carol.Expect("call up within 2s")
	carol.Expect("audio tone 440 within 5s")
}
