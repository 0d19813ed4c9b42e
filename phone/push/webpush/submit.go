package webpush

import (
	"errors"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// errElsewhere is a subscription at another push service: nothing leads there.
var errElsewhere = errors.New("the subscription is not at this push service")

// Send has a service of this process take a push. One of Web Push is taken as if its
// request had come over a network: it is written, signed, judged, and taken or refused.
func (a *API) Send(now time.Time, s *push.Service, from string, p system.Push) []push.Step {
	if p.Provider != push.WebPush {
		return s.Send(now, from, p)
	}
	return a.Submit(now, s, from, p)
}

// Submit does so with one of Web Push.
func (a *API) Submit(now time.Time, s *push.Service, from string, p system.Push) []push.Step {
	r, err := Write(now, p)
	if err == nil && origin(r) != s.Origin() {
		err = fmt.Errorf("%w, which is %s", errElsewhere, s.Origin())
	}
	if err != nil {
		return []push.Step{{For: from, Event: push.Told(p, event.PushRefused, err.Error())}}
	}
	_, _, steps := s.Submit(now, from, a, r)
	return steps
}
