package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The causes for which a call does not get through, or does not end.

func duplicateInvite(ev *Evidence) string {
	type id struct {
		call string
		cseq uint32
	}
	seen := map[id]bool{}
	for r := range ev.effects(ev.phone) {
		m, ok := r.Event.(event.Message)
		if !ok || m.Out || m.Method != "INVITE" || m.Status != 0 {
			continue
		}
		if seen[id{m.CallID, m.CSeq}] {
			return "the server sent the same INVITE twice, by two ways"
		}
		seen[id{m.CallID, m.CSeq}] = true
	}
	return ""
}

// sentBy finds who else has sent a request since the last action.
func (ev *Evidence) sentBy(method string) (who string, at time.Duration) {
	for _, who := range ev.others() {
		if at, ok := ev.callers.first[request{who, true, method}]; ok {
			return who, at
		}
	}
	return "", 0
}

// reached reports whether the phone has read such a request since the last
// action.
func (ev *Evidence) reached(method string) bool {
	_, ok := ev.callers.first[request{ev.phone, false, method}]
	return ok
}

func lateCancel(ev *Evidence) string {
	if who, _ := ev.unrouted(); who != "" {
		return "" // there was nothing to cancel
	}
	if who, at := ev.sentBy("CANCEL"); who != "" && !ev.reached("CANCEL") {
		return fmt.Sprintf("%s cancelled at %s, and the server has not passed the CANCEL on", who, ev.stamp(at))
	}
	return ""
}

func lostBye(ev *Evidence) string {
	if who, at := ev.sentBy("BYE"); who != "" && !ev.reached("BYE") {
		return fmt.Sprintf("%s hung up at %s, and the server has not passed the BYE on", who, ev.stamp(at))
	}
	return ""
}

// unrouted finds who has called in vain.
func (ev *Evidence) unrouted() (who string, at time.Duration) {
	if ev.reached("INVITE") {
		return "", 0
	}
	return ev.sentBy("INVITE")
}

// asleep finds who has called in vain an app that slept then.
func (ev *Evidence) asleep() (who string) {
	who, at := ev.unrouted()
	if l := ev.fold.Life; l.State != event.Suspended || l.Since > at {
		return ""
	}
	return who
}

// nothingWakes fits an app that has done nothing to be woken, and slept all the
// while.
func nothingWakes(ev *Evidence) string {
	who := ev.asleep()
	if who == "" || ev.fold.Start.Strategy != "none" {
		return ""
	}
	return fmt.Sprintf("the app slept when %s called, and had done nothing to be woken", who)
}

// unwatched fits an app that slept with a connection that the system did not watch, for
// that reason.
func unwatched(rule event.Rule) func(*Evidence) string {
	return func(ev *Evidence) string {
		who, m := ev.asleep(), ev.fold.Mark
		if who == "" || m.Rule != rule {
			return ""
		}
		return fmt.Sprintf("the app slept when %s called, and nobody watched its connection: %s", who, m.Why)
	}
}

// keepaliveCut fits an app that slept because its keepalive handler was cut while it
// waited for an answer: it would have found out otherwise that its connection is dead.
func keepaliveCut(ev *Evidence) string {
	who, k := ev.asleep(), &ev.fold.Keepalive
	if who == "" || !k.Cut || k.Ponged {
		return ""
	}
	return fmt.Sprintf("the app slept when %s called: its keepalive handler of %s was cut before it had an answer, and took no background task to wait on", who, ev.stamp(k.LastTick))
}

// tookSockets fits an app whose connection the system took while it slept: the
// server has lost the phone with it, and no call can wake it.
func tookSockets(ev *Evidence) string {
	r := ev.past.reclaimed
	e, ok := r.Event.(event.Reclaim)
	if !ok || r.Device < ev.fold.Life.Since || ev.asleep() == "" {
		return ""
	}
	return fmt.Sprintf("the system had taken the sleeping app's sockets at %s: %s", ev.stamp(r.Device), e.Why)
}

// frozenSockets fits an app whose connections the system destroyed because it had
// frozen the app.
func frozenSockets(ev *Evidence) string {
	r, since := ev.past.destroyed, ev.fold.Life.Since
	if r.Seq == 0 || r.Device < since || ev.asleep() == "" {
		return ""
	}
	return fmt.Sprintf("the system froze the app at %s, and destroyed its connections at %s", ev.stamp(since), ev.stamp(r.Device))
}

// rangTooLong fits where a call still rings and the app was suspended meanwhile.
func rangTooLong(ev *Evidence) string {
	l, c := ev.fold.Life, ev.fold.Ringing()
	if l.State != event.Suspended || c == nil || l.Since < c.At {
		return ""
	}
	return fmt.Sprintf("the call of %s rang since %s, and the time to run that the app was lent ended at %s", c.Who(), ev.stamp(c.At), ev.stamp(l.Since))
}

func bindingLost(ev *Evidence) string {
	who, _ := ev.unrouted()
	if who == "" || !ev.fold.Registration.Active {
		return ""
	}
	for r := range ev.effects(who) {
		m, ok := r.Event.(event.Message)
		if ok && !m.Out && m.Method == "INVITE" && (m.Status == 480 || m.Status == 404) {
			return fmt.Sprintf("the registrar has lost our binding: %s was told %d %s, and we are registered until %s",
				who, m.Status, m.Reason, ev.stamp(ev.fold.Registration.Until))
		}
	}
	return ""
}

// callRefused fits where the server itself has turned the caller down, and not
// for want of a way to the phone: 408, 430 and Kamailio's 477 say that it had
// tried one, and 487 that the caller cancelled.
func callRefused(ev *Evidence) string {
	who, _ := ev.unrouted()
	for r := range ev.effects(who) {
		m, ok := r.Event.(event.Message)
		if !ok || m.Out || m.Method != "INVITE" || m.Status < 400 {
			continue
		}
		if !slices.Contains([]int{401, 407, 408, 430, 477, 487}, m.Status) {
			return fmt.Sprintf("the server refused the call of %s: %d %s", who, m.Status, m.Reason)
		}
	}
	return ""
}

// staleFlow fits where a call does not come over a connection that is not the
// first one.
func staleFlow(ev *Evidence) string {
	who, _ := ev.unrouted()
	if who == "" || ev.fold.Socket.Losses == 0 || !ev.fold.Socket.Open() || !ev.fold.Registration.Active {
		return ""
	}
	return fmt.Sprintf("the server sent the call over a connection that is gone: we are at %s since %s",
		ev.fold.Socket.Local, ev.stamp(ev.fold.Socket.At))
}

// refusedCall fits where the only INVITE came from somebody whom the phone does
// not know: the server may have another address than its name says.
func refusedCall(ev *Evidence) (note string) {
	for r := range ev.effects(ev.phone) {
		switch e := r.Event.(type) {
		case event.Message:
			if !e.Out && e.Method == "INVITE" && e.Status == 0 {
				return ""
			}
		case event.Warning:
			if e.Rule == event.RuleUnknownSender && strings.HasPrefix(e.Note, "INVITE ") {
				note = e.Note
			}
		}
	}
	return note
}

func notRouted(ev *Evidence) string {
	who, _ := ev.unrouted()
	if who == "" || !ev.fold.Socket.Open() {
		return ""
	}
	return "the proxy did not route the call to our contact " + bare(ev.fold.Registration.Contact)
}
