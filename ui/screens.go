package ui

import (
	"reflect"
	"sync/atomic"

	tea "charm.land/bubbletea/v2"
)

// Screens is a terminal whose screens open above one another: a case of a survey above its
// table, the demo above the start card. The one on top has the keys, the others go on below it.
type Screens struct {
	program *tea.Program
	over    chan struct{} // closed when the terminal has been given back
	ascii   atomic.Bool   // whether it draws other glyphs too wide
}

// newScreens is the terminal of a screen that is about to be shown.
func newScreens() *Screens { return &Screens{over: make(chan struct{})} }

// show opens a screen above the others, and returns when it is left. It is called from other
// goroutines than the screen's own.
func (s *Screens) show(g *guarded) {
	gone := make(chan struct{})
	s.program.Send(openedMsg{g, gone})
	select {
	case <-gone:
	case <-s.over:
	}
}

type (
	// openedMsg asks for a screen above the others.
	openedMsg struct {
		screen *guarded
		gone   chan struct{} // closed when it is left
	}
	// leftMsg reports that a screen leaves.
	leftMsg struct{ id int }
	// addressedMsg is what a screen has asked for, whichever is on top by now.
	addressedMsg struct {
		id  int
		msg tea.Msg
	}
)

// A stack is the model of a terminal: its screens, the one on top last.
type stack struct {
	levels []level
	opened int       // how many there were
	known  []tea.Msg // of the terminal: what a new screen has to be told
}

// A level is a screen among others.
type level struct {
	id     int
	screen *guarded
	gone   chan struct{} // nil: nobody waits for its end
}

func newStack(bottom *guarded) *stack { return &stack{levels: []level{{screen: bottom}}} }

// Init starts the screen at the bottom.
func (s *stack) Init() tea.Cmd { return s.of(0, s.levels[0].screen.Init()) }

// Update gives each screen what is its own, and the keys to the one on top.
func (s *stack) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case openedMsg:
		return s, s.open(msg)
	case leftMsg:
		return s, s.leave(msg.id)
	case addressedMsg:
		for _, l := range s.levels {
			if l.id == msg.id {
				return s, s.tell(l, msg.msg)
			}
		}
		return s, nil
	case tea.WindowSizeMsg, tea.BackgroundColorMsg, tea.ColorProfileMsg, tea.CursorPositionMsg:
		return s, s.tellAll(msg)
	}
	return s, s.tell(s.top(), msg)
}

func (s *stack) top() level { return s.levels[len(s.levels)-1] }

// tell gives a screen a message.
func (s *stack) tell(l level, msg tea.Msg) tea.Cmd {
	_, cmd := l.screen.Update(msg)
	return s.of(l.id, cmd)
}

// tellAll gives all a message about the terminal, and keeps the newest of its kind.
func (s *stack) tellAll(msg tea.Msg) tea.Cmd {
	kind, kept := reflect.TypeOf(msg), s.known[:0]
	for _, old := range s.known {
		if reflect.TypeOf(old) != kind {
			kept = append(kept, old)
		}
	}
	s.known = append(kept, msg)
	var cmds []tea.Cmd
	for _, l := range s.levels {
		cmds = append(cmds, s.tell(l, msg))
	}
	return tea.Batch(cmds...)
}

// open puts a screen on top.
func (s *stack) open(msg openedMsg) tea.Cmd {
	s.opened++
	l := level{s.opened, msg.screen, msg.gone}
	s.levels = append(s.levels, l)
	cmds := []tea.Cmd{s.of(l.id, l.screen.Init())}
	for _, m := range s.known {
		cmds = append(cmds, s.tell(l, m))
	}
	return tea.Batch(cmds...)
}

// leave takes a screen away, with those above it, which it has opened. The program leaves
// with the one at the bottom.
func (s *stack) leave(id int) tea.Cmd {
	if id == 0 {
		return tea.Quit
	}
	for i, l := range s.levels {
		if l.id != id {
			continue
		}
		for _, above := range s.levels[i:] {
			close(above.gone)
		}
		s.levels = s.levels[:i]
		break
	}
	return nil
}

// View is that of the screen on top. The progress of the work at the bottom is shown all the
// same.
func (s *stack) View() tea.View {
	v := s.top().screen.View()
	if v.ProgressBar == nil && len(s.levels) > 1 {
		v.ProgressBar = s.levels[0].screen.progress()
	}
	return v
}

// own is the package whose messages are for the screen that has asked for them.
var own = reflect.TypeFor[stack]().PkgPath()

// of is a command of a screen: what comes of it is for that screen.
func (s *stack) of(id int, cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		switch msg := cmd().(type) {
		case nil:
			return nil
		case tea.QuitMsg:
			return leftMsg{id}
		case tea.BatchMsg:
			for i := range msg {
				msg[i] = s.of(id, msg[i])
			}
			return msg
		default:
			if reflect.TypeOf(msg).PkgPath() == own {
				return addressedMsg{id, msg}
			}
			return msg
		}
	}
}
