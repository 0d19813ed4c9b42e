package link

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// end ends a stream for the app. Later signals of the kernel about it do not
// reach the app.
func (l *Link) end(f *flow, s system.Signal, at time.Time) {
	f.ended, f.ours = true, time.Time{}
	f.up.clear()
	f.down.clear()
	f.down.place(packet{sig: s, at: at})
}

// abandon makes the app's TCP give up. The server does not learn of it.
func (l *Link) abandon(now time.Time, f *flow) {
	switch {
	case f.app == 0:
		l.drop(f)
		f.up.clear()
	case f.open:
		l.end(f, system.Closed{Socket: f.app, Err: system.TimedOut}, now)
	default:
		if !f.asked {
			f.kernel = 0
		}
		l.drop(f)
		l.end(f, system.Failed{Socket: f.app, Err: system.TimedOut}, now)
	}
}

// abandoned makes the server's TCP give up: it answers anything that the app
// still sends with RST.
func (l *Link) abandoned(now time.Time, f *flow) {
	l.drop(f)
	f.theirs = time.Time{}
	if f.ended {
		return // the app is about to learn of the end
	}
	l.swallowAll(now, f, l.lost(f))
	f.up.clear()
	f.down.clear()
	f.dead, f.answers = true, true
}

// age applies the passage of time to a flow: the NAT forgets it, TCP gives up.
func (l *Link) age(now time.Time, f *flow) {
	if system.Due(l.nat.expires(f), now) {
		detail := f.String() + ", idle for " + event.Round(l.nat.ttl(f.kind))
		l.die(now, f, natExpired, l.nat.reset)
		l.log(event.Fault{Name: natExpired, On: true, Detail: detail})
	}
	if system.Due(f.ours, now) {
		l.abandon(now, f)
	}
	if system.Due(f.theirs, now) {
		l.abandoned(now, f)
	}
}

// die makes the network forget a flow: nothing passes any more, and neither end
// learns of it. Unacknowledged data is retransmitted until TCP gives up.
func (l *Link) die(now time.Time, f *flow, cause string, answers bool) {
	if f.kind == stream {
		if !f.open {
			f.ours = f.began.Add(ConnectTimeout)
		} else if !f.up.empty() {
			f.ours = now.Add(DataTimeout)
		}
		if !f.down.empty() {
			l.unanswered(now, f)
		}
	}
	if f.kind == datagram {
		l.closeHalf(f)
	}
	l.know(f, "the connection is dead")
	l.mapping(now, f, event.MappingForgotten, cause)
	l.swallowAll(now, f, cause)
	f.up.clear()
	f.down.clear()
	f.dead, f.ended, f.cause, f.why, f.answers, f.stalled = true, false, cause, cause, answers, false
	l.drain(f)
}

// know logs that a fault is over, once the app has learnt of it in all flows
// that it hit.
func (l *Link) know(f *flow, why string) {
	cause := f.cause
	f.cause = ""
	if cause == "" {
		return
	}
	for _, other := range l.flows {
		if other.cause == cause {
			return
		}
	}
	l.log(event.Fault{Name: cause, Detail: why})
}
