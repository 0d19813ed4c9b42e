package sip

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An inlet reads what arrives on one socket of an agent's, and gives it the frames.
type inlet struct {
	a       *Agent
	channel *control.Channel
	over    Transport
	name    string                   // of the socket, where it is not the control socket
	broken  func(s *step, err error) // gives the connection up
	framer  Framer                   // of a stream
	swallow Swallow                  // the same
}

// reset forgets what a connection that is gone has left.
func (in *inlet) reset() { in.framer, in.swallow = Framer{}, Swallow{} }

// received takes in what lay in the socket: a piece of the stream, whole messages, or
// one datagram.
func (in *inlet) received(s *step, r system.Received) {
	s.in = in
	switch {
	case in.over.WebSocket():
		in.messages(s, r)
		return
	case in.over.Reliable():
		s.from = in.channel.Remote()
		in.read(s, r.Data)
		return
	}
	s.from = r.From
	if f := ParseDatagram(r.Data); in.a.calls.admits(s, f, r.Data) {
		in.a.wire.heard(s, f, len(r.Data))
		in.frame(s, f)
	}
}

// read cuts the stream into frames and handles each. What has come is nobody's if the
// message before it has ended the connection.
func (in *inlet) read(s *step, data []byte) {
	socket := in.channel.Socket()
	if in.swallow.Arrives(s.Now, &in.framer, data) {
		in.restMissing(s)
	}
	if !in.channel.On(socket) {
		return
	}
	in.framer.Push(data)
	in.drain(s, false)
}

// drain handles the frames that are there. whole says that one was before.
func (in *inlet) drain(s *step, whole bool) {
	socket := in.channel.Socket()
	for in.channel.Up() && in.channel.On(socket) {
		f := in.framer.Next()
		if f == nil {
			in.channel.Awaits(s.Now, in.framer.Partial(), whole)
			in.swallow.Awaits(s.Now, in.framer.Partial(), whole)
			return
		}
		_, message := f.(Message)
		whole = whole || message
		in.frame(s, f)
	}
}

// messages takes in those that have come over WebSocket, where each is whole: its
// Content-Length may be missing (RFC 7118 §5.3).
func (in *inlet) messages(s *step, r system.Received) {
	s.from = in.channel.Remote()
	socket := in.channel.Socket()
	for _, m := range r.Messages {
		if !in.channel.Up() || !in.channel.On(socket) {
			return
		}
		if f := ParseDatagram(m); f != nil {
			in.frame(s, f)
		}
	}
}

func (in *inlet) frame(s *step, f Frame) {
	switch f := f.(type) {
	case Message:
		in.a.message(s, f)
	case Ping:
		in.a.keepalive.pinged(s)
	case Pong:
		in.a.keepalive.ponged(s)
	case Bad:
		in.bad(s, f)
	}
}

// bad reports data that is no message, answers it where that is possible, and
// closes the connection if the next message cannot be found.
func (in *inlet) bad(s *step, b Bad) {
	from, hint := in.a.conn.Server(), "the message was skipped; the connection goes on"
	if !in.over.Reliable() {
		from, hint = s.from.String(), "the datagram was dropped"
	}
	if b.Fatal {
		hint = "the connection is closed, because the next message cannot be found; is the server speaking SIP over TCP here?"
	}
	s.Log(event.Error{Op: "read from " + from, Err: b.Err.Error(), Hint: hint, Rule: event.RuleMalformedMessage})
	if b.Reply != nil && (in.over.Reliable() || in.a.wire.mayReach(s, s.from.Addr(), nil, len(b.Reply))) {
		s.Do(system.Send{Socket: in.channel.Socket(), To: s.from, Data: b.Reply})
		s.Log(event.Message{Out: true, Status: b.Status, Reason: Reason(b.Status), Bytes: len(b.Reply), Socket: in.name, Raw: event.Mask(string(b.Reply))})
	}
	if b.Fatal {
		in.broken(s, b.Err)
	}
}

// restMissing gives up a message that never ends: a Content-Length that is too large
// shows in nothing else. The connection goes on, unless nobody knows where.
func (in *inlet) restMissing(s *step) {
	s.in, s.from = in, in.channel.Remote()
	if bad := in.framer.GiveUp(); bad != nil {
		in.frame(s, bad)
		in.drain(s, true)
		return
	}
	err := fmt.Errorf("a message lacks its rest for %g s", control.Patience.Seconds())
	s.Log(event.Error{Op: "read from " + in.a.conn.Server(), Err: err.Error(), Hint: "the connection is closed and opened anew", Rule: event.RuleMalformedMessage})
	in.broken(s, err)
}

func (in *inlet) deadline() time.Time   { return in.swallow.Deadline() }
func (in *inlet) delay(until time.Time) { control.Delay(until, &in.swallow.at) }

// advance looks into a body that lacks its rest, and gives it up or waits on.
func (in *inlet) advance(s *step) {
	if in.swallow.Due(s.Now, &in.framer) {
		in.restMissing(s)
	}
}
