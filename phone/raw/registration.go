package raw

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A registration is that the server knows us: a server of this kind does so by
// the connection.
type registration struct {
	*wire
	wanted bool // the program wants to be reachable
	left   bool // the app is off the screen

	signed   bool      // the server has accepted us
	asked    time.Time // when the hello was sent; zero before
	acceptBy time.Time // until when we wait for its answer
	away     bool      // the server knows that the app is off the screen
	known    string    // the push token that it knows
}

// reset is the end of the connection.
func (r *registration) reset() {
	r.signed, r.asked, r.acceptBy, r.away, r.known = false, time.Time{}, time.Time{}, false, ""
	r.wire.reset()
}

// hello asks to be let in.
func (r *registration) hello(s *step) {
	r.asked, r.acceptBy = s.Now, s.In(control.Patience)
	s.Log(event.Registration{Phase: event.RegistrationSending, Contact: r.cfg.address()})
	for _, w := range r.p.hello {
		r.send(s, hello, w, nil)
	}
}

// accept is the server's word that it knows us.
func (r *registration) accept(s *step) {
	r.signed, r.acceptBy = true, time.Time{}
	r.conn.Granted(s.Now)
	for _, w := range r.p.hello {
		if w.has("token") {
			r.known = r.token
		}
	}
	s.Log(event.Registration{Phase: event.RegistrationActive, Contact: r.cfg.address(), RTT: event.Millis(s.Now.Sub(r.asked))})
	r.tellToken(s)
	r.tellScreen(s)
}

// failed says that the server does not let us in.
func (r *registration) failed(s *step, rule event.Rule, status int, reason, hint string) {
	s.Log(event.Registration{Phase: event.RegistrationFailed, Status: status, Reason: reason, Hint: hint, Rule: rule})
	s.Notice(control.RegisterFailed{Status: status, Reason: reason})
}

// tellToken sends the server the push token, if that is new.
func (r *registration) tellToken(s *step) {
	if r.signed && r.known != r.token && r.say(s, pushToken, nil) {
		r.known = r.token
	}
}

// tellScreen tells the server whether the app is on the screen, if that has
// changed.
func (r *registration) tellScreen(s *step) {
	if !r.signed || r.away == r.left {
		return
	}
	r.away = r.left
	if r.left {
		r.say(s, background, nil)
	} else {
		r.say(s, foreground, nil)
	}
}
