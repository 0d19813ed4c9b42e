package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// look looks for the finding of what is explained, if it is another than before.
func (m *model) look() tea.Cmd {
	x, log := &m.layers.explain, m.phone.Log()
	if x.finder == nil || x.finding.seq == x.seq {
		return nil
	}
	var later func() findingMsg
	if x.finding, later = seek(x.finder, log, x.seq, m.frozenStamp()); later == nil {
		return nil
	}
	return func() tea.Msg { return later() }
}

// seek is the finding of a record; in a long log one that has yet to be looked for, by later in
// another goroutine.
func seek(find Finder, log *event.Log, seq uint64, stamp func(time.Duration) string) (now findingMsg, later func() findingMsg) {
	look := func() findingMsg {
		f, ok := find(log, seq, stamp)
		return findingMsg{seq, f, ok}
	}
	if log.Len() > maxAtOnce {
		return findingMsg{seq: seq}, look
	}
	return look(), nil
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
