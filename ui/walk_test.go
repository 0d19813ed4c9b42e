package ui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A callState is a phone whose calls stand in some way: its log, and that of a moment before.
type callState struct {
	name        string
	log, before *event.Log
}

// callStates are all in which the keys differ.
func callStates(t *testing.T) []callState {
	bob := func(phase event.CallPhase) event.Call {
		return event.Call{ID: 2, Phase: phase, Peer: "sip:bob@pbx.example.test", By: "us"}
	}
	carol := func(phases ...event.CallPhase) (calls []event.Call) {
		for _, phase := range phases {
			calls = append(calls, second(phase))
		}
		return calls
	}
	out := event.Call{ID: 3, Phase: event.CallCalling, Out: true, Peer: "sip:carol@pbx.example.test", Name: "Carol"}
	recorded := slices.DeleteFunc(slices.Collect(load(t, "call").From(0)), func(r event.Record) bool {
		_, many := r.Event.(event.Audio) // they are most of it, and nothing depends on them
		return many
	})
	logOf := func() *event.Log {
		log := new(event.Log)
		for _, r := range recorded {
			log.Append(r)
		}
		return log
	}
	before := logOf()
	state := func(name string, calls ...event.Call) callState {
		log := logOf()
		for _, e := range calls {
			log.Append(event.Record{Device: 27*time.Minute + 31*time.Second, Wall: moment(t, "call"), Phone: "alice", Event: e})
		}
		return callState{name, log, before}
	}
	return []callState{
		state("none", bob(event.CallEnded)),
		state("up"),
		state("held", bob(event.CallHeld)),
		state("dialling", bob(event.CallEnded), out),
		state("ringing", append([]event.Call{bob(event.CallEnded)}, carol(event.CallIncoming)...)...),
		state("waiting", carol(event.CallIncoming, event.CallWaiting)...),
		state("two up", append(carol(event.CallIncoming, event.CallAnswered, event.CallUp), bob(event.CallHeld))...),
		state("three", append(carol(event.CallIncoming, event.CallAnswered, event.CallUp, event.CallHeld), event.Call{ID: 4, Phase: event.CallIncoming, Peer: "sip:eve@pbx.example.test", Name: "Eve"})...),
		state("over under the bar", append(carol(event.CallIncoming, event.CallWaiting), bob(event.CallEnded))...),
	}
}

// walked is a place in which every key is pressed.
type walked struct {
	name, keys string // how one gets there
}

// walkedViews are places in which the keys of calls differ, walkedOverlays the others.
var (
	walkedViews    = []walked{{"main", ""}, {"ladder", "s"}, {"paused", "p"}}
	walkedOverlays = []walked{
		{"inbox", "i"},
		{"dialling a name", "d b"},
		{"message", "s k enter"},
		{"help", "?"},
		{"why", "x"},
		{"settings", ", k e e p"},
		{"a setting", ", k e e p enter"},
		{"devices", "P"},
		{"what was said", "Y"},
		{"dial", "d"},
		{"command", ":"},
		{"filter", "/"},
		{"quit", "q"},
		{"tones", "t"},
		{"break", "!"},
		{"transfer", "T"},
		{"help of the ladder", "s ?"},
		{"command over a pause", "p :"},
		{"sip zoomed", "6 z"},
		{"calls zoomed", "5 z"},
		{"wakes zoomed", "4 z"},
		{"device zoomed", "1 z"},
		{"timeline with a cursor", "left left"},
		{"cursor on an event", "[ ["},
		{"cursor that plays", "left left space"},
		{"cursor at the beginning", "home"},
	}
)

// walkedPhone is a phone in a state, at a place, in a window. What has happened to one that
// is paused is not shown.
func walkedPhone(t *testing.T, state callState, at walked, w, h int) (*model, *puppet) {
	t.Helper()
	keys := strings.Fields(at.keys)
	p := &puppet{log: state.log}
	if len(keys) > 0 && keys[0] == "p" {
		p.log = state.before
	}
	m := newModel(context.Background(), p, Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Explain: explained, Settings: settable})
	m.verbs = append(slices.Clone(verbs), VerbHelp{Name: "fault"})
	m.resize(w, h)
	m.take()
	m.Update(tickMsg{moment(t, "call")})
	press(m, keys...)
	if p.log != state.log {
		p.log = state.log
		m.take()
	}
	m.remark = remark{}
	return m, p
}

// everyKey is each key of the table, and others.
func everyKey(m *model) []string {
	keys := []string{"r", "X", "é", "delete", "backspace"}
	for i := range m.keys {
		for _, k := range m.keys[i].Keys() {
			if k != "ctrl+z" && k != "ctrl+c" { // they are the terminal's
				keys = append(keys, k)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// TestEveryKeyInEveryPlace presses every key in every place: it does something that is seen,
// or says why not; and it acts on no call that is not on the screen.
func TestEveryKeyInEveryPlace(t *testing.T) {
	keys := everyKey(newModel(context.Background(), &puppet{log: new(event.Log)}, Options{}))
	walk := func(state callState, at walked, w, h int) {
		for _, k := range keys {
			m, p := walkedPhone(t, state, at, w, h)
			pressed(t, m, p, fmt.Sprintf("%s, %s, %dx%d", state.name, at.name, w, h), k)
		}
	}
	states := callStates(t)
	for _, state := range states {
		for _, at := range walkedViews {
			walk(state, at, 80, 24)
		}
		walk(state, walkedViews[0], 40, 10)
		walk(state, walkedViews[1], 40, 10)
	}
	for _, at := range walkedOverlays {
		walk(states[5], at, 80, 24) // in a call, with another that waits
	}
}

// pressed presses a key and holds it to the law.
func pressed(t *testing.T, m *model, p *puppet, where, k string) {
	t.Helper()
	before, said := m.draw(), len(p.said)
	now := m.phoneNow()
	_, cmd := m.Update(keyPress(k))
	for cmd != nil && len(m.queue) > 0 {
		msg, ok := cmd().(verbDoneMsg)
		if !ok {
			break
		}
		_, cmd = m.Update(msg)
	}
	if len(p.said) == said && cmd == nil && m.draw().equal(before) {
		t.Errorf("%s: %q: nothing happens, and nothing is said\n%s", where, k, ansi.Strip(screen(m)))
	}
	shown := ansi.Strip(before.render(m.display.pal))
	for _, line := range p.said[said:] {
		for _, who := range meant(now, line) {
			if !strings.Contains(shown, who) {
				t.Errorf("%s: %q says %q, and %s is not on the screen\n%s", where, k, line, who, shown)
			}
		}
	}
}

// meant are the names of those whose call a line is about.
func meant(s scene, line string) (names []string) {
	words := strings.Fields(line)
	switch words[0] {
	case "dtmf":
		return []string{s.name(s.talking())}
	case "attended":
		return []string{s.name(s.newest(true)), s.name(s.talking())}
	case "quit", "kill":
		for i := range s.fold.Calls {
			names = append(names, s.name(&s.fold.Calls[i]))
		}
		return names
	case "answer", "decline", "hang", "mute", "unmute", "hold", "resume", "swap", "transfer":
		if n, err := strconv.Atoi(words[len(words)-1]); err == nil {
			return []string{s.name(callOf(s.fold, n))}
		}
		return []string{s.name(&s.fold.Calls[0])}
	}
	return nil
}

// TestEveryKeyInARun does the same where a scenario is played.
func TestEveryKeyInARun(t *testing.T) {
	for _, at := range []string{"", "z", "s", "?", "enter", "esc"} {
		for _, k := range everyKey(newRunModel(context.Background(), new(conductor), Options{})) {
			m := newRunModel(context.Background(), new(conductor), Options{Theme: "mono", Location: time.UTC, Environ: []string{}})
			m.resize(80, 24)
			m.runChanged(runOf(t))
			press(m, strings.Fields(at)...)
			m.remark = remark{}
			before, said := m.draw(), len(m.queue)
			_, cmd := m.Update(keyPress(k))
			if cmd == nil && len(m.queue) == said && m.draw().equal(before) {
				t.Errorf("at %q, %q: nothing happens, and nothing is said\n%s", at, k, ansi.Strip(screen(m)))
			}
		}
	}
}

// TestARingingCallIsSeenEverywhere: whatever is open, it says who rings, and a answers; where
// letters are typed, it says how to get out first.
func TestARingingCallIsSeenEverywhere(t *testing.T) {
	waits := callStates(t)[5]
	for _, at := range append(slices.Clone(walkedViews), walkedOverlays...) {
		for _, size := range []struct{ w, h int }{{120, 40}, {80, 24}, {60, 20}, {40, 10}} {
			m, p := walkedPhone(t, waits, at, size.w, size.h)
			if got := ansi.Strip(screen(m)); !strings.Contains(got, "Carol") || !strings.Contains(got, "waiting") {
				t.Errorf("%s, %dx%d: who rings?\n%s", at.name, size.w, size.h, got)
			}
			got, escs := ansi.Strip(screen(m)), ""
			for m.situation("").mode&typingModes != 0 {
				press(m, "esc")
				escs += "esc "
			}
			if escs != "" && size.w >= 60 && !strings.Contains(got, "  "+escs+"a answer") {
				t.Errorf("%s, %dx%d: how is it answered?\n%s", at.name, size.w, size.h, got)
			}
			press(m, "a")
			if !slices.Contains(p.said, "answer 3") {
				t.Errorf("%s, %dx%d: said %q", at.name, size.w, size.h, p.said)
			}
		}
	}
}
