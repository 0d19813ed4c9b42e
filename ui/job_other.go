//go:build !unix

package ui

import tea "charm.land/bubbletea/v2"

// controlJob does nothing: no shell here stops a process.
func controlJob(*tea.Program) (end func()) { return func() {} }

// stopProcess does nothing.
func stopProcess() tea.Msg { return nil }
