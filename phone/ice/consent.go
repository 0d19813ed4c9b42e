package ice

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
)

const (
	// consentEvery is the mean time between two requests for consent, and consentFor how
	// long a response is good (RFC 7675 §5.1). They keep the bindings of a NAT as well.
	consentEvery = 5 * time.Second
	consentFor   = 30 * time.Second
	// maxAsked is how many of the requests are remembered: as many as are sent while a
	// response is good.
	maxAsked = 8
	// forbidden takes consent back at once (§5.2).
	forbidden = 403
)

// A consent is that of the peer to be sent media, which it gives anew with each response.
type consent struct {
	next, expires time.Time
	asked         []stun.ID
	gone          bool
}

func (c *consent) begin(now time.Time, rng *rand.Rand) {
	*c = consent{expires: now.Add(consentFor)}
	c.schedule(now, rng)
}

// schedule sets the time of the next request: a fifth more or less, so that calls do not
// ask all at once (§5.1).
func (c *consent) schedule(now time.Time, rng *rand.Rand) {
	c.next = now.Add(time.Duration((0.8 + 0.4*rng.Float64()) * float64(consentEvery)))
}

func (c *consent) deadline() time.Time {
	if c.gone {
		return time.Time{}
	}
	return earliest(c.next, c.expires)
}

// pardon gives the peer the time anew in which nobody has asked it.
func (c *consent) pardon(late time.Duration) {
	if !c.expires.IsZero() && !c.gone {
		c.expires = c.expires.Add(late)
	}
}

// hears takes an authentic response.
func (c *consent) hears(now time.Time, sameWay bool, m *stun.Message) {
	if !sameWay || !slices.Contains(c.asked, m.ID) || c.gone {
		return
	}
	switch {
	case m.Class == stun.Success:
		c.expires = now.Add(consentFor)
	case m.Code == forbidden:
		c.expires = now
	}
}

// consents asks for consent, or finds it gone, on the pair of a component.
func (a *Agent) consents(s *step, now time.Time, i int) {
	path := &a.paths[i]
	c := &path.consent
	switch {
	case path.selected == nil || c.gone:
	case due(c.expires, now):
		c.gone, c.next = true, time.Time{}
		s.tell(Lost{Component: i + 1, Remote: path.selected.remote.At})
	case due(c.next, now):
		id := a.newID()
		c.asked = append(c.asked, id)
		if len(c.asked) > maxAsked {
			c.asked = c.asked[1:]
		}
		c.schedule(now, a.cfg.Rand)
		s.send(i+1, path.selected.remote.At, a.request(id, i+1, false))
	}
}

// Peers are the addresses that media goes to, by component; not valid: none is selected.
func (a *Agent) Peers() (at [2]netip.AddrPort) {
	for i := range a.paths {
		if p := a.paths[i].selected; p != nil {
			at[i] = p.remote.At
		}
	}
	return at
}
