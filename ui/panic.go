package ui

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// A PanicError is a panic in the program, which [Run] returns after it has
// given the terminal back.
type PanicError struct {
	Value any
	Stack string
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// caught turns a panic into an error. Bubble Tea would restore the terminal
// as well, but kill its own goroutines for that without waiting for them, and
// print the stack over the screen's last picture.
func caught(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: string(debug.Stack())}
	}
}

// guarded is the model with a net under it: after a panic in it the program
// leaves in order.
type guarded struct {
	*model
	broken error
}

// Update passes on to the model.
func (g *guarded) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	if g.broken == nil {
		func() {
			defer caught(&g.broken)
			_, cmd = g.model.Update(msg)
		}()
	}
	if g.broken != nil {
		return g, tea.Quit
	}
	return g, cmd
}

// View passes on to the model; the message after a panic ends the program.
func (g *guarded) View() (v tea.View) {
	v.AltScreen = true
	if g.broken == nil {
		defer caught(&g.broken)
		return g.model.View()
	}
	return v
}
