package control

import (
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The numbers of flow recovery (RFC 5626 §4.5). There is only one flow, so
// base-time is that of "all flows have failed".
const (
	recoveryBase = 30 * time.Second
	recoveryMax  = 1800 * time.Second
	// recoveryQuiet is how often, at most, a flow is formed again at once
	// (our own number): a server that grants each registration and then
	// closes the connection must not be hammered.
	recoveryQuiet = 10 * time.Second
)

// Recovery is the wait between failures to sign on (RFC 5626 §4.5). A flow
// that had carried a registration is formed again at once; everything else
// waits, longer with each failure in a row. The zero Recovery is at rest.
type Recovery struct {
	Failures int       // since the last registration that was granted
	RetryAt  time.Time // of the next try; zero: none is due
	last     time.Time // when a flow was last formed again at once
}

// AtOnce reports whether a flow that has failed may be formed again now,
// because it had carried a registration.
func (r *Recovery) AtOnce(now time.Time, wasRegistered bool) bool {
	if !wasRegistered || !r.last.IsZero() && now.Sub(r.last) < recoveryQuiet {
		return false
	}
	r.last = now
	return true
}

// BackOff puts the next try off: between half and all of base * 2^failures,
// and not less than the server asked for.
func (r *Recovery) BackOff(now time.Time, rng *rand.Rand, atLeast time.Duration, why error) event.Recovery {
	r.Failures++
	bound := recoveryMax
	if r.Failures < 6 { // 30 s * 2^6 is above the maximum
		bound = recoveryBase << r.Failures
	}
	wait := max(bound/2+time.Duration(rng.Int64N(int64(bound/2))), atLeast)
	r.RetryAt = now.Add(wait)
	return event.Recovery{Failures: r.Failures, Wait: event.Seconds(wait), Why: why.Error()}
}
