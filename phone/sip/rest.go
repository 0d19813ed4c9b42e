package sip

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Rest closes the flow and forms no other by itself, until the program asks
// for something. It is for a program that is reached by push while it sleeps:
// the binding stays at the registrar. A flow that calls still need stays open.
func (a *Agent) Rest(now time.Time) control.Output {
	s := &step{now: now}
	if a.flow.state != flowOpen || len(a.calls) > 0 {
		return s.out
	}
	s.do(system.Close{Socket: a.flow.socket})
	s.log(event.Socket{Name: "control", Phase: "closed", Remote: a.cfg.Server, Error: "by us: nothing is held while asleep"})
	a.flow = flow{keepalive: keepalive{proven: a.flow.keepalive.proven}}
	a.recovery, a.txs, a.exchanges = recovery{}, Transactions{}, nil
	a.reg.flowFailed()
	a.reg.resting = true
	return s.out
}
