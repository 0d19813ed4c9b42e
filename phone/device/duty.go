package device

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// duty is a push that a process has been given and still has to answer for.
type duty struct {
	id       int // of the handler's call
	push     system.Push
	at       time.Time // when it was delivered
	called   bool      // the handler has been called
	exempt   bool      // it need not be reported
	late     bool      // because it came too late to be one
	reported bool
}

// owed reports whether a call has still to be reported for the push.
func (q duty) owed() bool { return !q.reported && !q.exempt }

// duties are those of a process, with the timer of the first that is owed.
type duties struct {
	*timers
	limit time.Duration // from a push to its report
	list  []duty
}

func (d *duties) add(q duty) {
	d.list = append(d.list, q)
	d.arm()
}

// call lists the duties whose handler has not been called yet, which it now
// is.
func (d *duties) call() []duty {
	var fresh []duty
	for i := range d.list {
		if q := &d.list[i]; !q.called {
			q.called = true
			fresh = append(fresh, *q)
		}
	}
	return fresh
}

// returned takes the duty out whose handler has returned.
func (d *duties) returned(id int) (duty, bool) {
	i := slices.IndexFunc(d.list, func(q duty) bool { return q.id == id && q.called })
	if i < 0 {
		return duty{}, false
	}
	q := d.list[i]
	d.list = slices.Delete(d.list, i, i+1)
	d.arm()
	return q, true
}

// late reports whether the report of a duty is overdue.
func (d *duties) late(now time.Time, q duty) bool { return q.owed() && now.Sub(q.at) >= d.limit }

// overdue reports whether that of any is.
func (d *duties) overdue(now time.Time) bool {
	late := slices.ContainsFunc(d.list, func(q duty) bool { return d.late(now, q) })
	if !late {
		d.arm()
	}
	return late
}

// excuse exempts those that are overdue.
func (d *duties) excuse(now time.Time) {
	for i, q := range d.list {
		d.list[i].exempt = q.exempt || d.late(now, q)
	}
	d.arm()
}

// fulfil is a call that is reported: the system looks only whether some call
// was.
func (d *duties) fulfil() {
	for i := range d.list {
		d.list[i].reported = true
	}
	d.arm()
}

// onlyLate reports whether a call that is reported now can only be for a push that
// came too late to be one.
func (d *duties) onlyLate() bool {
	return len(d.list) > 0 && !slices.ContainsFunc(d.list, func(q duty) bool { return !q.late || q.reported })
}

func (d *duties) any() bool { return len(d.list) > 0 }

// arm sets the timer of the second look.
func (d *duties) arm() {
	d.stop(reportTimer)
	for _, q := range d.list {
		if q.owed() {
			d.timers[reportTimer] = system.Earliest(d.timers[reportTimer], q.at.Add(d.limit))
		}
	}
}

// record is what the system holds against the app: pushes that it did not
// report.
type record struct {
	limit      int           // after so many pushes are blocked; 0: never
	lasts      time.Duration // how long; 0: until it is lifted by hand
	violations int
	blockedAt  time.Time // zero: they are not
}

// violate adds a push that was not reported. It reports whether pushes are
// blocked from now on.
func (r *record) violate(now time.Time) bool {
	r.violations++
	if r.limit == 0 || r.violations < r.limit || !r.blockedAt.IsZero() {
		return false
	}
	r.blockedAt = now
	return true
}

// blocked says why the system delivers no pushes any more; "": it does.
func (r *record) blocked(now time.Time) (why string) {
	if r.lasts > 0 && !r.blockedAt.IsZero() && now.Sub(r.blockedAt) >= r.lasts {
		r.forgive()
	}
	if r.blockedAt.IsZero() {
		return ""
	}
	return fmt.Sprintf("the app has not reported earlier ones (%d)", r.violations)
}

func (r *record) forgive() { r.violations, r.blockedAt = 0, time.Time{} }
