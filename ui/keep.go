package ui

import (
	tea "charm.land/bubbletea/v2"
)

// A keeper keeps what is done as a scenario, and the evidence.
type keeper struct {
	record    func() (on bool, words string, err error) // nil: there is nothing to record
	save      func() (words string, err error)          // nil: there is nothing to save
	report    func() (words string, err error)          // nil: what is looked at has none
	recording bool
}

// keptMsg reports that a recording began or ended, or that the evidence was
// saved; words say where.
type keptMsg struct {
	recorded bool // it was a recording, which now is on or not
	on       bool
	words    string
	err      error
}

func (k *keeper) bindings() []binding {
	return []binding{
		{id: "record", group: keepGroup, Binding: bind("record", "R"), help: "record what you do as a scenario, and stop", why: k.nothingToRecord, foot: onMain, do: k.recordOrStop, name: k.recordLabel},
		{id: "save", group: keepGroup, Binding: bind("save", "ctrl+s"), help: "save the evidence: events, SIP, timeline, audio", why: k.nothingToSave, foot: onMain, do: k.saveEvidence},
	}
}

// reports is the key that says where the report of a recording is.
func (k *keeper) reports() binding {
	return binding{
		id: "report", group: keepGroup, Binding: bind("report", "o"), help: "where the report of the recording is",
		why: func(situation) string {
			return when(k.report == nil, "a report is kept with a run that was saved, and this is none")
		},
		foot: func(s situation) bool { return replaying(s) && k.report != nil }, do: func(situation) request { return kept(k.report, "") },
	}
}

// recordOrStop begins or ends a recording, outside of the screen's goroutine: a
// disk may be slow.
func (k *keeper) recordOrStop(situation) request {
	return workReq{Cmd: func() tea.Msg {
		msg := keptMsg{recorded: true}
		func() {
			defer caught(&msg.err)
			msg.on, msg.words, msg.err = k.record()
		}()
		return msg
	}}
}

// saveEvidence writes the evidence so far. The phone goes on meanwhile.
func (k *keeper) saveEvidence(situation) request {
	return kept(k.save, "saving the evidence")
}

// kept does something with files, outside of the screen's goroutine.
func kept(do func() (words string, err error), meanwhile string) request {
	return workReq{meanwhile: meanwhile, Cmd: func() tea.Msg {
		var msg keptMsg
		func() {
			defer caught(&msg.err)
			msg.words, msg.err = do()
		}()
		return msg
	}}
}

// kept takes in the outcome and returns the remark for the last line.
func (k *keeper) kept(msg keptMsg) tellReq {
	if msg.recorded {
		k.recording = msg.on
	}
	if msg.err != nil {
		return tellReq{fault, msg.err.Error()}
	}
	return tellReq{text, msg.words}
}

func (k *keeper) recordLabel(situation) string {
	if k.recording {
		return "stop recording"
	}
	return "record"
}

func (k *keeper) nothingToRecord(situation) string {
	return when(k.record == nil, "nothing is done here that could be recorded")
}

func (k *keeper) nothingToSave(situation) string {
	return when(k.save == nil, "this is a recording: it is saved already")
}
