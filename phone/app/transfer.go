package app

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Handover is what the app does when somebody wants it to call somebody else
// (RFC 3515).
type Handover string

// What it can do. Who has it done outside of a call has the microphone of a
// phone opened that nobody looks at: the user is asked, unless told otherwise.
const (
	HandoverInCall Handover = ""       // does it in a call, and asks the user outside of one
	HandoverAccept Handover = "accept" // does it
	HandoverAsk    Handover = "ask"    // asks the user
	HandoverRefuse Handover = "refuse"
)

// Errors of transfers.
var (
	ErrNoTransfer = errors.New("this control protocol transfers no calls; SIP does")
	ErrNotAsked   = errors.New("nobody asks for a transfer")
	ErrNoHeld     = errors.New("no call is on hold")
)

// transfers are what others want us to do with our calls.
type transfers struct {
	policy   Handover
	out      *outbox
	board    *switchboard
	nextCard func() int
	status   func() status

	asked []question // the oldest first; one that the agent has given up is gone
}

// A question is about a transfer that the user is to decide on.
type question struct {
	control.Referred
	line *line
	card int // the notification that asks; 0: none
}

// referred takes in that somebody wants us to call somebody else.
func (t *transfers) referred(now time.Time, l *line, n control.Referred) {
	switch {
	case t.status().leaving, t.policy == HandoverRefuse:
		l.refuse(now, n.ID, statusDecline)
	case t.policy == HandoverAsk, t.policy == HandoverInCall && n.Call == 0:
		t.ask(now, l, n)
	default:
		t.follow(now, l, n)
	}
}

// ask asks the user: in the app, or by a notification where it is not on the
// screen.
func (t *transfers) ask(now time.Time, l *line, n control.Referred) {
	q := question{Referred: n, line: l}
	l.consider(now, n.ID)
	if !t.status().foreground {
		q.card = t.nextCard()
		t.out.ask(system.Notify{ID: q.card, Title: "Transfer to " + n.To, Body: "asked for by " + n.By, Sound: textSound})
	}
	t.asked = append(t.asked, q)
}

// lapsed asks no longer: nobody has decided in time.
func (t *transfers) lapsed(l *line, n control.ReferralLapsed) {
	t.asked = slices.DeleteFunc(t.asked, func(q question) bool {
		over := q.line == l && q.ID == n.ID
		if over {
			t.withdraw(q)
		}
		return over
	})
}

func (t *transfers) withdraw(q question) {
	if q.card != 0 {
		t.out.ask(system.Withdraw{ID: q.card})
	}
}

// follow calls whom we are to call. As with a call that the user dials, others are
// put on hold, but not the one that it takes the place of.
func (t *transfers) follow(now time.Time, l *line, n control.Referred) {
	t.board.holdOthers(now, t.board.calls.numbered(n.Call))
	c := t.board.add(call{line: l, state: dialling, out: true, to: n.To, peer: n.To, referral: n.ID, instead: n.Call})
	t.board.voicing.bind(&c.voice)
}

// next takes the oldest that the user is asked about.
func (t *transfers) next() (question, error) {
	if len(t.asked) == 0 {
		return question{}, ErrNotAsked
	}
	q := t.asked[0]
	t.asked = t.asked[1:]
	t.withdraw(q)
	return q, nil
}

// AcceptTransfer does what the user was asked about.
func (a *App) AcceptTransfer(now time.Time) ([]system.Effect, error) {
	q, err := a.transfers.next()
	if err != nil {
		return nil, err
	}
	a.transfers.follow(now, q.line, q.Referred)
	return a.out.take(), nil
}

// RefuseTransfer does not.
func (a *App) RefuseTransfer(now time.Time) ([]system.Effect, error) {
	q, err := a.transfers.next()
	if err != nil {
		return nil, err
	}
	q.line.refuse(now, q.ID, statusDecline)
	return a.out.take(), nil
}

// Transfer hands a call over to an address: n, or the one that is up.
func (a *App) Transfer(now time.Time, n int, to string) ([]system.Effect, error) {
	c, err := a.board.calls.pick(n, a.board.calls.current(), ErrNoTalk)
	if err != nil {
		return nil, err
	}
	return a.transfer(now, c.line, func(t control.Transferrer) (control.Output, error) { return t.Transfer(now, c.id, to) })
}

// TransferTo hands the other call over to the peer of call n: the one that is
// up, unless it is n.
func (a *App) TransferTo(now time.Time, n int) ([]system.Effect, error) {
	target, err := a.board.calls.pick(n, nil, ErrNoTalk)
	if err != nil {
		return nil, err
	}
	c := a.board.calls.talking()
	if c == nil || c == target {
		c = a.board.calls.newest(func(c *call) bool { return c != target && c.voice.session != nil })
	}
	if c == nil {
		return nil, fmt.Errorf("there is no other call to be handed over to call %d", n)
	}
	return a.transferTo(now, c, target)
}

// AttendedTransfer hands the call on hold over to the one that is talked to.
func (a *App) AttendedTransfer(now time.Time) ([]system.Effect, error) {
	held, target := a.board.calls.held(), a.board.calls.talking()
	switch {
	case target == nil:
		return nil, a.board.calls.noTalk()
	case held == nil:
		return nil, ErrNoHeld
	}
	return a.transferTo(now, held, target)
}

// transferTo hands a call over to the peer of another, which is of the same
// account: its server knows both.
func (a *App) transferTo(now time.Time, c, target *call) ([]system.Effect, error) {
	if !slices.Contains(a.lines.flows(c.line), target.line) {
		return nil, fmt.Errorf("call %d is of the account %s and call %d of %s: a call is handed over within its account", c.id, c.line.name, target.id, target.line.name)
	}
	return a.transfer(now, c.line, func(t control.Transferrer) (control.Output, error) { return t.TransferTo(now, c.id, target.id) })
}

func (a *App) transfer(now time.Time, l *line, do func(control.Transferrer) (control.Output, error)) ([]system.Effect, error) {
	agent, ok := l.agent.(control.Transferrer)
	if !ok {
		return nil, ErrNoTransfer
	}
	out, err := do(agent)
	l.do(now, out)
	return a.out.take(), err
}

// callFor makes a call: one that the user has dialled, or that
// somebody has asked us for.
func (b *switchboard) callFor(now time.Time, c *call) (id int, out control.Output, err error) {
	offer := c.voice.offer()
	if again := c.again; again != nil {
		c.again = nil
		id, out, err = again.Follow(now, c.line.agent, offer)
		if err != nil {
			c.line.do(now, out)
		}
		return id, out, err
	}
	if c.referral == 0 {
		return c.line.caller().Invite(now, c.to, offer)
	}
	referral := c.referral
	c.referral = 0
	id, out, err = c.line.agent.(control.Transferrer).Follow(now, referral, offer)
	if err != nil {
		c.line.do(now, out) // who has asked hears why not
	}
	return id, out, err
}

// forgo drops a call that has not been made: who has asked us for it hears so.
func (b *switchboard) forgo(now time.Time, c *call, status int) {
	if c.referral != 0 {
		c.line.refuse(now, c.referral, status)
	}
	c.giveUp(now)
	b.release(now, c)
}

// giveUp says that a call that somebody has asked for is not made again.
func (c *call) giveUp(now time.Time) {
	if again := c.again; again != nil {
		c.again = nil
		c.line.do(now, again.GiveUp(now))
	}
}

// handOver leaves the call that this one is made instead of: its peer, which
// has asked for it, hears nothing more and hangs up.
func (b *switchboard) handOver(c *call) {
	if old := b.calls.numbered(c.instead); old != nil {
		old.voice.held = true
	}
}
