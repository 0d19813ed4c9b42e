package sip

import (
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A renewal is whether and when a subscription that its notifier has ended is begun anew
// (RFC 6665 §4.1.3):
//
//	deactivated, timeout            at once
//	probation, giveup               after its retry-after, or a while
//	rejected, noresource, invariant never
//	anything else                   after its retry-after, else never
//
// A notifier that ends each new one soon is asked later and later.
type renewal struct {
	begun time.Time // when the subscription was begun
	short int       // how many in a row were over soon
	at    time.Time // when the next is begun; zero: none waits
}

const (
	// renewBase is how long to wait where nobody says, and where the notifier has ended
	// two in a row soon; renewMost is the most that the doubling of it comes to. They are
	// those of a registration (RFC 5626 §4.5).
	renewBase = 30 * time.Second
	renewMost = 30 * time.Minute
	// soon is how long a subscription lasts that is over soon: not longer than it may take
	// to begin (our own number, 64*T1).
	soon = giveUp
)

// after is how long to wait before the next, once one has ended for that reason; ok is
// false if there is to be none.
func (n *renewal) after(now time.Time, reason string, asked time.Duration, has bool) (wait time.Duration, ok bool) {
	switch strings.ToLower(reason) {
	case "deactivated", "timeout":
	case "probation", "giveup":
		wait = renewBase
		if has {
			wait = min(asked, maxExpires)
		}
	case "rejected", "noresource", "invariant":
		return 0, false
	default:
		if !has {
			return 0, false
		}
		wait = min(asked, maxExpires)
	}
	if now.Sub(n.begun) > soon {
		n.short = 0
		return wait, true
	}
	if n.short++; n.short > 1 {
		wait = max(wait, min(renewBase<<min(n.short-2, 6), renewMost))
	}
	return wait, true
}

// ended takes the end of the subscription by its notifier.
func (w *watch) ended(s *step, notify *sip.Request) {
	_, _, reason := subscriptionState(notify)
	asked, has := retryOf(notify)
	e := event.Subscription{Phase: event.SubscriptionEnded, Reason: "the notifier ended it", Rule: event.RuleSubscriptionLost, Cause: causeOf(notify).Cause}
	if reason != "" {
		e.Reason += ": " + shortText(reason)
	}
	if has {
		e.Wait = &event.Wait{RetryAfter: event.Seconds(asked)}
	}
	wait, again := w.renewal.after(s.Now, reason, asked, has)
	if w.ends() || !again {
		w.over(s, e)
		return
	}
	w.renewIn(s, wait, e)
}

// expired is a subscription that was not refreshed in time. If that is because the notifier
// gets no more refreshes now, it is begun anew.
func (w *watch) expired(s *step) {
	reason := "it expired, and was not refreshed in time"
	switch {
	case w.setback.why != "":
		reason = "it expired, and its refresh " + w.setback.why
	case !w.refreshAt.IsZero():
		reason = fmt.Sprintf("it expired, and the phone refreshes every %g s at most", control.BudgetEvery.Seconds())
	}
	if w.refreshAt.IsZero() {
		w.lost(s, reason)
		return
	}
	wait, _ := w.renewal.after(s.Now, "timeout", 0, false)
	w.renewIn(s, max(wait, w.refreshAt.Sub(s.Now)), event.Subscription{Phase: event.SubscriptionEnded, Reason: reason, Rule: event.RuleSubscriptionLost})
}

// renewIn ends the subscription, and begins another instead.
func (w *watch) renewIn(s *step, wait time.Duration, e event.Subscription) {
	when := "at once"
	if wait > 0 {
		when = "in " + event.Round(wait)
	}
	e.Reason += "; the phone subscribes again " + when
	w.log(s, e)
	if w.renewal.short == 2 {
		s.Log(event.Warning{
			Rule: event.RuleServerLoop, Note: fmt.Sprintf("%s of %s: two subscriptions in a row were over within %g s of their beginning: the phone subscribes again later and later", w.name, w.to, soon.Seconds()),
			Hint: "see for how long the notifier grants them, and the reason in its Subscription-State",
		})
	}
	w.begin(s)
	w.renewal.at = s.In(wait)
	if wait == 0 {
		w.renew(s)
	}
}

// begin makes it one that has no dialog yet.
func (w *watch) begin(s *step) {
	w.dialog = w.uacDialog(w.target)
	w.trip = trip{again: w.subscribe, lost: w.unheard}
	w.pending, w.longer, w.heard = nil, false, false
	w.refreshAt, w.expiresAt, w.heardBy = time.Time{}, time.Time{}, time.Time{}
	w.setback = setback{}
	w.renewal.begun = s.Now
}

// renew begins the next.
func (w *watch) renew(s *step) {
	w.renewal.at, w.renewal.begun = time.Time{}, s.Now
	w.repeats(s)
	w.subscribe(s)
}

// rests reports whether it has ended, and waits to be begun anew.
func (w *watch) rests() bool { return !w.renewal.at.IsZero() }

// retryOf is how long a NOTIFY that ends a subscription wants us to wait before the next.
func retryOf(notify *sip.Request) (wait time.Duration, ok bool) {
	_, params := ParseValue(Text(notify, "subscription-state"))
	v, _ := Param(params, "retry-after")
	wait, ok, _ = leadingSeconds(v)
	return wait, ok
}
