package link

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxRead is how much a kernel hands over at once: of what waited, there may be more.
const maxRead = 64 << 10

// waiting is what lies in the kernel for a flow of a frozen app.
type waiting struct {
	since time.Time // when it came; zero: nothing is there
	early bool      // it was there when the app was frozen, and may have been there longer
	seen  system.Readable
}

// sockets returns the kernel's numbers of the sockets whose waiting is told of: the app's
// streams, and its UDP sockets that are not for the audio of calls, whose reports count what
// is late.
func (list flows) sockets() []system.Socket {
	found := list.streams()
	for _, f := range list {
		if f.kind == datagram && !f.paired() && f.app != 0 && f.kernel != 0 && !f.rebinding {
			found = append(found, f.kernel)
		}
	}
	return found
}

// comes notes that something has come for a frozen app, and tells of it if it does not wake
// the app. The end of a connection is none of it: nothing is kept from anybody.
func (l *Link) comes(now time.Time, f *flow, s system.Readable) {
	if !l.stops(f) || f.paired() || !f.alive() || !f.held.since.IsZero() || s.Bytes == 0 && !s.Unknown {
		return
	}
	f.held = waiting{since: now, early: !now.After(l.froze), seen: s}
	if f.watched {
		return
	}
	e := f.holds(event.HeldWaiting)
	e.Bytes, e.AtLeast = s.Bytes, true
	l.log(e)
}

// releases tells what the app has read that waited for it.
func (l *Link) releases(now time.Time, f *flow, data []byte) {
	if l.stops(f) || f.held.since.IsZero() {
		return
	}
	e := f.holds(event.HeldReleased)
	if l.read != nil {
		what := l.read(f.app, data)
		e.What, e.From, e.CallID = what.What, what.From, what.CallID
	}
	e.Bytes, e.For, e.Wake = len(data), event.Millis(now.Sub(f.held.since)), l.wake
	e.AtLeast = f.held.early || len(data) >= maxRead || f.kind == datagram
	f.held = waiting{}
	l.log(e)
}

// drops tells that the app's socket is gone before it has read what waited there.
func (t *teller) drops(now time.Time, f *flow) {
	if f.held.since.IsZero() {
		return
	}
	e := f.holds(event.HeldDropped)
	e.Bytes, e.For, e.AtLeast = f.held.seen.Bytes, event.Millis(now.Sub(f.held.since)), true
	f.held = waiting{}
	t.log(e)
}

// holds is an event about what waits for the flow.
func (f *flow) holds(phase event.HeldPhase) event.Held {
	return event.Held{Phase: phase, Transport: f.kind.String(), Local: f.local.String(), Remote: address(f.remote)}
}

// peek is what the kernel has said of what lies there, for a socket whose packets take time.
// Where it has not, it is a packet that was on its way already.
func (f *flow) peek() system.Readable {
	s := f.held.seen
	if p := f.down.way[0]; !p.unread() {
		s = system.Readable{Bytes: p.size}
	}
	s.Socket = f.app
	return s
}
