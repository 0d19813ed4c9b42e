package sip

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Whoever writes a body must not make us see a message in it while the rest of it is
// on its way. So there has to be a pause (our own numbers; in each a segment that was
// lost has been repeated).
const (
	// swallowAfter is how long a body lacks its rest before it is looked into, and how
	// long nothing of it comes before it is given up.
	swallowAfter = T2
	// anewAfter is how long, before a read that begins like a message is one.
	anewAfter = 2 * T1
)

// A Swallow watches for a Content-Length that is too large: the message waits for its
// rest, and takes those that follow it for its body. If one is to be seen there, if one
// comes after a pause, or if nothing comes, the message is to be given up
// ([Framer.GiveUp]).
type Swallow struct {
	since  time.Time // that the message at the front waits, zero if none does
	read   time.Time // that something of it has come last
	at     time.Time // to look into it
	looked bool      // it was looked into for another message
}

// Deadline is when to look into the body, with Due.
func (w *Swallow) Deadline() time.Time { return w.at }

// Awaits notes that a message lacks its rest, or that none does. whole says that
// another began meanwhile.
func (w *Swallow) Awaits(now time.Time, partial, whole bool) {
	switch {
	case !partial:
		*w = Swallow{}
	case whole || w.since.IsZero():
		*w = Swallow{since: now, read: now, at: now.Add(swallowAfter)}
	default:
		w.read = now
	}
}

// Due looks into the body, and reports whether it has swallowed a message, which is looked
// for once, or whether its rest will not come: there was none of it for as long.
func (w *Swallow) Due(now time.Time, f *Framer) bool {
	again := w.looked
	w.looked, w.at = true, time.Time{}
	switch {
	case !again && f.Swallows():
		return true
	case !f.lacks():
		return false
	}
	w.at = system.Earliest(w.read.Add(swallowAfter), w.since.Add(control.Patience))
	return !now.Before(w.at)
}

// Arrives looks at a read before it is taken for the rest of a body, and reports
// whether it is the next message, or a pong.
func (w *Swallow) Arrives(now time.Time, f *Framer, data []byte) bool {
	switch {
	case w.since.IsZero():
		return false
	case now.Sub(w.read) >= anewAfter && f.Ponged(data):
		return true
	}
	return now.Sub(w.since) >= anewAfter && f.Interrupted(data)
}
