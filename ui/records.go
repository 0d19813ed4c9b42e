package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// gap is the least time between two batches of records: ten frames a second.
// In a call, whose meters alone would fill those, it is five: a frame costs
// Bubble Tea two milliseconds. Keys do not wait for it.
const (
	gap     = 100 * time.Millisecond
	callGap = 200 * time.Millisecond
)

// pace is the gap that fits the moment.
func pace(f *event.Fold) time.Duration {
	if c := f.Call(); c != nil && c.Connected() {
		return callGap
	}
	return gap
}

// logGrewMsg reports that a log has grown.
type logGrewMsg struct {
	log  *event.Log
	upTo uint64
}

// waitForRecords waits for records after the one numbered seq, but not sooner
// than pause from now: what comes meanwhile comes as one batch.
func waitForRecords(ctx context.Context, log *event.Log, seq uint64, pause time.Duration) tea.Cmd {
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
		return logGrewMsg{log, records[len(records)-1].Seq}
	}
}

// doneMsg reports that the context has ended.
type doneMsg struct{ err error }

// waitForEnd waits for the end of the context, and then lets the program leave
// in order. (Bubble Tea's own way with a context is to kill itself, which does
// not wait for its reader.)
func waitForEnd(ctx context.Context) tea.Cmd {
	return func() tea.Msg {
		<-ctx.Done()
		return doneMsg{ctx.Err()}
	}
}

// How much the screen keeps of each list of the timeline, of the rungs of the
// ladder, and of the calls (our own numbers). At 48 keepalives in eight hours that is weeks; of a busy phone,
// hours.
const (
	maxPins    = 8000
	maxRungs   = 4000
	maxDialogs = 1000
)

// history holds the folds of one log.
type history struct {
	fold     event.Fold
	line     picture.Timeline
	rungs    picture.Ladder
	dialogs  picture.Dialogs
	commands commandLog
	lab      event.Lab
	letters  letters
	script   picture.Script
	others   picture.Deeds
	farEnds  picture.FarEnds
	seen     uint64 // the last record that was taken in
	phone    string // as in the fold, before its first record
	recall   recall
	tail     tail
}

// startHistory is the history of a log before its first record. The phone "" is
// the one that starts first.
func startHistory(phone string) history {
	return history{phone: phone, fold: event.Fold{Phone: phone}, line: picture.Timeline{Limit: maxPins}, rungs: picture.Ladder{Limit: maxRungs}, dialogs: picture.Dialogs{Limit: maxDialogs}, others: picture.Deeds{Limit: maxRungs}}
}

// take folds a record.
func (h *history) take(r event.Record) {
	h.seen = r.Seq
	h.fold.Apply(r)
	h.recall.snapshots.Take(r, &h.fold)
	h.line.Apply(r, &h.fold)
	h.rungs.Apply(r, &h.fold)
	h.dialogs.Apply(r, &h.fold)
	h.commands.take(r)
	h.lab.Apply(r)
	h.letters.take(r, &h.fold)
	h.script.Apply(r)
	h.others.Apply(r, &h.fold)
	h.farEnds.Apply(r, h.fold.Phone)
}
