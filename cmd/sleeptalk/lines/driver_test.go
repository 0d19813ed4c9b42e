package lines

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// actor is a phone to be driven: each verb has events that follow it, each
// after a time.
type actor struct {
	log    *event.Log
	start  time.Time
	follow map[string][]cue
	did    []string
	rate   float64 // of the device clock; 0: 1
}

type cue struct {
	after time.Duration
	event event.Event
}

func newActor(follow map[string][]cue) *actor {
	a := &actor{log: new(event.Log), start: time.Now(), follow: follow}
	a.tell(event.Start{})
	a.tell(event.Launch{})
	a.tell(event.Registration{Phase: "active"})
	return a
}

func (a *actor) Log() *event.Log { return a.log }

func (a *actor) tell(e event.Event) {
	a.log.Append(event.Record{Wall: time.Now(), Device: time.Since(a.start), Phone: "alice", Event: e})
}

func (a *actor) Act(_ context.Context, s scenario.Step) error {
	line := s.Told.Verb()
	a.did = append(a.did, line)
	for _, c := range a.follow[line] {
		if c.after == 0 {
			a.tell(c.event)
			continue
		}
		time.AfterFunc(c.after, func() { a.tell(c.event) })
	}
	if line == "jetsam" {
		return errors.New("the stage cannot do that")
	}
	if line == "answer" {
		return &play.Refusal{Err: errors.New("answer: no call is ringing")}
	}
	return nil
}

func (a *actor) Clock(string) play.Reading {
	wall := time.Since(a.start)
	return play.Reading{Wall: time.Now(), Device: time.Duration(float64(wall) * max(1, a.rate))}
}

func (*actor) Settle(context.Context, string) {}

func (a *actor) Wait(ctx context.Context, seq uint64, _ string, left time.Duration, _ bool) error {
	limited, cancel := context.WithTimeout(ctx, time.Duration(float64(left)/max(1, a.rate)))
	defer cancel()
	_, _ = a.log.Wait(limited, seq)
	return context.Cause(ctx)
}

// drive gives lines to an actor.
func drive(t *testing.T, a *actor, lines ...string) (complaints []string, err error) {
	d := NewDriver(a, verb.Cast{Default: "alice", Phones: []string{"alice"}, Robots: []string{"bob"}, Lab: true}, func(format string, args ...any) {
		complaints = append(complaints, fmt.Sprintf(format, args...))
	})
	input := make(chan cli.Line, len(lines))
	for _, l := range lines {
		input <- cli.Line{Text: l}
	}
	close(input)
	err = d.Run(t.Context(), input)
	return complaints, err
}

func code(err error) int {
	if f, ok := errors.AsType[*cli.Failure](err); ok {
		return f.Code
	}
	return 0
}

var up = event.Call{Phase: "up", Peer: "sip:bob@lab.test"}

// TestDriverStandsStill: of a line in whose time this process did not run, or its
// computer refused a socket, nobody can tell; what failed in spite of it has failed.
func TestDriverStandsStill(t *testing.T) {
	stood := event.Standstill{For: event.Seconds(time.Second)}
	for name, c := range map[string]struct {
		lines []string
		code  int
		says  string
	}{
		"nothing came":        {[]string{"foreground", "expect call up within 2s"}, cli.ExitCannot, "call up"},
		"it came":             {[]string{"foreground", "expect pong within 4s"}, 0, ""},
		"the end was unseen":  {[]string{"foreground", "expect no pong for 1s"}, cli.ExitCannot, "stood still"},
		"nothing was missed":  {[]string{"foreground", "expect no call up for 1s"}, 0, ""},
		"a refusal before":    {[]string{"answer", "foreground", "expect call up within 2s"}, cli.ExitFailed, "no call is ringing"},
		"no socket":           {[]string{"lock", "expect no call up for 2s"}, cli.ExitCannot, "refused a socket"},
		"a wake nobody timed": {[]string{"never stay awake > 1s", "background", "wait 4s"}, cli.ExitCannot, "line 1: never stay awake > 1s: could not tell: wake 1"},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newActor(map[string][]cue{
				"foreground": {{0, event.State{To: event.Foreground}}, {950 * time.Millisecond, stood}, {2 * time.Second, event.Pong{}}},
				"background": {{0, event.Wake{N: 1, Cause: event.BySocket}}, {time.Second, stood}, {2 * time.Second, event.WakeEnd{N: 1}}},
				"lock":       {{0, event.Error{Op: "bind", Err: "too many open files", Rule: event.RuleHostFailed}}},
			})
			complaints, err := drive(t, a, c.lines...)
			if said := fmt.Sprint(complaints); code(err) != c.code || !strings.Contains(said, c.says) {
				t.Errorf("%s: exit %d (%v), want %d; it says %s", name, code(err), err, c.code, said)
			}
			time.Sleep(time.Minute) // what is still to come, comes
		})
	}
}

func TestDriverWaits(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		code  int
		took  time.Duration
	}{
		"comes in time":             {[]string{"foreground", "wait for call up within 5s"}, 0, 3 * time.Second},
		"comes too late":            {[]string{"foreground", "wait for call up within 2s"}, cli.ExitFailed, 2 * time.Second},
		"was there at once":         {[]string{"background", "wait for suspended within 1s"}, 0, 0},
		"before the last action":    {[]string{"background", "lock", "wait for ping within 1s"}, cli.ExitFailed, time.Second},
		"before it a state":         {[]string{"background", "lock", "wait for suspended within 1s"}, 0, 0},
		"twice after one action":    {[]string{"background", "wait for suspended", "wait for suspended within 1s"}, 0, 0},
		"of somebody else":          {[]string{"foreground", "bob: wait for call up within 4s"}, cli.ExitFailed, 4 * time.Second},
		"the usual limit":           {[]string{"wait for call up"}, cli.ExitFailed, scenario.DefaultWithin},
		"a state holds":             {[]string{"lock", "unlock", "wait for registered within 1s"}, 0, 0},
		"again is another":          {[]string{"background", "wait for suspended", "wait for suspended again within 2s"}, cli.ExitFailed, 2 * time.Second},
		"again is after the last":   {[]string{"background", "wait for ping", "wait for suspended again within 2s"}, cli.ExitFailed, 2 * time.Second},
		"one event, one claim":      {[]string{"foreground", "wait for pong within 5s", "wait for pong within 2s"}, cli.ExitFailed, 6 * time.Second},
		"exactly so often":          {[]string{"foreground", "expect pong exactly 1 for 6s"}, 0, 6 * time.Second},
		"it comes too often":        {[]string{"foreground", "expect pong exactly 0 for 6s"}, cli.ExitFailed, 4 * time.Second},
		"it does not come":          {[]string{"expect no pong for 3s"}, 0, 3 * time.Second},
		"it is not to come":         {[]string{"foreground", "expect no pong for 6s"}, cli.ExitFailed, 4 * time.Second},
		"it holds so long":          {[]string{"background", "expect suspended for 5s"}, 0, 5 * time.Second},
		"it does not hold so long":  {[]string{"background", "foreground", "expect suspended for 5s within 1s"}, cli.ExitFailed, time.Second},
		"both come":                 {[]string{"foreground", "expect pong and call up within 5s"}, 0, 4 * time.Second},
		"a variable":                {[]string{"foreground", "wait for call up as $who", "call $who"}, 0, 3 * time.Second},
		"never is looked at":        {[]string{"never call up", "foreground", "wait 4s"}, cli.ExitFailed, 4 * time.Second},
		"time alone":                {[]string{"wait 7s"}, 0, 7 * time.Second},
		"quit ends it":              {[]string{"quit", "wait for call up"}, 0, 0},
		"unread outranks failed":    {[]string{"xyzzy", "wait for call up within 1s", "wait 100s"}, cli.ExitInvalid, time.Second},
		"nothing follows a failure": {[]string{"wait for call up within 1s", "wait 100s"}, cli.ExitFailed, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newActor(map[string][]cue{
				"foreground": {{0, event.State{To: event.Foreground}}, {3 * time.Second, up}, {4 * time.Second, event.Pong{}}},
				"background": {{0, event.State{To: event.Suspended}}, {0, event.Ping{}}},
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
		a.tell(event.Launch{})
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
		a := newActor(nil)
		a.rate = 60
		began := time.Now()
		_, err := drive(t, a, "wait for wake within 600s")
		if took := time.Since(began); code(err) != cli.ExitFailed || took != 10*time.Second {
			t.Errorf("exit %d after %s, want %d after 10 s", code(err), took, cli.ExitFailed)
		}
		check := a.log.After(uint64(len(a.log.After(0)) - 1))[0].Event.(event.Check)
		if check.OK || check.Waited.D() != 600*time.Second {
			t.Errorf("check %+v, want a failed one after 600 s", check)
		}
	})
}

func TestDriverGoesOnAfterWrongLines(t *testing.T) {
	a := newActor(nil)
	complaints, err := drive(t, a, "bakground", "wait for registred", "wait for call up within soon", "wait", "carol: lock", "bob: answer", "lock")
	if code(err) != cli.ExitInvalid {
		t.Errorf("exit %d, want %d", code(err), cli.ExitInvalid)
	}
	all := strings.Join(complaints, "\n")
	for _, want := range []string{
		"line 1: bakground: unknown verb", "did you mean background?", "line 2:", "did you mean registered?",
		`line 3: wait for call up within soon: "soon" is no time`, "line 4:", `line 5: carol: lock: nobody here is called "carol"`,
		"line 6: bob: answer: bob is a robot of the lab, which can call, ",
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
	if complaints, err := drive(t, newActor(nil), "answer"); code(err) != cli.ExitFailed || len(complaints) != 1 {
		t.Errorf("exit %d, %q; want %d and one complaint", code(err), complaints, cli.ExitFailed)
	}
	// What nobody could mean outranks what the phone did.
	if _, err := drive(t, newActor(nil), "jetsam"); code(err) != cli.ExitCannot {
		t.Errorf("what could not be played ended with %v", err)
	}
	if _, err := drive(t, newActor(nil), "jetsam", "answer"); code(err) != cli.ExitFailed {
		t.Errorf("a refusal beside it ended with %v", err)
	}
	if _, err := drive(t, newActor(nil), "answer", "xyzzy"); code(err) != cli.ExitInvalid {
		t.Errorf("exit %d, want %d", code(err), cli.ExitInvalid)
	}
}

// TestServe: neither a claim that fails nor the end of the lines ends what others
// may be using; "quit" and the context do.
func TestServe(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		code  int
		took  time.Duration
	}{
		"quit after a failure": {[]string{"wait for call up within 1s", "quit"}, cli.ExitFailed, time.Second},
		"the end of the lines": {[]string{"lock"}, 0, time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newActor(nil)
			d := NewDriver(a, verb.Cast{Default: "alice", Phones: []string{"alice"}}, func(string, ...any) {})
			input := make(chan cli.Line, len(c.lines))
			for _, l := range c.lines {
				input <- cli.Line{Text: l}
			}
			close(input)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := d.Serve(ctx, input)
			if took := time.Since(a.start); code(err) != c.code || took != c.took || (c.took == time.Minute) != errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v after %s", name, err, took)
			}
		})
	}
}

// TestDriverWaitsForTheLaunch: the first line finds the app there.
func TestDriverWaitsForTheLaunch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &actor{log: new(event.Log), start: time.Now()}
		time.AfterFunc(3*time.Second, func() {
			if len(a.did) > 0 {
				t.Errorf("%q was done before the launch", a.did)
			}
			a.tell(event.Launch{})
			a.tell(event.Registration{Phase: event.RegistrationActive})
		})
		if complaints, err := drive(t, a, "register"); err != nil || len(a.did) != 1 {
			t.Errorf("did %q, %v, %q", a.did, err, complaints)
		}
	})
}

// TestDriverSaysThatInputFailed: lines that were lost are not taken for none.
func TestDriverSaysThatInputFailed(t *testing.T) {
	input := make(chan cli.Line, 1)
	input <- cli.Line{Err: errors.New("input/output error")}
	close(input)
	complaint := ""
	d := NewDriver(newActor(nil), verb.Cast{Default: "alice", Phones: []string{"alice"}}, func(format string, args ...any) {
		complaint = fmt.Sprintf(format, args...)
	})
	if err := d.Run(t.Context(), input); code(err) != cli.ExitInvalid || complaint != "line 1: standard input: input/output error" {
		t.Errorf("%v, %q", err, complaint)
	}
}

// TestDriverSeesABreak: what is over and back before anybody looks was a break,
// after which the time begins anew.
func TestDriverSeesABreak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newActor(map[string][]cue{"foreground": {{0, event.State{To: event.Foreground}}}})
		time.AfterFunc(2*time.Second, func() {
			a.tell(event.State{To: event.Awake})
			a.tell(event.State{To: event.Foreground})
		})
		if _, err := drive(t, a, "foreground", "expect foreground for 5s"); err != nil || time.Since(a.start) != 7*time.Second {
			t.Errorf("%v after %s, want 7 s", err, time.Since(a.start))
		}
	})
}
