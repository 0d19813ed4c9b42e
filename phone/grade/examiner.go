package grade

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Config configures an [Examiner].
type Config struct {
	// User is the account with which the phone registers, and the name under
	// which the lab logs what passes on its wire (lab.Config.Watch).
	User, Domain string
	// Only and Skip are ids of checks: run only those, or all but those.
	Only, Skip []string
	// Expires is the longest registration that the lab grants, FlowTimer
	// the Flow-Timer that it sends to phones with outbound.
	Expires, FlowTimer time.Duration
	// Patience is how long the tester may take to follow an instruction.
	Patience time.Duration
	// Pushes says that the lab's pushes reach the phone.
	Pushes bool
}

// An Examiner runs the checks on a phone.
type Examiner struct {
	cfg     Config
	now     time.Duration
	records []event.Record
	todo    []check
	trial   *trial // the current check; nil: none
	called  bool   // bob has a call with the phone
	alone   bool   // no one is at the phone to answer
	report  Report
	out     []Effect
}

// New makes an examiner. The error names an unknown check.
func New(cfg Config) (*Examiner, error) {
	var ids []string
	for _, c := range checks {
		ids = append(ids, c.ID)
	}
	for _, id := range slices.Concat(cfg.Only, cfg.Skip) {
		if !slices.Contains(ids, id) {
			return nil, fmt.Errorf("no check %q%s", id, hint(id, ids))
		}
	}
	e := &Examiner{cfg: cfg, report: Report{User: cfg.User, Domain: cfg.Domain}}
	for _, c := range checks {
		// The first check always runs: without a registration there is
		// nothing to examine.
		wanted := len(cfg.Only) == 0 || slices.Contains(cfg.Only, c.ID) || c.ID == checks[0].ID
		if wanted && !slices.Contains(cfg.Skip, c.ID) {
			e.todo = append(e.todo, c)
		}
	}
	return e, nil
}

func hint(id string, ids []string) string {
	if near := words.DidYouMean(id, ids); near != "" {
		return near
	}
	return "; there are " + strings.Join(ids, ", ")
}

// Start begins the examination.
func (e *Examiner) Start(now time.Duration) []Effect {
	return e.step(now, func() {})
}

// Deadline is when Advance wants to be called next; 0: never.
func (e *Examiner) Deadline() time.Duration {
	if e.trial == nil {
		return 0
	}
	return e.trial.until
}

// Advance continues after a wait that is over.
func (e *Examiner) Advance(now time.Duration) []Effect {
	return e.step(now, func() {})
}

// Receive handles a record of the lab's log.
func (e *Examiner) Receive(r event.Record) []Effect {
	if _, noise := r.Event.(event.Audio); noise {
		return nil
	}
	return e.step(r.Device, func() { e.records = append(e.records, r) })
}

// Refused reports that the lab has refused a request.
func (e *Examiner) Refused(now time.Duration, ask Ask, err error) []Effect {
	if ask.Optional || e.trial == nil || e.trial.ID != ask.check {
		return nil
	}
	return e.step(now, func() { e.decide(untold("the lab could not %q: %v", ask.Line, err)) })
}

// Stop ends the examination: the verdict of the remaining checks is "could not
// tell".
func (e *Examiner) Stop(now time.Duration, why string) []Effect {
	e.now = now
	if e.trial != nil {
		e.decide(untold("%s", why))
	}
	for _, c := range e.todo {
		e.trial = &trial{check: c, began: now}
		e.decide(untold("not reached: %s", why))
	}
	e.todo = nil
	return e.take()
}

// Plan returns the checks that are not decided yet, in their order.
func (e *Examiner) Plan() []Check {
	var list []Check
	if e.trial != nil {
		list = append(list, e.trial.public())
	}
	for _, c := range e.todo {
		list = append(list, c.public())
	}
	return list
}

// Left is how many checks are not decided yet.
func (e *Examiner) Left() int {
	if e.trial != nil {
		return len(e.todo) + 1
	}
	return len(e.todo)
}

// Done reports whether all checks are decided.
func (e *Examiner) Done() bool { return e.trial == nil && len(e.todo) == 0 }

// Report returns the verdicts so far.
func (e *Examiner) Report() Report {
	c := e.report
	c.Took = event.Seconds(e.now)
	if r, ok := e.view(0).first(e.view(0).sent("REGISTER")); ok {
		c.Agent = event.Printable(header(r, "User-Agent"))
	}
	return c
}

// step runs f, and then proceeds through the checks as far as possible.
func (e *Examiner) step(now time.Duration, f func()) []Effect {
	e.now = max(e.now, now)
	f()
	for !e.Done() {
		if e.trial == nil {
			e.begin()
		} else if !e.proceed() {
			break
		}
	}
	return e.take()
}

func (e *Examiner) take() []Effect {
	out := e.out
	e.out = nil
	return out
}

func (e *Examiner) do(out ...Effect) { e.out = append(e.out, out...) }

// decide ends the current check.
func (e *Examiner) decide(f finding) {
	t := e.trial
	m := Mark{
		ID: t.ID, Title: t.Title, Rule: t.Rule, Source: t.Source, Verdict: f.verdict, Why: f.why, Evidence: f.evidence,
		From: event.Seconds(t.began), To: event.Seconds(e.now),
	}
	if t.first < len(e.records) {
		m.first, m.last = e.records[t.first].Seq, e.records[len(e.records)-1].Seq
	}
	for _, line := range t.after {
		e.do(Ask{strings.ReplaceAll(line, "USER", e.cfg.User), true, t.ID})
	}
	e.trial = nil
	e.report.Marks = append(e.report.Marks, m)
	e.do(Decided{m})
	if len(e.todo) > 0 && !e.todo[0].inCall || len(e.todo) == 0 {
		e.hangUp()
	}
}

// hangUp ends the call that checks may share.
func (e *Examiner) hangUp() {
	if e.called {
		e.called = false
		e.do(Ask{Line: caller + " hangs up", Optional: true})
	}
}
