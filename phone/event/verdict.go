package event

import (
	"slices"
	"time"
)

// judge is the loss of a call that ended so for its caller; lost is false where it is none:
// the phone did not want to be called.
func (p *callee) judge(c *caller, r Record, e Call) (rec Record, lost bool) {
	s := p.swept(c.callID)
	if s != nil {
		p.forget(s)
	}
	h, then := p.hadOf(c), c.found[p.name]
	if h == nil && then.wish {
		return rec, false
	}
	loss := Loss{Phase: LossCertain, From: c.who, CallID: c.callID, Where: AtServer, After: c.waited(r), Status: e.Status, Reason: e.Reason}
	if e.By == "us" || !c.gaveUp.IsZero() {
		loss.Status, loss.Reason, loss.By = 0, "", "caller"
	}
	moment, cause := Mark{c.began.Seq, then.at}, then.cause
	switch {
	case h != nil:
		loss.Where, _ = h.lost(e)
		loss.From, moment = h.who, h.moment()
	case s != nil:
		loss.Where, moment, cause = AtLink, s.moment, s.cause
		if s.event.From != "" {
			loss.From = s.event.From
		}
	}
	return p.record(r, loss, moment, cause), true
}

// came corrects what was told of a call that was over for its caller before it came to the
// phone: then it rings all the same, or it ends there.
func (p *callee) came(r Record, h *had) []Record {
	i := slices.IndexFunc(p.early, func(l Record) bool { return h.callID != "" && l.Event.(Loss).CallID == h.callID })
	if i < 0 || !h.rang && !h.over {
		return nil
	}
	loss := p.early[i].Event.(Loss)
	p.early = slices.Delete(p.early, i, i+1)
	h.judged = true
	if h.rang {
		loss.Phase = LossOver
	} else {
		loss.Where = AtApp
	}
	return []Record{p.record(r, loss, h.moment(), Mark{})}
}

// record is a loss as a record of the phone, at the time of another record.
func (p *callee) record(r Record, e Loss, moment, cause Mark) Record {
	at := p.now(r.Wall)
	e.Moment, e.Ago = moment.Seq, Seconds(max(0, at-moment.At))
	if e.Cause = cause.Seq; cause.Seq != 0 {
		e.Since = Seconds(max(0, at-cause.At))
	}
	if now, _ := p.reach.cause(at); now.Seq != 0 { // it is still cut off
		e.Next = Seconds(p.next.in(at, p.reach.failed(now)))
	}
	return Record{Wall: r.Wall, Device: at, Phone: p.name, Event: e}
}

// nextChance is when a phone that is cut off can find that out: at its keepalive, if the
// system has taken one, or at its next try to connect.
type nextChance struct {
	installed bool
	due       time.Duration
	retry     time.Duration
}

func (n *nextChance) apply(at time.Duration, e Event) {
	switch e := e.(type) {
	case Keepalive:
		switch e.Phase {
		case KeepaliveInstalled, KeepaliveDeferred:
			n.installed, n.due = true, at+e.Timeout.D()
			if e.Due > 0 {
				n.due = at + e.Due.D()
			}
		case KeepaliveCleared, KeepaliveRefused:
			n.installed = false
		}
	case Tick:
		n.due = at + e.Next.D()
	case Killed:
		n.installed = false
	case Recovery:
		n.retry = at + e.Wait.D()
	}
}

// in is how long that is from now; 0: not known. Of a registration that has failed the app
// makes nothing at its keepalive.
func (n *nextChance) in(now time.Duration, failed bool) time.Duration {
	var first time.Duration
	if n.installed && n.due > now && !failed {
		first = n.due - now
	}
	if n.retry > now && (first == 0 || n.retry-now < first) {
		first = n.retry - now
	}
	return first
}
