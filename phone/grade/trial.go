package grade

import (
	"strings"
	"time"
)

// A trial is a running check.
type trial struct {
	check
	began  time.Duration
	first  int // index of the first record since it began
	script []step
	begun  bool          // the current step has begun
	since  int           // index of the first record since the step began
	until  time.Duration // when its wait ends
}

// A step of a script: a request, and then a wait.
type step struct {
	do   string // a request to the lab; USER stands for the phone's user
	safe bool   // the lab may refuse it if the state is right already
	tell string // an instruction to the tester
	// unless reports, from the records since the check began, whether to
	// skip the step; nil: never.
	unless func(view) bool
	// until reports, from the records since the step began (all records if
	// the check is whole), whether the wait is over; nil waits for all of
	// within.
	until func(view) bool
	// within bounds the wait. When it has passed, the script ends unless
	// may is set.
	within time.Duration
	may    bool
	// opens: the judge sees only the records since this step began.
	opens bool
	// orElse says why the check cannot be decided if the wait was in vain;
	// "" leaves it to the judge.
	orElse string
}

// begin starts the next check.
func (e *Examiner) begin() {
	c := e.todo[0]
	e.todo = e.todo[1:]
	e.trial = &trial{check: c, began: e.now, first: len(e.records)}
	e.do(Began{c.ID, c.Title})
	if why := e.unable(c); why != "" {
		e.decide(untold("%s", why))
		return
	}
	if c.inCall && !e.called {
		e.trial.script = answered(e.cfg)
		e.called = true
	}
	e.trial.script = append(e.trial.script, c.script(e.view(0))...)
}

// unable returns why a check cannot judge the phone, or "".
func (e *Examiner) unable(c check) string {
	v := e.view(0)
	switch {
	case c.ID != checks[0].ID && !c.early && !v.has(v.granted()):
		return "it has not registered"
	case (!c.whole || c.inCall && !e.called) && !c.early && !v.registered():
		return "its registration has expired"
	case (c.inCall || c.person) && e.alone:
		return nobody(e.cfg)
	case c.unless != nil:
		return c.unless(v)
	}
	return ""
}

// proceed continues the current check; it reports whether it made progress.
func (e *Examiner) proceed() bool {
	t := e.trial
	if len(t.script) == 0 {
		e.decide(t.judge(e.view(t.from())))
		return true
	}
	s := t.script[0]
	if !t.begun && s.unless != nil && s.unless(e.view(t.from())) {
		t.script = t.script[1:]
		return true
	}
	if !t.begun {
		e.enter(s)
	}
	since := t.since
	if t.whole {
		since = 0
	}
	met := s.until != nil && s.until(e.view(since))
	switch {
	case !met && e.now < t.until:
		return false
	case met || s.until == nil || s.may:
		t.script, t.begun = t.script[1:], false
	case s.orElse != "":
		e.alone = e.alone || t.inCall && s.orElse == nobody(e.cfg)
		e.decide(untold("%s", s.orElse))
	default:
		e.decide(t.judge(e.view(t.from())))
	}
	return true
}

// enter begins a step.
func (e *Examiner) enter(s step) {
	t := e.trial
	t.begun, t.since, t.until = true, len(e.records), e.now+s.within
	if s.opens {
		t.first, t.began = len(e.records), e.now
	}
	if s.do != "" {
		e.do(Ask{strings.ReplaceAll(s.do, "USER", e.cfg.User), s.safe, t.ID})
	}
	if s.tell != "" {
		e.do(Tell{s.tell})
	}
}

// from returns the index of the first record for the judge.
func (t *trial) from() int {
	if t.whole {
		return 0
	}
	return t.first
}
