package world

import (
	"math"
	"math/rand/v2"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// pushService is the push service of a world, on its clock.
type pushService struct {
	world   *World
	service *push.Service
	web     *webpush.API
	timer   entry // the service's deadline
}

func (s *pushService) init(w *World) {
	cfg := w.cfg.Push
	cfg.Rand = rand.New(rand.NewPCG(w.cfg.Seed, math.MaxUint64)) // a random stream that no node uses
	s.world, s.service, s.web = w, push.New(cfg), webpush.New(cfg.Rand)
	s.timer = entry{index: -1, do: func() { s.steps(s.service.Advance(w.Now())) }}
}

// call executes a node's call to the service.
func (s *pushService) call(node string, c system.Effect) {
	now := s.world.Now()
	switch c := c.(type) {
	case system.SendPush:
		s.steps(s.web.Send(now, s.service, node, c.Push))
	case system.OpenPush:
		s.steps(s.service.Open(now, node, c.Token))
	case system.Subscribe:
		s.steps(s.service.Subscribe(now, node, s.service.Origin(), c.Name, c.Key))
	case system.ClosePush:
		s.service.Close(now, node)
	}
}

// steps executes the steps of the service. A push is delivered in a step of its
// own, even to a frozen machine: it goes to the mobile system, which decides
// what its app learns of it.
func (s *pushService) steps(steps []push.Step) {
	w := s.world
	for _, st := range steps {
		n := w.nodeNamed(st.For)
		if st.Deliver == nil {
			w.log(system.Log{Phone: st.For, Event: st.Event})
		}
		if sig := st.Signal(); sig != nil && n != nil {
			w.at(w.now, func() { n.signal(sig) })
		}
	}
	w.schedule(&s.timer, s.service.Deadline())
}

func (w *World) nodeNamed(name string) *Node { return w.byAddr[w.byName[name]] }
