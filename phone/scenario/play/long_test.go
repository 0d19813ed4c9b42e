package play

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// A busy stage has a phone whose server asks it very often: each action brings
// about so many requests, a millisecond apart.
type busy struct {
	log *event.Log
	n   int
	now time.Duration
	rnd *rand.Rand // nil: the requests are all alike, and are packed well
}

func (b *busy) Log() *event.Log { return b.log }

func (b *busy) Act(context.Context, scenario.Step) error {
	for i := range b.n {
		b.now += time.Millisecond
		raw := []byte(fmt.Sprintf("OPTIONS %d %s", i, strings.Repeat("X-Filler: as usual\r\n", 40)))
		for i := 20; b.rnd != nil && i < len(raw); i++ {
			raw[i] = byte(b.rnd.Uint32())
		}
		b.happened(event.Message{Method: "OPTIONS", CSeq: uint32(i), Raw: string(raw)})
	}
	return nil
}

func (b *busy) happened(e event.Event) {
	b.log.Append(event.Record{Device: b.now, Wall: time.Unix(0, 0).Add(b.now), Phone: "alice", Event: e})
}

func (b *busy) Clock(string) Reading { return Reading{time.Unix(0, 0).Add(b.now), b.now} }

func (*busy) Settle(context.Context, string) {}

func (b *busy) Wait(_ context.Context, _ uint64, _ string, left time.Duration, _ bool) error {
	b.now += left
	return nil
}

// played plays a scenario for a busy phone.
func (b *busy) played(t *testing.T, lines string) *Result {
	t.Helper()
	f, err := scenario.ParseFile("x.talk", []byte("use phone alice\n"+lines), nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Phone = "alice"
	b.happened(event.Start{})
	b.happened(event.Wake{N: 1, Cause: event.BySocket})
	b.happened(event.Frame{Wake: 1, What: "OPTIONS"})
	return Run(t.Context(), f, b, Options{})
}

// What a verdict rests on is there, wherever in a long log it is: counts are
// exact, what was long ago is found, and what was not is not.
func TestVerdictsOfALongLog(t *testing.T) {
	b := &busy{log: new(event.Log), n: 15_000}
	r := b.played(t, `never wake without cause
never call up
== it counts
background
expect received OPTIONS exactly 15000 for 60s
expect no wake within 1s
== it remembers
background
expect received OPTIONS exactly 15000 for 60s
expect wake within 1s
`)
	got := ""
	for _, c := range r.Cases {
		got += string(c.Verdict) + " "
	}
	for _, i := range r.Invariants {
		got += string(i.Verdict) + " "
	}
	if want := "passed failed passed passed "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if f := r.Cases[1].Failure; f == nil || !strings.Contains(f.Message, "no wake within 1 s") {
		t.Errorf("%+v", f)
	}
	b = &busy{log: new(event.Log), n: 14_999}
	if r := b.played(t, "== one is missing\nbackground\nexpect received OPTIONS exactly 15000 for 60s\n"); r.Verdict() != Failed || !strings.Contains(r.Cases[0].Failure.Message, "14999 times instead of 15000") {
		t.Errorf("one less: %s, %+v", r.Verdict(), r.Cases[0].Failure)
	}
}

// full is a store on which nothing can be written.
func full() (event.Store, error) { return nil, errors.New("no space left on device") }

// No verdict rests on what a log has let go: it is an error, which names the
// rule.
func TestNoVerdictOnACutLog(t *testing.T) {
	for _, lines := range []string{
		"== a\nbackground\nexpect received OPTIONS exactly 15000 for 1h\n",
		"== a\nbackground\nexpect no wake within 1s\n",
		"== a\nbackground\nexpect registered for 1s within 2s\n",
		"never wake without cause\n== a\nbackground\n",
	} {
		b := &busy{log: event.NewLog(full), n: 15_000, rnd: rand.New(rand.NewPCG(1, 2))}
		r := b.played(t, lines)
		why := ""
		if len(r.Invariants) > 0 {
			why = r.Invariants[0].Detail
		} else if r.Cases[0].Failure != nil {
			why = r.Cases[0].Failure.Message
		}
		if b.log.Lost() == 0 || r.Verdict() != Errored || !strings.Contains(why, "sleeptalk explain log-cut") {
			t.Errorf("%q: %s, %q, with %d records lost", lines, r.Verdict(), why, b.log.Lost())
		}
	}
}

// Waiting through a long log takes no memory that grows with it.
func TestWaitingTakesNoMemory(t *testing.T) {
	heap := func(n int) uint64 {
		b := &busy{log: event.NewLog(func() (event.Store, error) { return os.CreateTemp(t.TempDir(), "") }), n: n}
		b.played(t, "== a\nbackground\nwait 1h\n")
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		runtime.KeepAlive(b)
		return m.HeapAlloc
	}
	few, many := heap(15_000), heap(45_000)
	if many > few+4<<20 {
		t.Errorf("15,000 requests take %d bytes, 45,000 take %d", few, many)
	}
}
