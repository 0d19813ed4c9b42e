package control

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Step is one step of an agent: its time, and what comes of it.
type Step struct {
	Now time.Time
	Out Output
}

// Do asks the system for something.
func (s *Step) Do(c system.Effect) { s.Out.Effects = append(s.Out.Effects, c) }

// Log writes down that something happened.
func (s *Step) Log(e event.Event) { s.Do(system.Log{Event: e}) }

// Notice tells the program.
func (s *Step) Notice(n Notice) { s.Out.Notices = append(s.Out.Notices, n) }

// In is d from now.
func (s *Step) In(d time.Duration) time.Time { return s.Now.Add(d) }
