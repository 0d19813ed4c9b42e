package play

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// evidence is what the log knows when something has failed: what the facts
// and the likely cause are drawn from. Of the lab it uses only what a real
// server and a real caller would show.
type evidence struct {
	phone string // the phone that it is about: the actor's, else the one under test
	actor string // whose expectation failed
	head  string // the first word of the expectation; "" for a verb
	log   []event.Record
	fold  *event.Fold // of the phone
	now   time.Duration
	act   *act   // the last action of anybody; nil: there was none
	since uint64 // the record after which its effects stand
}

func (r *runner) evidence(s scenario.Step, head string, last *act) *evidence {
	log := r.stage.Log().After(0)
	phone := r.file.Phone
	if isHandset(log, s.Actor) {
		phone = s.Actor
	}
	ev := &evidence{
		phone: phone, actor: s.Actor, head: head, log: log,
		fold: event.FoldOf(log, phone), now: r.stage.Clock(phone).Device, act: last,
	}
	if last != nil {
		ev.since = last.seq
	}
	return ev
}

// isHandset reports whether an actor is a phone, with an app and a device, and
// not a robot.
func isHandset(log []event.Record, actor string) bool {
	return slices.ContainsFunc(log, func(r event.Record) bool {
		_, on := r.Event.(event.Start)
		return on && r.Phone == actor
	})
}

// of lists the records of somebody, after the one numbered seq.
func (ev *evidence) of(who string, seq uint64) []event.Record {
	var list []event.Record
	for _, r := range ev.log[min(int(seq), len(ev.log)):] {
		if r.Phone == who {
			list = append(list, r)
		}
	}
	return list
}

// effects are the records of somebody since the last action.
func (ev *evidence) effects(who string) []event.Record { return ev.of(who, ev.since) }

// calling are the requests of which a call is made.
var calling = []string{"INVITE", "CANCEL", "BYE"}

// others lists who else has had to do with a call since the last action, in
// the order in which they began.
func (ev *evidence) others() []string {
	var list []string
	for _, r := range ev.log[min(int(ev.since), len(ev.log)):] {
		m, signals := r.Event.(event.Message)
		if signals && slices.Contains(calling, m.Method) && r.Phone != ev.phone && !slices.Contains(list, r.Phone) {
			list = append(list, r.Phone)
		}
	}
	return list
}
