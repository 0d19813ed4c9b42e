//go:build !linux

package live

import "time"

// An alarm tells the loop that a time has come.
type alarm struct {
	rang  <-chan time.Time
	timer *time.Timer
}

// newAlarm returns an alarm that is not set.
func (c *crew) newAlarm() (*alarm, error) {
	t := time.NewTimer(0)
	t.Stop()
	return &alarm{rang: t.C, timer: t}, nil
}

// set makes the alarm ring after d, once, and at no other time.
func (a *alarm) set(d time.Duration) { a.timer.Reset(d) }

func (a *alarm) close() { a.timer.Stop() }
