package ui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A mode is what the keys mean: which view or overlay has them.
type mode uint16

// The modes.
const (
	mainMode mode = 1 << iota
	runMode
	ladderMode
	messageMode
	eventsMode
	helpMode
	explainMode
	choicesMode
	dialMode
	tonesMode
	promptMode
	filterMode
	confirmMode
	breakMode

	screenModes = mainMode | ladderMode | messageMode
	scrollModes = messageMode | eventsMode | helpMode | explainMode | choicesMode
	listModes   = screenModes | scrollModes
	typingModes = dialMode | promptMode | filterMode
	everyMode   = screenModes | runMode | eventsMode | typingModes | helpMode | explainMode | choicesMode | tonesMode | confirmMode | breakMode
)

// A binding is what a key does in some modes.
type binding struct {
	key.Binding // its keys; its help is their names, and the label in the footer

	id    string
	modes mode
	help  string                 // in the help; "": not listed
	why   func(m *model) string  // why it is of no use now; "": it is
	do    func(m *model) tea.Cmd // what it does
	name  func(m *model) string  // the label that fits the moment, if it changes
	foot  func(m *model) bool    // when the last line names it, in the order of the table; nil: never
}

// bind makes the keys of a binding, with their label.
func bind(label string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(keyNames(keys), label))
}

// helpKey is the binding that the last line always has room for.
const helpKey = "help"

// table is every key there is. Help, footers and the duplicate test are made
// from it.
func table() []binding {
	return slices.Concat(phoneKeys(), runKeys(), overlayKeys(), screenKeys(), breakKeys())
}

// phoneKeys act on the phone; each sends a line of the verb language. What is
// most pressing comes first.
func phoneKeys() []binding {
	return []binding{
		{id: "answer", Binding: bind("answer", "a"), help: "answer, from the notification if it is up", why: needs("answer", notRinging), foot: onMain, do: answer},
		{id: "end", Binding: bind("end", "e"), help: "end the call, or decline it", why: needs("hang up", noCall), foot: onMain, do: end, name: endLabel},
		{id: "mute", Binding: bind("mute", "m"), help: "mute the microphone, or no longer", why: needs("mute", notUp), foot: onMain, do: mute, name: muteLabel},
		{id: "hold call", Binding: bind("hold", "o"), help: "hold the call, or resume it", why: needs("hold", notUp), foot: onMain, do: hold, name: holdLabel},
		{id: "tones", Binding: bind("tones", "t"), help: "send tones (DTMF)", why: needs("dtmf", notUp), foot: onMain, do: enter(tonesMode)},
		{id: "background", Binding: bind("background", "b"), help: "send the app to the background", why: needs("background", notOpen), foot: onMain, do: says("background")},
		{id: "open", Binding: bind("open", "f"), help: "open the app, by its notification if that is up", why: needs("foreground", alreadyOpen), foot: onMain, do: foreground},
		{id: "dial", Binding: bind("dial", "d"), help: "dial", why: needs("call", notOpen), foot: callless, do: enter(dialMode)},
		{id: "break", Binding: bind("break", "!"), help: "break the network: NAT, handover, server", why: needs("fault", nil), foot: onMain, do: enter(breakMode)},
		{id: "next", Binding: bind("next timer", "."), help: "turn the device clock to the next timer", why: needs("clock", awake), foot: onMain, do: says("clock next")},
		{id: "faster", Binding: bind("faster", ">"), help: "device clock faster: ×10, ×60, ×600", why: needs("clock", awake), foot: onMain, do: warp(+1)},
		{id: "lock", Binding: bind("lock", "l"), help: "lock or unlock the screen", why: needs("lock", nil), foot: onMain, do: lock, name: lockLabel},
		{id: "kill", Binding: bind("kill", "K"), help: "kill the app, as a swipe does (asks)", why: needs("kill", dead), foot: callless, do: askKill},
		{id: "slower", Binding: bind("slower", "<"), help: "device clock slower", why: needs("clock", awake), do: warp(-1)},
		{id: "x1", Binding: bind("×1", "="), help: "device clock back to ×1", why: needs("clock", nil), do: says("clock x1")},
	}
}

// runKeys direct a run of scenarios.
func runKeys() []binding {
	return []binding{
		{id: "hold", modes: runMode, Binding: bind("pause", "space"), help: "pause after this step, and go on", why: goesOn, foot: flowing, do: holdRun, name: holdLabelRun},
		{id: "step", modes: runMode, Binding: bind("next step", "n"), help: "play the next step, and pause after it", why: goesOn, foot: always, do: order(RunNext)},
		{id: "go", modes: runMode, Binding: bind("go on", "g"), help: "go on to the end", why: goesOn, foot: always, do: order(RunGo)},
		{id: "until", modes: runMode, Binding: bind("run to cursor", "u"), help: "go on to the line under the cursor", why: isAhead, foot: always, do: runToCursor},
		{id: "abort", modes: runMode, Binding: bind("stop", "x"), help: "stop the run", why: goesOn, foot: always, do: order(RunStop)},
		{id: "happened", modes: runMode, Binding: bind("what happened here", "enter"), help: "the events of the step under the cursor", foot: always, do: whatHappened},
		{id: "quicker", modes: runMode, Binding: bind("faster", ">"), help: "virtual time faster", why: isVirtual, foot: flowing, do: order(RunFaster)},
		{id: "calmer", modes: runMode, Binding: bind("slower", "<"), help: "virtual time slower", why: isVirtual, do: order(RunSlower)},
		{id: "report", modes: runMode, Binding: bind("report", "o"), help: "say where the report is", foot: always, do: tellReport},
		{id: "other", modes: runMode, Binding: bind("next panel", "tab"), help: "focus the next panel", do: focusRunPanel},
		{id: "larger", modes: runMode, Binding: bind("zoom", "z"), help: "zoom the panel, and back", do: zoomRunPanel},
		{id: "first", modes: runMode, Binding: bind("top", "home"), help: "the first line", do: move(-1 << 20)},
	}
}

// screenKeys act on the screen alone.
func screenKeys() []binding {
	return []binding{
		{id: "focus", Binding: bind("focus", "1", "2", "3", "4", "5", "6"), help: "focus a panel", foot: replaying, do: focusByNumber},
		{id: "up", Binding: bind("up", "up", "k"), modes: listModes | runMode, help: "select the line above", foot: leafing, do: move(-1)},
		{id: "down", Binding: bind("down", "down", "j"), modes: listModes | runMode, help: "select the line below", foot: leafing, do: move(+1)},
		{id: "enter", Binding: bind("open", "enter"), modes: screenModes | eventsMode, help: "open it; once open, explain what went wrong", foot: inLadder, do: descend},
		{id: "zoom", Binding: bind("zoom", "z"), help: "zoom the panel, and back", foot: either(zoomed, replaying), do: zoom},
		{id: "tab", Binding: bind("next panel", "tab"), help: "focus the next panel", foot: zoomed, do: focusNext(+1)},
		{id: "backtab", Binding: bind("previous panel", "shift+tab"), do: focusNext(-1)},
		{id: "pgup", Binding: bind("page up", "pgup"), modes: listModes | runMode, help: "a page up", do: move(-10)},
		{id: "pgdown", Binding: bind("page down", "pgdown"), modes: listModes | runMode, help: "a page down", do: move(+10)},
		{id: "top", Binding: bind("top", "g", "home"), modes: listModes, help: "the first line", do: top},
		{id: "follow", Binding: bind("follow", "G", "end"), modes: listModes | runMode, help: "the newest line, and follow again", do: follow},
		{id: "in", Binding: bind("zoom in", "+"), help: "fewer seconds per column of the timeline", foot: replaying, do: scale(-1)},
		{id: "out", Binding: bind("zoom out", "-"), help: "more seconds per column", foot: replaying, do: scale(+1)},
		{id: "left", Binding: bind("earlier", "left"), help: "timeline cursor to the left", foot: replaying, do: cursor(-1)},
		{id: "right", Binding: bind("later", "right"), help: "timeline cursor to the right", foot: replaying, do: cursor(+1)},
		{id: "sip", Binding: bind("sip", "s"), modes: mainMode | runMode, help: "SIP ladder, with the app's state beside it", foot: unzoomed, do: enter(ladderMode)},
		{id: "cause", Binding: bind("by cause", "w"), help: "list the wakes by one cause, the next, all", why: neverWoken, do: nextCause},
		{id: "explain", Binding: bind("why", "x"), modes: screenModes | eventsMode, help: "explain what went wrong: here, or the newest", why: nothingToExplain, foot: always, do: explain},
		{id: "explain run", Binding: bind("why", "e"), modes: runMode, help: "explain what went wrong last", why: nothingToExplain, foot: always, do: explain},
		{id: "choices", Binding: bind("choices", ","), modes: mainMode | runMode, help: "the numbers that no source settles, as chosen", why: noChoices, do: enter(choicesMode)},
		{id: "pings", Binding: bind("keepalives", "i"), modes: ladderMode, help: "show or hide keepalives in the ladder", foot: always, do: togglePings},
		{id: "pause", Binding: bind("pause", "p"), modes: screenModes, help: "pause the display, not the phone", foot: either(inViews, replaying), do: pause},
		{id: "filter", Binding: bind("filter", "/"), modes: mainMode | ladderMode, help: "filter the SIP messages", foot: always, do: enter(filterMode)},
		{id: "record", Binding: bind("record", "R"), help: "record what you do as a scenario, and stop", why: nothingToRecord, foot: onMain, do: record, name: recordLabel},
		{id: "save", Binding: bind("save", "ctrl+s"), help: "save the evidence: events, SIP, timeline, audio", why: nothingToSave, foot: onMain, do: save},
		{id: "command", Binding: bind("command", ":"), modes: screenModes, help: "type any command; tab completes", foot: onMain, do: enter(promptMode)},
		{id: "copy", Binding: bind("copy", "y"), modes: mainMode | runMode, help: "copy the last command", why: noCommand, do: copyCommand},
		{id: "esc", Binding: bind("back", "esc"), modes: everyMode, help: "one level back", foot: inside, do: back},
		{id: helpKey, Binding: bind("help", "?"), modes: screenModes | runMode, help: "this list", foot: always, do: enter(helpMode)},
		{id: "quit", Binding: bind("quit", "q"), modes: mainMode, help: "quit (asks in a call)", foot: onMain, do: quit},
		{id: "leave run", modes: runMode, Binding: bind("leave", "q"), help: "leave (asks while the run goes on)", foot: always, do: leaveRun},
		{id: "leave", Binding: bind("back", "q"), modes: ladderMode | messageMode | eventsMode, do: back},
		{id: "interrupt", Binding: bind("leave", "ctrl+c"), modes: everyMode, help: "once asks, twice leaves at once", do: interrupt},
		{id: "stop", Binding: bind("to the shell", "ctrl+z"), modes: everyMode, help: "to the shell; the phone's sockets stay up", do: suspend},
	}
}

// overlayKeys are those that overlays need beside the letters typed in them.
func overlayKeys() []binding {
	return []binding{
		{id: "done", Binding: bind("ok", "enter"), modes: typingModes, name: doneLabel, foot: always, do: submit},
		{id: "complete", Binding: bind("complete", "tab"), modes: promptMode, foot: always, do: complete},
		{id: "older", Binding: bind("earlier", "up"), modes: dialMode | promptMode, foot: always, do: recall(-1)},
		{id: "newer", Binding: bind("later", "down"), modes: dialMode | promptMode, foot: always, do: recall(+1)},
		{id: "yes", Binding: bind("yes", "y", "enter"), modes: confirmMode, foot: always, do: agree},
		{id: "no", Binding: bind("no", "n", "q"), modes: confirmMode, foot: always, do: back},
		{id: "close", Binding: bind("close", "?", "q"), modes: helpMode, do: back},
		{id: "understood", Binding: bind("close", "x", "q", "enter"), modes: explainMode, do: back},
		{id: "seen", Binding: bind("close", ",", "q", "enter"), modes: choicesMode, do: back},
		{id: "anomaly before", Binding: bind("earlier", "left"), modes: explainMode, foot: always, do: otherAnomaly(-1)},
		{id: "anomaly after", Binding: bind("later", "right"), modes: explainMode, foot: always, do: otherAnomaly(+1)},
		{id: "tone", Binding: bind("send", strings.Split("0123456789*#ABCD", "")...), modes: tonesMode, foot: always, do: tone},
	}
}

// active reports whether b counts in mode md.
func (b *binding) active(md mode) bool {
	return b.in()&md != 0
}

// in is the modes in which b counts: without a word, those of the main screen.
func (b *binding) in() mode {
	if b.modes == 0 {
		return mainMode
	}
	return b.modes
}

// bound is the binding of a key in a mode.
func (m *model) bound(md mode, k tea.KeyPressMsg) *binding {
	for i := range m.keys {
		if b := &m.keys[i]; b.active(md) && key.Matches(k, b.Binding) {
			return b
		}
	}
	return nil
}

func (m *model) byID(id string) *binding {
	for i := range m.keys {
		if m.keys[i].id == id {
			return &m.keys[i]
		}
	}
	return nil
}

// shown is the key as a person writes it, and what it does at the moment.
func (b *binding) shown(m *model) (k, label string) {
	label = b.Help().Desc
	if b.name != nil {
		label = b.name(m)
	}
	k, _, _ = strings.Cut(b.Help().Key, " ")
	return k, label
}

// needs is why a key is of no use: the phone has no such verb, or why says so.
func needs(verb string, why func(*event.Fold) string) func(*model) string {
	return func(m *model) string {
		switch {
		case len(m.verbs) == 0:
			return "this is a recording: it can be looked at, not told what to do"
		case !m.offers(verb):
			return "this phone does not know the verb " + verb
		case why != nil:
			return why(&m.fold)
		}
		return ""
	}
}

func when(bad bool, why string) string {
	if bad {
		return why
	}
	return ""
}

func notOpen(f *event.Fold) string {
	return when(f.Life.State != event.Foreground, "the app is not open")
}

func alreadyOpen(f *event.Fold) string {
	return when(f.Life.State == event.Foreground && !f.Locked, "the app is open already")
}

func dead(f *event.Fold) string { return when(f.Life.State == event.Dead, "the app is dead already") }

func notRinging(f *event.Fold) string { return when(f.Ringing() == nil, "no call is ringing") }

func noCall(f *event.Fold) string { return when(len(f.Calls) == 0, "there is no call") }

func notUp(f *event.Fold) string {
	c := f.Call()
	return when(c == nil || !c.Connected(), "no call is up")
}

func awake(f *event.Fold) string {
	return when(f.Life.State != event.Suspended, "the clock can be turned only while the app is suspended")
}

// keyNames are the keys of a binding as the help writes them.
func keyNames(keys []string) string {
	switch {
	case len(keys) == 6 && keys[0] == "1":
		return "1-6"
	case len(keys) > 9 && keys[0] == "0":
		return "0-9*#A-D"
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = keyName(k)
	}
	return strings.Join(names, " ")
}

// keyName is a key as a person writes it.
func keyName(k string) string {
	names := map[string]string{"up": "↑", "down": "↓", "left": "←", "right": "→", "shift+tab": "⇧tab"}
	if n, ok := names[k]; ok {
		return n
	}
	return k
}
