package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// saveCalls writes the calls that are in the ladder into a capture, outside of the screen's
// goroutine: a disk may be slow.
func (d *ladder) saveCalls(situation) request {
	ids := d.saved()
	return workReq{meanwhile: "saving " + words.Count(len(ids), "call"), Cmd: func() tea.Msg {
		var msg keptMsg
		func() {
			defer caught(&msg.err)
			msg.words, msg.err = d.save(ids)
		}()
		return msg
	}}
}

// saved are the Call-IDs of what is in the ladder: the calls that were chosen, or else all
// that are listed.
func (d *ladder) saved() (ids []string) {
	for _, g := range d.listed() {
		if len(d.calls.chosen) == 0 || d.calls.chosen[g.ID] {
			ids = append(ids, g.ID)
		}
	}
	return ids
}

func (d *ladder) cannotSave(situation) string {
	switch {
	case d.save == nil:
		return "nothing can be saved from here"
	case len(d.saved()) == 0:
		return "no call is in the ladder"
	}
	return ""
}
