package control

import (
	"errors"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestConnLostSoon: a server that lets us in and closes the connection soon, again and
// again, is connected to later and later, and that is said once. One that holds for longer
// has us back at once, as has the first that does after many that did not.
func TestConnLostSoon(t *testing.T) {
	for held, want := range map[time.Duration]struct{ least, most, said int }{
		3 * time.Second:    {15, 24, 1},
		RecoveryQuiet - 1:  {15, 24, 1},
		RecoveryQuiet:      {15, 24, 1},
		11 * time.Second:   {15, 24, 1},
		32 * time.Second:   {15, 24, 1},
		32*time.Second + 1: {450, 450, 0},
		10 * time.Minute:   {24, 24, 0},
	} {
		r := newRig(nil)
		said, formed := 0, 0
		for until := r.now.Add(4 * time.Hour); r.now.Before(until); formed++ {
			r.Granted(r.now)
			r.now = r.now.Add(held)
			if !r.recovers(&said) {
				r.after(r.Deadline().Sub(r.now))
			}
		}
		if formed < want.least || formed > want.most || said != want.said {
			t.Errorf("held %s: formed %d times in four hours, said %d times", held, formed, said)
		}
	}
	r, said := newRig(nil), 0
	for _, held := range []time.Duration{11, 11, 11, 11, 11, 33, 11, 11, 11, 11, 11} {
		r.Granted(r.now)
		if r.now = r.now.Add(held * time.Second); !r.recovers(&said) {
			t.Errorf("not at once, after %ds", held)
		}
	}
	r.Granted(r.now)
	if r.now = r.now.Add(11 * time.Second); r.recovers(&said) || said != 1 {
		t.Errorf("the sixth in a row is formed at once, or that is said %d times", said)
	}
	r.Granted(r.now)
	if r.now = r.now.Add(33 * time.Second); !r.recovers(&said) {
		t.Error("it is not forgotten")
	}
}

// recovers reports whether a registration that was lost is made anew at once, and counts
// what is said of a loop.
func (r *rig) recovers(said *int) (atOnce bool) {
	r.step(func(s *Step) {
		atOnce = r.Recover(s, true, errors.New("closed"))
		for _, e := range s.Out.Effects {
			if log, ok := e.(system.Log); ok {
				if w, ok := log.Event.(event.Warning); ok && w.Rule == event.RuleServerLoop {
					*said++
				}
			}
		}
	})
	return atOnce
}
