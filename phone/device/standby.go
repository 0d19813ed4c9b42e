package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Bucket is how much the user uses the app, in Android's judgement: the less,
// the less it may do off the screen (App Standby Buckets).
type Bucket string

// The buckets, by "am set-standby-bucket".
const (
	BucketActive     Bucket = "active"
	BucketWorkingSet Bucket = "working-set"
	BucketFrequent   Bucket = "frequent"
	BucketRare       Bucket = "rare"
	BucketRestricted Bucket = "restricted"
)

// bound is what a bucket allows; zero means no limit.
type bound struct {
	alarms time.Duration // the least time between two
	pushes int           // of high priority in a day
	jobs   time.Duration // from one job window to the next; nothing else opens the network
}

// standby is what the system thinks of the app (App Standby), and what it lets
// it do for that.
type standby struct {
	*sink
	*timers
	p        *dozeSettings
	charging func() bool // whether the device is

	bucket  Bucket
	allowed bool // it has a place on the battery allowlist
	open    bool // a job window goes on
}

func (s *standby) bound() bound {
	p := s.p
	if s.charging() || s.allowed {
		return bound{} // App Standby spares both
	}
	switch s.bucket {
	case BucketWorkingSet:
		return bound{alarms: p.AlarmGapWorkingSet}
	case BucketFrequent:
		return bound{alarms: p.AlarmGapFrequent, pushes: p.PushCapFrequent}
	case BucketRare:
		return bound{alarms: p.AlarmGapRare, pushes: p.PushCapRare, jobs: p.JobPeriodRare}
	case BucketRestricted:
		return bound{alarms: p.AlarmGapRestricted, pushes: p.PushCapRestricted, jobs: p.JobPeriodRestricted}
	}
	return bound{}
}

// holds reports whether App Standby holds the app back now.
func (s *standby) holds() bool { return s.bound().jobs > 0 && !s.open }

// put puts the app into a bucket.
func (s *standby) put(b Bucket, why string) {
	if s.bucket == b {
		return
	}
	s.bucket = b
	s.show(why)
}

// allow takes the app on the battery allowlist, or off it. It reports whether
// that changes anything.
func (s *standby) allow(on bool) bool {
	if s.allowed == on {
		return false
	}
	s.allowed = on
	s.show("by the tester")
	return true
}

func (s *standby) show(why string) {
	s.log(event.Standby{Bucket: string(s.bucket), Allowlisted: s.allowed, Why: why})
}

// arm starts the wait for the next job window of an app that has only those,
// and ends it for one that is free.
func (s *standby) arm(now time.Time) {
	every := s.bound().jobs
	switch {
	case every == 0:
		s.open, s.timers[jobTimer] = false, time.Time{}
	case s.timers[jobTimer].IsZero():
		s.timers[jobTimer] = now.Add(every)
	}
}

// turn begins a job window, or ends it, and says which.
func (s *standby) turn(now time.Time) (why string) {
	if s.open {
		s.open, s.timers[jobTimer] = false, now.Add(s.bound().jobs-s.p.JobWindow)
		return "the job window is over"
	}
	s.open, s.timers[jobTimer] = true, now.Add(s.p.JobWindow)
	return "a job window of its bucket"
}
