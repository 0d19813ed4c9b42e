package app

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// Several flows of one account (RFC 5626 §4.2) are lines as those of several accounts
// are, each with its proxy, connection and binding. What goes out takes the first that
// is registered; what it breaks under before there is an answer takes the next.

// flow is what the agent of a line has to know of the others.
func (a *App) flow(l *line) control.Flow {
	if l.flow == 0 {
		return control.Flow{}
	}
	return control.Flow{
		Number: l.flow, Name: l.name,
		Others: func() bool { return a.lines.spare(l) != nil },
		Beside: func() (agents []control.Agent) {
			for _, other := range a.lines.beside(l) {
				agents = append(agents, other.agent)
			}
			return agents
		},
	}
}

// stray has the flow that has its dialog serve a request that has come by another.
func (ls lines) stray(now time.Time, n control.Stray) {
	owner := ls.find(func(l *line) bool { return l.agent == n.To })
	owner.do(now, n.Serve(now))
}

// takeOver goes on with the calls of a flow that is gone, if it is.
func (l *line) takeOver(now time.Time, gone *line) {
	if heir, ok := l.agent.(control.Heir); ok {
		l.do(now, heir.TakeOver(now, gone.agent))
	}
}

// inherits notes that a call goes on by another flow.
func (b *switchboard) inherits(l *line, c *call) {
	c.line.out.note(event.Warning{
		Rule: event.RuleServerFailover, Note: fmt.Sprintf("call %d with %s: its flow is gone", c.id, c.peer),
		Hint: "it goes on by " + l.name,
	})
	b.goesBy(l, c)
}

// goesBy has a call use another flow from now on. The audio follows if that has another
// address: then its sockets are being bound, which is reported.
func (b *switchboard) goesBy(l *line, c *call) (rebinds bool) {
	c.line, c.voice.line = l, l
	if c.voice.rtp == 0 || c.voice.here == l.here.Addr() { // not to be bound, or where it should be
		return false
	}
	b.voicing.rebind(&c.voice, "the call goes by "+l.name)
	return true
}

// flows are those of the account that a line is of; it alone, if that has one.
func (ls lines) flows(of *line) lines {
	return ls.only(func(l *line) bool { return l == of || l.flow > 0 && of.flow > 0 && l.of == of.of })
}

// beside are the other flows of the account that a line is of.
func (ls lines) beside(l *line) lines { return ls.flows(l).others(l) }

// best is the first flow of the account that is registered, else the line itself.
func (l *line) best(ls lines) *line {
	if up := ls.flows(l).registered(); up != nil {
		return up
	}
	return l
}

// registered is the first that is; nil if none is.
func (ls lines) registered() *line { return ls.find(func(l *line) bool { return l.registered }) }

// tellOne gives an order to the first flow that can carry it out: it is about what one
// of them has. The error is the first's.
func (ls lines) tellOne(now time.Time, o control.Order) (first error) {
	for _, l := range ls {
		err := l.tell(now, o)
		if err == nil {
			return nil
		}
		first = cmp.Or(first, err)
	}
	return first
}

// spare is the first other flow of the account that is registered, and none of those
// that are left out; nil: there is none.
func (ls lines) spare(but *line, without ...*line) *line {
	return ls.beside(but).find(func(l *line) bool { return l.registered && !slices.Contains(without, l) })
}

// withoutOutbound gives up flows that a server does not take, for the first hop lacks
// outbound (439, RFC 5626 §4.2.1). If that is the first flow's, it registers without a
// number, and the others are given up. Any other is given up alone, while one of the
// account is registered: else the account would be left with none, and its agent tries
// again.
func (ls lines) withoutOutbound(now time.Time, refused *line, status int) {
	flows := ls.flows(refused)
	if status != sip.StatusNoOutbound {
		return
	}
	for _, l := range flows[1:] {
		switch {
		case l.idle:
		case refused == flows[0]:
			l.giveUp(now, "its first flow")
		case l == refused && ls.spare(l) != nil:
			l.giveUp(now, ls.spare(l).name)
		}
	}
}

// giveUp uses a flow no more.
func (l *line) giveUp(now time.Time, goesOn string) {
	l.idle, l.registered = true, false
	l.out.note(event.Warning{
		Rule: event.RuleNoOutbound, Note: "the server takes no several flows (439): this one is given up, and the phone goes on with " + goesOn,
		Hint: "outbound at the first hop (RFC 5626), or one outbound-proxy",
	})
	l.do(now, l.agent.Unregister(now))
}

// goesOn notes that something is done again by another flow.
func (l *line) goesOn(next *line, what, why string) {
	l.isDoneBy(next, fmt.Sprintf("%s: %s, before there was an answer", what, why))
}

func (l *line) isDoneBy(next *line, why string) {
	l.out.note(event.Warning{Rule: event.RuleServerFailover, Note: why, Hint: "it is done again by " + next.name})
}

// resend gives an order to another flow that one broke under.
func (a *App) resend(now time.Time, l *line, n control.Unsent) {
	next := a.lines.spare(l)
	what := "an order"
	switch o := n.Order.(type) {
	case control.SendText:
		what = "text " + o.To
	case control.Subscribe:
		what = "subscribe " + o.To
	}
	l.goesOn(next, what, n.Err.Error())
	if err := next.tell(now, n.Order); err != nil {
		next.out.problem(event.RuleNotPossible, what, err.Error(), "")
	}
}

// failsOver makes an outgoing call again by another flow, if its own broke or was
// silent before anybody rang, or its server has answered 503: then never again by that
// one (RFC 3261 §21.5.4, RFC 3263 §4.3). It reports whether it does.
func (b *switchboard) failsOver(now time.Time, c *call, n control.Ended) bool {
	unavailable := n.By == "peer" && n.Status == statusNoService
	if c.state != calling || c.forgone || c.to == "" || n.By != "network" && n.By != "timeout" && !unavailable {
		return false
	}
	if unavailable {
		c.refusedBy = append(c.refusedBy, c.line)
	}
	next := b.spare(c.line, c.refusedBy)
	if next == nil {
		return false
	}
	if unavailable {
		c.line.isDoneBy(next, fmt.Sprintf("call %s: %d %s", c.peer, n.Status, n.Reason))
	} else {
		c.line.goesOn(next, "call "+c.peer, n.Reason)
	}
	c.id, c.state = 0, dialling
	if !b.goesBy(next, c) && c.voice.ready() { // else the invitation follows: see [switchboard.bound]
		b.invite(now, c)
	}
	return true
}
