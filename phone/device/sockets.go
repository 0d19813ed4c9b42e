package device

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// socket is one that the app's process owns.
type socket struct {
	id     system.Socket
	kind   kind
	pair   system.Socket // of a UDP socket: the other of its pair
	marked bool
}

type kind int

const (
	stream   kind = iota // an outgoing one: only these can be marked
	accepted             // an incoming stream
	listener
	datagram
)

func (d *Device) own(s socket) { d.sockets = append(d.sockets, s) }

func (d *Device) disown(id system.Socket) {
	d.sockets = slices.DeleteFunc(d.sockets, func(s socket) bool { return s.id == id })
	if d.wake.frame == id {
		d.wake.framed = false
	}
}

// openFailed is a socket that could not be opened; of a pair, both are gone.
func (d *Device) openFailed(id system.Socket) {
	if s := d.owned(id); s.kind == datagram {
		d.disown(s.pair)
	}
	d.disown(id)
}

// owned finds a socket of the app; nil if it has none of that name.
func (d *Device) owned(id system.Socket) *socket {
	for i := range d.sockets {
		if d.sockets[i].id == id {
			return &d.sockets[i]
		}
	}
	return nil
}

// isWatched reports whether the system watches a socket for a suspended app.
func (d *Device) isWatched(id system.Socket) bool {
	s := d.owned(id)
	if d.profile.Doze {
		return s != nil && d.allowed // a packet for such an app wakes the processor
	}
	return s != nil && s.marked && d.profile.Marked == Watched
}

func (d *Device) watched() []system.Socket {
	var watch []system.Socket
	for _, s := range d.sockets {
		if d.isWatched(s.id) {
			watch = append(watch, s.id)
		}
	}
	return watch
}

// mark marks a stream as the app's VoIP socket.
func (d *Device) mark(now time.Time, id system.Socket) {
	s := d.owned(id)
	switch {
	case s == nil: // closed already
	case s.kind != stream:
		d.log(event.Warning{
			Rule: event.RuleVoIPSocket, Note: "only an outgoing stream can be marked: UDP and listening sockets do not wake the app",
			Hint: "carry the signalling over TCP",
		})
	case d.profile.Marked == KilledForIt:
		d.end(now, forbidden)
	default:
		s.marked = true
	}
}

// reclaim takes the sockets that the system does not watch from a suspended
// app, which learns of it when it runs again.
func (d *Device) reclaim(why string) {
	var taken []socket
	for _, s := range d.sockets {
		if !d.isWatched(s.id) {
			taken = append(taken, s)
		}
	}
	if len(taken) == 0 {
		return
	}
	d.log(event.Reclaim{Sockets: len(taken), Why: why})
	for _, s := range taken {
		d.kernel(system.Close{Socket: s.id})
		d.disown(s.id)
		d.drop(func(about system.Socket) bool { return about == s.id })
		d.lost = append(d.lost, system.Closed{Socket: s.id, Err: s.kind.reclaimed()})
	}
}

// drop forgets the held signals about some sockets.
func (d *Device) drop(about func(system.Socket) bool) {
	d.held = slices.DeleteFunc(d.held, func(s system.Signal) bool {
		id, _ := subject(s) // all that are held are about a socket
		if about(id) {
			d.orphan(s)
			return true
		}
		return false
	})
}

// reclaimed is what a reclaimed socket of this kind gives its owner.
func (k kind) reclaimed() error {
	if k == listener {
		return ErrAborted
	}
	return ErrNotConnected
}

// subject is the socket of the app that a signal is about.
func subject(s system.Signal) (id system.Socket, ok bool) {
	if a, is := s.(system.Accepted); is {
		return a.Listener, true
	}
	return system.SocketOf(s)
}

// frameOf names what a wake frame begins with, for the log. It is no parser:
// whether the message is well-formed is the app's business.
func frameOf(data []byte) string {
	line, crlf := data[:min(len(data), 256)], 0
	for len(line) > 0 && (line[0] == '\r' || line[0] == '\n') {
		line, crlf = line[1:], crlf+1
	}
	if len(line) == 0 { // RFC 5626 §3.5.1
		if crlf > 2 {
			return "CRLF CRLF"
		}
		return "CRLF"
	}
	text, _, _ := strings.Cut(string(line), "\r")
	first, rest, _ := strings.Cut(text, " ")
	if strings.HasPrefix(first, "SIP/") {
		return event.Printable(cmp.Or(rest, "response"))
	}
	if name, ok := elementOf(text); ok {
		return name
	}
	if !isMethod(first) {
		return "data"
	}
	return first
}

// elementOf names the XML element that a text begins with.
func elementOf(text string) (string, bool) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:-"
	rest, ok := strings.CutPrefix(text, "<")
	name := rest[:len(rest)-len(strings.TrimLeft(rest, letters))]
	return name, ok && name != "" && len(name) <= 32
}

func isMethod(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// closeOf names how a stream ended.
func closeOf(err error) string {
	switch {
	case err == nil:
		return "FIN"
	case errors.Is(err, system.Reset):
		return "RST"
	}
	return "error"
}
