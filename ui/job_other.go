//go:build !unix

package ui

import tea "charm.land/bubbletea/v2"

// controlJob does nothing: no shell here stops a process.
func controlJob(*tea.Program) (end func()) { return func() {} }

// suspendBySignal changes nothing.
func suspendBySignal(_ tea.Model, msg tea.Msg) tea.Msg { return msg }
