package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// examiner is work that writes down what it is told.
type examiner struct {
	stopped bool
	opened  []int
	err     error
}

func (x *examiner) Stop() { x.stopped = true }

func (x *examiner) Open(_ context.Context, i int, _ *Screens) error {
	x.opened = append(x.opened, i)
	return x.err
}

func (*examiner) Next(ctx context.Context, _ uint64) (Survey, error) {
	<-ctx.Done()
	return Survey{}, ctx.Err()
}

// surveyBegan is when the work of the tests began.
var surveyBegan = time.Date(2026, 8, 23, 14, 0, 0, 0, time.UTC)

// examined is an examination that waits for a person.
func examined() Survey {
	one := func(name string, v Verdict, why, took string, sort float64, facts ...RunFact) SurveyCase {
		return SurveyCase{
			Name: name, Verdict: v, Done: v != "", Facts: facts,
			Cells: []SurveyCell{{Text: name}, {Text: why}, {Text: took, Sort: sort}},
		}
	}
	s := Survey{
		Seq: 3, Name: "grade", About: "127.0.0.1:5070 as alice, password secret (tcp, tls, udp, ws, wss)",
		Columns: []SurveyColumn{{Name: "check", Width: 16}, {Name: "what was seen", Width: 14, Rest: true}, {Name: "took", Width: 7, Right: true, Spare: 1}},
		Cases: []SurveyCase{
			one("register", Passed, "registered in 4 ms, with 2 REGISTER", "1.4 s", 1.4, RunFact{"pass", "registered in 4 ms, with 2 REGISTER"}, RunFact{"rule", "A phone registers its address, answering a digest challenge"}, RunFact{"source", "RFC 3261 §10.2, §22.2"}, RunFact{"00:01.2", "--> REGISTER sip:lab.test"}),
			one("expires", Passed, "it asks for 3600 s", "0.0 s", 0),
			one("push-params", Skipped, "it gave no pn- parameters: it does not ask to be pushed to", "0.0 s", 0),
			one("options", Failed, "no answer within 5s", "5.0 s", 5, RunFact{"fail", "no answer within 5s"}, RunFact{"rule", "OPTIONS is answered as an INVITE would be: 200, or 486 if busy"}),
			one("ringing", "", "It rings", "", 0, RunFact{"rule", "Of 3 calls the median hears 180"}),
			one("cancel", "", "It stops ringing when the caller gives up", "", 0),
		},
		Task: "answer the call, within 30s", Until: surveyBegan.Add(35 * time.Second),
		Limit: surveyBegan.Add(10 * time.Minute), Began: surveyBegan,
	}
	s.Cases[4].Playing = true
	return s
}

// compared are days of which some have been played.
func compared() Survey {
	s := Survey{
		Seq: 9, Name: "compare", About: "48 calls in 24 hours to each, virtual time, seed 1", Alike: true, Began: surveyBegan,
		Columns: []SurveyColumn{
			{Name: "device", Width: 15},
			{Name: "strategy", Width: 11},
			{Name: "rung", Width: 7, Right: true},
			{Name: "ring", Width: 9, Right: true, Spare: 2},
			{Name: "wakes", Width: 5, Right: true, Spare: 3},
			{Name: "awake", Width: 7, Right: true, Spare: 3},
			{Name: "missed most", Width: 14, Spare: 4, Rest: true},
		},
	}
	row := func(device, strategy, rung string, n float64, mood Verdict, ring, wakes, awake, missed string) {
		s.Cases = append(s.Cases, SurveyCase{
			Name: device + " " + strategy, Done: rung != "",
			Cells: []SurveyCell{{Text: device}, {Text: strategy}, {rung, n, mood}, {Text: ring}, {Text: wakes}, {Text: awake}, {Text: missed}},
			Facts: []RunFact{{"calls", "48 offered"}},
		})
	}
	row("android-doze", "push fcm", "48/48", 48, Passed, "1.7/3 s", "5.8", "965 s", "")
	row("android-doze", "voip-socket", "2/48", 2, Errored, "21/21 ms", "5.6", "476 s", "31 call-refused")
	row("desktop", "none", "48/48", 48, Passed, "22/24 ms", "0.0", "3570 s", "")
	row("ios-voip-socket", "none", "0/48", 0, Failed, "-", "0.0", "0 s", "48 nothing-wakes")
	row("ios-voip-socket", "push", "", 0, "", "", "", "", "")
	s.Cases[4].Playing = true
	return s
}

// over is a survey at its end.
func over(s Survey, words string) Survey {
	for i := range s.Cases {
		if c := &s.Cases[i]; !c.Done {
			c.Playing, c.Done = false, true
		}
	}
	s.Took, s.Over = 21*time.Second, words
	return s
}

func surveyModel(t testing.TB, s Survey, w, h int) (*model, *examiner) {
	t.Helper()
	x := new(examiner)
	m := newSurveyModel(t.Context(), x, Options{Theme: "mono", Location: time.UTC, Environ: []string{"TERM_PROGRAM=ghostty"}})
	m.resize(w, h)
	m.Update(surveyMsg{s})
	m.Update(tickMsg{surveyBegan.Add(20 * time.Second)})
	return m, x
}

func TestGoldenSurveys(t *testing.T) {
	surveys := map[string]Survey{"grade": examined(), "compare": compared(), "grade-over": over(examined(), "3 passed, 1 failed, 2 could not be told"), "no-case": {Name: "grade"}}
	at := surveyBegan.Add(20 * time.Second)
	for name, s := range surveys {
		for _, size := range []struct {
			name string
			w, h int
		}{{"200x60", 200, 60}, {"120x40", 120, 40}, {"80x24", 80, 24}, {"60x20", 60, 20}, {"40x10", 40, 10}} {
			golden(t, "survey-"+name+"-"+size.name, ansi.Strip(RenderSurvey(s, Frame{Width: size.w, Height: size.h, Theme: "mono", Wall: at})))
		}
	}
	for _, theme := range []string{"dark", "light", "mono"} {
		golden(t, "survey-grade-"+theme, RenderSurvey(examined(), Frame{Width: 80, Height: 24, Theme: theme, Wall: at}))
	}
	golden(t, "survey-grade-ascii", ansi.Strip(RenderSurvey(examined(), Frame{Width: 80, Height: 24, ASCII: true, Wall: at})))
	golden(t, "survey-sorted", ansi.Strip(RenderSurvey(compared(), Frame{Width: 80, Height: 24, Wall: at, Keys: []string{"O", "O", "O", "r"}})))
	golden(t, "survey-help", ansi.Strip(RenderSurvey(compared(), Frame{Width: 80, Height: 24, Wall: at, Keys: []string{"?"}})))
}

func TestSurveyFitsAnySize(t *testing.T) {
	for w := 1; w <= 200; w += 7 {
		for h := 1; h <= 60; h += 3 {
			for _, s := range []Survey{examined(), compared()} {
				fits(t, RenderSurvey(s, Frame{Width: w, Height: h, Theme: "mono", Wall: surveyBegan}), w, h)
			}
		}
	}
}

// TestSurveyOrder: the cases are sorted by a column, numbers by their size; those that are not
// over come last, whichever way they are sorted.
func TestSurveyOrder(t *testing.T) {
	for keys, want := range map[string][]int{
		"":                {0, 1, 2, 3, 4},
		"O":               {0, 1, 2, 3, 4},
		"O O":             {2, 3, 0, 1, 4},
		"O O O":           {3, 1, 0, 2, 4},
		"O O O r":         {0, 2, 1, 3, 4},
		"O O O r r":       {3, 1, 0, 2, 4},
		"O O O r O":       {0, 1, 2, 3, 4},
		"r":               {0, 1, 2, 3, 4},
		"O O O O O O O O": {0, 1, 2, 3, 4},
	} {
		m, _ := surveyModel(t, compared(), 120, 40)
		press(m, strings.Fields(keys)...)
		if got := m.bases.survey.order; !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", keys, got, want)
		}
	}
}

// TestSurveyCursor: it follows the work until it is moved; then it stays on its case, wherever
// that is sorted to.
func TestSurveyCursor(t *testing.T) {
	m, _ := surveyModel(t, compared(), 120, 40)
	v := &m.bases.survey
	if v.selected() != 4 {
		t.Errorf("the case that is worked on is not selected, but %d", v.selected())
	}
	press(m, "up")
	if v.selected() != 3 {
		t.Errorf("up selects %d", v.selected())
	}
	press(m, "O", "O", "O")
	if v.selected() != 3 || v.row() != 0 {
		t.Errorf("sorted, case %d is selected, in row %d", v.selected(), v.row())
	}
	m.Update(surveyMsg{over(compared(), "ALL 5 PLAYED")})
	if v.selected() != 3 {
		t.Errorf("the work goes on, and case %d is selected", v.selected())
	}
	press(m, "end")
	if v.selected() != 4 {
		t.Errorf("end selects %d", v.selected())
	}
	press(m, "home")
	if v.row() != 0 {
		t.Errorf("home selects row %d", v.row())
	}
	m.Update(tea.MouseWheelMsg{X: 5, Y: 5, Button: tea.MouseWheelDown})
	if v.row() != 3 {
		t.Errorf("the wheel selects row %d", v.row())
	}
}

// TestSurveyOpens: a case that is over is opened; of one that is not it is said.
func TestSurveyOpens(t *testing.T) {
	m, x := surveyModel(t, examined(), 80, 24)
	press(m, "enter")
	if len(x.opened) != 0 || !strings.Contains(screen(m), "ringing is not over") {
		t.Errorf("opened %v\n%s", x.opened, screen(m))
	}
	press(m, "up")
	_, cmd := m.Update(keyPress("enter"))
	if cmd == nil {
		t.Fatal("enter does nothing")
	}
	press(m, "enter") // it is being opened
	x.err = errors.New("no room")
	m.Update(caseLeftMsgOf(cmd()))
	if !slices.Equal(x.opened, []int{3}) || !strings.Contains(screen(m), "no room") {
		t.Errorf("opened %v\n%s", x.opened, screen(m))
	}
	if m.bases.survey.shut(m.situation("")) != "" {
		t.Error("it cannot be opened again")
	}
	m.Update(caseLeftMsg{&PanicError{Value: "clumsy"}})
	if _, broken := errors.AsType[*PanicError](m.failed); !broken {
		t.Error("a panic is taken for an error")
	}
}

func caseLeftMsgOf(msg tea.Msg) tea.Msg {
	if all, ok := msg.(tea.BatchMsg); ok {
		for _, cmd := range all {
			if cmd != nil {
				return caseLeftMsgOf(cmd())
			}
		}
	}
	return msg
}

// TestLeavingASurvey: it asks while the work goes on.
func TestLeavingASurvey(t *testing.T) {
	for _, key := range []string{"q", "esc"} {
		m, x := surveyModel(t, compared(), 80, 24)
		press(m, key)
		if m.modes.top() != confirmMode {
			t.Errorf("%s does not ask", key)
		}
		press(m, "n")
		if x.stopped || len(m.queue) > 0 {
			t.Errorf("%s, n: it ends", key)
		}
		m.Update(surveyMsg{over(compared(), "ALL 5 PLAYED")})
		if _, cmd := m.Update(keyPress(key)); cmd == nil || len(m.queue) != 1 {
			t.Errorf("%s, over: it does not leave", key)
		}
	}
	m, x := surveyModel(t, compared(), 80, 24)
	_, cmd := m.Update(keyPress("x"))
	if cmd(); !x.stopped {
		t.Error("x does not end the work")
	}
}

// TestSurveyProgress: the terminal's tab shows how much is over.
func TestSurveyProgress(t *testing.T) {
	m, _ := surveyModel(t, compared(), 80, 24)
	if p := m.View().ProgressBar; p == nil || p.Value != 80 || p.State != tea.ProgressBarDefault {
		t.Errorf("4 of 5: %+v", p)
	}
	m.Update(surveyMsg{examined()})
	if p := m.View().ProgressBar; p == nil || p.Value != 66 || p.State != tea.ProgressBarError {
		t.Errorf("4 of 6, one failed: %+v", p)
	}
	m.Update(surveyMsg{over(compared(), "ALL 5 PLAYED")})
	if p := m.View().ProgressBar; p != nil {
		t.Errorf("over: %+v", p)
	}
	m.opt.Environ = []string{"TERM=xterm"}
	m.Update(surveyMsg{compared()})
	if p := m.View().ProgressBar; p != nil {
		t.Errorf("a terminal that shows none: %+v", p)
	}
}

// TestSurveyLeft: what is left is estimated where the cases are alike, and else bounded.
func TestSurveyLeft(t *testing.T) {
	for want, s := range map[string]Survey{"about 00:05 left": compared(), "09:40 left at most": examined()} {
		m, _ := surveyModel(t, s, 80, 24)
		if text := screen(m); !strings.Contains(text, want) {
			t.Errorf("no %q\n%s", want, text)
		}
	}
	early := compared()
	for i := range early.Cases {
		early.Cases[i].Done = false
	}
	m, _ := surveyModel(t, early, 80, 24)
	if text := screen(m); strings.Contains(text, "about") {
		t.Errorf("it is estimated from nothing\n%s", text)
	}
}

func TestCopyCases(t *testing.T) {
	m, _ := surveyModel(t, examined(), 80, 24)
	press(m, "home")
	v, s := &m.bases.survey, m.situation("")
	for want, r := range map[string]request{
		"passed  register  registered in 4 ms, with 2 REGISTER  1.4 s\n  pass: registered in 4 ms, with 2 REGISTER\n": v.copyCase(s),
		"check\twhat was seen\ttook\tverdict\nregister\tregistered in 4 ms, with 2 REGISTER\t1.4 s\tpassed\n":         v.copyTable(s),
	} {
		if got := copiedBy(t, r); !strings.HasPrefix(got, want) {
			t.Errorf("copied %q, want %q", got, want)
		}
	}
	if got := copiedBy(t, v.copyTable(s)); strings.Count(got, "\n") != 5 || strings.Contains(got, "cancel") {
		t.Errorf("a case that is not over is copied: %q", got)
	}
}

// TestEveryKeyInASurvey presses every key: it does something that is seen, or says why not.
func TestEveryKeyInASurvey(t *testing.T) {
	for _, at := range []string{"", "up", "O", "?", "q"} {
		for _, k := range everyKey(newSurveyModel(t.Context(), nil, Options{})) {
			for _, s := range []Survey{examined(), over(compared(), "ALL 5 PLAYED"), {Name: "grade"}} {
				m, _ := surveyModel(t, s, 80, 24)
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
}

// TestHostileCases: what a phone says of itself is drawn safely.
func TestHostileCases(t *testing.T) {
	s := examined()
	evil := "\x1b]52;c;aGk=\a\u202e" + strings.Repeat("wide界", 60)
	s.About, s.Task = evil, evil
	for i := range s.Cases {
		for j := range s.Cases[i].Cells {
			s.Cases[i].Cells[j].Text = evil
		}
		s.Cases[i].Facts = []RunFact{{evil, evil}}
	}
	for _, size := range []struct{ w, h int }{{200, 60}, {80, 24}, {40, 10}} {
		text := RenderSurvey(s, Frame{Width: size.w, Height: size.h, Theme: "mono", Wall: surveyBegan})
		fits(t, text, size.w, size.h)
		if strings.Contains(text, "\x1b]") || strings.Contains(text, "\u202e") {
			t.Errorf("%dx%d: it commands the terminal", size.w, size.h)
		}
	}
}

// copiedBy is the text that a request puts into the clipboard.
func copiedBy(t *testing.T, r request) string {
	t.Helper()
	w, ok := r.(workReq)
	if !ok {
		t.Fatalf("%T copies nothing", r)
	}
	return fmt.Sprint(w.Cmd())
}
