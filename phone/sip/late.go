package sip

import (
	"fmt"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	// maxEnded bounds the INVITEs that ended without a call and are remembered, the
	// last ones (our own number).
	maxEnded = 16
	// maxLate bounds the phones that are hung up for answering one of them (our own
	// number: as many as may ring). More are acknowledged only, and that is said once.
	maxLate = maxEarly
)

// late are the INVITEs of ours that have ended without a call. A phone that one was
// forked to may answer all the same, since its 200 crossed the refusal: it gets an ACK
// for each copy and one BYE, for 64*T1 (RFC 3261 §13.2.2.4).
type late struct{ memory[*endedInvite] }

// An endedInvite is one of them. Its call may go on with another.
type endedInvite struct {
	call   *call
	invite *sip.Request
	dialog dialog
	what   string // how it ended
	hint   string // why that may be
	tags   answerers
	more   bool // others have answered, too
}

// Why a phone answers an INVITE that has ended.
const (
	passedOn = "a server that forks passes on no refusal before all phones have refused or are cancelled (RFC 3261 §16.7, step 5)"
	tooLate  = "the answer came after the INVITE was given up, which a caller does after 32 s of silence (64*T1, RFC 3261 §17.1.1.2 and §9.1)"
	flowGone = "the flow by which the call was made had broken before it was answered; it can be made again"
)

// ended remembers an INVITE that has ended.
func (l *late) ended(s *step, c *call, tx *ClientTransaction, what, hint string) {
	e := &endedInvite{call: c, invite: tx.Request, dialog: c.dialog, what: what, hint: hint}
	e.dialog.localSeq = c.early.lastSeq()
	l.keep(maxEnded - 1)
	l.note(e, s.In(giveUp))
}

// to is the INVITE that has ended and that a 2xx is to; nil if it is to none.
func (l *late) to(res *sip.Response) *endedInvite {
	e := l.find(func(e **endedInvite) bool { return ClientKey((*e).invite) == ClientKey(res) })
	if e == nil || foreign((*e).invite, res) != nil {
		return nil
	}
	return *e
}

// answeredLate takes a 2xx that no transaction waits for.
func (cl *client) answeredLate(s *step, res *sip.Response) {
	e := cl.late.to(res)
	if e == nil {
		return
	}
	d := e.dialog.confirm(e.invite, res)
	cl.acknowledge(s, &d, e.invite)
	switch news, room := e.tags.add(d.remoteTag, maxLate); {
	case !news:
		return
	case !room:
		e.tooMany(s)
		return
	}
	goesOn := ""
	if !e.call.over { // after a challenge, a redirect, or to another server
		goesOn = "; the call goes on"
	}
	s.Log(event.Warning{
		Rule: event.RuleLateAnswer,
		Note: fmt.Sprintf("an INVITE to %s had ended (%s), and a phone answers it with %d: that was acknowledged and hung up%s", e.call.peer, e.what, res.StatusCode, goesOn),
		Hint: e.hint,
	})
	cl.leaveFork(s, e.call, d)
}

// tooMany says, once, that more phones answer than are hung up.
func (e *endedInvite) tooMany(s *step) {
	if e.more {
		return
	}
	e.more = true
	s.Log(event.Warning{
		Rule: event.RuleLateAnswer,
		Note: fmt.Sprintf("the call to %s had ended (%s), and more than %d phones answer it: the others are acknowledged and not hung up", e.call.peer, e.what, maxLate),
		Hint: e.hint,
	})
}
