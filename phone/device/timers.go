package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The timers of a device. Those due at the same time run in this order.
const (
	lightTimer     = iota // the light machine's next step
	deepTimer             // the deep machine's next step
	jobTimer              // a job window begins or ends
	pushTimer             // pushes must have shown the user something
	launchTimer           // launch a dead app in the background
	entryTimer            // didEnterBackground has to have returned
	taskEndTimer          // the tasks have to have ended
	taskWarnTimer         // call their expiration handlers
	reportTimer           // a push has to have been reported
	activateTimer         // activate the audio session of an answered call
	windowTimer           // the wake is over
	settleTimer           // suspend, for there is no reason to run
	keepAliveTimer        // call the keepalive handler
	reclaimTimer          // reclaim the sockets of a suspended app
	cardTimer             // a notification stops ringing
	serviceTimer          // startForeground has to have been called
	freezeTimer           // freeze a cached app
	shortTimer            // a short service has to have stopped
	wifiTimer             // the Wi-Fi of a device that lies locked sleeps, or wakes
	providerTimer         // call the local push provider
	numTimers
)

// timers are when each timer comes due; zero: it does not run. They are data:
// a sub-machine sets its own, and the device looks at all.
type timers [numTimers]time.Time

// deadline is when the first timer comes due.
func (t *timers) deadline() time.Time { return system.Earliest(t[:]...) }

// due finds the timer that came due first.
func (t *timers) due(now time.Time) (timer int, ok bool) {
	for i, at := range t {
		if system.Due(at, now) && (!ok || at.Before(t[timer])) {
			timer, ok = i, true
		}
	}
	return timer, ok
}

func (t *timers) stop(which ...int) {
	for _, i := range which {
		t[i] = time.Time{}
	}
}
