package control

import (
	"errors"
	"fmt"
	"os"
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
			if !r.recovers(&said, errServerClosed) {
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
		if r.now = r.now.Add(held * time.Second); !r.recovers(&said, errServerClosed) {
			t.Errorf("not at once, after %ds", held)
		}
	}
	r.Granted(r.now)
	if r.now = r.now.Add(11 * time.Second); r.recovers(&said, errServerClosed) || said != 1 {
		t.Errorf("the sixth in a row is formed at once, or that is said %d times", said)
	}
	r.Granted(r.now)
	if r.now = r.now.Add(33 * time.Second); !r.recovers(&said, errServerClosed) {
		t.Error("it is not forgotten")
	}
}

// TestConnLostSilently: a connection that is lost for what nobody sent, or for what happened
// to the network here, is none that the server has closed: however many in a row hold for
// 20 s, no server is named, and all are formed again at once.
func TestConnLostSilently(t *testing.T) {
	for why, silent := range map[error]bool{
		NoAnswer("no pong"): true, fmt.Errorf("flow: %w", NoAnswer("no pong")): true, os.ErrDeadlineExceeded: true,
		system.TimedOut: true, system.Unreachable: true, system.Moved: true, fmt.Errorf("write: %w", system.Unreachable): true,
		system.Reset: false, system.ClosedByPeer: false, errServerClosed: false, errors.New("no message begins there"): false,
	} {
		r, said, late := newRig(nil), 0, 0
		for range 3 * maxShort {
			r.Granted(r.now)
			r.now = r.now.Add(20 * time.Second)
			if !r.recovers(&said, why) {
				late++
			}
		}
		if silent != (said == 0) || silent != (late == 0) {
			t.Errorf("%v: said %d times, %d were not formed at once", why, said, late)
		}
	}
	r, said := newRig(nil), 0
	for n := range 3 * maxShort { // one of them between those that the server has closed
		r.Granted(r.now)
		r.now = r.now.Add(20 * time.Second)
		if why := []error{errServerClosed, errServerClosed, system.Moved}[n%3]; !r.recovers(&said, why) || said > 0 {
			t.Errorf("%d: %v counts as one in a row", n, why)
		}
	}
}

// recovers reports whether a registration that was lost is made anew at once, and counts
// what is said of a loop.
func (r *rig) recovers(said *int, why error) (atOnce bool) {
	r.step(func(s *Step) {
		atOnce = r.Recover(s, true, why)
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
