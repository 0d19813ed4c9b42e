package control

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// goodbyeTime is how long goodbyes may take: a person waits for the prompt (our
// own number).
const goodbyeTime = 4 * time.Second

// leaving is the way out of a connection for good: goodbyes are sent, and their
// answers awaited for a while.
type leaving struct {
	on, done bool
	by       time.Time
}

// Leave begins the way out. It reports false if it has begun already.
func (c *Conn) Leave(s *Step) bool {
	if c.leaving.on {
		return false
	}
	c.leaving = leaving{on: true, by: s.In(goodbyeTime)}
	return true
}

// Leaving reports whether the agent shuts down, and Left whether it has.
func (c *Conn) Leaving() bool { return c.leaving.on }
func (c *Conn) Left() bool    { return c.leaving.done }

// Finish ends the way out: it closes what is open, and says [Down].
func (c *Conn) Finish(s *Step) {
	c.Close(s, "")
	c.StopRecovering()
	c.Pings = Pings{}
	c.leaving.done, c.leaving.by = true, time.Time{}
	s.Notice(Down{})
}

// goodbyesLate says that the server has not answered in time.
func goodbyesLate(s *Step) {
	s.Log(event.Error{
		Op: "shut down", Err: "the server did not answer our goodbyes within 4 s",
		Hint: "it may believe for a while that the phone is still there", Rule: event.RuleServerSilent,
	})
}
