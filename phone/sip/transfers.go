package sip

import (
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// transfers are the calls that are handed over (RFC 3515, RFC 5589): those that
// we have asked our peers to hand over, and those that they have asked us to.
//
//	we ask:    REFER ─▶ accepted ─▶ reported by NOTIFY ─▶ completed or failed
//	they ask:  REFER ─▶ the program decides ─▶ we call, and report ─▶ over
//
// Both outlive the call that they are about: its dialog ends with the last of
// what uses it (RFC 5057 §4).
type transfers struct {
	*client
	agent *Agent // whose they are
	calls *calls
	ours  []*subscription
	taken []*referral
	last  int // the number of the last referral
}

// maxTransfers bounds what a peer can have us remember and do (our own number):
// as many as there can be calls.
const maxTransfers = 8

func (t *transfers) deadline() (at time.Time) {
	for _, sub := range t.ours {
		at = system.Earliest(at, sub.by)
	}
	for _, r := range t.taken {
		at = system.Earliest(at, r.by)
	}
	return at
}

// delay gives reports, and the BYE of who has handed us over, their time: they may
// lie unread in the kernel.
func (t *transfers) delay(until time.Time) {
	for _, sub := range t.ours {
		control.Delay(until, &sub.by)
	}
	for _, r := range t.taken {
		control.Delay(until, &r.by)
	}
}

func (t *transfers) advance(s *step) {
	at := t.deadline()
	for _, sub := range t.ours {
		if sub.by.Equal(at) {
			sub.late(s)
			return
		}
	}
	for _, r := range t.taken {
		if r.by.Equal(at) {
			r.late(s)
			return
		}
	}
}

// resume sends the reports that were not answered on the flow before.
func (t *transfers) resume(s *step) {
	for _, r := range t.taken {
		r.sendReport(s)
	}
}

// owing reports whether a report waits for a flow.
func (t *transfers) owing() bool {
	return slices.ContainsFunc(t.taken, func(r *referral) bool { return r.report != nil })
}

// full reports whether there can be no more.
func (t *transfers) full() bool { return len(t.ours)+len(t.taken) >= maxTransfers }

// of is our transfer of a call that is under way; nil if there is none.
func (t *transfers) of(c *call) *subscription {
	for _, sub := range t.ours {
		if sub.call == c {
			return sub
		}
	}
	return nil
}

func (t *transfers) forgetSubscription(sub *subscription) {
	t.ours = slices.DeleteFunc(t.ours, func(other *subscription) bool { return other == sub })
}

func (t *transfers) forgetReferral(r *referral) {
	t.taken = slices.DeleteFunc(t.taken, func(other *referral) bool { return other == r })
}

// find returns the referral of a number that waits for a word of the program;
// nil if there is none.
func (t *transfers) find(id int) *referral {
	for _, r := range t.taken {
		if r.id == id && r.next == nil && !r.over {
			return r
		}
	}
	return nil
}

// notified takes a NOTIFY about a transfer that we have asked for. It reports
// false if it is about none.
func (t *transfers) notified(s *step, tx *ServerTransaction) bool {
	sub := t.about(tx.Request)
	if sub != nil {
		sub.notified(s, tx)
	}
	return sub != nil
}

// about is the transfer that a NOTIFY is about; nil if it is about none.
func (t *transfers) about(notify *sip.Request) *subscription {
	for _, sub := range t.ours {
		if sub.concerns(notify) {
			return sub
		}
	}
	return nil
}

// leave forgets all: the phone shuts down.
func (t *transfers) leave() { t.ours, t.taken = nil, nil }
