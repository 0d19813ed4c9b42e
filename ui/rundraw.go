package ui

import (
	"fmt"
	"path"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A runDraw draws a run.
type runDraw struct {
	scene
	view     *runView
	state    *RunState
	took     time.Duration // by the wall
	lanes    timelineView
	commands commandsView
}

// draw draws the panels of a run.
func (v runDraw) draw(c *canvas) {
	l := v.view.layout(v.scene)
	for p := stepsPanel; p < runPanels; p++ {
		r := l.at[p]
		if r.h <= 0 {
			continue
		}
		name, note := v.title(p)
		head := title
		if p == v.view.focus {
			head = keycap
		}
		if l.small {
			v.drawFolded(c, p, r, name, head)
			continue
		}
		box(c, r, name, note, head, faint)
		v.drawPanel(p, area{c, r.inset()})
	}
}

// drawFolded is a panel of a small window: a title line, and what rows it has.
func (v runDraw) drawFolded(c *canvas, p runPanel, r rect, name string, head style) {
	l := area{c, rect{r.x, r.y, r.w, 1}}.line(0)
	l.put(faint, "─").put(head, " "+name+" ").right(faint, "─")
	if r.h == 1 {
		l.put(faint, "─ ")
		v.gist(p, l)
		l.put(text, " ")
	}
	c.fill(l.x, r.y, l.left(), "─", faint)
	v.drawPanel(p, area{c, rect{r.x + 1, r.y + 1, r.w - 2, r.h - 1}})
}

// title is a panel's name, and the note in its border.
func (v runDraw) title(p runPanel) (name, note string) {
	switch p {
	case stepsPanel:
		return path.Base(event.Printable(v.state.File)), v.view.steps().note(v.legend)
	case waitingPanel:
		return waitingView{v.state, v.legend}.title()
	case lanesPanel:
		return "timeline", v.rateWords()
	}
	return "command log", unless(v.w < 100, "every line can stand in a .talk file")
}

func (v runDraw) drawPanel(p runPanel, to area) {
	if to.h <= 0 {
		return
	}
	switch p {
	case stepsPanel:
		v.view.steps().draw(to)
	case waitingPanel:
		waitingView{v.state, v.legend}.draw(to)
	case lanesPanel:
		v.drawLanes(to)
	case commandsPanel:
		v.commands.draw(to)
	}
}

// gist says in a few words what a folded panel would show.
func (v runDraw) gist(p runPanel, l *pen) {
	switch p {
	case waitingPanel:
		if w := v.state.Waiting; w != nil {
			l.put(text, event.Printable(w.What)+" ").put(woken, clauseOf(max(0, w.Limit-w.Gone))+" left")
		}
	case lanesPanel:
		deviceView{scene: v.scene}.gist(l)
	case commandsPanel:
		l.put(text, v.commands.last())
	}
}

// drawLanes is the timeline, with both clocks under it.
func (v runDraw) drawLanes(p area) {
	foot := 0
	if p.h >= 4 {
		foot = 1
		l := p.line(p.h-1).put(dim, "device ").put(text, event.Clock(v.now))
		l.gap(3).put(dim, "wall ").put(text, event.Clock(v.took))
		if c := v.fold.Call(); c != nil && c.Connected() {
			l.gap(3).put(talk, "in a call")
		}
	}
	v.lanes.draw(area{p.c, rect{p.x, p.y, p.w, p.h - foot}})
}

// rateWords says how fast device time goes.
func (v runDraw) rateWords() string {
	s := v.state
	switch {
	case s.Virtual && s.Over == "" && s.Rate == 0:
		return "virtual time, as fast as can be"
	case s.Virtual && s.Over == "":
		return fmt.Sprintf("virtual time ×%.3g", s.Rate)
	case s.Virtual:
		return "virtual time"
	}
	return fmt.Sprintf("×%g", max(1, v.fold.Rate))
}

// header is the first line of a run.
//
//	▌run  wake.talk   1 of 3 files   step 10 of 31   virtual time ×8        ✓ 9  ✗ 0  ▶ 1  00:21
func (v runDraw) header(c *canvas) {
	s, r := v.state, rect{0, 0, v.w, 1}
	c.clear(r, onBar)
	l := area{c, r}.line(0)
	l.put(open|onBar, "▌").put(keycap|onBar, "run").gap(2)
	l.right(onBar, " ").right(text|strong|onBar, event.Clock(v.took)).right(onBar, "  ")
	v.counts(l)
	l.put(strong|onBar, path.Base(event.Printable(s.File))).gap(3)
	if s.Of > 1 {
		l.whole(dim|onBar, fmt.Sprintf("%d of %d files", s.N, s.Of)).gap(3)
	}
	step, steps := s.steps()
	switch {
	case s.Over != "":
		l.whole(strong|onBar, s.Over).gap(3)
	case s.Held:
		l.whole(woken|inverted|strong|onBar, " paused ").gap(3)
	case s.Holding:
		l.whole(woken|onBar, "pausing").gap(3)
	}
	l.whole(text|onBar, fmt.Sprintf("step %d of %d", step, steps)).gap(3)
	l.whole(dim|onBar, v.rateWords())
}

// counts are the verdicts so far.
func (v runDraw) counts(l *pen) {
	s := v.state
	bad := dim
	if s.Failed > 0 {
		bad = fault
	}
	if s.Over == "" {
		l.right(woken|onBar, "▶ 1").right(onBar, "  ")
	}
	l.right(bad|onBar, fmt.Sprintf("✗ %d", s.Failed)).right(onBar, "  ").right(talk|onBar, fmt.Sprintf("✓ %d", s.Passed)).right(onBar, "  ")
}

// steps counts the steps of the file up to the one that is played, and all.
func (s *RunState) steps() (at, all int) {
	for i := range s.Lines {
		if s.Lines[i].Case {
			continue
		}
		all++
		if i <= s.At {
			at++
		}
	}
	return at, all
}
