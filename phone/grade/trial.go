package grade

import (
	"strings"
	"time"
)

// A trial is a check at work.
type trial struct {
	check
	began  time.Duration
	first  int // where on the tape it began
	script []step
	begun  bool          // the step at work has been
	since  int           // where on the tape that began
	until  time.Duration // until when it waits
}

// A step of a script: something is asked for, and then something waited for.
type step struct {
	do   string // a request to the lab; USER is the phone's
	safe bool   // the lab may refuse it: what is asked for is so already
	tell string // for the person at the phone
	// unless says, of what was recorded since the check began, that there is no
	// need for the step; nil: there is.
	unless func(view) bool
	// until is what is waited for, in what was recorded since the step began
	// (of a check that looks at everything: in everything). Nil is a pause.
	until func(view) bool
	// within is how long; then the script ends, unless it may be missed.
	within time.Duration
	may    bool
	// opens: what is judged begins here, and not with the check.
	opens bool
	// orElse says why nobody can tell if it was waited for in vain; "" leaves
	// that to the judge.
	orElse string
}

// begin puts the next check to work.
func (e *Examiner) begin() {
	c := e.todo[0]
	e.todo = e.todo[1:]
	e.trial = &trial{check: c, began: e.now, first: len(e.tape)}
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

// unable says why a check can tell nothing.
func (e *Examiner) unable(c check) string {
	v := e.view(0)
	switch {
	case c.ID != checks[0].ID && !c.early && !v.has(v.granted()):
		return "it has not registered"
	case (!c.whole || c.inCall && !e.called) && !c.early && !v.registered():
		return "its registration has expired"
	case c.inCall && e.alone:
		return nobody(e.cfg)
	case c.unless != nil:
		return c.unless(v)
	}
	return ""
}

// proceed goes on with the check at work; it reports whether anything came of
// that.
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
	t.begun, t.since, t.until = true, len(e.tape), e.now+s.within
	if s.opens {
		t.first, t.began = len(e.tape), e.now
	}
	if s.do != "" {
		e.do(Ask{strings.ReplaceAll(s.do, "USER", e.cfg.User), s.safe})
	}
	if s.tell != "" {
		e.do(Tell{s.tell})
	}
}

// from is where on the tape the judge begins to look.
func (t *trial) from() int {
	if t.whole {
		return 0
	}
	return t.first
}
