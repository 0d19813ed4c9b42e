package ui

import (
	"path"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

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
}

// command takes a record into the command log, if it is a verb.
func (m *model) command(r event.Record) {
	v, ok := r.Event.(event.Verb)
	if !ok {
		return
	}
	if len(m.commands) >= maxCommands {
		m.commands = m.commands[:copy(m.commands, m.commands[maxCommands/2:])]
	}
	m.commands = append(m.commands, command{r.Seq, r.Wall, r.Phone, v})
}

// commandText is a command as a line of a scenario: as it stands in the one
// that is played, if it came from there.
func (m *model) commandText(c *command) string {
	if line := m.lineOf(c); line != nil {
		return line.Text
	}
	if c.who == m.fold.Phone || c.who == "" {
		return c.verb.Line
	}
	return c.who + ": " + c.verb.Line
}

// lineOf is the line of the scenario that gave a command; nil: none did.
func (m *model) lineOf(c *command) *RunLine {
	if m.run == nil || c.verb.By != "script" {
		return nil
	}
	for i := range m.run.state.Lines {
		if l := &m.run.state.Lines[i]; !l.Case && l.First > 0 && c.seq >= l.First && (l.Last == 0 || c.seq <= l.Last) {
			return l
		}
	}
	return nil
}

// drawCommands is the command log, the newest last.
//
//	14:32:04.812  background                      wake.talk:10
func (m *model) drawCommands(p pane) {
	if len(m.commands) == 0 {
		p.line(0).put(dim, "nobody has said anything yet")
	}
	first := max(0, len(m.commands)-p.h)
	for i := range m.commands[first:] {
		c := &m.commands[first+i]
		by := c.verb.By
		if line := m.lineOf(c); line != nil {
			by = path.Base(line.File) + ":" + strconv.Itoa(line.Line)
		}
		l := p.line(i).put(dim, c.wall.In(m.opt.Location).Format("15:04:05.000")).gap(2)
		l.cut(max(44, p.w-30), strong, event.Printable(m.commandText(c)))
		l.at(min(46, p.w-20)).whole(dim, " "+by)
	}
}

// copyCommand gives the terminal the last command for its clipboard (OSC 52).
func copyCommand(m *model) tea.Cmd {
	words := m.commandText(&m.commands[len(m.commands)-1])
	m.tell(text, "copied: "+words)
	return tea.SetClipboard(words)
}

func noCommand(m *model) string { return when(len(m.commands) == 0, "nobody has said anything yet") }
