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

func (d *Device) bound() bound {
	p := &d.profile
	if d.doze.charging || d.allowed {
		return bound{} // App Standby spares both
	}
	switch d.bucket {
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

func (d *Device) bucketGap() time.Duration { return d.bound().alarms }

// standby reports whether App Standby holds the app back now.
func (d *Device) standby() bool { return d.bound().jobs > 0 && !d.jobOpen }

// setBucket puts the app into a bucket.
func (d *Device) setBucket(b Bucket, why string) {
	if d.bucket == b {
		return
	}
	d.bucket = b
	d.logStandby(why)
}

func (d *Device) logStandby(why string) {
	d.log(event.Standby{Bucket: string(d.bucket), Allowlisted: d.allowed, Why: why})
}

// armJobs starts the wait for the next job window of an app that has only
// those, and ends it for one that is free.
func (d *Device) armJobs(now time.Time) {
	every := d.bound().jobs
	switch {
	case every == 0:
		d.jobOpen, d.timers[jobTimer] = false, time.Time{}
	case d.timers[jobTimer].IsZero():
		d.timers[jobTimer] = now.Add(every)
	}
}

// turnJobs is the beginning of a job window, or its end. An idle device puts
// the beginning off to its own next window.
func (d *Device) turnJobs(now time.Time) {
	every := d.bound().jobs
	switch {
	case d.jobOpen:
		d.jobOpen, d.timers[jobTimer] = false, now.Add(every-d.profile.JobWindow)
		d.govern(now, "the job window is over")
	case d.doze.idle():
		d.timers[jobTimer] = d.nextStep()
	default:
		d.jobOpen, d.timers[jobTimer] = true, now.Add(d.profile.JobWindow)
		d.govern(now, "a job window of its bucket")
	}
}

// allowlist takes the app on the battery allowlist, or off it.
func (d *Device) allowlist(now time.Time, on bool) {
	if d.allowed == on {
		return
	}
	d.allowed = on
	d.logStandby("by the tester")
	d.armJobs(now)
	d.rewatch()
	d.govern(now, "the battery allowlist")
}
