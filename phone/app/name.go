package app

import (
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// namer is a strategy that has a connection of its own.
type namer interface {
	// nameFrame names what the connection of s has received; ok is false if s
	// is not the strategy's.
	nameFrame(s system.Socket, data []byte) (name string, ok bool)
}

// NameFrame names what a socket of the app has received, for the log of what
// woke it. The agent knows its protocol, and a strategy its own connection.
func (a *App) NameFrame(s system.Socket, data []byte) string {
	if own, ok := a.strategy.(namer); ok {
		if name, ok := own.nameFrame(s, data); ok {
			return name
		}
	}
	if l := a.lines.owner(s); l != nil {
		return l.agent.NameFrame(data)
	}
	return control.Unnamed
}

// AccountOf is the account whose socket it is; "" if it is of none, or of the only one.
func (a *App) AccountOf(s system.Socket) string {
	if l := a.lines.owner(s); l != nil {
		return l.name
	}
	return ""
}

// nameFrame names a line of the wake server by its first word.
func (w *wakeSocket) nameFrame(s system.Socket, data []byte) (name string, ok bool) {
	return control.NameLine(data, control.Method), w.socket != 0 && s == w.socket
}
