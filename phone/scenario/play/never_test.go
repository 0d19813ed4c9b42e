package play

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// A happening is an event of a phone at a time.
type happening struct {
	at    time.Duration
	phone string
	event event.Event
}

func logOf(list []happening) *event.Log {
	log := new(event.Log)
	for _, h := range list {
		log.Append(event.Record{Device: h.at, Phone: h.phone, Event: h.event})
	}
	return log
}

// invariant is the verdict on one "never" line over a log that ends after a
// minute.
func invariant(t *testing.T, line string, list []happening) InvariantResult {
	t.Helper()
	f, err := scenario.ParseFile("x.talk", []byte("use phone alice\n"+line+"\n== a\nregister\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Phone = "alice"
	return checkInvariants(f, logOf(list), time.Minute)[0]
}

func TestNever(t *testing.T) {
	const cause, limit = "never wake without cause", "never stay awake > 10s"
	const ms = time.Millisecond
	wake := func(at time.Duration, by event.WakeCause) happening {
		return happening{at, "alice", event.Wake{N: 1, Cause: by}}
	}
	end := func(at time.Duration) happening { return happening{at, "alice", event.WakeEnd{N: 1}} }
	frame := func(at time.Duration, phone string) happening {
		return happening{at, phone, event.Frame{Wake: 1, What: "INVITE"}}
	}
	bound := happening{0, "alice", event.Start{}}
	active := func(at time.Duration, contact string) happening {
		return happening{at, "alice", event.Registration{Phase: "active", Contact: contact}}
	}
	for name, c := range map[string]struct {
		line   string
		log    []happening
		want   Verdict
		at     time.Duration
		detail string
	}{
		"it stood still": {
			limit, []happening{
				wake(0, event.BySocket), {12 * time.Second, "alice", event.Standstill{For: event.Seconds(11 * time.Second)}}, end(12 * time.Second),
			}, Errored, 0, "wake 1 at 00:00.00: this process stood still in it",
		},
		"it stood still for less than costs more than sound": {
			limit, []happening{
				wake(0, event.BySocket), {time.Second, "alice", event.Standstill{For: event.Seconds(time.Second - 1)}}, end(12 * time.Second),
			}, Failed, 0, "longest 12 s",
		},
		"too long, and it stood still in another": {
			limit, []happening{
				wake(0, event.BySocket), end(11 * time.Second),
				wake(20*time.Second, event.BySocket),
				{40 * time.Second, "alice", event.Standstill{For: event.Seconds(11 * time.Second)}},
				end(40 * time.Second),
			}, Failed, 0, "longest 11 s",
		},
		"no wake":                    {cause, nil, Passed, 0, "0 wakes"},
		"something to read":          {cause, []happening{wake(time.Second, event.BySocket), frame(time.Second, "alice"), end(2 * time.Second)}, Passed, 0, "1 wake"},
		"nothing to read":            {cause, []happening{wake(time.Second, event.BySocket), end(2 * time.Second)}, Failed, time.Second, "wake 1 at 00:01.00: the socket was readable and there was nothing to read"},
		"nothing to read, by push":   {cause, []happening{wake(time.Second, event.ByPush), end(2 * time.Second)}, Passed, 0, "1 wake"},
		"what another phone reads":   {cause, []happening{wake(time.Second, event.BySocket), frame(time.Second, "bob"), end(2 * time.Second)}, Failed, time.Second, "wake 1"},
		"what is read after it":      {cause, []happening{wake(time.Second, event.BySocket), end(2 * time.Second), frame(3*time.Second, "alice")}, Failed, time.Second, "wake 1"},
		"killed before it reads":     {cause, []happening{wake(time.Second, event.BySocket), {2 * time.Second, "alice", event.Killed{}}, frame(3*time.Second, "alice")}, Failed, time.Second, "wake 1"},
		"the second of two":          {cause, []happening{wake(time.Second, event.BySocket), frame(time.Second, "alice"), end(2 * time.Second), wake(5*time.Second, event.BySocket), end(6 * time.Second)}, Failed, 5 * time.Second, "wake 1"},
		"another phone wakes":        {cause, []happening{{time.Second, "bob", event.Wake{Cause: event.BySocket}}}, Passed, 0, "0 wakes"},
		"not over at the end":        {cause, []happening{wake(time.Second, event.BySocket)}, Failed, time.Second, "wake 1"},
		"awake for as long":          {limit, []happening{wake(time.Second, event.ByPush), end(11 * time.Second)}, Passed, 0, "longest 10 s"},
		"awake for longer":           {limit, []happening{wake(time.Second, event.ByPush), end(11*time.Second + ms)}, Failed, time.Second, "longest 10.001 s, wake 1 by push at 00:01.00"},
		"awake to sign off":          {limit, []happening{wake(time.Second, event.ByQuit), end(30 * time.Second)}, Passed, 0, "longest 0 s"},
		"awake for the user":         {limit, []happening{wake(time.Second, event.ByUser), end(30 * time.Second)}, Passed, 0, "longest 0 s"},
		"awake at the end":           {limit, []happening{wake(50*time.Second-ms, event.BySocket)}, Failed, 50*time.Second - ms, "longest 10.001 s"},
		"awake until it dies":        {limit, []happening{wake(time.Second, event.BySocket), {2 * time.Second, "alice", event.Killed{}}}, Passed, 0, "longest 1 s"},
		"the first is the longest":   {limit, []happening{wake(time.Second, event.ByPush), end(13 * time.Second), wake(20*time.Second, event.ByPush), end(31 * time.Second)}, Failed, time.Second, "longest 12 s"},
		"it happens":                 {"never killed", []happening{{3 * time.Second, "alice", event.Killed{Code: "0xbad22222"}}}, Failed, 3 * time.Second, "at 00:03.00: killed"},
		"it happens to another":      {"never killed", []happening{{3 * time.Second, "bob", event.Killed{}}}, Passed, 0, ""},
		"something else happens":     {"never killed 0xdead10cc", []happening{{3 * time.Second, "alice", event.Killed{Code: "0xbad22222"}}}, Passed, 0, ""},
		"new in comparison":          {"never registered from a new contact", []happening{bound, active(time.Second, "a"), active(2*time.Second, "a"), active(3*time.Second, "b")}, Failed, time.Second, "at 00:01.00"},
		"a measured one is exceeded": {"never rtp loss > 1%", []happening{{time.Second, "alice", event.RTP{Received: 9, LossPct: 1}}, {2 * time.Second, "alice", event.RTP{Received: 9, LossPct: 1.1}}}, Failed, 2 * time.Second, "at 00:02.00"},
	} {
		got := invariant(t, c.line, c.log)
		if got.Verdict != c.want || got.At != c.at || !strings.HasPrefix(got.Detail, c.detail) {
			t.Errorf("%s: %s at %s: %q, want %s at %s: %q", name, got.Verdict, got.At, got.Detail, c.want, c.at, c.detail)
		}
		if got.Text != c.line || got.Line != 2 {
			t.Errorf("%s: the verdict is on line %d, %q", name, got.Line, got.Text)
		}
	}
}

// TestAgainst: what is said of a duration is on the side of the limit on which
// it is.
func TestAgainst(t *testing.T) {
	const limit = 10 * time.Second
	for d, want := range map[time.Duration]string{
		limit: "10 s", limit + 1: "10.000000001 s", limit + 4*time.Millisecond: "10.004 s", limit + 6*time.Millisecond: "10.01 s",
		limit - 4*time.Millisecond: "10 s", 0: "0 s",
	} {
		if got := against(limit, d); got != want {
			t.Errorf("%s against %s: %q, want %q", d, limit, got, want)
		}
	}
	for d, want := range map[time.Duration]string{9996 * time.Millisecond: "9.996 s", 9999 * time.Millisecond: "9.999 s"} {
		if got := against(9999*time.Millisecond, d); got != want {
			t.Errorf("%s against 9.999 s: %q, want %q", d, got, want)
		}
	}
	if got := against(time.Millisecond, 1010*time.Microsecond); got != "1.01 ms" {
		t.Errorf("against 1 ms: %q", got)
	}
}

// TestNeverNamesTheAccount: which of several accounts it was, is said.
func TestNeverNamesTheAccount(t *testing.T) {
	f, err := scenario.ParseFile("x.talk", []byte("use phone alice account=work,private\nnever registration lost\n== a\nregister\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Phone = "alice"
	log := new(event.Log)
	log.Append(event.Record{Phone: "alice", Event: event.Start{Accounts: []event.Account{{Name: "work"}, {Name: "private"}}}})
	log.Append(event.Record{Phone: "alice", Device: 3 * time.Second, Account: "private", Event: event.Registration{Phase: event.RegistrationLost, Reason: "gone"}})
	if got := checkInvariants(f, log, time.Minute)[0]; got.Verdict != Failed || got.Detail != "at 00:03.00 as private: registration lost gone" {
		t.Errorf("%s: %q", got.Verdict, got.Detail)
	}
}

// TestOccasions: those that a message does not list are counted, and not kept; and of what is
// only to happen none are.
func TestOccasions(t *testing.T) {
	for _, c := range []struct {
		n           int
		no, counted bool
		want        string
	}{
		{0, true, false, ""},
		{1, true, false, "at 00:00.00"},
		{2, false, true, "at 00:00.00, at 00:01.00 as work"},
		{4, false, true, "at 00:00.00, at 00:01.00 as work, at 00:02.00, at 00:03.00"},
		{5, true, false, "at 00:00.00, at 00:01.00 as work, at 00:02.00, at 00:03.00, and 1 more"},
		{1000, false, true, "at 00:00.00, at 00:01.00 as work, at 00:02.00, at 00:03.00, and 996 more"},
		{1000, false, false, ""},
	} {
		w := watch{step: scenario.Step{Expect: &scenario.Expect{No: c.no, Counted: c.counted}}}
		var f found
		for i := range c.n {
			w.was(&f, time.Duration(i)*time.Second, map[int]string{1: "work"}[i])
		}
		if got := f.when.String(); got != c.want || len(f.when.first) > maxOccasions {
			t.Errorf("%+v: %q, and %d are kept", c, got, len(f.when.first))
		}
	}
}
