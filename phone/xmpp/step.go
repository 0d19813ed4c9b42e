package xmpp

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A step is one step of the agent: its time, and what comes of it.
type step struct {
	now time.Time
	out control.Output
}

func (s *step) do(c system.Call)             { s.out.Calls = append(s.out.Calls, c) }
func (s *step) log(e event.Event)            { s.do(system.Log{Event: e}) }
func (s *step) notice(n control.Notice)      { s.out.Notices = append(s.out.Notices, n) }
func (s *step) in(d time.Duration) time.Time { return s.now.Add(d) }
