package push

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Config describes the quality of a service. Zero fields have defaults.
type Config struct {
	// MinDelay and MaxDelay bound how long a push takes; 0.1 and 3 s if
	// both are zero.
	MinDelay, MaxDelay time.Duration
	// Drop, Duplicate and Reorder are the shares of pushes, from 0 to 1,
	// that are lost, delivered twice, or overtaken by later ones.
	Drop, Duplicate, Reorder float64
	// MinBackground and MaxBackground are the same for background pushes; as for all
	// others if both are zero.
	MinBackground, MaxBackground time.Duration
	// MinStale and MaxStale bound how long after a device can be reached again it
	// gets a push that was to be tried once, and met it away; 0: never.
	MinStale, MaxStale time.Duration
	// Refuse lists reasons for which valid pushes are refused.
	Refuse []RefuseShare
	// Keep is how many pushes wait for a device that cannot be reached; a
	// new one replaces the oldest. 1 if zero, as with APNs: "only one
	// recent notification for a particular application is stored" (Apple,
	// Local and Remote Notification Programming Guide: Quality of Service).
	Keep int
	// TokenLife is how long a token lasts if its device cannot be reached;
	// 270 days if zero.
	TokenLife time.Duration
	// Origin is where the subscriptions of Web Push are, "https://HOST:PORT";
	// one that nobody else reaches if empty.
	Origin string
	// Rand is the source of all randomness.
	Rand *rand.Rand
}

// The defaults of [Config]. No service publishes its delays: these are our own
// numbers, from a good day to a bad one.
const (
	defaultMinDelay = 100 * time.Millisecond
	defaultMaxDelay = 3 * time.Second
	// defaultOrigin is of the names that are nobody's (RFC 2606 §2).
	defaultOrigin = "https://push.invalid"
)

// A Step is one action of the service: an event for a machine's log, or a push
// delivered to a machine.
type Step struct {
	For     string
	Event   event.Event  // nil where it is a delivery
	Deliver *system.Push // nil where it is an event
}

// Signal returns the signal for the step's machine, or nil: a delivered push,
// or the refusal of a push that it sent.
func (st Step) Signal() system.Signal {
	if st.Deliver != nil {
		return system.PushArrived{Push: *st.Deliver}
	}
	switch e, _ := st.Event.(event.Push); e.Phase {
	case event.PushRefused:
		return system.PushRefused{Token: e.Token, Why: e.Why}
	case event.PushToken:
		return system.PushOpened{Token: e.Token}
	}
	return nil
}

// A Service brings pushes to devices. Devices and senders are identified by
// name.
type Service struct {
	cfg     Config
	devices map[string]*device
	tokens  map[string]*device // by the current token
	former  []former           // tokens that were replaced, oldest first
	away    []*device          // those for which something is stored
	transit []transit          // earliest first
	count   int                // of pushes, for their IDs
	out     []Step
}

// A transit is a push on its way.
type transit struct {
	due  time.Time
	push system.Push
}

// New returns a service without devices.
func New(cfg Config) *Service {
	if cfg.MinDelay == 0 && cfg.MaxDelay == 0 {
		cfg.MinDelay, cfg.MaxDelay = defaultMinDelay, defaultMaxDelay
	}
	if cfg.MinBackground == 0 && cfg.MaxBackground == 0 {
		cfg.MinBackground, cfg.MaxBackground = cfg.MinDelay, cfg.MaxDelay
	}
	cfg.Keep = max(cfg.Keep, 1)
	cfg.TokenLife, cfg.Origin = cmp.Or(cfg.TokenLife, defaultTokenLife), cmp.Or(cfg.Origin, defaultOrigin)
	return &Service{cfg: cfg, devices: map[string]*device{}, tokens: map[string]*device{}}
}

// Deadline is when Advance wants to be called next.
func (s *Service) Deadline() time.Time {
	var at time.Time
	if len(s.transit) > 0 {
		at = s.transit[0].due
	}
	for _, d := range s.away {
		for _, p := range d.stored {
			at = system.Earliest(at, p.Expires)
		}
	}
	return at
}

// Advance delivers the pushes that are due, and drops those that have expired.
func (s *Service) Advance(now time.Time) []Step {
	for len(s.transit) > 0 && system.Due(s.transit[0].due, now) {
		next := s.transit[0]
		s.transit = slices.Delete(s.transit, 0, 1)
		s.arrive(now, next.push)
	}
	s.away = slices.DeleteFunc(s.away, func(d *device) bool {
		d.stored = slices.DeleteFunc(d.stored, func(p system.Push) bool { return s.expired(now, d, p) })
		return len(d.stored) == 0
	})
	return s.take()
}

// Send takes a push from a sender. If it is refused, a step says so, in the
// words of Apple's provider API. A push without an ID gets one.
func (s *Service) Send(now time.Time, from string, p system.Push) []Step {
	s.count++
	if p.ID == "" {
		p.ID = fmt.Sprintf("p%d", s.count)
	}
	steps, no := s.Take(now, from, p)
	if no == nil {
		return steps
	}
	return []Step{{For: from, Event: Told(p, event.PushRefused, no.String())}}
}

// Submit has an API judge a sender's request, and takes its push or returns the refusal,
// which is a step of the sender's.
func (s *Service) Submit(now time.Time, from string, api API, r Request) (p system.Push, no *Refusal, steps []Step) {
	if p, no = api.Judge(now, r); no == nil {
		steps, no = s.Take(now, from, p)
	}
	if no != nil {
		steps = []Step{{For: from, Event: Told(p, event.PushRefused, api.Told(no))}}
	}
	return p, no, steps
}

// Take takes a push from a sender, or returns why it is refused; the caller
// must then log that.
func (s *Service) Take(now time.Time, from string, p system.Push) ([]Step, *Refusal) {
	p.Sent = now
	if no := s.refusal(now, p); no != nil {
		return nil, no
	}
	s.say(from, now, p, event.PushSent, "")
	d := s.tokens[p.Token]
	if s.luck(s.cfg.Drop) {
		s.say(d.name, now, p, event.PushDropped, "lost by the push service")
		return s.take(), nil
	}
	s.carry(now, d, p)
	if s.luck(s.cfg.Duplicate) {
		s.carry(now, d, p)
	}
	return s.take(), nil
}

// carry puts a push on its way. It arrives after earlier ones of its kind, unless it
// is chosen to be reordered.
func (s *Service) carry(now time.Time, d *device, p system.Push) {
	least, most, last := s.cfg.MinDelay, s.cfg.MaxDelay, &d.last
	if p.Background {
		least, most, last = s.cfg.MinBackground, s.cfg.MaxBackground, &d.lastBackground
	}
	due := now.Add(s.between(least, most))
	if s.luck(s.cfg.Reorder) {
		due = due.Add(s.cfg.MaxDelay)
	} else if due.Before(*last) {
		due = *last
	} else {
		*last = due
	}
	s.carryUntil(due, d, p)
}

// carryUntil has a push arrive at a time.
func (s *Service) carryUntil(due time.Time, d *device, p system.Push) {
	i, _ := slices.BinarySearchFunc(s.transit, due, func(t transit, due time.Time) int {
		if t.due.After(due) {
			return 1
		}
		return -1 // after those with the same time
	})
	s.transit = slices.Insert(s.transit, i, transit{due, p})
	d.inTransit++
}

// arrive handles the arrival of a push at the device, if that is reachable.
func (s *Service) arrive(now time.Time, p system.Push) {
	d := s.tokens[p.Token]
	if d == nil {
		return // the device was replaced meanwhile, and the loss was logged
	}
	d.inTransit--
	switch {
	case s.expired(now, d, p):
	case d.reachable:
		s.warnOvertaken(now, d, p)
		s.deliver(d, p)
	case p.Expires.IsZero() && s.cfg.MaxStale > 0:
		s.store(now, d, p)
	case p.Expires.IsZero():
		s.say(d.name, now, p, event.PushExpired, "it is tried once, and the device cannot be reached")
	default:
		s.store(now, d, p)
	}
}

// store keeps a push until the device can be reached.
func (s *Service) store(now time.Time, d *device, p system.Push) {
	if i := slices.IndexFunc(d.stored, func(o system.Push) bool { return p.Collapse != "" && o.Collapse == p.Collapse }); i >= 0 {
		s.say(d.name, now, d.stored[i], event.PushDropped, "collapsed into a newer one")
		d.stored = slices.Delete(d.stored, i, i+1)
	}
	if len(d.stored) >= s.cfg.Keep {
		s.say(d.name, now, d.stored[0], event.PushDropped, "a newer one took its place while the device could not be reached")
		d.stored = slices.Delete(d.stored, 0, 1)
	}
	d.stored = append(d.stored, p)
	if !slices.Contains(s.away, d) {
		s.away = append(s.away, d)
	}
	s.say(d.name, now, p, event.PushQueued, "the device cannot be reached")
}

// expired reports whether a push has expired, and logs it.
func (s *Service) expired(now time.Time, d *device, p system.Push) bool {
	if !system.Due(p.Expires, now) {
		return false
	}
	s.say(d.name, now, p, event.PushExpired, "its time was over before it could be delivered")
	return true
}

// warnOvertaken says that a background push has overtaken one that was sent before it.
func (s *Service) warnOvertaken(now time.Time, d *device, p system.Push) {
	if !p.Background {
		return
	}
	i := slices.IndexFunc(s.transit, func(t transit) bool {
		return t.push.Token == p.Token && !t.push.Background && t.push.Sent.Before(p.Sent)
	})
	if i < 0 {
		return
	}
	s.out = append(s.out, Step{For: d.name, Event: event.Warning{
		Rule: event.RuleCancelOvertook, Note: fmt.Sprintf("the background push %s has overtaken the push %s, which was sent %s before it", p.ID, s.transit[i].push.ID, event.Round(p.Sent.Sub(s.transit[i].push.Sent))),
		Hint: "keep the Call-ID of a cancelled call for a minute, and end the call at once that a push announces with it",
	}})
}

func (s *Service) deliver(d *device, p system.Push) {
	s.out = append(s.out, Step{For: d.name, Deliver: &p})
}

// say logs the outcome of a push.
func (s *Service) say(who string, now time.Time, p system.Push, phase event.PushPhase, why string) {
	e := Told(p, phase, why)
	e.Age = event.Millis(now.Sub(p.Sent))
	s.out = append(s.out, Step{For: who, Event: e})
}

// Origin is where the service has its subscriptions.
func (s *Service) Origin() string { return s.cfg.Origin }

// Told returns the event of a push. Its payload is logged only once, when it is
// sent.
func Told(p system.Push, phase event.PushPhase, why string) event.Push {
	e := event.Push{Phase: phase, ID: p.ID, Token: p.Token, Priority: Priority(p.High), Background: p.Background, Why: why}
	if phase == event.PushSent || phase == event.PushRefused {
		e.Payload, e.Bytes = p.Payload, len(p.Body)
	}
	return e
}

// Priority returns the name of a priority in the log.
func Priority(high bool) string {
	if high {
		return "high"
	}
	return "normal"
}

// between draws a time.
func (s *Service) between(least, most time.Duration) time.Duration {
	if spread := most - least; spread > 0 {
		least += time.Duration(s.cfg.Rand.Int64N(int64(spread)))
	}
	return least
}

// luck reports true with the probability share. It draws only if the outcome is
// open, so that the draws of a perfect service do not shift.
func (s *Service) luck(share float64) bool {
	return share > 0 && s.cfg.Rand.Float64() < share
}

func (s *Service) take() []Step {
	out := s.out
	s.out = nil
	return out
}
