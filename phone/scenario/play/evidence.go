package play

import (
	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// evidence is what the log knows of a step that failed after an action.
func (r *runner) evidence(s scenario.Step, head string, last *act) *diagnose.Evidence {
	log := r.stage.Log()
	q := diagnose.Question{Phone: r.file.Phone, Actor: s.Actor, Head: head}
	if isHandset(log, s.Actor) {
		q.Phone = s.Actor
	}
	q.Now = r.stage.Clock(q.Phone).Device
	if last != nil {
		q.Acted, q.At, q.Since = true, last.at, last.seq
	}
	return diagnose.Examine(log, q)
}

// isHandset reports whether an actor is a phone, with an app and a device, and
// not a robot.
func isHandset(log *event.Log, actor string) bool {
	for r := range log.From(0) {
		if _, on := r.Event.(event.Start); on && r.Phone == actor {
			return true
		}
	}
	return false
}
