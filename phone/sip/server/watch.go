package server

import (
	"net/netip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A witness logs what passes on a connection as its phone sees it, if the configuration
// says so. The robots log for themselves.
type witness struct{ conn *conn }

func (c *conn) witness() witness { return witness{c} }

func (w witness) watches() bool { return !w.conn.own() && w.conn.table.watch != "" }

// sent is [witness.frame] for what goes to the phone: it is read for that alone.
func (w witness) sent(data []byte) {
	if w.watches() {
		w.frame(false, sip.ParseDatagram(data))
	}
}

// frame logs what has passed: out is what the phone has sent.
func (w witness) frame(out bool, f sip.Frame) {
	if !w.watches() {
		return
	}
	switch f := f.(type) {
	case sip.Message:
		w.log(sip.Trace(out, f.SIP, f.Raw, f.Segments))
	case sip.Ping:
		w.log(event.Ping{Out: out, What: w.conn.transport.Frame("Ping")})
	case sip.Bad:
		if out && !f.Again { // what is sent repeats what it refuses, and each message counts once
			w.conn.table.unreadable(w.conn.remote, f.Err.Error())
		}
	case sip.Pong:
		w.log(event.Pong{Out: out, What: w.conn.transport.Frame("Pong")})
	}
}

// unfinished logs that a message has come in part.
func (w witness) unfinished() {
	if w.watches() {
		w.conn.table.unreadable(w.conn.remote, "a message lacks its rest")
	}
}

// socket logs a step in the life of a phone's connection.
func (w witness) socket(phase event.SocketPhase, why string) {
	if !w.watches() || !w.conn.transport.Reliable() {
		return
	}
	w.log(event.Socket{Name: "control", Phase: phase, Local: w.conn.remote.String(), Remote: w.conn.local.String(), Error: why})
}

// unreadable logs what the phone has sent and nobody can read.
func (cs *conns) unreadable(from netip.AddrPort, why string) {
	if cs.watch == "" {
		return
	}
	cs.loop.Ask(system.Log{Phone: cs.watch, Event: event.Error{
		Op: "read from " + from.String(), Err: why, Hint: "the lab has skipped it; another server may close the connection", Rule: event.RuleMalformedMessage,
	}})
}

func (w witness) log(e event.Event) {
	w.conn.table.loop.Ask(system.Log{Phone: w.conn.table.watch, Event: e})
}
