package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// actor is a phone to be driven: each verb has events that follow it, each
// after a time.
type actor struct {
	log    *event.Log
	start  time.Time
	follow map[string][]cue
	did    []string
}

type cue struct {
	after time.Duration
	event event.Event
}

func newActor(follow map[string][]cue) *actor {
	a := &actor{log: new(event.Log), start: time.Now(), follow: follow}
	a.tell(event.Start{})
	a.tell(event.Registration{Phase: "active"})
	return a
}

func (a *actor) Log() *event.Log { return a.log }

func (a *actor) tell(e event.Event) {
	a.log.Append(event.Record{Wall: time.Now(), Device: time.Since(a.start), Phone: "alice", Event: e})
}

func (a *actor) Do(_ context.Context, line, _ string) error {
	a.did = append(a.did, line)
	for _, c := range a.follow[line] {
		if c.after == 0 {
			a.tell(c.event)
			continue
		}
		time.AfterFunc(c.after, func() { a.tell(c.event) })
	}
	if line == "answer" {
		return errors.New("answer: no call is ringing")
	}
	return nil
}

// drive gives lines to an actor.
func drive(t *testing.T, a *actor, lines ...string) (complaints []string, err error) {
	d := &driver{phone: a, name: "alice", complain: func(format string, args ...any) {
		complaints = append(complaints, fmt.Sprintf(format, args...))
	}}
	input := make(chan string, len(lines))
	for _, l := range lines {
		input <- l
	}
	close(input)
	err = d.run(t.Context(), input)
	return complaints, err
}

func code(err error) int {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	return 0
}

var up = event.Call{Phase: "up"}

func TestDriverWaits(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		code  int
		took  time.Duration
	}{
		"comes in time":             {[]string{"foreground", "wait for call up within 5s"}, 0, 3 * time.Second},
		"comes too late":            {[]string{"foreground", "wait for call up within 2s"}, exitFailed, 2 * time.Second},
		"was there at once":         {[]string{"background", "wait for suspended within 1s"}, 0, 0},
		"before the last action":    {[]string{"background", "lock", "wait for suspended within 1s"}, exitFailed, time.Second},
		"twice after one action":    {[]string{"background", "wait for suspended", "wait for suspended within 1s"}, 0, 0},
		"of somebody else":          {[]string{"foreground", "bob: wait for call up within 4s"}, exitFailed, 4 * time.Second},
		"the usual limit":           {[]string{"wait for call up"}, exitFailed, defaultWait},
		"time alone":                {[]string{"wait 7s"}, 0, 7 * time.Second},
		"quit ends it":              {[]string{"quit", "wait for call up"}, 0, 0},
		"nothing follows a failure": {[]string{"wait for call up within 1s", "wait 100s"}, exitFailed, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newActor(map[string][]cue{
				"foreground": {{3 * time.Second, up}},
				"background": {{0, event.State{To: event.Suspended}}},
			})
			began := time.Now()
			_, err := drive(t, a, c.lines...)
			took := time.Since(began)
			if code(err) != c.code || took != c.took {
				t.Errorf("%s: exit %d after %s (%v), want %d after %s", name, code(err), took, err, c.code, c.took)
			}
			time.Sleep(time.Minute) // what is still to come, comes
		})
	}
}

// TestDriverEndsWhenItIsKnown: input that ends at once does not end the phone
// before it knows whether the server lets it in.
func TestDriverEndsWhenItIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &actor{log: new(event.Log), start: time.Now()}
		time.AfterFunc(2*time.Second, func() { a.tell(event.Registration{Phase: "failed"}) })
		_, err := drive(t, a)
		if took := time.Since(a.start); err != nil || took != 2*time.Second {
			t.Errorf("ended after %s with %v, want 2 s", took, err)
		}
	})
}

// TestDriverCountsDeviceTime waits ten minutes of a clock that runs x60.
func TestDriverCountsDeviceTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newActor(map[string][]cue{"clock x60": {{0, event.ClockRate{Rate: 60}}}})
		began := time.Now()
		_, err := drive(t, a, "clock x60", "wait for wake within 600s")
		if took := time.Since(began); code(err) != exitFailed || took != 10*time.Second {
			t.Errorf("exit %d after %s, want %d after 10 s", code(err), took, exitFailed)
		}
		check := a.log.After(uint64(len(a.log.After(0)) - 1))[0].Event.(event.Check)
		if check.OK || check.Waited.D() != 600*time.Second {
			t.Errorf("check %+v, want a failed one after 600 s", check)
		}
	})
}

func TestDriverGoesOnAfterWrongLines(t *testing.T) {
	a := newActor(nil)
	complaints, err := drive(t, a, "bakground", "wait for registred", "wait for call up within soon", "wait", "carol: lock", "lock")
	if code(err) != exitInvalid {
		t.Errorf("exit %d, want %d", code(err), exitInvalid)
	}
	all := strings.Join(complaints, "\n")
	for _, want := range []string{
		"line 1: bakground: unknown command", "did you mean background?", "line 2:", "did you mean registered?",
		`line 3: wait for call up within soon: "soon" is no time`, "line 4:", `line 5: lock: nobody here is called "carol"`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in:\n%s", want, all)
		}
	}
	if !slices.Contains(a.did, "lock") {
		t.Errorf("did %q: the last line was to be carried out", a.did)
	}
}

func TestDriverRefusal(t *testing.T) {
	if complaints, err := drive(t, newActor(nil), "answer"); code(err) != exitFailed || len(complaints) != 1 {
		t.Errorf("exit %d, %q; want %d and one complaint", code(err), complaints, exitFailed)
	}
	// What nobody could mean outranks what the phone did.
	if _, err := drive(t, newActor(nil), "answer", "xyzzy"); code(err) != exitInvalid {
		t.Errorf("exit %d, want %d", code(err), exitInvalid)
	}
}

func FuzzParseWait(f *testing.F) {
	f.Add("wait for call up within 3s")
	f.Add("wait 3s")
	f.Add("wait for notification from \"a within b\" within 1m")
	f.Fuzz(func(t *testing.T, line string) {
		if w, isWait, err := parseWait(line); isWait && err == nil && w.limit <= 0 {
			t.Errorf("%q: limit %s", line, w.limit)
		}
	})
}
