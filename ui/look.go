package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// look looks for the finding of a record: at once, or, in a long log, in another goroutine.
func (m *model) look() tea.Cmd {
	x, log := &m.layers.explain, m.phone.Log()
	if x.finder == nil || x.finding.seq == x.seq {
		return nil
	}
	seq, find, stamp := x.seq, x.finder, m.frozenStamp()
	x.finding = findingMsg{seq: seq}
	look := func() tea.Msg {
		f, ok := find(log, seq, stamp)
		return findingMsg{seq, f, ok}
	}
	if log.Len() > maxAtOnce {
		return look
	}
	x.finding = look().(findingMsg)
	return nil
}

// frozenStamp is the clock of the scene as it is now, for another goroutine.
func (m *model) frozenStamp() func(time.Duration) string {
	epoch, place := m.history.fold.Epoch, m.opt.Location
	return func(d time.Duration) string {
		t := epoch.Add(d)
		if place != nil {
			t = t.In(place)
		}
		return t.Format("15:04:05")
	}
}
