package app

import (
	"cmp"
	"fmt"
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
		Number: l.flow,
		Others: func() bool { return a.lines.spare(l) != nil },
		Merged: func(req control.Request) bool {
			return a.lines.find(func(other *line) bool { return other != l && other.serves(req) }) != nil
		},
	}
}

// serves reports whether a call began with a request.
func (l *line) serves(req control.Request) bool {
	m, ok := l.agent.(control.Merger)
	return ok && m.Serves(req)
}

// areFlows reports whether the lines are flows of one account.
func (ls lines) areFlows() bool { return ls[0].flow > 0 }

// best is the line of what nobody has named a line for: of flows the first that is
// registered, else the first.
func (ls lines) best() *line {
	if l := ls.spare(nil); l != nil {
		return l
	}
	return ls[0]
}

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

// spare is the first flow that is registered, besides one; nil: there is none.
func (ls lines) spare(but *line) *line {
	if !ls.areFlows() {
		return nil
	}
	return ls.find(func(l *line) bool { return l != but && l.registered })
}

// withoutOutbound gives up all flows but the first if a server says that the first
// hop takes no several (439): the first registers without a number then (RFC 5626
// §4.2.1). It is the agent that says so, of each that is refused.
func (ls lines) withoutOutbound(now time.Time, refused *line, status int) {
	if status != sip.StatusNoOutbound || !ls.areFlows() {
		return
	}
	for _, l := range ls[1:] {
		if (l == refused || refused == ls[0]) && !l.idle {
			l.giveUp(now, l != refused)
		}
	}
}

// giveUp uses a flow no more.
func (l *line) giveUp(now time.Time, tell bool) {
	l.idle, l.registered = true, false
	if tell {
		l.out.note(event.Warning{
			Rule: event.RuleNoOutbound, Note: "the server takes no several flows (439): this one is given up, and the phone goes on with its first",
			Hint: "outbound at the first hop (RFC 5626), or one outbound-proxy",
		})
	}
	l.do(now, l.agent.Unregister(now))
}

// goesOn notes that something is done again by another flow.
func (l *line) goesOn(next *line, what, why string) {
	l.out.note(event.Warning{
		Rule: event.RuleServerFailover, Note: fmt.Sprintf("%s: %s, before there was an answer", what, why),
		Hint: "it is done again by " + next.name,
	})
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
// silent before anybody rang. It reports whether it does.
func (b *switchboard) failsOver(now time.Time, c *call, n control.Ended) bool {
	if c.state != calling || c.forgone || c.to == "" || n.By != "network" && n.By != "timeout" {
		return false
	}
	next := b.spare(c.line)
	if next == nil {
		return false
	}
	c.line.goesOn(next, "call "+c.peer, n.Reason)
	c.line, c.voice.line, c.id, c.state = next, next, 0, dialling
	if c.voice.local.Addr() != next.here.Addr() { // the invitation follows: see [switchboard.bound]
		b.voicing.rebind(&c.voice, "the call goes by "+next.name)
		return true
	}
	b.invite(now, c)
	return true
}
