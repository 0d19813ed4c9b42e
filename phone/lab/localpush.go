package lab

import (
	"encoding/json"
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The lab's part of local push, at the port of the wake line: the provider of an app
// keeps a connection, and the pushes for its token come over it.
//
//	provider: PROVIDER token   lab: OK, or NO and the end
//	provider: PING             lab: PONG
//	                           lab: CALL {"call-id":…,"name":…,"peer":…}
//
// Who knows the token gets what is pushed to it, as with any push service.

// sign is a provider saying whose it is. A new connection of the same takes the place of
// the old one.
func (s *wakeSocket) sign(token string) bool {
	if push.CheckValue(token) != nil || token == "" {
		return s.refuse("no token " + event.Printable(token))
	}
	w := s.line
	if old := w.byToken[token]; old != nil && old != s {
		old.hangUp()
	}
	s.leave()
	s.token = token
	w.byToken[token] = s
	w.loop.Note("local push provider", s.remote.String(), "connected")
	s.say("OK")
	return true
}

// Push hands a push to the provider that it is for, and says why not; "": it did.
func (w *wakeLine) Push(p system.Push) (why string) {
	s := w.byToken[p.Token]
	if s == nil {
		return "no local push provider with this token is connected"
	}
	text, err := json.Marshal(p.Payload)
	if err != nil {
		return err.Error()
	}
	if len(text) > push.MaxPayload {
		return fmt.Sprintf("%s: %d B; at most %d fit", push.PayloadTooLarge, len(text), push.MaxPayload)
	}
	s.say("CALL " + string(text))
	return ""
}

// Takes reports whether there is a port for providers.
func (w *wakeLine) Takes() bool { return w.listener != 0 }
