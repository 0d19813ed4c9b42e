package control

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The numbers of a [Budget] are our own. A registration that is refreshed at half
// its life may be as short as 4 s; in ten minutes no server gets more than 330
// messages, whatever it answers.
const (
	budgetBurst = 30
	budgetEvery = 2 * time.Second
)

// A Budget bounds what a server can have an agent repeat: a burst, and then one
// message every two seconds. It stands behind the back-off, which waits longer
// after each failure: it is for answers that are no failures by themselves, such
// as a demand that grows (423, RFC 3261 §10.2.8), a registration that is granted
// for a second, or a poll that is answered with nothing. The zero Budget is full.
type Budget struct {
	emptied time.Time // when all that was spent has been earned again
}

// Spend takes one message from the budget. If there is none left, it takes nothing
// and returns how long it is until there is.
func (b *Budget) Spend(now time.Time) (wait time.Duration) {
	if next := b.emptied.Add(-(budgetBurst - 1) * budgetEvery); next.After(now) {
		return next.Sub(now)
	}
	b.Charge(now)
	return 0
}

// Charge takes a message that is sent in any case, on credit if need be.
func (b *Budget) Charge(now time.Time) {
	if b.emptied.Before(now) {
		b.emptied = now
	}
	b.emptied = b.emptied.Add(budgetEvery)
}

// Overspent is the warning that a budget is spent, on what.
func Overspent(what string) event.Warning {
	return event.Warning{
		Rule: event.RuleServerLoop, Note: fmt.Sprintf("%s too often: %d at once and one every %g s are all that a server gets", what, budgetBurst, budgetEvery.Seconds()),
		Hint: "see what the server answers; each answer has made the phone ask again",
	}
}

// Afford reports whether the agent may sign on once more. If not, that is put
// off.
func (c *Conn) Afford(s *Step) bool {
	if c.budget.Spend(s.Now) == 0 {
		return true
	}
	w := Overspent("the phone signs on at " + c.cfg.Server)
	s.Log(w)
	c.BackOff(s, 0, errOverspent)
	return false
}

// Charge notes a message that signing on has taken besides the first.
func (c *Conn) Charge(now time.Time) { c.budget.Charge(now) }
