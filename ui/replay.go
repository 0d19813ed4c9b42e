package ui

import (
	"fmt"
	"path"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A replay is a recording on the screen. Of the run of a scenario it shows, besides the phone,
// the verdict, the steps, and what the others did.
type replay struct {
	name   string // of the recording; "": a phone is shown
	opened bool   // whether the cursor was put to where it opens, or the user has pressed a key
	side   int    // which of the sides is shown
	card   findingMsg
}

// on reports whether a recording is shown.
func (r *replay) on() bool { return r.name != "" }

// opens puts the cursor where a recording opens: where its first line failed, or where its first
// call was lost; else it shows the end.
func (r *replay) opens(l *selections, s situation) {
	r.opened = true
	switch bad := s.script.Bad(); {
	case len(bad) > 0:
		l.losses.until(s, bad[0].To)
		l.timeline.showLine(bad[0], s)
	case len(s.fold.Losses) > 0:
		l.losses.until(s, s.fold.Losses[0].Began)
		l.timeline.show(s.fold.Losses[0].Began, s)
	}
}

// showLine puts the cursor where a line of the scenario was over, in a scale in which one sees
// what happened in it.
func (t *timeline) showLine(line *picture.ScriptLine, s situation) {
	t.stop()
	if t.cursor = (cursor{line.To, line.Last}); line.Ago > 0 {
		t.cursor.seq = 0
	}
	for i, per := range scales {
		if t.scaleAt = i; per*time.Duration(s.cols) >= 3*(line.To-line.From) {
			return
		}
	}
}

// replayed reports whether the run of a scenario is looked at again.
func (s situation) replayed() bool { return s.recording && s.script.Known() }

// failure is the line whose verdict is shown: the last that had failed at the cursor, or else
// the first; nil: none has.
func (s situation) failure() (line *picture.ScriptLine) {
	bad := s.script.Bad()
	for _, one := range bad {
		if line == nil || one.To <= s.now {
			line = one
		}
	}
	return line
}

// sides are those whose side of the story can be shown: the others, and the phone itself.
func (s situation) sides() []string { return append(s.others.Sides(), "") }

// turns is a key that goes to the next panel, or in a replay to the next side of the story.
func (r *replay) turns(b binding, step int) binding {
	do, label := b.do, b.Help().Desc
	there := func(s situation) bool { return s.layout.side.h > 0 }
	b.do = func(s situation) request {
		if !there(s) {
			return do(s)
		}
		n := r.count(s)
		r.side = (r.shown(s) + step + n) % n
		return nil
	}
	b.name = func(s situation) string {
		if there(s) && step > 0 {
			return "→ " + r.title(s, (r.shown(s)+1)%r.count(s))
		}
		return label
	}
	foot := b.foot
	b.foot = func(s situation) bool { return step > 0 && s.mode == mainMode && there(s) || foot != nil && foot(s) }
	return b
}

// count is how many views the panel of the sides has: where the steps have no room of their own
// they are the first.
func (r *replay) count(s situation) int {
	n := len(s.sides())
	if s.layout.steps.h == 0 {
		n++
	}
	return n
}

// shown is the view that the panel of the sides has.
func (r *replay) shown(s situation) int { return min(r.side, r.count(s)-1) }

// who is whose side a view is; steps: it is the steps.
func (r *replay) who(s situation, i int) (who string, steps bool) {
	if s.layout.steps.h == 0 {
		if i == 0 {
			return "", true
		}
		i--
	}
	return s.sides()[i], false
}

// title is the name of a view.
func (r *replay) title(s situation, i int) string {
	who, steps := r.who(s, i)
	switch {
	case steps:
		return "steps"
	case who == "":
		return s.me()
	}
	return event.Printable(who)
}

// verdictMsg is the finding of a failure that was looked for.
type verdictMsg findingMsg

// look looks for the finding of the failure that is shown, if it is another than before.
func (r *replay) look(s situation, log *event.Log, find Finder, stamp func(time.Duration) string) tea.Cmd {
	line := s.failure()
	if line == nil || find == nil || r.card.seq == line.Last {
		return nil
	}
	var later func() findingMsg
	if r.card, later = seek(find, log, line.Last, stamp); later == nil {
		return nil
	}
	return func() tea.Msg { return verdictMsg(later()) }
}

// arrangeReplay lays out the replay of a run.
//
//	1 device | 3 timeline
//	2 timers | 4 wakes | verdict
//	steps    | others
//
// In a window of middle size there are the timeline, the verdict, and below them the steps or
// the others.
func arrangeReplay(a rect) layout {
	const left, verdict, wakes = 32, 8, 18
	var l layout
	if l.wide = a.w >= wideWidth && a.h >= wideHeight-2; !l.wide {
		const lanes = 11
		l.at[timelinePanel] = rect{a.x, a.y, a.w, lanes}
		l.verdict = rect{a.x, a.y + lanes, a.w, 6}
		l.side = rect{a.x, a.y + lanes + 6, a.w, a.h - lanes - 6}
		return l
	}
	lanes := 16
	steps := max(8, min(a.h-lanes-verdict, 13+(a.h-38)/2))
	lanes = a.h - verdict - steps
	l.at[devicePanel] = rect{a.x, a.y, left, lanes}
	l.at[timelinePanel] = rect{a.x + left, a.y, a.w - left, lanes}
	y := a.y + lanes
	l.at[timersPanel] = rect{a.x, y, left, verdict}
	l.at[wakesPanel] = rect{a.x + left, y, wakes, verdict}
	l.verdict = rect{a.x + left + wakes, y, a.w - left - wakes, verdict}
	y += verdict
	l.steps = rect{a.x, y, 50, steps}
	l.side = rect{a.x + 50, y, a.w - 50, steps}
	return l
}

// A replayView draws what the replay of a run shows besides the phone.
type replayView struct {
	situation
	replay *replay
	self   pane // the phone's own side
}

func (v replayView) draw(c *canvas) {
	l := &v.layout
	if l.verdict.h == 0 {
		return
	}
	verdict := verdictView{v.situation, v.replay.card}
	ink := faint
	if v.failure() != nil {
		ink = fault
	}
	box(c, l.verdict, "verdict", verdict.note(), title, ink)
	verdict.draw(area{c, l.verdict.inset()})
	if l.steps.h > 0 {
		v.drawSteps(c, l.steps)
	}
	v.drawSide(c)
}

// drawSteps lists the steps of the scenario, as far as they had been played.
func (v replayView) drawSteps(c *canvas, r rect) {
	state, at := stateOf(v.script, v.seqs(), v.now)
	box(c, r, path.Base(event.Printable(v.script.File)), countsOf(v.script), title, faint)
	stepsView{state, at, true}.draw(area{c, r.inset()})
}

// drawSide shows what others did, or the phone's own messages.
func (v replayView) drawSide(c *canvas) {
	r, i := v.layout.side, v.replay.shown(v.situation)
	who, steps := v.replay.who(v.situation, i)
	switch {
	case steps:
		v.drawSteps(c, r)
	case who == "":
		box(c, r, v.replay.title(v.situation, i), v.keyOf("tab")+" for the others · as it was", title, faint)
		v.self.draw(area{c, r.inset()})
	default:
		side := sideView{v.situation, who}
		box(c, r, v.replay.title(v.situation, i), side.note(), title, faint)
		side.draw(area{c, r.inset()})
	}
}

// seqs is the last record that had been written at the cursor.
func (v replayView) seqs() uint64 { return v.seen }

// stateOf is a script as a run that has come to a record, and the index of the line that is
// played, or was last; -1: none was.
func stateOf(s *picture.Script, seq uint64, now time.Duration) (state *RunState, at int) {
	state = &RunState{File: s.File, Over: string(s.Verdict)}
	heading, lost := "", false // whether a line had failed that those after it needed
	at = -1
	for i := range s.Lines {
		line := &s.Lines[i]
		if line.Case != heading && line.Case != "" {
			state.Lines = append(state.Lines, RunLine{File: line.File, Text: line.Case, Case: true})
		}
		heading = line.Case
		one := RunLine{File: line.File, Line: line.Line, Text: line.Name, First: line.First}
		switch {
		case line.Phase == event.StepSkipped:
			if lost || line.Last <= seq {
				one.Verdict = Skipped
			}
		case line.Last != 0 && line.Last <= seq:
			one.Verdict, one.Took, one.Last, at = Verdict(line.Phase), line.Waited.D(), line.Last, len(state.Lines)
			lost = line.Phase.Bad()
		case line.First <= seq:
			at = len(state.Lines)
			state.At, state.Over, state.Waiting = at, "", &RunWait{Gone: max(0, now-line.From)}
		}
		state.Lines = append(state.Lines, one)
	}
	return state, at
}

// countsOf are the verdicts on the lines.
func countsOf(s *picture.Script) string {
	n := map[event.StepPhase]int{}
	for i := range s.Lines {
		n[s.Lines[i].Phase]++
	}
	words := fmt.Sprintf("✓ %d  ✗ %d", n[event.StepPassed], n[event.StepFailed]+n[event.StepErrored])
	if n[event.StepSkipped] > 0 {
		words += fmt.Sprintf("  − %d skipped", n[event.StepSkipped])
	}
	return words
}
