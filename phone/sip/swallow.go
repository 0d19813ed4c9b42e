package sip

import "time"

// Whoever writes a body must not make us see a message in it while the rest of it is
// on its way. So there has to be a pause (our own numbers; in each a segment that was
// lost has been repeated).
const (
	// swallowAfter is how long a body lacks its rest before it is looked into.
	swallowAfter = T2
	// anewAfter is how long, before a read that begins like a message is one.
	anewAfter = 2 * T1
)

// A Swallow watches for a Content-Length that is too large: the message waits for its
// rest, and takes those that follow it for its body. If one is to be seen there, or if
// one comes after a pause, the message is to be given up for it ([Framer.GiveUp]).
type Swallow struct {
	since time.Time // that the message at the front waits, zero if none does
	at    time.Time // to look into it
}

// Deadline is when to look into the body, with Due.
func (w *Swallow) Deadline() time.Time { return w.at }

// Awaits notes that a message lacks its rest, or that none does. whole says that
// another began meanwhile.
func (w *Swallow) Awaits(now time.Time, partial, whole bool) {
	switch {
	case !partial:
		w.since, w.at = time.Time{}, time.Time{}
	case whole || w.since.IsZero():
		w.since, w.at = now, now.Add(swallowAfter)
	}
}

// Due looks into the body, once, and reports whether it has swallowed a message.
func (w *Swallow) Due(f *Framer) bool {
	w.at = time.Time{}
	return f.Swallows()
}

// Arrives looks at a read before it is taken for the rest of a body, and reports
// whether it is the next message.
func (w *Swallow) Arrives(now time.Time, f *Framer, data []byte) bool {
	return !w.since.IsZero() && now.Sub(w.since) >= anewAfter && f.Interrupted(data)
}
