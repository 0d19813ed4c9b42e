package sip

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// shutdownTimeout is how long goodbyes may take: a person waits for the
// prompt (our own number).
const shutdownTimeout = 4 * time.Second

// shutdown is the agent's way out: hang up, unregister, close.
type shutdown struct {
	on   bool
	done bool
	by   time.Time
}

func (d *shutdown) deadline() time.Time { return d.by }
func (d *shutdown) delay(time.Time)     {}

// advance gives up waiting.
func (d *shutdown) advance(a *Agent, s *step) {
	s.log(event.Error{
		Op: "shut down", Err: "the server did not answer our goodbyes within 4 s",
		Hint: "it may believe for a while that the phone is still there", Rule: event.RuleServerSilent,
	})
	d.finish(a, s)
}

// Shutdown ends every call, removes the registration and closes the flow.
// [Down] follows, at the latest after four seconds.
func (a *Agent) Shutdown(now time.Time) control.Output {
	s := &step{now: now}
	if a.shutdown.on {
		return s.out
	}
	a.shutdown = shutdown{on: true, by: s.in(shutdownTimeout)}
	for _, c := range a.snapshot() {
		if !c.over {
			a.hangup(s, c)
		}
	}
	a.unregister(s)
	a.shutdown.settle(a, s)
	return s.out
}

// settle finishes the shutdown as soon as nothing is left to wait for.
func (d *shutdown) settle(a *Agent, s *step) {
	if d.on && !d.done && len(a.calls) == 0 && a.reg.pending == nil && (!a.reg.bound || a.flow.state == flowDown) {
		d.finish(a, s)
	}
}

func (d *shutdown) finish(a *Agent, s *step) {
	d.done, d.by = true, time.Time{}
	if a.flow.state != flowDown {
		s.do(system.Close{Socket: a.flow.socket})
		s.log(event.Socket{Name: "control", Phase: "closed", Remote: a.cfg.Server})
	}
	a.flow, a.recovery, a.txs, a.exchanges, a.calls = flow{}, recovery{}, Transactions{}, nil, nil
	a.reg.flowFailed()
	s.notice(control.Down{})
}
