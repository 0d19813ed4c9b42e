package xmpp

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// shutdownTimeout is how long goodbyes may take: a person waits for the
// prompt (our own number).
const shutdownTimeout = 4 * time.Second

// shutdown is the agent's way out: hang up, say that we are gone, close.
type shutdown struct {
	on bool
	by time.Time
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

// Shutdown ends every call and the stream, and waits for the server to end
// its side (RFC 6120 §4.4). [control.Down] follows, at the latest after four
// seconds.
func (a *Agent) Shutdown(now time.Time) control.Output {
	s := &step{now: now}
	if a.shutdown.on {
		return s.out
	}
	for _, c := range a.snapshot() {
		a.hangup(s, c)
	}
	wasUp := a.flow.stage == up
	if wasUp {
		a.withdraw(s)
		a.endStream(s)
		a.flow.stage = ending
	}
	a.wanted = false
	a.shutdown = shutdown{on: true, by: s.in(shutdownTimeout)}
	if !wasUp {
		a.shutdown.finish(a, s)
	}
	return s.out
}

func (d *shutdown) finish(a *Agent, s *step) {
	if a.flow.stage != down {
		s.do(system.Close{Socket: a.flow.socket})
		s.log(event.Socket{Name: "control", Phase: "closed", Remote: a.cfg.Server})
	}
	a.closeFlow()
	a.recovery, a.waiting, a.sm = recovery{}, nil, management{}
	d.by = time.Time{}
	s.notice(control.Down{})
}

// Rest closes the connection and opens none by itself, until the program asks
// for something. The stream is not ended, so that the server keeps our session
// and pushes for it. A connection that calls still need stays open.
func (a *Agent) Rest(now time.Time) control.Output {
	s := &step{now: now}
	if a.flow.stage != up || len(a.calls) > 0 {
		return s.out
	}
	if a.sm.id == "" {
		a.endStream(s)
	}
	a.hangUp(s, "by us: nothing is held while asleep")
	a.recovery = recovery{}
	a.resting = true
	return s.out
}
