package ui

import (
	tea "charm.land/bubbletea/v2"
)

// kept is what came of keeping something: words say where it is.
type kept struct {
	recorded bool // it was a recording, which now is on or not
	on       bool
	words    string
	err      error
}

// record begins or ends a recording, outside of the screen's goroutine: a disk
// may be slow.
func record(m *model) tea.Cmd {
	return func() tea.Msg {
		k := kept{recorded: true}
		func() {
			defer caught(&k.err)
			k.on, k.words, k.err = m.opt.Record()
		}()
		return k
	}
}

// save keeps the evidence. The phone does not notice.
func save(m *model) tea.Cmd {
	m.tell(dim, "saving the evidence")
	return func() tea.Msg {
		var k kept
		func() {
			defer caught(&k.err)
			k.words, k.err = m.opt.Save()
		}()
		return k
	}
}

// keep shows what came of it in the last line.
func (m *model) keep(k kept) tea.Cmd {
	if m.broke(k.err) {
		return tea.Quit
	}
	if k.recorded {
		m.recording = k.on
	}
	if k.err != nil {
		m.tell(fault, k.err.Error())
		return nil
	}
	m.tell(text, k.words)
	return nil
}

func recordLabel(m *model) string {
	if m.recording {
		return "stop recording"
	}
	return "record"
}

func nothingToRecord(m *model) string {
	return when(m.opt.Record == nil, "nothing is done here that could be recorded")
}

func nothingToSave(m *model) string {
	return when(m.opt.Save == nil, "this is a recording: it is saved already")
}
