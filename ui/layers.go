package ui

import "slices"

// A mode names the view or overlay that has the keys.
type mode uint32

// The modes.
const (
	mainMode mode = 1 << iota
	runMode
	ladderMode
	messageMode
	eventsMode
	helpMode
	explainMode
	settingsMode
	settingMode
	labMode
	saidMode
	dialMode
	tonesMode
	promptMode
	filterMode
	confirmMode
	breakMode
	transferMode
	surveyMode
	hostMode
	inboxMode

	rowModes    = runMode | surveyMode // whose rows the arrows go through
	baseModes   = rowModes | hostMode
	screenModes = mainMode | ladderMode | messageMode
	scrollModes = messageMode | eventsMode | helpMode | explainMode | saidMode
	listModes   = screenModes | scrollModes
	typingModes = dialMode | transferMode | promptMode | filterMode | settingsMode | settingMode
	everyMode   = screenModes | baseModes | eventsMode | typingModes | helpMode | explainMode | tonesMode | confirmMode | breakMode | labMode | saidMode | inboxMode

	lastLineModes = promptMode | filterMode // what is typed stands in the last line
)

// layers are the views and the overlays. One is added here, with its mode.
type layers struct {
	ladder  *ladder
	message message
	events  happenings
	help    help
	explain explain
	dial    dial
	handing transferLine
	tones   tones
	prompt  prompt
	filter  filterLine
	confirm confirm
	breaks  breakNetwork
	sheets
}

// newLayers makes them; some share what is selected with a panel.
func newLayers(opt Options, h *history, l *selections) layers {
	d := &ladder{messages: &l.messages, history: h, wakes: &l.wakes, losses: &l.losses, save: opt.SaveCalls}
	return layers{
		ladder: d, message: message{d}, dial: dial{history: h}, filter: filterLine{messages: &l.messages},
		explain: explain{rule: opt.Explain, finder: opt.Find}, sheets: newSheets(opt, h),
	}
}

// bindings are those of all of them.
func (l *layers) bindings() []binding {
	return slices.Concat(
		l.ladder.bindings(), l.message.bindings(), l.explain.bindings(), l.settings.bindings(), l.setting.bindings(), l.help.bindings(),
		l.dial.bindings(), l.handing.bindings(), l.prompt.bindings(), l.filter.bindings(), l.confirm.bindings(), l.tones.bindings(), l.breaks.bindings(), l.lab.bindings(), l.said.bindings(), l.inbox.bindings(),
	)
}

// of is the view or the overlay of a mode; nil: it is the panels.
func (l *layers) of(md mode) layer {
	switch md {
	case ladderMode:
		return l.ladder
	case messageMode:
		return &l.message
	case eventsMode:
		return &l.events
	case helpMode:
		return &l.help
	case explainMode:
		return &l.explain
	case settingsMode:
		return &l.settings
	case settingMode:
		return &l.setting
	case dialMode:
		return &l.dial
	case transferMode:
		return &l.handing
	case tonesMode:
		return &l.tones
	case promptMode:
		return &l.prompt
	case filterMode:
		return &l.filter
	case confirmMode:
		return &l.confirm
	case breakMode:
		return l.breaks
	case labMode:
		return &l.lab
	case saidMode:
		return &l.said
	case inboxMode:
		return &l.inbox
	}
	return nil
}
