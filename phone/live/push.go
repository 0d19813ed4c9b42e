package live

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Pushes is the push service as a host sees it: a [PushService] of this
// process, or one that is reached over a network.
type Pushes interface {
	// Carry carries out what a host's machine asks of it at device time now:
	// [system.SendPush], [system.OpenPush] or [system.ClosePush]. It returns
	// what is to be written down at once, and never waits; what comes later
	// is handed to [Host.Pushed].
	Carry(now time.Time, h *Host, c system.Call) []event.Event
	// Leave forgets a host that has ended.
	Leave(h *Host)
}

// A Receiver takes what a push service has for one device. Pushed must not
// wait for the service.
type Receiver interface{ Pushed(st push.Step) }

// A PushService is the push service of the hosts that share it, and of those
// who come in by another door, on the clock on the wall. Its methods may be
// called from any goroutine.
//
// A loop that pushes never waits for another's: what is for other hosts is
// handed over by the timer's goroutine, one at a time.
type PushService struct {
	mu        sync.Mutex
	service   *push.Service
	receivers map[string]Receiver // who has opened a token
	outbox    []push.Step         // to be handed over now
	timer     *time.Timer
	busy      bool // it is handing over
}

// NewPushService returns a service that knows nobody. cfg.Rand may be nil.
func NewPushService(cfg push.Config) *PushService {
	if cfg.Rand == nil {
		cfg.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	s := &PushService{service: push.New(cfg), receivers: map[string]Receiver{}}
	s.timer = time.AfterFunc(time.Hour, s.ring)
	s.timer.Stop()
	return s
}

// do has the service do something, and returns what is for the caller itself.
func (s *PushService) do(name string, f func(now time.Time) []push.Step) (own []event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range f(time.Now()) {
		if st.For == name && st.Deliver == nil {
			own = append(own, st.Event)
		} else {
			s.outbox = append(s.outbox, st)
		}
	}
	s.arm()
	return own
}

// Submit has a provider's request judged by an API, and takes the push that it
// brings, or says why not. What happened is for the log of whoever asks, from.
func (s *PushService) Submit(from string, api push.API, r push.Request) (p system.Push, no *push.Refusal, happened []event.Event) {
	happened = s.do(from, func(now time.Time) (steps []push.Step) {
		if p, no = api.Judge(now, r); no == nil {
			steps, no = s.service.Take(now, from, p)
		}
		return steps
	})
	if no != nil {
		happened = append(happened, push.Told(p, event.PushRefused, api.Told(no)))
	}
	return p, no, happened
}

// Open has what is sent to a token delivered to r from now on, as the device
// of that name.
func (s *PushService) Open(name, token string, r Receiver) {
	s.do("", func(now time.Time) []push.Step {
		s.receivers[name] = r
		return s.service.Open(now, name, token)
	})
}

// Close says that a device cannot be reached until it opens its token again,
// if it is still r that has.
func (s *PushService) Close(name string, r Receiver) {
	s.do("", func(now time.Time) []push.Step {
		if s.receivers[name] == r {
			delete(s.receivers, name)
			s.service.Close(now, name)
		}
		return nil
	})
}

// Forget has a device never have been there.
func (s *PushService) Forget(name string) {
	s.do("", func(now time.Time) []push.Step { return s.service.Forget(now, name) })
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
		if r := s.receivers[st.For]; r != nil {
			s.mu.Unlock() // its loop may be waiting for us
			r.Pushed(st)
			s.mu.Lock()
		}
	}
	s.busy = false
	s.arm()
}

// Leave forgets a host that has ended.
func (s *PushService) Leave(h *Host) { s.Close(h.name, h) }

// Carry carries out what a host's machine asks for.
func (s *PushService) Carry(now time.Time, h *Host, c system.Call) []event.Event {
	return s.do(h.name, func(wall time.Time) []push.Step {
		switch c := c.(type) {
		case system.SendPush:
			c.Push.Expires = shift(c.Push.Expires, now, wall)
			return s.service.Send(wall, h.name, c.Push)
		case system.OpenPush:
			s.receivers[h.name] = h
			return s.service.Open(wall, h.name, c.Token)
		case system.ClosePush:
			s.service.Close(wall, h.name)
		}
		return nil
	})
}

// carryPush carries out what the machine asks of the push service.
func (h *Host) carryPush(now time.Time, c system.Call) {
	for _, e := range h.push.Carry(now, h, c) {
		h.happened(now, push.Step{Event: e})
	}
}

// happened takes in what became of a push. If it is one of the machine's own
// and was refused, the machine is told.
func (h *Host) happened(now time.Time, st push.Step) {
	h.record(now, "", st.Event)
	if sig := st.Signal(); sig != nil {
		h.pending = append(h.pending, sig)
	}
}

// Name is whose events the host's are.
func (h *Host) Name() string { return h.name }

// Pushed takes a step of the push service that is for the host, on the clock
// on the wall. A host that has ended takes nothing.
func (h *Host) Pushed(st push.Step) { h.post(pushStep{st}) }

// pushed takes in a step of the push service: a push, or what became of one.
// It is for the mobile system, which is told of it though the app is frozen.
func (h *Host) pushed(st push.Step) {
	now := h.now()
	if st.Deliver == nil {
		h.happened(now, st)
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
