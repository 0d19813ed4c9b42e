package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// findLoss is the finding of a lost call.
func findLoss(log *event.Log, r event.Record, loss event.Loss, stamp Stamp) Finding {
	began := began(log, r, loss)
	l := lost{log: log, loss: loss, stamp: stamp, ev: evidenceOf(log, r, "wake", began-1, stamp)}
	l.moment, _ = recordOf(log, loss.Moment)
	l.cause, _ = recordOf(log, loss.Cause)
	f := Finding{Loss: true, Seq: r.Seq, Moment: loss.Moment, Cause: loss.Cause, At: r.Device - loss.Ago.D()}
	if loss.Cause != 0 {
		f.CauseAt = r.Device - loss.Since.D()
	}
	f.Lost = said(l.what(f.At))
	rule, why, cause, stale := l.stale()
	if stale {
		f.Rule, f.Cause, f.CauseAt = rule, cause.Seq, cause.Device
	} else if f.Rule, why = l.why(f.CauseAt); f.Rule == "" && why == "" {
		why = "nothing of it is known here: the phone was registered, and its connection stood; the server's own log says more"
	}
	f.Why = said(why)
	f.Mend = said(l.mend(f.Rule, r.Device))
	return f
}

// began is the number of the first record of a lost call: that of its caller, or of its bytes.
func began(log *event.Log, r event.Record, loss event.Loss) uint64 {
	for o := range log.From(0) {
		c, is := o.Event.(event.Call)
		if o.Seq >= loss.Moment || o.Seq >= r.Seq {
			break
		}
		if is && c.Phase == event.CallCalling && c.CallID == loss.CallID && loss.CallID != "" {
			return o.Seq
		}
	}
	return max(1, loss.Moment)
}

// lost is a lost call with what its log knows of it.
type lost struct {
	log           *event.Log
	ev            *Evidence
	loss          event.Loss
	moment, cause event.Record
	stamp         Stamp
}

// what says which call was lost, how far it came, and what its caller has heard.
func (l *lost) what(at time.Duration) string {
	text := fmt.Sprintf("%s, %s: %s", l.caller(), l.stamp(at), l.way())
	switch {
	case l.loss.Waits:
		return text + "; " + l.caller() + " still waits"
	case l.loss.Status != 0:
		text += fmt.Sprintf("; %s was told %d %s", l.caller(), l.loss.Status, l.loss.Reason)
	case l.loss.By != "":
		text += "; " + l.caller() + " gave up"
	default:
		return text + "; what " + l.caller() + " was told is not known here"
	}
	if l.loss.After > 0 {
		text += " after " + event.Round(l.loss.After.D())
	}
	return text
}

// caller is who calls.
func (l *lost) caller() string { return cmp.Or(l.loss.From, "the caller") }

// way is how far the call came.
func (l *lost) way() string {
	switch l.loss.Where {
	case event.AtLink:
		e, _ := l.moment.Event.(event.Swallowed)
		return fmt.Sprintf("INVITE, %d B, swallowed %s", e.Bytes, swallower(e.Why))
	case event.AtApp:
		return "it came, and was over before it rang"
	case event.AtAnswer:
		return "it was answered, and the answer was lost"
	}
	return "nothing of it came to the phone"
}

// swallower is where bytes were lost by a fault.
func swallower(why string) string {
	switch why {
	case "nat drop", "nat expired", "no mapping":
		return "at the NAT"
	case "handover", "offline":
		return "on the way: the phone had left the network"
	}
	return "on the way (" + why + ")"
}

// why is the rule, and what has cut the phone off. What was written down of that comes
// before what can be guessed.
func (l *lost) why(at time.Duration) (event.Rule, string) {
	if words := stoodStill(l.ev); words != "" {
		return event.RuleStoodStill, words
	}
	switch e := l.cause.Event.(type) {
	case event.Mapping:
		return l.forgotten(at, e)
	case event.Network:
		return event.RuleHandover, fmt.Sprintf("the phone was without a network since %s", l.stamp(at))
	case event.Fault:
		return event.RuleServerSilent, fmt.Sprintf("the server hangs since %s (%s): its machine takes what comes, and nothing answers", l.stamp(at), e.Name)
	case event.Registration:
		return l.unregistered(at, e)
	case event.Killed:
		return e.Rule, fmt.Sprintf("there was no process of the app since %s: %s", l.stamp(at), strings.TrimSpace(e.Reason+" "+e.Code))
	}
	if w := l.ev.warned(func(rule event.Rule) bool { return slices.Contains(tellsOfCalls, rule) }); w.Rule != "" {
		return w.Rule, w.Note
	}
	if l.loss.Where == event.AtApp {
		return l.tooLate()
	}
	return l.ev.fits(func(event.Rule) bool { return true })
}

// tellsOfCalls are the warnings by which a phone says itself why a call was lost.
var tellsOfCalls = []event.Rule{
	event.RuleWakeRace, event.RuleGhostCall, event.RulePushWithoutCall, event.RuleDuplicateInvite, event.RuleUnacknowledged, event.RuleRangTooLong,
	event.RuleUnreportedPush, event.RuleNotWakeable,
}

// forgotten says which flow the network has forgotten, and how long it had been silent.
func (l *lost) forgotten(at time.Duration, e event.Mapping) (event.Rule, string) {
	switch e.Why {
	case "handover":
		return event.RuleHandover, fmt.Sprintf("the phone has changed networks at %s: %s is dead, and nobody was told", l.stamp(at), e.Local)
	case "server half-open":
		return event.RuleHalfOpen, fmt.Sprintf("the server has lost the connection at %s without a word: to %s it sends no more", l.stamp(at), e.Local)
	}
	text := "the NAT forgot us at " + l.stamp(at)
	if e.Idle > 0 {
		text += fmt.Sprintf(", %s after the last bytes", seconds(e.Idle.D()))
	}
	if k := l.ev.fold.Keepalive; k.Installed && k.Timeout > 0 {
		text += fmt.Sprintf("; we ping every %s", seconds(k.Timeout))
	}
	return event.RuleHalfOpen, text
}

// unregistered says why the server did not know the phone.
func (l *lost) unregistered(at time.Duration, e event.Registration) (event.Rule, string) {
	switch {
	case e.Phase == event.RegistrationActive:
		return event.RuleBindingLost, fmt.Sprintf("our registration lapsed at %s, and nothing had refreshed it", l.stamp(at))
	case e.Phase == event.RegistrationFailed && wrongPassword(l.ev) != "":
		return event.RuleWrongPassword, fmt.Sprintf("%s at %s", wrongPassword(l.ev), l.stamp(at))
	case e.Status != 0:
		return cmp.Or(e.Rule, event.RuleNotRegistered), fmt.Sprintf("our registration %s at %s: %d %s", e.Phase, l.stamp(at), e.Status, e.Reason)
	}
	text := strings.TrimSuffix(fmt.Sprintf("our registration was %s at %s: %s", e.Phase, l.stamp(at), e.Reason), ": ")
	if back, ok := l.back(); ok {
		text += "; we were registered again at " + l.stamp(back)
	}
	return cmp.Or(e.Rule, event.RuleNotRegistered), text
}

// back is when the phone was registered again after what had cut it off.
func (l *lost) back() (at time.Duration, ok bool) {
	for r := range l.ev.of(l.cause.Phone, l.cause.Seq) {
		if e, is := r.Event.(event.Registration); is && e.Phase == event.RegistrationActive {
			return r.Device, true
		}
	}
	return 0, false
}

// tooLate says how long the phone had to ring, of a call that was over before.
func (l *lost) tooLate() (event.Rule, string) {
	w := l.ev.fold.LastWake()
	text := "the caller gave up before the phone could ring"
	if w != nil && w.Timed && w.Cause == event.BySocket {
		text += fmt.Sprintf(": it was woken at %s, and read the call %s later", l.stamp(w.At), event.Round(w.Latency))
	}
	return event.RuleMissedCall, text
}

// mend is the way out, and when the phone has its next chance by itself.
func (l *lost) mend(rule event.Rule, now time.Duration) string {
	text := cmp.Or(l.own(rule), first(pageOf(rule).Try), "compare what the server wrote of this call")
	if l.loss.Next > 0 {
		text += "; next chance " + l.stamp(now+l.loss.Next.D())
	}
	return text
}

// own is a way out with the numbers of the case; "" where the rule's page says it.
func (l *lost) own(rule event.Rule) string {
	k := l.ev.fold.Keepalive
	switch e := l.cause.Event.(type) {
	case event.Mapping:
		if e.Limit == 0 || rule != event.RuleHalfOpen {
			return ""
		}
		text := fmt.Sprintf("something must pass every %s at the latest: let the server ping", seconds(e.Limit.D()))
		if k.Timeout > e.Limit.D() {
			text += fmt.Sprintf(" (our own pings are %s apart)", seconds(k.Timeout))
		}
		return text
	case event.Registration:
		switch {
		case e.Phase == event.RegistrationActive:
			text := fmt.Sprintf("a registration of %s must be refreshed while the app sleeps, or be longer", seconds(e.Expires.D()))
			if k.Installed {
				text += fmt.Sprintf(" (it is woken every %s)", seconds(k.Timeout))
			}
			return text
		case e.Phase == event.RegistrationLost:
			return "let the server hold a call until the phone is back, or keep its bindings when it restarts"
		}
	}
	return ""
}

// seconds writes a time as the settings of NATs and pings have it: "240 s".
func seconds(d time.Duration) string {
	return fmt.Sprintf("%g s", d.Round(100*time.Millisecond).Seconds())
}
