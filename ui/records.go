package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// gap is the least time between two batches of records: ten frames a second.
// In a call, whose meters alone would fill those, it is five: a frame costs
// Bubble Tea two milliseconds. Keys do not wait for it.
const (
	gap     = 100 * time.Millisecond
	callGap = 200 * time.Millisecond
)

// pace is the gap that fits the moment.
func (m *model) pace() time.Duration {
	if c := m.fold.Call(); c != nil && c.Connected() {
		return callGap
	}
	return gap
}

// wait waits for records after the one numbered seq, but not sooner than pause
// from now: what comes meanwhile comes as one batch.
func (m *model) wait(seq uint64, pause time.Duration) tea.Cmd {
	log, ctx := m.phone.Log(), m.ctx
	return func() tea.Msg {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		records, err := log.Wait(ctx, seq)
		if err != nil {
			return nil
		}
		return grown{log, records[len(records)-1].Seq}
	}
}

// take folds the records that the screen has not seen.
func (m *model) take() {
	if m.paused {
		m.behind = len(m.phone.Log().After(m.seen))
		return
	}
	for _, r := range m.phone.Log().After(m.seen) {
		m.seen = r.Seq
		m.fold.Apply(r)
		m.command(r)
		m.anomaly(r)
		m.line.Apply(r, &m.fold)
		m.ladder.Apply(r, &m.fold)
		if m.opt.Caption != nil {
			if words, p := m.opt.Caption(r); words != "" {
				m.caption, m.captioned = words, panel(max(0, min(int(panels)-1, p)))
			}
		}
	}
	m.behind = 0
}

// untilOver waits for the end of the context, and then lets the program leave
// in order. (Bubble Tea's own way with a context is to kill itself, which does
// not wait for its reader.)
func untilOver(ctx context.Context) tea.Cmd {
	return func() tea.Msg {
		<-ctx.Done()
		return over{ctx.Err()}
	}
}
