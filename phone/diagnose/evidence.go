package diagnose

import (
	"iter"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A Question is what has failed, and when.
type Question struct {
	Phone string // the phone that it is about: the actor's, else the one under test
	Actor string // whose expectation failed
	Head  string // the first word of the expectation, such as "wake"; "" for a verb
	Now   time.Duration
	// Acted says that somebody did something before, at At, which had its
	// effects after the record numbered Since.
	Acted bool
	At    time.Duration
	Since uint64
	// Until is the last record that counts; 0: all do.
	Until uint64
	// Stamp writes device times; nil: as "mm:ss.cc".
	Stamp Stamp
}

// Evidence is what the log knows when something has failed: what the facts
// and the likely cause are drawn from. Of the lab it uses only what a real
// server and a real caller would show.
type Evidence struct {
	phone, actor string
	head         string
	log          *event.Log
	fold         *event.Fold // of the phone
	far          picture.FarEnds
	last         uint64 // the last record that counts
	past         past
	now          time.Duration
	acted        bool
	at           time.Duration
	since, until uint64
	callers      requests
	stamp        Stamp
}

// Examine takes the evidence from a log.
func Examine(log *event.Log, q Question) *Evidence {
	ev := &Evidence{
		phone: q.Phone, actor: q.Actor, head: q.Head, log: log, fold: event.NewFold(q.Phone),
		now: q.Now, acted: q.Acted, at: q.At, since: q.Since, until: q.Until, stamp: q.Stamp,
		callers: requests{first: map[request]time.Duration{}},
	}
	if ev.stamp == nil {
		ev.stamp = event.Stamp
	}
	ev.past.stamp = ev.stamp
	for r := range ev.from(0) {
		ev.fold.Begin(r)
		ev.fold.Apply(r)
		ev.far.Apply(r, q.Phone)
		ev.last = r.Seq
		if r.Phone == q.Phone {
			ev.past.add(r, q.Since)
		}
		if r.Seq > q.Since {
			ev.callers.add(r, q.Phone)
		}
	}
	return ev
}

// from goes through the records after the one numbered seq that count.
func (ev *Evidence) from(seq uint64) iter.Seq[event.Record] {
	if ev.until == 0 {
		return ev.log.From(seq)
	}
	return ev.log.Span(seq, ev.until)
}

// of goes through the records of somebody, after the one numbered seq.
func (ev *Evidence) of(who string, seq uint64) iter.Seq[event.Record] {
	return func(yield func(event.Record) bool) {
		for r := range ev.from(seq) {
			if r.Phone == who && !yield(r) {
				return
			}
		}
	}
}

// effects are the records of somebody since the last action.
func (ev *Evidence) effects(who string) iter.Seq[event.Record] { return ev.of(who, ev.since) }

// calling are the requests of which a call is made, and handed over.
var calling = []string{"INVITE", "CANCEL", "BYE", "REFER", "NOTIFY"}

// others lists who else has had to do with a call since the last action, in
// the order in which they began.
func (ev *Evidence) others() []string { return ev.callers.list }

// A request is one of those of which a call is made, as somebody sent it, or
// had it.
type request struct {
	who    string
	out    bool
	method string
}

// requests are those since the last action: who had to do with them, and when
// each was first.
type requests struct {
	list  []string // all but the phone, in the order in which they began
	first map[request]time.Duration
}

// add takes a record since the last action into account.
func (q *requests) add(r event.Record, phone string) {
	m, signals := r.Event.(event.Message)
	if !signals || !slices.Contains(calling, m.Method) {
		return
	}
	if r.Phone != phone && !slices.Contains(q.list, r.Phone) {
		q.list = append(q.list, r.Phone)
	}
	one := request{r.Phone, m.Out, m.Method}
	if _, before := q.first[one]; m.Status == 0 && !before {
		q.first[one] = r.Device
	}
}
