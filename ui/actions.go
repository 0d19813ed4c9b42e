package ui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"
)

// says is the action that gives the phone a verb line.
func says(line string) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd { return m.say(line) }
}

// said is the phone's answer to a verb line.
type said struct {
	line string
	err  error
}

// say gives the phone a verb line. Lines are carried out one at a time and in
// the order in which they were given: the next one waits for the phone's
// answer to the one before.
func (m *model) say(line string) tea.Cmd {
	m.lines = append(m.lines, line)
	if len(m.lines) > 1 {
		return nil
	}
	return m.sayNext()
}

// sayNext gives the phone the line that has waited longest, outside of the
// screen's goroutine.
func (m *model) sayNext() tea.Cmd {
	if len(m.lines) == 0 {
		return nil
	}
	phone, line := m.phone, m.lines[0]
	return func() tea.Msg {
		err := func() (err error) {
			defer caught(&err)
			return phone.Do(line)
		}()
		return said{line, err}
	}
}

func lock(m *model) tea.Cmd {
	if m.fold.Locked {
		return m.say("unlock")
	}
	return m.say("lock")
}

func lockLabel(m *model) string {
	if m.fold.Locked {
		return "unlock"
	}
	return "lock"
}

func answer(m *model) tea.Cmd {
	if m.fold.Banner != nil {
		return m.say("answer from notification")
	}
	return m.say("answer")
}

func end(m *model) tea.Cmd {
	if c := m.fold.Call(); c != nil && !c.Connected() && !c.Out {
		return m.say("decline")
	}
	return m.say("hang up")
}

func endLabel(m *model) string {
	if c := m.fold.Call(); c != nil && !c.Connected() && !c.Out {
		return "decline"
	}
	return "end"
}

// foreground opens the app: through the notification if it is up, and then a
// call goes on ringing.
func foreground(m *model) tea.Cmd {
	if m.fold.Banner != nil && m.offers("open notification") {
		return m.say("open notification")
	}
	return m.say("foreground")
}

func mute(m *model) tea.Cmd {
	if c := m.fold.Call(); c != nil && c.Muted {
		return m.say("unmute")
	}
	return m.say("mute")
}

func muteLabel(m *model) string {
	if c := m.fold.Call(); c != nil && c.Muted {
		return "unmute"
	}
	return "mute"
}

func hold(m *model) tea.Cmd {
	if c := m.fold.Call(); c != nil && c.Held {
		return m.say("resume")
	}
	return m.say("hold")
}

func holdLabel(m *model) string {
	if c := m.fold.Call(); c != nil && c.Held {
		return "resume"
	}
	return "hold"
}

// rates are the speeds of the device clock that the keys step through.
var rates = []int{1, 10, 60, 600}

func warp(step int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		i := 0
		for i < len(rates)-1 && float64(rates[i]) < m.fold.Rate {
			i++
		}
		i = max(0, min(len(rates)-1, i+step))
		return m.say("clock x" + strconv.Itoa(rates[i]))
	}
}

func (m *model) ask(question, yes string) tea.Cmd {
	m.question, m.yes = question, yes
	m.modes = append(m.modes, confirmMode)
	return nil
}

func agree(m *model) tea.Cmd {
	back(m)
	return m.say(m.yes)
}

func askKill(m *model) tea.Cmd { return m.ask("Kill the app?", "kill") }

// quit gives the verb and leaves when the phone has done it.
func quit(m *model) tea.Cmd {
	if len(m.fold.Calls) > 0 {
		return m.ask("A call is up. Hang up and quit?", "quit")
	}
	return m.say("quit")
}

func interrupt(m *model) tea.Cmd {
	if m.leaving {
		return tea.Quit
	}
	m.leaving = true
	m.tell(dim, "ctrl+c again leaves at once, q leaves in order")
	return nil
}

func suspend(*model) tea.Cmd { return tea.Suspend }
