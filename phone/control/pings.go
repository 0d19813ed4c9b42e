package control

import "time"

// Pings are the pings of ours on one connection. At most one is unanswered at a
// time, so that a pong belongs to one ping.
type Pings struct {
	sent   time.Time
	pongBy time.Time // zero if no pong is awaited
	next   time.Time // zero if the connection needs none of its own accord
	due    bool      // a ping is wanted as soon as it can be sent
}

// Want remembers that a ping is wanted as soon as it can be sent. Wanted
// reports whether one is, and Forget drops the wish.
func (p *Pings) Want()        { p.due = true }
func (p *Pings) Wanted() bool { return p.due }
func (p *Pings) Forget()      { p.due = false }

// Waits reports whether a ping is unanswered.
func (p *Pings) Waits() bool { return !p.pongBy.IsZero() }

// Sent notes that a ping is sent now, whose pong may take so long; 0 is for
// ever.
func (p *Pings) Sent(now time.Time, patience time.Duration) {
	p.sent, p.due = now, false
	if patience > 0 {
		p.pongBy = now.Add(patience)
	}
}

// Answered takes a pong, and says how long it took. It reports false if nobody
// waits for one.
func (p *Pings) Answered(now time.Time) (rtt time.Duration, ok bool) {
	ok = p.Waits()
	p.pongBy = time.Time{}
	return now.Sub(p.sent), ok
}

// Missed gives up a pong that has not come.
func (p *Pings) Missed() { p.pongBy = time.Time{} }

// At is when a ping is to be sent of our own accord; zero if none is. Schedule
// sets it.
func (p *Pings) At() time.Time        { return p.next }
func (p *Pings) Schedule(t time.Time) { p.next = t }

// lost is the end of the connection: a wish for a ping outlives it.
func (p *Pings) lost() { *p = Pings{due: p.due} }
