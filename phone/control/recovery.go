package control

import (
	"errors"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The numbers of flow recovery (RFC 5626 §4.5). The base time is shorter if all flows
// have failed, or there is only the one.
const (
	recoveryBase   = 30 * time.Second
	recoveryBacked = 90 * time.Second // another flow stands
	recoveryMax    = 1800 * time.Second
	// RecoveryQuiet is how often, at most, a flow is formed again at once
	// (our own number): a server that grants each registration and then
	// closes the connection must not be hammered.
	RecoveryQuiet = 10 * time.Second
	// maxShort bounds how many registrations in a row may be lost soon before that counts
	// as failure, and soon is what holds no longer than it may take to begin, 64*T1 (our
	// own numbers): the server that lets us in and closes, again and again. A loss that the
	// network made is not among them, see [silent].
	maxShort = 5
	soon     = 32 * time.Second
)

// recovery is the wait between failures to sign on (RFC 5626 §4.5). A flow
// that had carried a registration is formed again at once, unless many in a row were lost
// soon; everything else waits, longer with each failure in a row. The zero recovery is at
// rest.
type recovery struct {
	failures int       // since the last registration that held
	short    int       // registrations in a row that were lost soon
	granted  time.Time // when the server has let us in; zero: not since the last failure
	retryAt  time.Time // of the next try; zero: none is due
	last     time.Time // when a flow was last formed again at once
}

var errOverspent = errors.New("the phone has signed on too often")

// A NoAnswer is why a connection was given up on which nothing came back in time.
type NoAnswer string

func (e NoAnswer) Error() string { return string(e) }

// Timeout reports that time was up, as that of a [net.Error] does.
func (NoAnswer) Timeout() bool { return true }

// silent reports whether a connection was lost for what nobody has sent, or for what
// happened to the network here: the server need not have done anything.
func silent(why error) bool {
	var late interface{ Timeout() bool }
	if errors.As(why, &late) && late.Timeout() {
		return true
	}
	var kind system.SocketError
	return errors.As(why, &kind) && kind != system.Reset && kind != system.ClosedByPeer
}

// settle forgets the failures if what was granted has held for a while. A server
// that lets us in and closes counts as one that does not, at once or if it goes on like that.
func (r *recovery) settle(now time.Time, byServer bool) {
	if r.granted.IsZero() {
		return
	}
	held := now.Sub(r.granted)
	r.granted = time.Time{}
	if r.short++; held > soon || !byServer {
		r.short = 0
	}
	if held >= RecoveryQuiet && r.short <= maxShort {
		r.failures = 0
	}
}

// again reports whether what had carried a registration, or not, may be made anew at
// once.
func (r *recovery) again(now time.Time, carried bool, why error) bool {
	r.settle(now, !silent(why))
	if !carried || !r.last.IsZero() && now.Sub(r.last) < RecoveryQuiet || r.short > maxShort {
		return false
	}
	r.last = now
	return true
}

// Recover reports whether a connection that was lost may be opened again now,
// because it had carried a registration, or there is another server; if not, it puts
// that off.
func (c *Conn) Recover(s *Step, carried bool, why error) (atOnce bool) {
	return c.recoversNow(s, carried, why) || c.Leaves(s, 0, why) || c.putOff(s, why)
}

// recoversNow reports whether what was lost may be made anew at once, and names a server
// that has it made anew for ever.
func (c *Conn) recoversNow(s *Step, carried bool, why error) bool {
	before := c.recovery.short
	atOnce := c.recovery.again(s.Now, carried, why)
	if before == maxShort && c.recovery.short > maxShort {
		s.Log(event.Warning{
			Rule: event.RuleServerLoop, Note: fmt.Sprintf("%d registrations in a row at %s were lost within %g s: the phone registers again later and later", c.recovery.short, c.cfg.Server, soon.Seconds()),
			Hint: "see who closes the connection, and why: the server, or what is on the way",
		})
	}
	return atOnce
}

// Renew is [Conn.Recover] for a registration that was lost while the connection itself
// is up: the server stays the same.
func (c *Conn) Renew(s *Step, why error) (atOnce bool) {
	return c.recoversNow(s, true, why) || c.putOff(s, why)
}

// putOff puts the next try off, and reports that it is not made at once.
func (c *Conn) putOff(s *Step, why error) (atOnce bool) {
	c.BackOff(s, 0, why)
	return false
}

// BackOff puts the next try off: between half and all of base * 2^failures,
// and not less than the server asked for.
func (c *Conn) BackOff(s *Step, atLeast time.Duration, why error) {
	r := &c.recovery
	r.settle(s.Now, true)
	r.failures++
	base := recoveryBase
	if c.cfg.Flow.Backed() {
		base = recoveryBacked
	}
	bound := min(base<<min(r.failures, 6), recoveryMax) // 30 s * 2^6 is above the maximum
	wait := max(bound/2+time.Duration(c.cfg.Rand.Int64N(int64(bound/2))), atLeast)
	c.retryIn(s, wait, why)
}

// retryIn sets the time of the next try.
func (c *Conn) retryIn(s *Step, wait time.Duration, why error) {
	r := &c.recovery
	r.retryAt = s.In(wait)
	s.Log(event.Recovery{Failures: r.failures, Wait: event.Seconds(wait), Why: why.Error()})
}

// Trying drops the next try, because one is made now; StopRecovering forgets the
// failures as well.
func (c *Conn) Trying()         { c.recovery.retryAt = time.Time{} }
func (c *Conn) StopRecovering() { c.recovery = recovery{} }

// Granted notes that the server has let us in. The failures before are forgotten
// once that has held for a while.
func (c *Conn) Granted(now time.Time) {
	if c.recovery.granted.IsZero() {
		c.recovery.granted = now
	}
}
