package event

import (
	"slices"
	"strings"
	"time"
)

// A callee is a phone of a log, as far as it matters whether calls reach it.
type callee struct {
	name   string
	users  []string
	reach  reaching
	next   nextChance
	calls  []*had
	sweeps []*sweep
	early  []Record // losses that were told before anything of the call had come

	wall time.Time // of its last record
	at   time.Duration
	rate float64
}

// had is a call that the phone has had.
type had struct {
	id                       int
	callID, who, user        string
	began                    Record
	rang, answered, up, over bool
	judged                   bool // it is known whether it was lost
	end                      Call
}

// A sweep is an INVITE that the network has swallowed, and that may come another way.
type sweep struct {
	event  Swallowed
	moment Mark
	wall   time.Time
	cause  Mark
	told   bool // that it is likely lost
}

// apply takes a record of the phone into account.
func (p *callee) apply(r Record) {
	if p.rate == 0 {
		p.rate = 1
	}
	p.wall, p.at = r.Wall, r.Device
	p.reach.apply(r.Seq, r.Device, r.Account, r.Event)
	p.next.apply(r.Device, r.Event)
	switch e := r.Event.(type) {
	case Start:
		p.users = []string{userOf(e.AOR)}
		for _, a := range e.Accounts {
			p.users = append(p.users, userOf(a.AOR))
		}
	case ClockRate:
		p.rate = e.Rate
	case Message:
		if h := p.byCallID(e.CallID); h != nil && e.Out && e.Method == "INVITE" && e.Status > 100 && e.Status < 200 {
			h.rang = true
		}
	case Notification:
		if h := p.latest(); h != nil && (e.Phase == NotificationPosted || e.Phase == NotificationUpdated) {
			h.rang = true
		}
	}
}

// now is its device time at a wall time: see [Fold.Now].
func (p *callee) now(wall time.Time) time.Duration {
	gone := wall.Sub(p.wall)
	if gone <= 0 {
		return p.at
	}
	return p.at + time.Duration(float64(gone)*p.rate)
}

// had notes a step of a call to the phone.
func (p *callee) had(r Record, e Call) *had {
	i := slices.IndexFunc(p.calls, func(h *had) bool { return h.id == e.ID && !h.over })
	if i < 0 {
		if len(p.calls) >= maxHad {
			p.calls = slices.Delete(p.calls, 0, 1)
		}
		p.calls = append(p.calls, &had{id: e.ID, callID: e.CallID, who: Printable(e.Who()), user: userOf(e.Peer), began: r})
		i = len(p.calls) - 1
	}
	h := p.calls[i]
	switch e.Phase {
	case CallRinging, CallWaiting, CallEarly:
		h.rang = true
	case CallAnswered:
		h.rang, h.answered = true, true
	case CallUp:
		h.rang, h.up = true, true
	case CallEnded:
		h.over, h.end = true, e
	}
	return h
}

func (p *callee) byCallID(id string) *had {
	for _, h := range slices.Backward(p.calls) {
		if id != "" && h.callID == id {
			return h
		}
	}
	return nil
}

// latest is the call that goes on, of several the last.
func (p *callee) latest() *had {
	for _, h := range slices.Backward(p.calls) {
		if !h.over {
			return h
		}
	}
	return nil
}

// hadOf is what the phone has had of a call: by its Call-ID, or, behind a server that gives
// it another one, by who calls.
func (p *callee) hadOf(c *caller) *had {
	if h := p.byCallID(c.callID); h != nil {
		return h
	}
	for _, h := range slices.Backward(p.calls) {
		if h.user == strings.ToLower(c.who) && !h.began.Wall.Before(c.began.Wall) {
			return h
		}
	}
	return nil
}

// moment is when it came to the phone.
func (h *had) moment() Mark { return Mark{h.began.Seq, h.began.Device} }

// settled reports whether a call that somebody has ended is none that was lost: the user
// heard of it, or the phone itself, or another one, has answered for them.
func (h *had) settled(e Call) bool {
	_, lost := h.lost(e)
	return !lost
}

// lost is where a call was lost that ended so for its caller.
func (h *had) lost(e Call) (where Place, lost bool) {
	switch {
	case h.up, h.end.Elsewhere != "", h.over && h.end.By == "us":
		return "", false
	case h.answered && e.Out: // who cancels has not waited for the answer
		return AtAnswer, e.By != "us"
	case h.answered:
		return AtAnswer, e.By == "timeout" || e.By == "network"
	case h.rang:
		return "", false
	}
	return AtApp, true
}

// sweep notes an INVITE that was swallowed. Over a connection that the network has forgotten
// it comes never; another copy of it may. What is lost at random over UDP is sent again. waits
// says that its caller is known here, and waits.
func (p *callee) sweep(r Record, e Swallowed, waits bool) []Record {
	if p.swept(e.CallID) != nil || p.byCallID(e.CallID) != nil {
		return nil
	}
	s := &sweep{event: e, moment: Mark{r.Seq, r.Device}, wall: r.Wall}
	if s.cause, _ = p.reach.cause(r.Device); s.cause.Seq == 0 {
		s.cause = p.reach.forgot(e.Local)
	}
	if len(p.sweeps) >= maxSwept {
		p.sweeps = slices.Delete(p.sweeps, 0, 1)
	}
	p.sweeps = append(p.sweeps, s)
	if e.Why == "loss" || e.Why == "bandwidth" {
		return nil
	}
	s.told = true
	loss := s.loss(LossLikely)
	loss.Waits = waits
	return []Record{p.record(r, loss, s.moment, s.cause)}
}

func (p *callee) swept(callID string) *sweep {
	i := slices.IndexFunc(p.sweeps, func(s *sweep) bool { return s.event.CallID == callID })
	if i < 0 {
		return nil
	}
	return p.sweeps[i]
}

func (p *callee) forget(s *sweep) {
	p.sweeps = slices.DeleteFunc(p.sweeps, func(o *sweep) bool { return o == s })
}

func (s *sweep) loss(phase LossPhase) Loss {
	return Loss{Phase: phase, From: s.event.From, CallID: s.event.CallID, Where: AtLink}
}
