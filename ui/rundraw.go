package ui

import (
	"fmt"
	"path"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// drawRun draws the panels of a run.
func (m *model) drawRun(c *canvas) {
	l := m.runLayout()
	for p := stepsPanel; p < runPanels; p++ {
		r := l.at[p]
		if r.h <= 0 {
			continue
		}
		name, note := m.runTitle(p)
		head, edge := title, faint
		if p == m.run.focus {
			head = keycap
		}
		if l.small {
			m.drawRunFolded(c, p, r, name)
			continue
		}
		box(c, r, name, note, head, edge)
		m.drawRunPanel(p, pane{c, r.inset()})
	}
}

// drawRunFolded is a panel of a small window: a title line, and what rows it has.
func (m *model) drawRunFolded(c *canvas, p runPanel, r rect, name string) {
	head := title
	if p == m.run.focus {
		head = keycap
	}
	l := pane{c, rect{r.x, r.y, r.w, 1}}.line(0)
	l.put(faint, "─").put(head, " "+name+" ").right(faint, "─")
	if r.h == 1 {
		l.put(faint, "─ ")
		m.drawRunGist(p, l)
		l.put(text, " ")
	}
	c.fill(l.x, r.y, l.left(), "─", faint)
	m.drawRunPanel(p, pane{c, rect{r.x + 1, r.y + 1, r.w - 2, r.h - 1}})
}

// runTitle is a panel's name, and the note in its border.
func (m *model) runTitle(p runPanel) (name, note string) {
	s := &m.run.state
	switch p {
	case stepsPanel:
		return path.Base(event.Printable(s.File)), m.stepsNote()
	case waitingPanel:
		return m.waitingTitle()
	case lanesPanel:
		return "timeline", m.rateWords()
	}
	return "command log", unless(m.w < 100, "every line can stand in a .talk file")
}

func (m *model) drawRunPanel(p runPanel, to pane) {
	if to.h <= 0 {
		return
	}
	switch p {
	case stepsPanel:
		m.drawSteps(to)
	case waitingPanel:
		m.drawWaiting(to)
	case lanesPanel:
		m.drawRunLanes(to)
	case commandsPanel:
		m.drawCommands(to)
	}
}

// drawRunGist says in a few words what a folded panel would show.
func (m *model) drawRunGist(p runPanel, l *pen) {
	switch s := &m.run.state; p {
	case waitingPanel:
		if s.Waiting != nil {
			l.put(text, event.Printable(s.Waiting.What)+" ").put(woken, clauseOf(max(0, s.Waiting.Limit-s.Waiting.Gone))+" left")
		}
	case lanesPanel:
		m.stateGist(l)
	case commandsPanel:
		if n := len(m.commands); n > 0 {
			l.put(text, m.commandText(&m.commands[n-1]))
		}
	}
}

// drawRunLanes is the timeline, with both clocks under it.
func (m *model) drawRunLanes(p pane) {
	foot := 0
	if p.h >= 4 {
		foot = 1
		l := p.line(p.h-1).put(dim, "device ").put(text, event.Clock(m.now))
		l.gap(3).put(dim, "wall ").put(text, event.Clock(m.run.took()))
		if c := m.fold.Call(); c != nil && c.Connected() {
			l.gap(3).put(talk, "in a call")
		}
	}
	m.drawTimeline(pane{p.c, rect{p.x, p.y, p.w, p.h - foot}})
}

// rateWords says how fast device time goes.
func (m *model) rateWords() string {
	s := &m.run.state
	switch {
	case s.Virtual && s.Over == "" && s.Rate == 0:
		return "virtual time, as fast as can be"
	case s.Virtual && s.Over == "":
		return fmt.Sprintf("virtual time ×%.3g", s.Rate)
	case s.Virtual:
		return "virtual time"
	}
	return fmt.Sprintf("×%g", max(1, m.fold.Rate))
}

// drawRunHeader is the first line of a run.
//
//	▌run  wake.talk   1 of 3 files   step 10 of 31   virtual time ×8        ✓ 9  ✗ 0  ▶ 1  00:21
func (m *model) drawRunHeader(c *canvas) {
	s, r := &m.run.state, rect{0, 0, m.w, 1}
	c.clear(r, onBar)
	l := pane{c, r}.line(0)
	l.put(open|onBar, "▌").put(keycap|onBar, "run").gap(2)
	l.right(onBar, " ").right(text|strong|onBar, event.Clock(m.run.took())).right(onBar, "  ")
	m.runCounts(l)
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
	l.whole(dim|onBar, m.rateWords())
}

// runCounts are the verdicts so far.
func (m *model) runCounts(l *pen) {
	s := &m.run.state
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
