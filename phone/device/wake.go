package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// wake is the wake that goes on, or the last one of the process.
type wake struct {
	*sink
	n           int // wakes since launch
	suspendedAt time.Time

	cause event.WakeCause
	at    time.Time
	open  bool // it goes on: its window, or the background tasks that began in it
	// current says that the app has not been suspended since.
	current bool
	net     bool // the network is open for this wake
	kept    bool // a maintenance window goes on in it
	// frame is the socket whose first read is the wake frame; 0: none.
	frame  system.Socket
	framed bool      // frame is still to be read
	shown  time.Time // the window's end that the log last told
}

// begin begins a wake. A window of 0 is one without end. stamps is how many
// wakes count against the budget.
func (w *wake) begin(now time.Time, by event.WakeCause, window time.Duration, stamps int) {
	*w = wake{sink: w.sink, n: w.n + 1, suspendedAt: w.suspendedAt, cause: by, at: now, open: window > 0, current: true}
	w.log(event.Wake{
		N: w.n, Cause: by, Suspended: event.Seconds(now.Sub(w.suspendedAt)),
		Window: event.Seconds(window), Stamps: stamps,
	})
	if window == 0 { // the app is not running on a wake's time
		w.log(event.WakeEnd{N: w.n, Why: "it has no window: the app runs without limit"})
	}
}

// end is the end of a wake. One for a socket that nobody has read explains
// nothing.
func (w *wake) end(now time.Time, why string) {
	if !w.open {
		return
	}
	w.open = false
	w.log(event.WakeEnd{N: w.n, Ran: event.Seconds(now.Sub(w.at)), Why: why})
	if w.framed {
		w.log(event.Warning{
			Rule: event.RuleUnexplainedWake, Note: "the system woke the app for its socket, and nothing was read from it",
			Hint: "what came last before the wake: see the messages",
		})
	}
}

// suspended notes when the app was suspended.
func (w *wake) suspended(now time.Time) {
	w.suspendedAt, w.current, w.framed = now, false, false
}

// expect has the first read of a socket be the wake frame.
func (w *wake) expect(s system.Socket) { w.frame, w.framed = s, true }

// forget expects no frame of a socket that is gone.
func (w *wake) forget(s system.Socket) {
	if w.frame == s {
		w.framed = false
	}
}

// isFrame reports whether a read of a socket is that of the wake frame.
func (w *wake) isFrame(s system.Socket) bool { return w.framed && w.frame == s }

// read is the app reading the wake frame.
func (w *wake) read(now time.Time, what string, bytes int) {
	w.framed = false
	w.log(event.Frame{Wake: w.n, What: what, Bytes: bytes, Latency: event.Millis(now.Sub(w.at))})
}

// number is that of the wake that the app runs in, 0 if it has been on the screen since.
func (w *wake) number() int {
	if !w.current {
		return 0
	}
	return w.n
}

// since is how long ago the app was woken, 0 if it has been since on the
// screen or asleep.
func (w *wake) since(now time.Time) event.Millis {
	if !w.current {
		return 0
	}
	return event.Millis(now.Sub(w.at))
}

// budget counts the wakes by socket and by keepalive, of which a system allows
// so many in so long.
type budget struct {
	limit     int // 0: none
	per       time.Duration
	sparesFIN bool        // a wake by the end of a connection does not count
	stamps    []time.Time // of the wakes that count
}

// stamp counts a wake, and returns how many count now: each does for less than
// the time that the limit is for. ok is false if they are too many. A system
// without a budget counts none.
func (b *budget) stamp(now time.Time) (stamps int, ok bool) {
	if b == nil {
		return 0, true
	}
	kept := b.stamps[:0]
	for _, t := range b.stamps {
		if now.Sub(t) < b.per {
			kept = append(kept, t)
		}
	}
	b.stamps = append(kept, now)
	return len(b.stamps), b.limit == 0 || len(b.stamps) <= b.limit
}

// endOfConnection says that the last wake was by the end of a connection.
func (b *budget) endOfConnection() {
	if b != nil && b.sparesFIN && len(b.stamps) > 0 {
		b.stamps = b.stamps[:len(b.stamps)-1]
	}
}
