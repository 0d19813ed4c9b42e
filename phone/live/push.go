package live

import (
	"math/rand/v2"
	"sync"
	"time"

	"sleeptalk/phone/push"
	"sleeptalk/phone/system"
)

// A PushService is the push service of the hosts that share it, on the clock
// on the wall. Its methods may be called from any goroutine.
//
// A loop that pushes never waits for another's: what is for other hosts is
// handed over by the timer's goroutine, one at a time.
type PushService struct {
	mu      sync.Mutex
	service *push.Service
	hosts   map[string]*Host // who has opened a token
	outbox  []push.Step      // to be handed over now
	timer   *time.Timer
	busy    bool // it is handing over
}

// NewPushService returns a service that knows nobody. cfg.Rand may be nil.
func NewPushService(cfg push.Config) *PushService {
	if cfg.Rand == nil {
		cfg.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	s := &PushService{service: push.New(cfg), hosts: map[string]*Host{}}
	s.timer = time.AfterFunc(time.Hour, s.ring)
	s.timer.Stop()
	return s
}

// do has the service do something, and returns what is for the caller itself.
func (s *PushService) do(name string, f func(now time.Time) []push.Step) (own []push.Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range f(time.Now()) {
		if st.For == name && st.Deliver == nil {
			own = append(own, st)
		} else {
			s.outbox = append(s.outbox, st)
		}
	}
	s.arm()
	return own
}

// arm sets the timer for what is next.
func (s *PushService) arm() {
	at := s.service.Deadline()
	switch {
	case s.busy:
	case len(s.outbox) > 0:
		s.timer.Reset(0)
	case at.IsZero():
		s.timer.Stop()
	default:
		s.timer.Reset(time.Until(at))
	}
}

// ring hands over what is due. A host that has ended takes nothing.
func (s *PushService) ring() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy {
		return
	}
	s.busy = true
	steps := append(s.outbox, s.service.Advance(time.Now())...)
	s.outbox = nil
	for _, st := range steps {
		if h := s.hosts[st.For]; h != nil {
			s.mu.Unlock() // its loop may be waiting for us
			h.post(pushStep{st})
			s.mu.Lock()
		}
	}
	s.busy = false
	s.arm()
}

// leave forgets a host that has ended.
func (s *PushService) leave(h *Host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hosts[h.name] == h {
		delete(s.hosts, h.name)
		s.service.Close(h.name)
	}
}

// carryPush carries out what the machine asks of the push service.
func (h *Host) carryPush(now time.Time, c system.Call) {
	s := h.push
	own := s.do(h.name, func(wall time.Time) []push.Step {
		switch c := c.(type) {
		case system.SendPush:
			c.Push.Expires = shift(c.Push.Expires, now, wall)
			return s.service.Send(wall, h.name, c.Push)
		case system.OpenPush:
			s.hosts[h.name] = h
			return s.service.Open(wall, h.name, c.Token)
		case system.ClosePush:
			s.service.Close(h.name)
		}
		return nil
	})
	for _, st := range own {
		h.record(now, "", st.Event)
		if sig := st.Signal(); sig != nil {
			h.pending = append(h.pending, sig)
		}
	}
}

// pushed takes in a step of the push service: a push, or what became of one.
// It is for the mobile system, which is told of it though the app is frozen.
func (h *Host) pushed(st push.Step) {
	now := h.now()
	if st.Deliver == nil {
		h.record(now, "", st.Event)
		return
	}
	p, wall := *st.Deliver, time.Now()
	p.Sent, p.Expires = shift(p.Sent, wall, now), shift(p.Expires, wall, now)
	h.signal(system.PushArrived{Push: p})
}

// shift is what another clock shows at t, when one shows from and the other
// to. The zero time is no time.
func shift(t, from, to time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return to.Add(t.Sub(from))
}
