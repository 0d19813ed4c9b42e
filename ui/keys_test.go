package ui

import (
	"context"
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// puppet is a phone that writes down what it is told.
type puppet struct {
	log  *event.Log
	said []string
	err  error
}

func (p *puppet) Log() *event.Log   { return p.log }
func (p *puppet) Verbs() []VerbHelp { return verbs }
func (p *puppet) Do(line string) error {
	p.said = append(p.said, line)
	return p.err
}

func newTestModel(t testing.TB, recording string) (*model, *puppet) {
	t.Helper()
	p := &puppet{log: load(t, recording)}
	m := newModel(context.Background(), p, Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Explain: explained, Settings: settable})
	m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	m.Update(logGrewMsg{log: p.log})
	m.Update(tickMsg{moment(t, recording)})
	return m, p
}

func screen(m *model) string { return m.draw().render(m.display.pal) }

// press presses keys and carries out what they ask of the phone.
func press(m *model, keys ...string) {
	for _, k := range keys {
		for _, cmd := m.Update(keyPress(k)); cmd != nil; {
			msg, ok := cmd().(verbDoneMsg)
			if !ok {
				break
			}
			_, cmd = m.Update(msg)
		}
	}
}

// TestNoKeyTwice: in no mode has a key two meanings, and text can be typed
// where there is a line to type in.
func TestNoKeyTwice(t *testing.T) {
	m, _ := newTestModel(t, "registered")
	for md := mainMode; md&everyMode != 0; md <<= 1 {
		seen := map[string]string{}
		for _, b := range m.keys {
			for _, k := range b.Keys() {
				if !b.active(md) {
					continue
				}
				if other := seen[k]; other != "" {
					t.Errorf("mode %#x: %q is %s and %s", int(md), k, other, b.id)
				}
				seen[k] = b.id
				if md&typingModes != 0 && ansi.StringWidth(k) == 1 {
					t.Errorf("mode %#x: %q cannot be typed", int(md), k)
				}
			}
		}
	}
	ids := map[string]bool{}
	for _, b := range m.keys {
		if ids[b.id] || b.do == nil || b.Help().Desc == "" {
			t.Errorf("binding %q is there twice, or does nothing, or has no label", b.id)
		}
		ids[b.id] = true
	}
}

func TestKeysGiveVerbs(t *testing.T) {
	for _, c := range []struct{ recording, keys, want string }{
		{"registered", "b", "background"},
		{"suspended", "f", "foreground"},
		{"suspended", "l", "unlock"},
		{"registered", "l", "lock"},
		{"registered", "K y", "kill"},
		{"registered", "K n", ""},
		{"suspended", ".", "clock next"},
		{"suspended", ">", "clock x10"},
		{"suspended", "<", ""}, // it cannot go slower
		{"suspended", "=", "clock x1"},
		{"registered", ">", ""}, // awake
		{"woken", "a", "answer from notification"},
		{"woken", "e", "decline"},
		{"woken", "f", "open notification"},
		{"call", "e", "hang up"},
		{"call", "m", "mute"},
		{"call", "o", "hold"},
		{"call", "t 1 #", "dtmf 1|dtmf #"},
		{"call", "q y", "quit"},
		{"call", "q n", ""},
		{"call", "q esc", ""},
		{"registered", "q", "quit"},
		{"registered", "d b o b enter", "call bob"},
		{"registered", "d b o b esc", ""},
		{"registered", "d up enter", "call sip:bob@pbx.example.test"},
		{"registered", ": l o c tab enter", "lock"},
		{"registered", ": l o c k enter : up enter", "lock|lock"},
		{"registered", "a", ""}, // nothing rings
		{"registered", "m", ""}, // no call
	} {
		m, p := newTestModel(t, c.recording)
		press(m, strings.Fields(c.keys)...)
		if got := strings.Join(p.said, "|"); got != c.want {
			t.Errorf("%s, keys %s: said %q, want %q", c.recording, c.keys, got, c.want)
		}
	}
}

// TestTyping: the terminal's cursor stands where one types, tab completes, and
// a paste cannot be longer than a line may be.
func TestTyping(t *testing.T) {
	m, _ := newTestModel(t, "registered")
	if m.View().Cursor != nil {
		t.Error("a cursor where there is nothing to type")
	}
	press(m, ":", "b", "a")
	if c := m.View().Cursor; c == nil || c.X != len(" : ba") || c.Y != 39 {
		t.Errorf("cursor %+v", c)
	}
	if last := lastLine(ansi.Strip(screen(m))); !strings.HasPrefix(last, " : background") {
		t.Errorf("no hint at what tab does in %q", last)
	}
	press(m, "tab")
	if got := m.layers.prompt.input.Value(); got != "background" {
		t.Errorf("tab makes it %q", got)
	}
	press(m, "esc", "/", "ctrl+p") // a filter has no suggestions
	m.Update(tea.PasteMsg{Content: strings.Repeat("x\n\x1b", 1000)})
	if got := m.layers.filter.input.Value(); len(got) != maxTyped || strings.ContainsAny(got, "\n\x1b") {
		t.Errorf("pasted %d bytes: %q", len(got), got[:9])
	}
	if c := m.View().Cursor; c == nil || c.X >= m.display.w {
		t.Errorf("cursor %+v", c)
	}
}

// TestRecordAndSave: the header says that a recording is on, the last line
// where things are, and a phone without a place to keep them says why not.
func TestRecordAndSave(t *testing.T) {
	m, _ := newTestModel(t, "call")
	press(m, "R")
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "nothing is done here that could be recorded") {
		t.Error(got)
	}
	on := false
	m.keeper.record = func() (bool, string, error) {
		on = !on
		return on, "where it is", nil
	}
	m.keeper.save = func() (string, error) { return "", errors.New("the disk is full") }
	for _, c := range []struct{ key, header, last string }{
		{"R", "● rec", "where it is"}, {"ctrl+s", "● rec", "the disk is full"}, {"R", "", "where it is"},
	} {
		_, cmd := m.Update(keyPress(c.key))
		m.Update(cmd())
		got := ansi.Strip(screen(m))
		header, _, _ := strings.Cut(got, "\n")
		if strings.Contains(header, "● rec ") != (c.header != "") || !strings.Contains(lastLine(got), c.last) {
			t.Errorf("%s: %q, %q", c.key, header, lastLine(got))
		}
	}
	m.keeper.save = func() (string, error) { panic("clumsy") }
	_, cmd := m.Update(keyPress("ctrl+s"))
	if _, cmd = m.Update(cmd()); cmd == nil || m.failed == nil {
		t.Error("the panic was not caught")
	}
}

func TestMuteAndHoldTurnBack(t *testing.T) {
	m, p := newTestModel(t, "call")
	id := m.history.fold.Call().ID
	for _, phase := range []event.CallPhase{event.CallMuted, event.CallHeld} {
		p.log.Append(event.Record{Phone: "alice", Device: m.history.fold.Device, Wall: m.history.fold.Wall, Event: event.Call{ID: id, Phase: phase}})
	}
	m.Update(logGrewMsg{log: p.log})
	press(m, "m", "o")
	if got := strings.Join(p.said, "|"); got != "unmute|resume" {
		t.Errorf("said %q", got)
	}
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "o resume Bob  m unmute") {
		t.Error("the footer does not say so")
	}
}

// TestWhoHolds: the panel of the call says who holds it.
func TestWhoHolds(t *testing.T) {
	m, p := newTestModel(t, "call")
	id := m.history.fold.Call().ID
	for _, step := range []struct {
		phase    event.CallPhase
		by, want string
	}{
		{event.CallHeld, "peer", "held by peer"},
		{event.CallHeld, "us", "held by both"},
		{event.CallResumed, "peer", "held 00:"},
		{event.CallResumed, "us", "up 00:"},
	} {
		p.log.Append(event.Record{Phone: "alice", Device: m.history.fold.Device, Wall: m.history.fold.Wall, Event: event.Call{ID: id, Phase: step.phase, By: step.by}})
		m.Update(logGrewMsg{log: p.log})
		if got := ansi.Strip(screen(m)); !strings.Contains(got, step.want) {
			t.Errorf("%s by %s: no %q on the screen\n%s", step.phase, step.by, step.want, got)
		}
	}
}

func TestADisabledKeySaysWhy(t *testing.T) {
	m, _ := newTestModel(t, "registered")
	press(m, "a")
	if !strings.Contains(ansi.Strip(screen(m)), "answer: no call is ringing") {
		t.Error("no word on why")
	}
	m.verbs = nil
	press(m, "b")
	if !strings.Contains(ansi.Strip(screen(m)), "this is a recording") {
		t.Error("no word on the recording")
	}
}

func TestARefusedVerbIsShown(t *testing.T) {
	m, p := newTestModel(t, "registered")
	p.err = errors.New("the app is \x1b[31mbusy")
	press(m, "b")
	last := lastLine(ansi.Strip(screen(m)))
	if !strings.Contains(last, `the app is \x1b[31mbusy`) {
		t.Errorf("last line %q", last)
	}
}

// TestVerbsKeepTheirOrder: a key that comes while a verb is being carried out
// waits for it.
func TestVerbsKeepTheirOrder(t *testing.T) {
	m, p := newTestModel(t, "call")
	_, first := m.Update(keyPress("l"))
	_, second := m.Update(keyPress("b"))
	if first == nil || second != nil {
		t.Fatal("the second verb did not wait for the first")
	}
	const waits = "background: waits for lock"
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, waits) {
		t.Errorf("last line %q, want %q", got, waits)
	}
	for cmd := first; cmd != nil; {
		msg, ok := cmd().(verbDoneMsg)
		if !ok {
			break
		}
		_, cmd = m.Update(msg)
		if got := lastLine(ansi.Strip(screen(m))); strings.Contains(got, waits) {
			t.Errorf("%s is done, and the last line is %q", msg.line, got)
		}
	}
	if got := strings.Join(p.said, ", "); got != "lock, background" {
		t.Errorf("the phone was told: %s", got)
	}
}

func lastLine(s string) string { return s[strings.LastIndexByte(s, '\n')+1:] }

func TestEscGoesOneLevelUp(t *testing.T) {
	m, _ := newTestModel(t, "call")
	press(m, "6", "z", "k", "enter")
	for _, want := range []struct {
		md   mode
		zoom panel
	}{{messageMode, sipPanel}, {mainMode, sipPanel}, {mainMode, noPanel}} {
		if m.modes.top() != want.md || m.desk.zoom != want.zoom {
			t.Errorf("mode %#x, zoom %d; want %#x, %d", int(m.modes.top()), m.desk.zoom, int(want.md), want.zoom)
		}
		press(m, "esc")
	}
}

func TestEscEndsTheTour(t *testing.T) {
	m, _ := newTestModel(t, "call")
	m.caption.words = "Look here."
	press(m, "esc")
	if m.caption.words != "" || strings.Contains(screen(m), "Look here.") {
		t.Error("the tour goes on")
	}
}

func TestInterruptTwiceLeaves(t *testing.T) {
	m, _ := newTestModel(t, "call")
	if _, cmd := m.Update(keyPress("ctrl+c")); cmd != nil {
		t.Error("one ctrl+c leaves")
	}
	if _, cmd := m.Update(keyPress("ctrl+c")); cmd == nil {
		t.Error("two do not")
	}
	m, _ = newTestModel(t, "call")
	press(m, "ctrl+c", "j")
	if _, cmd := m.Update(keyPress("ctrl+c")); cmd != nil {
		t.Error("ctrl+c, another key, ctrl+c leaves")
	}
}

func TestPauseStopsTheDisplayOnly(t *testing.T) {
	m, p := newTestModel(t, "call")
	press(m, "p")
	before := m.history.fold.Revision
	for range 3 {
		p.log.Append(event.Record{Phone: "alice", Device: m.history.fold.Device, Wall: m.history.fold.Wall, Event: event.Lock{On: true}})
	}
	m.Update(logGrewMsg{log: p.log})
	if m.history.fold.Revision != before || !strings.Contains(ansi.Strip(screen(m)), "paused, 3 new") {
		t.Error("the display did not stop, or does not say so")
	}
	press(m, "p")
	if !m.history.fold.Locked {
		t.Error("what came in the pause is lost")
	}
}

// TestFooterNeverWraps: at any width help is there and the line fits.
func TestFooterNeverWraps(t *testing.T) {
	for name := range moments {
		m, _ := newTestModel(t, name)
		for w := minWidth; w < 200; w += 3 {
			m.Update(tea.WindowSizeMsg{Width: w, Height: 24})
			if last := lastLine(ansi.Strip(screen(m))); ansi.StringWidth(last) > w || !strings.Contains(last, "? help") {
				t.Fatalf("%s, %d wide: %q", name, w, last)
			}
		}
	}
}

// TestAnySizeAnyKeys: whatever is pressed in a window of whatever size, every
// line fits and nothing panics.
func TestAnySizeAnyKeys(t *testing.T) {
	var keys []string
	m, _ := newTestModel(t, "registered")
	for _, b := range m.keys {
		keys = append(keys, b.Keys()...)
	}
	keys = append(keys, "x", "é", "界", "backspace")
	slices.Sort(keys)
	for name := range moments {
		rng := rand.New(rand.NewPCG(7, uint64(len(name))))
		m, _ := newTestModel(t, name)
		m.opt.ASCII = name == "killed"
		w, h := 120, 40
		for range 250 {
			if rng.IntN(4) == 0 {
				w, h = rng.IntN(220), rng.IntN(70)
				m.Update(tea.WindowSizeMsg{Width: w, Height: h})
			}
			press(m, keys[rng.IntN(len(keys))])
			fits(t, screen(m), w, h)
		}
	}
}

func fits(t *testing.T, frame string, w, h int) {
	t.Helper()
	if w == 0 || h == 0 {
		return
	}
	lines := strings.Split(frame, "\n")
	if len(lines) != h {
		t.Fatalf("%d lines in a window of %d", len(lines), h)
	}
	for _, line := range lines {
		if n := ansi.StringWidth(line); n > w {
			t.Fatalf("%d columns in a window of %d: %q", n, w, line)
		}
	}
}

// ownStyles are what the theme mono has: no colour.
var ownStyles = regexp.MustCompile(`\x1b\[(0|1|2|4|7|9|22|24|27|29)?(;(0|1|2|4|7|9|22|24|27|29))*m`)

// FuzzPeerText: what a peer writes into names and messages can neither move
// the cursor nor break a line.
func FuzzPeerText(f *testing.F) {
	f.Add("Bob", "INVITE sip:a SIP/2.0\r\nFrom: x\r\n\r\nv=0")
	f.Add("\x1b[2J\u202eevil", "a\x00\x9b31m\tb\r\n")
	f.Add("界界界界界界界界界界界界界界界界界界界界", "👨‍👩‍👧‍👦e\u0301\u0301\u0301")
	f.Add("\xff\xfe", "\xc3\x28")
	f.Add("\x1b[35mBob\x1b]0;owned\a", "\u009b2J\x7f\u2028\U000e0041\ufffe"+strings.Repeat("\u0301", 99))
	f.Fuzz(func(t *testing.T, name, raw string) {
		log := new(event.Log)
		for _, e := range []event.Event{
			event.Start{AOR: name, Profile: name, Mic: name, Unfaithful: []string{raw}},
			event.State{To: event.Awake, Why: raw, Left: event.Seconds(10 * time.Second)},
			event.Wake{N: 1, Cause: event.BySocket},
			event.Frame{Wake: 1, What: raw, Bytes: 5},
			event.Socket{Name: "control", Phase: event.SocketPhase(name), Local: raw, Remote: name, Error: raw},
			event.Message{Method: name, URI: raw, From: name, CallID: raw, Bytes: 5, Raw: raw},
			event.Call{ID: 1, Phase: "incoming", Peer: raw, Name: name, CallID: raw},
			event.Media{Phase: event.MediaPhase(name), Codec: raw, Remote: name, Detail: raw},
			event.Notification{ID: 1, Phase: "posted", Title: name, Body: raw, Shown: true},
			event.Error{Op: name, Err: raw, Hint: name},
			event.Registration{Phase: "failed", Status: 403, Reason: raw},
		} {
			log.Append(event.Record{Phone: "alice", Wall: time.Unix(0, 0), Event: e})
		}
		for _, k := range [][]string{nil, {"s", "k"}, {"s", "enter"}} {
			got := RenderFrame(log, Frame{Width: 120, Height: 40, Theme: "mono", Keys: k})
			fits(t, ansi.Strip(got), 120, 40)
			unstyled := ownStyles.ReplaceAllString(got, "")
			if at := strings.IndexFunc(noJoiners.Replace(unstyled), clean.Forbidden); at >= 0 {
				t.Errorf("a control character in %q", unstyled)
			}
		}
	})
}

func BenchmarkView120x40(b *testing.B) {
	m, _ := newTestModel(b, "call")
	b.ReportAllocs()
	for b.Loop() {
		m.last.stale = true
		m.View()
	}
}

func BenchmarkView80x24(b *testing.B) {
	m, _ := newTestModel(b, "call")
	m.display.w, m.display.h = 80, 24
	b.ReportAllocs()
	for b.Loop() {
		m.last.stale = true
		m.View()
	}
}

// A recording that is still being read says how far it is, until all of it is
// there.
func TestLoadingIsSaid(t *testing.T) {
	m, _ := newTestModel(t, "call")
	words := "loading 40 %"
	m.opt.Loading = func() string { return words }
	for _, width := range []int{120, 80, 50} {
		m.resize(width, 24)
		if first, _, _ := strings.Cut(ansi.Strip(screen(m)), "\n"); !strings.Contains(first, words) {
			t.Errorf("at %d columns: %s", width, first)
		}
	}
	if words = ""; strings.Contains(ansi.Strip(screen(m)), "loading") {
		t.Error("it still says so")
	}
}

// noJoiners takes out the lines, and what joins the parts of a grapheme: see
// [clean.Cell].
var noJoiners = strings.NewReplacer("\n", "", "\u200c", "", "\u200d", "")
