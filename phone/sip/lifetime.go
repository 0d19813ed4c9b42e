package sip

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A lifetime is how long our binding is known to stand, and when it is to be refreshed.
type lifetime struct {
	expiresAt time.Time // zero if no binding of this flow is known
	refreshAt time.Time
}

// minRefresh is half of the shortest life that can be granted, a second. How often a
// server can make us refresh is up to [control.Budget].
const minRefresh = time.Second / 2

// active reports whether the registrar holds our binding for this flow.
func (l *lifetime) active() bool { return !l.expiresAt.IsZero() }

func (l *lifetime) clear() { *l = lifetime{} }

// begin takes what was granted to the REGISTER sent then. The registrar counts from when
// it had the request, and the answer may have lain unread for long: count from when the
// request was sent. Where so little is left that the refresh would come too late, it is
// due at once.
func (l *lifetime) begin(now, sent time.Time, life, refresh time.Duration) {
	l.expiresAt, l.refreshAt = sent.Add(life), sent.Add(min(refresh, maxExpires))
	switch soonest := now.Add(minRefresh); {
	case !l.refreshAt.Before(soonest):
	case soonest.Before(l.expiresAt):
		l.refreshAt = soonest
	default:
		l.refreshAt = now
	}
}

// due reports whether a binding that stood has expired.
func (l *lifetime) due(now time.Time) bool { return system.Due(l.expiresAt, now) }

// why says why it has expired.
func (l *lifetime) why(now time.Time) (reason, hint string) {
	switch {
	case l.refreshAt.IsZero(): // the refresh waits, see [control.Conn.Afford]
		return fmt.Sprintf("it expired, and the phone registers every %g s at most", control.BudgetEvery.Seconds()),
			"have the registrar grant more; until the refresh is answered nobody reaches the phone"
	case !l.refreshAt.Before(l.expiresAt):
		return "it had expired when its answer came", "the registrar answers slowly, or the app did not run meanwhile; a longer expiry survives both"
	}
	return fmt.Sprintf("it expired %s ago, before the refresh was sent", event.Round(now.Sub(l.expiresAt))),
		"the app did not run in time to refresh it; a longer expiry survives a longer sleep"
}
