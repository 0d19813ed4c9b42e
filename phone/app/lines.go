package app

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

var errOneWakeServer = errors.New("the strategies wake-socket and local-push have one wake server, and are for one account over one connection; the others take several")

// lines are the app's lines, one an account. The first is the one that is meant
// where nobody says which.
//
//	              ┌ line work ──── agent ── its own connection, registration, calls
//	App, strategy ┤
//	              └ line private ─ agent ── its own …
//
// Life in the background is the app's: a tick pings on all lines, and is done when
// all have answered.
type lines []*line

// open opens the line of an account.
func (a *App) open(cfg Config, p plan, account Account) error {
	l := &line{name: account.Name, flow: account.Flow, of: account.Of, out: a.out.of(account.Name), notice: a.notice, after: a.stepped}
	agent, err := account.Account.Open(control.Env{
		Rand: chance(cfg.Rand, account), NextSocket: l.numbering(a.numbers.nextSocket), NextCall: a.numbers.nextCall, Datagrams: p.Datagrams, Expires: p.Expires,
		Flow: a.flow(l),
	})
	_, asks := agent.(control.Asker)
	if err == nil && !asks && cfg.StayAwakeBy == ByOptions {
		err = errNoOptions
	}
	if err != nil && account.Name != "" {
		err = fmt.Errorf("account %s: %w", account.Name, err)
	}
	l.agent = agent
	l.mail = mail{out: l.out, nextCard: a.numbers.nextCard, foreground: func() bool { return a.foreground }}
	a.lines = append(a.lines, l)
	return err
}

// chance is what an account draws from. One of several has its own, so that what it draws
// does not depend on which of them the network answers first.
func chance(app *rand.Rand, account Account) *rand.Rand {
	if account.Name == "" || app == nil {
		return app
	}
	return rand.New(rand.NewPCG(app.Uint64(), app.Uint64()))
}

// numbering notes which sockets are the line's.
func (l *line) numbering(next func() system.Socket) func() system.Socket {
	return func() system.Socket {
		s := next()
		l.sockets = append(l.sockets, s)
		return s
	}
}

// disown forgets a socket that is gone. The others stay the line's, however old: a
// flow over UDP outlives many connections beside it.
func (l *line) disown(s system.Socket) {
	l.sockets = slices.DeleteFunc(l.sockets, func(own system.Socket) bool { return own == s })
}

// owner is whose a socket is; nil if it is nobody's any more.
func (ls lines) owner(s system.Socket) *line {
	if len(ls) == 1 {
		return ls[0]
	}
	return ls.find(func(l *line) bool { return slices.Contains(l.sockets, s) })
}

// find is the first line that matches; nil if none does.
func (ls lines) find(matches func(*line) bool) *line {
	if i := slices.IndexFunc(ls, matches); i >= 0 {
		return ls[i]
	}
	return nil
}

// named is the line of an account, or of a flow, by its name. Without one it is the
// first account; of an account with several flows it is the best.
func (ls lines) named(account string) (*line, error) {
	if account == "" {
		return ls[0].best(ls), nil
	}
	meant, err := ls.meant(account)
	switch {
	case err != nil:
		return nil, err
	case len(meant) == 1: // a flow that is named is meant, whatever its state
		return meant[0], nil
	}
	return meant[0].best(ls), nil
}

// meant are the lines of an account, or the flow of that name; all, if no name is given.
func (ls lines) meant(account string) (lines, error) {
	if account == "" {
		return ls, nil
	}
	meant := ls.only(func(l *line) bool { return l.name == account || l.flow > 0 && l.of == account })
	switch {
	case len(meant) > 0:
		return meant, nil
	case len(ls) == 1:
		return nil, fmt.Errorf("there is no account %q: the phone has one, which needs no name", account)
	}
	return nil, fmt.Errorf("there is no account %q%s (there are: %s)", account, words.DidYouMean(account, ls.names()), strings.Join(ls.names(), ", "))
}

// only are the lines that match.
func (ls lines) only(matches func(*line) bool) (list lines) {
	for _, l := range ls {
		if matches(l) {
			list = append(list, l)
		}
	}
	return list
}

// refused says of which account it is that all cannot be told something, which then
// none is. What all refuse alike needs no account, and no flow another one's.
func (ls lines) refused(l *line, o control.Order, err error) error {
	others := ls.only(func(other *line) bool {
		its := other.admits(o)
		return its == nil || its.Error() != err.Error()
	})
	if len(others) == 0 {
		return err
	}
	return fmt.Errorf("account %s: %w; no account was told: say which is meant, with as ACCOUNT", l.name, err)
}

func (ls lines) names() (list []string) {
	for _, l := range ls {
		if l.of != "" && !slices.Contains(list, l.of) {
			list = append(list, l.of)
		}
		list = append(list, l.name)
	}
	return list
}

// stepped is called when a step of an agent has been dealt with.
func (a *App) stepped(now time.Time) {
	a.due.Forget()
	a.watch(now)
}

// deadline is when advance wants to be called next.
func (ls lines) deadline() (at time.Time) {
	for _, l := range ls {
		at = system.Earliest(at, l.agent.Deadline())
	}
	return at
}

func (ls lines) each(do func(*line)) {
	for _, l := range ls {
		do(l)
	}
}

func (ls lines) advance(now time.Time) { ls.each(func(l *line) { l.advance(now) }) }

func (ls lines) receive(now time.Time, s system.Signal) { ls.each(func(l *line) { l.receive(now, s) }) }

func (ls lines) register(now time.Time)         { ls.each(func(l *line) { l.register(now) }) }
func (ls lines) rest(now time.Time)             { ls.each(func(l *line) { l.rest(now) }) }
func (ls lines) leave(now time.Time, left bool) { ls.each(func(l *line) { l.leave(now, left) }) }
func (ls lines) setPush(p push.Params)          { ls.each(func(l *line) { l.agent.SetPush(p) }) }
func (ls lines) refill()                        { ls.each(func(l *line) { l.agent.Refill() }) }

// down reports whether all have been left.
func (ls lines) down() bool { return ls.find(func(l *line) bool { return !l.down }) == nil }

// await reports whether an answer of some server is outstanding.
func (ls lines) await() bool { return ls.find(func(l *line) bool { return l.agent.Awaits() }) != nil }

// awaitPong reports whether the answer to a ping is.
func (ls lines) awaitPong() bool {
	return ls.find(func(l *line) bool { return l.agent.AwaitsPong() }) != nil
}

// othersAwait reports whether an answer of another server is outstanding; othersBusy
// whether one is, or the connection to one is being opened, on which the app then asks.
func (ls lines) othersAwait(l *line) bool { return ls.others(l).await() }

func (ls lines) othersBusy(l *line) bool {
	others := ls.others(l)
	return others.await() || others.find(func(l *line) bool { return l.agent.Opening() }) != nil
}

// others are all lines but one.
func (ls lines) others(l *line) lines {
	return ls.only(func(other *line) bool { return other != l })
}

// once is what has been done already, on each line.
type once map[*line]bool

// first reports whether it is the first time on a line.
func (o once) first(l *line) bool {
	first := !o[l]
	o[l] = true
	return first
}

// Parting is what the agents wait for to be gone in order, by the names of their
// accounts: see [control.Parter].
func (a *App) Parting() iter.Seq2[string, string] {
	return func(yield func(account, what string) bool) {
		for _, l := range a.lines {
			agent, ok := l.agent.(control.Parter)
			if !ok {
				continue
			}
			if what := agent.Parting(); what != "" && !yield(l.name, what) {
				return
			}
		}
	}
}
