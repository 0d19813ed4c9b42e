package diagnose

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/link"
)

// The findings whose page speaks of what is usual, and the case of other numbers or of
// another cause.

// begun is the first record of the call of the phone that a record is about; 0: it is not known.
func begun(log *event.Log, r event.Record, id int) (seq uint64) {
	for o := range log.Span(0, r.Seq) {
		c, is := o.Event.(event.Call)
		if is && o.Phone == r.Phone && c.ID == id && (c.Phase == event.CallIncoming || c.Phase == event.CallCalling) {
			seq = o.Seq
		}
	}
	return seq
}

// broken says upon what the connection went with which a call was lost.
func (f *Finding) broken(log *event.Log, r event.Record, c event.Call, stamp Stamp) {
	f.Rule = event.RuleFlowBroken
	f.Why, f.Mend = "the connection was lost, and the call with it", "see in the messages and the server's log what ended the connection"
	if c.Reason != "" {
		f.Why += ": " + c.Reason
	}
	seq := begun(log, r, c.ID)
	if seq == 0 {
		return
	}
	if ev := evidenceOf(log, r, "", seq-1, stamp); ev.past.closed != "" {
		f.Rule, f.Why, f.Mend = event.RuleClosedAtStep, ev.past.closed+", and the call went with it", first(pageOf(event.RuleClosedAtStep).Try)
	}
	f.Why = said(f.Why)
}

// budget says how often the app may be woken here, and how often it was.
func (f *Finding) budget(log *event.Log, r event.Record, stamp Stamp) {
	fold := event.FoldOf(log.Span(0, r.Seq), r.Phone)
	most, per := fold.Start.Budget, fold.Start.BudgetPer.D()
	if most == 0 || per == 0 {
		return
	}
	n, since := 0, time.Duration(0)
	for i := len(fold.Wakes) - 1; i >= 0 && fold.Wakes[i].At > r.Device-per; i-- {
		n, since = n+1, fold.Wakes[i].At
	}
	if n == 0 {
		return
	}
	f.Why = said(fmt.Sprintf("this was wake %d since %s: more than %d in %s end the process here", max(n, most+1), stamp(since), most, seconds(per)))
	f.Mend = said(fmt.Sprintf("let the server ping more slowly than every %s, and take a background task when woken, so that an answer costs no wake of its own",
		seconds(per/time.Duration(most)+time.Second)))
}

// unlinked says since when there is no network, of audio that does not come for that alone; ok
// is false where there is one.
func (ev *Evidence) unlinked() (why, mend string, ok bool) {
	if ev.fold.Network != link.Offline {
		return "", "", false
	}
	since := time.Duration(0)
	for r := range ev.of(ev.phone, 0) {
		if e, is := r.Event.(event.Network); is && e.Name == link.Offline {
			since = r.Device
		}
	}
	return "the phone is without a network since " + ev.stamp(since) + ": nothing comes, and nothing goes", "the audio itself is not at fault; see how long the call outlives a network that is gone", true
}

// stale says that the server has sent a call over a flow that the phone had left, and since
// when that was so: it is no cause that the phone could have mended.
func (l *lost) stale() (rule event.Rule, words string, cause event.Record, ok bool) {
	sent, is := l.moment.Event.(event.Swallowed)
	if !is || l.loss.Where != event.AtLink {
		return "", "", cause, false
	}
	var registered event.Record
	for r := range l.log.Span(0, l.moment.Seq) {
		if r.Phone != l.moment.Phone {
			continue
		}
		switch e := r.Event.(type) {
		case event.Mapping:
			if e.Phase == event.MappingForgotten && e.Local == sent.Local {
				cause, registered = r, event.Record{}
			}
		case event.Registration:
			if e.Phase == event.RegistrationActive {
				registered = r
			}
		}
	}
	if cause.Seq == 0 || registered.Seq == 0 {
		return "", "", cause, false
	}
	gone := cause.Event.(event.Mapping)
	words = fmt.Sprintf("the server sent it to %s, which is gone since %s (%s): we had registered anew at %s", sent.Local, l.stamp(cause.Device), gone.Why, l.stamp(registered.Device))
	if contact := bare(registered.Event.(event.Registration).Contact); contact != "" {
		words += " as " + contact
	}
	return event.RuleStaleConnection, words, cause, true
}
