package live

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Pushes is the push service as a host sees it: a [PushService] of this
// process, or one that is reached over a network.
type Pushes interface {
	// Carry executes a call of a host's machine at device time now:
	// [system.SendPush], [system.OpenPush], [system.Subscribe] or
	// [system.ClosePush]. It returns the events to log at once, and never blocks; later steps are
	// handed to [Host.Pushed].
	Carry(now time.Time, h *Host, c system.Effect) []event.Event
	// Leave forgets a host that has ended.
	Leave(h *Host)
}

// A Receiver takes the steps of a push service that concern one device. Pushed
// must not wait for the service.
type Receiver interface{ Pushed(st push.Step) }

// A PushService is the push service of the hosts that share it, and of the
// devices and providers that reach it over a network. It runs on the wall
// clock. Its methods may be called from any goroutine.
//
// A host's loop never waits for another host's loop: steps for other hosts are
// delivered by the timer's goroutine, one at a time.
type PushService struct {
	mu        sync.Mutex
	service   *push.Service
	web       *webpush.API
	receivers map[string]Receiver // those that have opened a token
	outbox    []push.Step         // to be delivered now
	timer     *time.Timer
	busy      bool // it is delivering
}

// NewPushService returns a service without devices. cfg.Rand may be nil.
func NewPushService(cfg push.Config) *PushService {
	if cfg.Rand == nil {
		cfg.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	s := &PushService{service: push.New(cfg), web: webpush.New(cfg.Rand), receivers: map[string]Receiver{}}
	s.timer = time.AfterFunc(time.Hour, s.ring)
	s.timer.Stop()
	return s
}

// do runs f on the service, and returns the events that are for the caller
// itself.
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

// Submit has an API judge a provider's request, and accepts its push or returns
// the refusal. The events are for the log of the sender, from.
func (s *PushService) Submit(from string, api push.API, r push.Request) (p system.Push, no *push.Refusal, happened []event.Event) {
	happened = s.do(from, func(now time.Time) (steps []push.Step) {
		p, no, steps = s.service.Submit(now, from, api, r)
		return steps
	})
	return p, no, happened
}

// Open delivers the pushes to a token to r from now on, as the device of that
// name.
func (s *PushService) Open(name, token string, r Receiver) {
	s.do("", func(now time.Time) []push.Step {
		s.receivers[name] = r
		return s.service.Open(now, name, token)
	})
}

// Subscribe delivers what is pushed to a subscription of Web Push to r from now on,
// as the device of that name; see [push.Service.Subscribe].
func (s *PushService) Subscribe(device, origin, name, key string, r Receiver) {
	s.do("", func(now time.Time) []push.Step {
		s.receivers[device] = r
		return s.service.Subscribe(now, device, origin, name, key)
	})
}

// Close makes a device unreachable until it opens its token again, if its
// receiver is still r.
func (s *PushService) Close(name string, r Receiver) {
	s.do("", func(now time.Time) []push.Step {
		if s.receivers[name] == r {
			delete(s.receivers, name)
			s.service.Close(now, name)
		}
		return nil
	})
}

// Forget removes every trace of a device.
func (s *PushService) Forget(name string) {
	s.do("", func(now time.Time) []push.Step { return s.service.Forget(now, name) })
}

// arm sets the timer for the next step.
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

// ring delivers the steps that are due. A host that has ended takes none.
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
			s.mu.Unlock() // its loop may be waiting for the lock
			r.Pushed(st)
			s.mu.Lock()
		}
	}
	s.busy = false
	s.arm()
}

// Leave forgets a host that has ended.
func (s *PushService) Leave(h *Host) { s.Close(h.name, h) }

// Carry executes a call of a host's machine.
func (s *PushService) Carry(now time.Time, h *Host, c system.Effect) []event.Event {
	return s.do(h.name, func(wall time.Time) []push.Step {
		switch c := c.(type) {
		case system.SendPush:
			c.Push.Expires = shift(c.Push.Expires, now, wall)
			return s.web.Send(wall, s.service, h.name, c.Push)
		case system.OpenPush:
			s.receivers[h.name] = h
			return s.service.Open(wall, h.name, c.Token)
		case system.Subscribe:
			s.receivers[h.name] = h
			return s.service.Subscribe(wall, h.name, s.service.Origin(), c.Name, c.Key)
		case system.ClosePush:
			s.service.Close(wall, h.name)
		}
		return nil
	})
}

// carryPush executes the machine's calls to the push service.
func (h *Host) carryPush(now time.Time, c system.Effect) {
	for _, e := range h.push.Carry(now, h, c) {
		h.happened(now, push.Step{Event: e})
	}
}

// happened logs the outcome of a push. If the machine sent it and it was
// refused, the machine gets a signal.
func (h *Host) happened(now time.Time, st push.Step) {
	h.note(now, st.Event)
	if sig := st.Signal(); sig != nil {
		h.pending = append(h.pending, sig)
	}
}

// Name returns the name under which the host logs.
func (h *Host) Name() string { return h.name }

// Pushed takes a step of the push service for the host, in wall time. A host
// that has ended takes none.
func (h *Host) Pushed(st push.Step) { h.post(pushStep{st}) }

// pushed handles a step of the push service: a push, or the outcome of one. It
// goes to the mobile system, even while the app is frozen.
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

// shift converts t from a clock that shows from to one that shows to at the
// same moment. The zero time stays zero.
func shift(t, from, to time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return to.Add(t.Sub(from))
}
