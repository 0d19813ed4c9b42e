package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// again is the screen of the replay of a log.
func again(log *event.Log, w, h int) *model {
	m := newModel(context.Background(), still{log, nil}, Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Explain: explained, Find: found, Replay: "a run"})
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	m.Update(logGrewMsg{log: log})
	return m
}

func TestReplayGoldens(t *testing.T) {
	for _, c := range []struct {
		name, log, keys string
		w, h            int
	}{
		{"replay-120x40", "replay", "", 120, 40},
		{"replay-200x60", "replay", "", 200, 60},
		{"replay-80x24", "replay", "", 80, 24},
		{"replay-60x20", "replay", "", 60, 20},
		{"replay-40x10", "replay", "", 40, 10},
		{"replay-before-120x40", "replay", "[ [ [ [", 120, 40},
		{"replay-start-120x40", "replay", "home", 120, 40},
		{"replay-bob-80x24", "replay", "tab left left left left", 80, 24},
		{"replay-phone-120x40", "replay", "tab tab", 120, 40},
		{"replay-why-120x40", "replay", "x", 120, 40},
		{"replay-lost-120x40", "lost", "", 120, 40},
		{"replay-lost-80x24", "lost", "", 80, 24},
		{"replay-end-80x24", "registered", "", 80, 24},
	} {
		f := Frame{Width: c.w, Height: c.h, Theme: "mono", Keys: strings.Fields(c.keys), Explain: explained, Find: found, Replay: "a run"}
		golden(t, c.name, ansi.Strip(RenderFrame(load(t, c.log), f)))
	}
	for _, theme := range []string{"dark", "light"} {
		golden(t, "replay-"+theme, RenderFrame(load(t, "replay"), Frame{Width: 120, Height: 40, Theme: theme, Find: found, Replay: "a run"}))
	}
	golden(t, "replay-ascii", RenderFrame(load(t, "replay"), Frame{Width: 120, Height: 40, Theme: "mono", ASCII: true, Find: found, Replay: "a run"}))
}

// TestReplayOpens: where the first line failed, or the first call was lost, and else at the end;
// but not before all of it is there, and not if somebody looks at it already.
func TestReplayOpens(t *testing.T) {
	at := func(m *model) time.Duration { return m.selections.timeline.cursor.at }
	if m := again(load(t, "replay"), 120, 40); at(m) != m.history.script.Bad()[0].To || m.selections.timeline.cursor.seq != m.history.script.Bad()[0].Last {
		t.Errorf("at %+v", m.selections.timeline.cursor)
	}
	if m := again(load(t, "lost"), 120, 40); at(m) != m.history.fold.Losses[0].Began {
		t.Errorf("without a scenario: at %v", at(m))
	}
	if m := again(load(t, "registered"), 120, 40); m.selections.timeline.held() {
		t.Errorf("without a failure: at %v", at(m))
	}
	words := "loading 40 %"
	m := newModel(context.Background(), still{load(t, "replay"), nil}, Options{Environ: []string{}, Replay: "a run", Loading: func() string { return words }})
	m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	m.Update(logGrewMsg{log: m.phone.Log()})
	if m.selections.timeline.held() {
		t.Error("it opens while it is read")
	}
	words = "cut off"
	if m.Update(tickMsg{time.Now()}); !m.selections.timeline.held() {
		t.Error("it does not open where it was cut off")
	}
	words = "loading 40 %"
	m.replay.opened = false
	press(m, "end")
	words = ""
	if m.Update(tickMsg{time.Now()}); m.selections.timeline.held() {
		t.Error("it takes the screen from somebody who looks at it")
	}
}

// TestReplayedSteps: each line is as it was at the cursor.
func TestReplayedSteps(t *testing.T) {
	m := again(load(t, "replay"), 120, 40)
	s := m.situation("")
	marks := func() (list string) {
		s = m.situation("")
		state, at := stateOf(s.script, s.seen, s.now)
		for i := range state.Lines {
			switch l := &state.Lines[i]; {
			case l.Case:
			case i == state.At && state.Over == "":
				list += "▶"
			default:
				list += verdictMark(l.Verdict)
			}
		}
		if at >= 0 && state.Lines[at].Case {
			t.Errorf("the selected line %d is a heading", at)
		}
		return list
	}
	if got := marks(); got != "✓✓✓✓✓✓✗----" {
		t.Errorf("at the failure: %s", got)
	}
	press(m, "[")
	m.selections.timeline.show(9*time.Second, s)
	if got := marks(); got != "✓✓✓✓✓✓▶    " {
		t.Errorf("before it: %s", got)
	}
	m.selections.timeline.show(time.Second, s)
	if got := marks(); got != "✓✓✓▶       " {
		t.Errorf("in the fourth: %s", got)
	}
	press(m, "home")
	m.selections.timeline.cursor.seq = 1
	if got := marks(); strings.Trim(got, " ") != "" {
		t.Errorf("at the beginning: %s", got)
	}
}

// TestReplayedSides: tab shows what each of the others did, and then the phone's own messages;
// what comes after the cursor is grey.
func TestReplayedSides(t *testing.T) {
	m := again(load(t, "replay"), 120, 40)
	var seen []string
	for range 4 {
		s := m.situation("")
		seen = append(seen, m.replay.title(s, m.replay.shown(s)))
		press(m, "tab")
	}
	if got := strings.Join(seen, " "); got != "bob lab alice bob" {
		t.Errorf("tab leads through %s", got)
	}
	press(m, "shift+tab")
	press(m, "shift+tab")
	m.selections.timeline.show(time.Second, m.situation(""))
	s := m.situation("")
	c := newCanvas(100, 20, false)
	sideView{s, "bob"}.draw(area{c, rect{2, 0, 96, 20}})
	got := strings.Split(ansi.Strip(c.render(m.display.pal)), "\n")
	here := slices.IndexFunc(got, func(l string) bool { return strings.Contains(l, "you are here") })
	invite := slices.IndexFunc(got, func(l string) bool { return strings.Contains(l, "──▶ INVITE") })
	if here < 0 || invite < here {
		t.Fatalf("line %d is here, the INVITE is line %d\n%s", here, invite, strings.Join(got, "\n"))
	}
	for x := range 90 {
		if cell := c.cells[invite*c.w+x]; cell.s != " " && cell.st.ink() != faint {
			t.Fatalf("the INVITE to come is not grey: %q", cell.s)
		}
	}
	m.resize(80, 24)
	s = m.situation("")
	if m.replay.side = 0; m.replay.title(s, m.replay.shown(s)) != "steps" {
		t.Errorf("in a small window it begins with %s", m.replay.title(s, 0))
	}
}

// TestASecondPhoneAsItWas: of another handset one sees in which state its app was.
func TestASecondPhoneAsItWas(t *testing.T) {
	log := new(event.Log)
	for r := range load(t, "replay").From(0) {
		log.Append(r)
		if _, on := r.Event.(event.Start); on {
			for _, e := range []event.Event{event.Start{}, event.State{To: event.Foreground}, event.State{From: event.Foreground, To: event.Suspended}} {
				r.Wall = r.Wall.Add(time.Second)
				log.Append(event.Record{Wall: r.Wall, Phone: "dave", Event: e})
			}
		}
	}
	m := again(log, 120, 40)
	note := func() string { return sideView{m.situation(""), "dave"}.note() }
	if got := note(); !strings.HasPrefix(got, "suspended, as it was") {
		t.Errorf("at the end dave was %s", got)
	}
	for range 100 {
		press(m, "[")
		if got := note(); strings.HasPrefix(got, "as it was") {
			return
		}
	}
	t.Errorf("at the beginning dave was %s", note())
}

// TestFailuresAreLeafedThrough: n and N go to failures and lost calls, in the order of time.
func TestFailuresAreLeafedThrough(t *testing.T) {
	m := again(load(t, "replay"), 120, 40)
	failed, lost := m.history.script.Bad()[0].To, m.history.fold.Losses[0].Began
	for i, c := range []struct {
		key  string
		want time.Duration
	}{{"N", lost}, {"n", failed}, {"n", lost}, {"N", failed}} {
		if press(m, c.key); m.selections.timeline.cursor.at != c.want {
			t.Errorf("key %d leads to %v, want %v", i, m.selections.timeline.cursor.at, c.want)
		}
	}
}

// TestTheVerdictIsTheLogs: what is said of a scenario stands in its log: that it passed, or that
// nobody knows.
func TestTheVerdictIsTheLogs(t *testing.T) {
	for want, keep := range map[string]func(event.Record) bool{
		"✓ PASSED": func(r event.Record) bool { s, is := r.Event.(event.Step); return !is || !s.Phase.Bad() },
		"no verdict": func(r event.Record) bool {
			s, is := r.Event.(event.Step)
			e, over := r.Event.(event.Scenario)
			return (!is || !s.Phase.Bad()) && (!over || e.Phase == event.ScenarioBegun)
		},
	} {
		log := new(event.Log)
		for r := range load(t, "replay").From(0) {
			if e, is := r.Event.(event.Scenario); is && e.Verdict != "" && want == "✓ PASSED" {
				e.Verdict = event.StepPassed
				r.Event = e
			}
			if keep(r) {
				log.Append(r)
			}
		}
		header, rest, _ := strings.Cut(ansi.Strip(screen(again(log, 120, 40))), "\n")
		if !strings.Contains(header, want) || strings.Contains(header, "FAILED") || strings.Contains(rest, "✗ 1") {
			t.Errorf("%s: %s\n%s", want, header, rest)
		}
	}
}

// TestEveryKeyInAReplay: no key is silent there either.
func TestEveryKeyInAReplay(t *testing.T) {
	log := load(t, "replay")
	for _, at := range []string{"", "end", "home", "tab", "3 z"} {
		for _, k := range everyKey(again(log, 80, 24)) {
			m := again(log, 80, 24)
			press(m, strings.Fields(at)...)
			m.remark = remark{}
			before := m.draw()
			if _, cmd := m.Update(keyPress(k)); cmd == nil && m.draw().equal(before) {
				t.Errorf("at %q, %q: nothing happens, and nothing is said\n%s", at, k, ansi.Strip(screen(m)))
			}
		}
	}
}

// TestWhereTheReportIs: o says where the report of a recording is, or that there is none.
func TestWhereTheReportIs(t *testing.T) {
	m := again(load(t, "replay"), 120, 40)
	if press(m, "o"); !strings.Contains(lastLine(ansi.Strip(screen(m))), "report: a report is kept with a run") {
		t.Errorf("%q", lastLine(ansi.Strip(screen(m))))
	}
	said, wrong := "the report: /tmp/x/index.html", error(nil)
	m.keeper.report = func() (string, error) { return said, wrong }
	if foot := lastLine(ansi.Strip(screen(m))); !strings.Contains(foot, "o report") && !strings.Contains(foot, "report:") {
		t.Errorf("the last line is %q", foot)
	}
	o := func() string {
		cmd := m.press(keyPress("o"))
		m.Update(cmd())
		return lastLine(ansi.Strip(screen(m)))
	}
	if got := o(); !strings.Contains(got, said) {
		t.Errorf("%q", got)
	}
	wrong = errors.New("it is gone")
	if got := o(); !strings.Contains(got, "it is gone") {
		t.Errorf("%q", got)
	}
}
