package control

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The numbers of a [Budget] are our own. A registration that is refreshed at half
// its life may be as short as 4 s. In ten minutes no server gets more than 330 messages
// out of one budget, and the few that its answers to the last of them lead to. A SIP
// agent has two: for signing on, and for its subscriptions and publications. What a new
// connection has it say again is bounded by the back-off.
const (
	BudgetBurst = 30
	BudgetEvery = 2 * time.Second
)

// A Budget bounds what a server can make an agent repeat: a burst, and then one
// message every two seconds. It complements the back-off, which waits longer after
// each failure. It is for answers that are not failures in themselves, such as a
// growing demand (423, RFC 3261 §10.2.8), a registration that is granted for a
// second, or an empty answer to a poll. The zero Budget is full.
type Budget struct {
	emptied time.Time // when everything that was spent has been earned again
	said    bool      // that it is spent, since it was last full
}

// Spend takes one message from the budget. If there is none left, it takes nothing
// and returns how long it is until there is.
func (b *Budget) Spend(now time.Time) (wait time.Duration) {
	if next := b.emptied.Add(-(BudgetBurst - 1) * BudgetEvery); next.After(now) {
		return next.Sub(now)
	}
	b.Charge(now)
	return 0
}

// Charge takes a message that is sent in any case, on credit if need be.
func (b *Budget) Charge(now time.Time) {
	if b.emptied.Before(now) {
		*b = Budget{emptied: now}
	}
	b.emptied = b.emptied.Add(BudgetEvery)
}

// News reports whether it was not said yet that the budget is spent, since it was last
// full, and notes that now it is.
func (b *Budget) News() bool {
	news := !b.said
	b.said = true
	return news
}

// Overspent returns the warning that a budget is spent, and on what.
func Overspent(what string) event.Warning {
	return event.Warning{
		Rule: event.RuleServerLoop, Note: fmt.Sprintf("%s too often: %d at once and one every %g s are all that a server gets", what, BudgetBurst, BudgetEvery.Seconds()),
		Hint: "see what the server answers; each answer has made the phone ask again",
	}
}

// Afford reports whether the agent may sign on once more. If not, it is to try again
// as soon as it may. That is no failure, and the server is only blamed for what its
// answers on an open connection have led to.
func (c *Conn) Afford(s *Step) bool {
	wait := c.budget.Spend(s.Now)
	if wait == 0 {
		return true
	}
	if c.budget.News() {
		w := Overspent("the phone signs on at " + c.cfg.Server)
		if !c.Up() {
			w.Hint = ""
		}
		s.Log(w)
	}
	c.retryIn(s, wait, errOverspent)
	return false
}

// Charge notes a message that signing on has taken besides the first.
func (c *Conn) Charge(now time.Time) { c.budget.Charge(now) }

// Refill fills the budget: what follows is the wish of a person, who may sign on
// and off as often as they like.
func (c *Conn) Refill() { c.budget = Budget{} }
