package sip

import (
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A grant is what a 2xx to our REGISTER says of our binding, or one to a SUBSCRIBE or a
// PUBLISH of that: how long it lives, and what in that had to be guessed.
type grant struct {
	life     time.Duration
	warnings []event.Warning
}

// forEver is longer than any time that can be granted.
const forEver = 1 << 32 * time.Second

var (
	errNoTime  = errors.New("the registrar granted no time")
	errNoBound = errors.New("the 200 has no Contact: nothing is bound")
)

// read takes the first of the times that somebody gives, in seconds (RFC 3261 §25.1,
// delta-seconds, and §10.2.1.1: up to 2^32-1), for what was granted. Of one that only
// begins with a number the number is believed: whoever wrote it has meant that. No more
// than was asked for is.
func (g *grant) read(by string, asked time.Duration, given ...string) {
	g.life = asked
	odd, isOdd := "", false
	for _, v := range given {
		life, ok, tidy := leadingSeconds(v)
		if !isOdd && !tidy {
			odd, isOdd = v, true
		}
		if ok {
			g.life = life
			break
		}
	}
	long := g.life
	g.life = min(long, asked)
	switch {
	case isOdd:
		g.warn(event.RuleOddExpiry, fmt.Sprintf("%s grants %.100q, which is no time in seconds: %s s are believed", by, odd, wholeSeconds(g.life)),
			"a time is a number of seconds, from 0 to 4294967295")
	case long > asked:
		g.warn(event.RuleOddExpiry, fmt.Sprintf("%s grants %s s, and %s s were asked for: those are believed", by, wholeSeconds(long), wholeSeconds(asked)),
			"what is granted may be shorter than what was asked for, and not longer")
	}
}

// brief names a life that is too short to be refreshed in time for long: the budget
// does not last (see [control.Budget]), and then there are gaps, in which that is so.
func (g *grant) brief(by string, asked time.Duration, gap string) {
	if g.life == 0 || g.life > control.BudgetEvery {
		return
	}
	hint := "have it grant a minute at the least"
	if asked <= control.BudgetEvery {
		hint = "ask for a minute at the least"
	}
	g.warn(event.RuleShortExpires, fmt.Sprintf("%s grants %g s: after the first %d refreshes there is one every %g s, and between them %s", by, g.life.Seconds(), control.BudgetBurst, control.BudgetEvery.Seconds(), gap), hint)
}

// expiresOf reads what a 2xx to a SUBSCRIBE or a PUBLISH grants. It must say that, and
// may not grant more than was asked for (RFC 6665 §3.1.1, §4.2.1.1, RFC 3903 §6).
func expiresOf(res *sip.Response, by string, asked time.Duration) (g grant) {
	value := Text(res, "expires")
	if value != "" {
		g.read(by, asked, value)
	} else {
		g.life = asked
		g.warn(event.RuleIncompleteGrant, fmt.Sprintf("%s grants no time, in a %d without Expires: the %g s that were asked for are believed", by, res.StatusCode, asked.Seconds()),
			"the Expires of the answer says for how long it is granted")
	}
	g.brief(by, asked, "it is over")
	return g
}

// tell logs what had to be guessed, unless it is as it was told the last time: a
// registrar says the same at each refresh.
func (g *grant) tell(s *step, last string) (told string) {
	told = fmt.Sprint(g.warnings)
	if told != last {
		for _, w := range g.warnings {
			s.Log(w)
		}
	}
	return told
}

func (g *grant) warn(rule event.Rule, note, hint string) {
	g.warnings = append(g.warnings, event.Warning{Rule: rule, Note: note, Hint: hint})
}
