package raw

import (
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// read cuts a read into frames and handles each.
func (a *Agent) read(s *step, data []byte) {
	socket, f := a.conn.Socket(), &a.wire
	f.stream.push(data)
	var frames []*frame
	var err error
	for {
		var fr *frame
		if fr, err = f.stream.next(); fr == nil {
			break
		}
		frames = append(frames, fr)
	}
	for _, fr := range frames {
		if a.conn.On(socket) {
			a.frame(s, fr, len(frames))
		}
	}
	if !a.conn.On(socket) {
		return
	}
	if err != nil {
		s.Log(event.Error{Op: "read from " + a.cfg.Server, Err: err.Error(), Hint: "the connection is closed, because the next frame cannot be found; is the framing in " + a.p.Name + " right?", Rule: event.RuleMalformedMessage})
		a.abandon(s, event.SocketBroken, err)
		return
	}
	a.conn.Awaits(s.Now, f.stream.partial(), len(frames) > 0)
	if a.reg.signed {
		a.wire.poll(s)
	}
}

// frame handles one frame of the server.
func (a *Agent) frame(s *step, fr *frame, sharing int) {
	a.wire.outstanding = max(0, a.wire.outstanding-1)
	name, v := match(a.p.server, serverWords, fr.data)
	if name != ping && name != pong {
		a.logFrame(s, fr, name, v, sharing)
	}
	switch name {
	case accepted:
		if !a.reg.signed {
			a.signedOn(s)
		}
	case refused:
		if !a.reg.signed {
			a.turnedAway(s, v["reason"])
		}
	case pong:
		a.keepalive.ponged(s, fr)
	case ping:
		a.keepalive.pinged(s, fr, v)
	case incoming:
		a.calls.offered(s, v)
	case ended:
		a.calls.takenBack(s, v)
	case message:
		s.Notice(control.Texted{From: v["from"], Name: v["name"], Text: v["text"]})
	}
}

func (a *Agent) logFrame(s *step, fr *frame, name string, v values, sharing int) {
	if name == "" {
		name = "frame"
	}
	if sharing == 1 {
		sharing = 0
	}
	s.Log(a.wire.trace(event.Data{
		What: name, From: v["from"], CallID: v["id"], Bytes: fr.bytes, Segments: fr.segments, Sharing: sharing,
	}, fr.data))
}

// signedOn begins to use the session.
func (a *Agent) signedOn(s *step) {
	a.reg.accept(s)
	a.keepalive.again(s)
	a.wire.poll(s)
	s.Notice(control.Registered{})
}

// turnedAway handles a refusal. Retrying would not help: a person must correct
// the account.
func (a *Agent) turnedAway(s *step, reason string) {
	if reason == "" {
		reason = "the server refused the hello"
	}
	a.reg.wanted = false
	a.reg.failed(s, event.RuleNotRegistered, statusForbidden, reason, "check user and password; not tried again by itself")
	a.close(s, reason)
}
