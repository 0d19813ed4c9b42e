package sip

import (
	"net/netip"
	"time"

	"sleeptalk/phone/event"
	"sleeptalk/phone/system"
)

// Output is what one step of the agent gives back, both lists in the order in
// which things happened.
type Output struct {
	Calls   []system.Call
	Notices []Notice
}

// A step is one step of the agent: its time, and what comes of it.
type step struct {
	now  time.Time
	from netip.AddrPort // who sent what is being read
	out  Output
}

func (s *step) do(c system.Call)             { s.out.Calls = append(s.out.Calls, c) }
func (s *step) log(e event.Event)            { s.do(system.Log{Event: e}) }
func (s *step) notice(n Notice)              { s.out.Notices = append(s.out.Notices, n) }
func (s *step) in(d time.Duration) time.Time { return s.now.Add(d) }
