package ui

import (
	"path"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxCommands bounds the command log; the oldest go first.
const maxCommands = 500

// A command is a verb that somebody gave.
type command struct {
	seq  uint64
	wall time.Time
	who  string
	verb event.Verb
	// failed is why it was not done; "": it was, as far as is known.
	failed string
}

// commandLog holds the commands that were given, oldest first.
type commandLog struct{ list []command }

func (g *commandLog) take(r event.Record) {
	if e, ok := r.Event.(event.Error); ok {
		g.refuse(r.Phone, e)
	}
	v, ok := r.Event.(event.Verb)
	if !ok {
		return
	}
	if len(g.list) >= maxCommands {
		g.list = g.list[:copy(g.list, g.list[maxCommands/2:])]
	}
	g.list = append(g.list, command{r.Seq, r.Wall, r.Phone, v, ""})
}

// refuse notes why the last command to somebody was not done.
func (g *commandLog) refuse(who string, e event.Error) {
	for i := len(g.list) - 1; i >= 0; i-- {
		if c := &g.list[i]; c.who == who {
			if c.verb.Line == e.Op {
				c.failed = e.Err
			}
			return
		}
	}
}

// commands are the keys of the log.
type commands struct {
	log *commandLog
	run *runView
}

func (k commands) bindings() []binding {
	return []binding{
		{id: "copy", group: sayGroup, Binding: bind("copy", "y"), modes: mainMode | runMode | labMode | hostMode, help: "copy the last command", why: k.none, do: k.copyLast},
	}
}

func (k commands) none(situation) string { return when(len(k.log.list) == 0, nobodySpoke) }

// copyLast gives the terminal the last command for its clipboard (OSC 52).
func (k commands) copyLast(s situation) request {
	words := clean.Line(k.view(s.scene).last())
	return workReq{Cmd: tea.SetClipboard(words), meanwhile: "copied: " + words}
}

// view is the log as it is now.
func (k commands) view(s scene) commandsView { return commandsView{s, k.log.list, k.run.state.Lines} }

// A commandsView is the log on the screen.
type commandsView struct {
	scene
	list  []command
	lines []RunLine // of the scenario that is played; empty if none is
}

// words are a command as a line of a scenario: as it stands in the one that is
// played, if it came from there.
func (v commandsView) words(c *command) string {
	if line := v.lineOf(c); line != nil {
		return line.Text
	}
	if c.who == v.fold.Phone || c.who == "" || strings.HasPrefix(c.verb.Line, c.who+" ") { // bob calls alice
		return c.verb.Line
	}
	return c.who + ": " + c.verb.Line
}

// lineOf is the line of the scenario that gave a command; nil if it came from
// elsewhere.
func (v commandsView) lineOf(c *command) *RunLine {
	if c.verb.By != "script" {
		return nil
	}
	for i := range v.lines {
		if l := &v.lines[i]; !l.Case && l.First > 0 && c.seq >= l.First && (l.Last == 0 || c.seq <= l.Last) {
			return l
		}
	}
	return nil
}

// last is the newest command; "" if there is none.
func (v commandsView) last() string {
	if len(v.list) == 0 {
		return ""
	}
	return v.words(&v.list[len(v.list)-1])
}

// draw is the command log, the newest last.
//
//	14:32:04.812  background                      wake.talk:10
func (v commandsView) draw(p area) {
	if len(v.list) == 0 {
		p.line(0).put(dim, nobodySpoke)
	}
	first := max(0, len(v.list)-p.h)
	for i := range v.list[first:] {
		c := &v.list[first+i]
		by := v.by(c)
		l := p.line(i).put(dim, c.wall.In(v.place).Format("15:04:05.000")).gap(2)
		l.cut(max(44, p.w-30), strong, event.Printable(v.words(c)))
		l.at(min(46, p.w-20)).whole(dim, " "+by)
	}
}

// by is who gave a command: a key, the input, or a line of the scenario.
func (v commandsView) by(c *command) string {
	if line := v.lineOf(c); line != nil {
		return path.Base(line.File) + ":" + strconv.Itoa(line.Line)
	}
	return c.verb.By
}

const nobodySpoke = "nobody has said anything yet"
