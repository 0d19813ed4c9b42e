package media

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestDeadlineIsKnown has the deadline that a session remembers be the one that it has, after
// whatever is done to it.
func TestDeadlineIsKnown(t *testing.T) {
	s, peer, now := newTestSession(addrB, addrA, 1), newTestSession(addrA, addrB, 2), epoch
	frame, speak := make([]int16, 160), tone(440)
	hears := func(list []system.Effect) {
		for _, e := range list {
			if sent, ok := e.(system.Send); ok {
				s.Receive(now, system.Received{Socket: sent.Socket, From: addrA, Data: sent.Data})
			}
		}
	}
	talk := func() { speak(frame); hears(peer.Capture(now, frame)) }
	hold := s.n
	hold.Receive = false
	steps := []struct {
		name string
		do   func()
	}{
		{"answered", func() { s.Answered(now) }},
		{"audio", talk},
		{"statistics", func() { now = now.Add(statsInterval); s.Advance(now) }},
		{"a digit", func() {
			if err := peer.SendDTMF(now, "1"); err != nil {
				t.Fatal(err)
			}
			talk()
		}},
		{"a report", func() { now = now.Add(5 * time.Second); hears(peer.Advance(now)) }},
		{"a standstill", func() { now = now.Add(time.Minute); s.Capture(now, frame) }},
		{"hold", func() { s.Renegotiate(now, hold) }},
		{"death", func() {
			hold.Receive = true
			s.Renegotiate(now, hold)
			now = now.Add(deadAfter)
			s.Advance(now)
		}},
		{"a route", func() { s.Route(now, addrA, addrA, true) }},
		{"no consent", func() { s.Revoke(now) }},
		{"the end", func() { s.Close(now) }},
	}
	s.nextStats = now.Add(deadAfter + time.Second) // else what nothing comes for is never the first thing due
	changed := 0
	for _, step := range steps {
		before := s.Deadline()
		step.do()
		known := s.Deadline()
		s.due.Forget()
		if at := s.Deadline(); at != known {
			t.Errorf("%s: %s, and it is %s", step.name, known.Sub(epoch), at.Sub(epoch))
		}
		if known != before {
			changed++
		}
	}
	if changed < 4 {
		t.Errorf("%d of %d steps changed the deadline", changed, len(steps))
	}
}
