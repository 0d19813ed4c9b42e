package stage

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// TestPending looks on while a step waits in vain: what is known grows, and the
// hint is what the failure then says.
func TestPending(t *testing.T) {
	f := parse(t, asleep+"bob: call alice\nexpect wake by INVITE within 2s\n")
	w, err := New(Config{Casting: Casting{File: f}, Seed: 1, Misbehave: []string{"no-invite"}})
	if err != nil {
		t.Fatal(err)
	}
	var before []string
	var last play.Pending
	var hints []string
	r := play.Run(context.Background(), f, slow{w}, play.Options{
		Before: func(_ context.Context, s scenario.Step) { before = append(before, s.Text) },
		Pending: func(p play.Pending) {
			if p.What() != "wake by INVITE" {
				return
			}
			last = p
			facts, hint := p.Known()
			if len(facts) == 0 || facts[0].Subject != "bob" {
				t.Errorf("after %s: %v", p.Gone, facts)
			}
			if hint != "" && p.Gone < 500*time.Millisecond {
				t.Errorf("after %s: %s", p.Gone, hint)
			}
			hints = append(hints, hint)
		},
	})
	if want := "register\nbackground\nexpect suspended within 15s\nbob: call alice\nexpect wake by INVITE within 2s"; strings.Join(before, "\n") != want {
		t.Errorf("asked before %q", before)
	}
	failure := r.Cases[0].Failure
	if failure == nil || len(hints) == 0 || hints[len(hints)-1] != failure.Likely {
		t.Errorf("hints %q, failure %+v", hints, failure)
	}
	if last.Limit != 2*time.Second || last.Gone != 1900*time.Millisecond || last.Wall {
		t.Errorf("%+v", last)
	}
}

// A slow stage lets time pass a tenth of a second at a time, as one does that
// somebody watches.
type slow struct{ *World }

func (s slow) Wait(ctx context.Context, seq uint64, actor string, left time.Duration, wall bool) error {
	return s.World.Wait(ctx, seq, actor, min(left, 100*time.Millisecond), wall)
}
