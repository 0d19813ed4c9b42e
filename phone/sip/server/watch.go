package server

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// isWatched reports whether what passes on the connection is logged.
func (c *conn) isWatched() bool { return !c.own() && c.table.watch != "" }

// watchedBytes is [conn.watched] for what goes to the phone: it is read for that alone.
func (c *conn) watchedBytes(data []byte) {
	if c.isWatched() {
		c.watched(false, sip.ParseDatagram(data))
	}
}

// watched logs what has passed on the way to a phone, as that phone sees it, if
// the configuration says so: out is what the phone has sent. The robots log
// for themselves.
func (c *conn) watched(out bool, f sip.Frame) {
	if !c.isWatched() {
		return
	}
	switch f := f.(type) {
	case sip.Message:
		c.witness(sip.Trace(out, f.SIP, f.Raw, f.Segments))
	case sip.Ping:
		c.witness(event.Ping{Out: out, What: c.transport.Frame("Ping")})
	case sip.Pong:
		c.witness(event.Pong{Out: out, What: c.transport.Frame("Pong")})
	}
}

// watchedSocket logs a step in the life of a phone's connection.
func (c *conn) watchedSocket(phase event.SocketPhase, why string) {
	if !c.isWatched() || !c.transport.Reliable() {
		return
	}
	c.witness(event.Socket{Name: "control", Phase: phase, Local: c.remote.String(), Remote: c.local.String(), Error: why})
}

func (c *conn) witness(e event.Event) { c.table.loop.Ask(system.Log{Phone: c.table.watch, Event: e}) }
