package raw

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// read cuts a read into frames and handles each.
func (a *Agent) read(s *step, data []byte) {
	socket, f := a.conn.Socket(), &a.flow
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
	a.pollAgain(s)
}

// pollAgain asks the server to speak, where it must be asked.
func (a *Agent) pollAgain(s *step) {
	if a.flow.signed && a.p.polls() && a.flow.outstanding == 0 {
		a.say(s, poll, nil)
	}
}

// frame handles one frame of the server.
func (a *Agent) frame(s *step, fr *frame, sharing int) {
	a.flow.outstanding = max(0, a.flow.outstanding-1)
	name, v := match(a.p.server, serverWords, fr.data)
	if name != ping && name != pong {
		a.logFrame(s, fr, name, v, sharing)
	}
	switch name {
	case accepted:
		if !a.flow.signed {
			a.signedOn(s)
		}
	case refused:
		if !a.flow.signed {
			a.turnedAway(s, v["reason"])
		}
	case pong:
		a.ponged(s, fr)
	case ping:
		s.Log(event.Ping{What: brief(fr.data), Bytes: fr.bytes})
		a.say(s, pong, v)
	case incoming:
		a.offered(s, v)
	case ended:
		a.takenBack(s, v)
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
	s.Log(trace(event.Data{
		What: name, From: v["from"], CallID: v["id"], Bytes: fr.bytes, Segments: fr.segments, Sharing: sharing,
	}, fr.data))
}

// signedOn is the server's word that it knows us.
func (a *Agent) signedOn(s *step) {
	f := &a.flow
	f.signed, f.acceptBy = true, time.Time{}
	a.conn.Granted()
	for _, w := range a.p.hello {
		if w.has("token") {
			f.token = a.token
		}
	}
	s.Log(event.Registration{Phase: event.RegistrationActive, Contact: a.cfg.address(), RTT: event.Millis(s.Now.Sub(f.asked))})
	a.tellToken(s)
	a.tellScreen(s)
	if a.conn.Pings.Wanted() {
		a.ping(s)
	}
	a.pollAgain(s)
	s.Notice(control.Registered{})
}

// tellToken tells the server where to push, if it does not know.
func (a *Agent) tellToken(s *step) {
	if a.flow.signed && a.flow.token != a.token && a.say(s, pushToken, nil) {
		a.flow.token = a.token
	}
}

// tellScreen tells the server whether the app is on the screen, if that is
// news.
func (a *Agent) tellScreen(s *step) {
	if !a.flow.signed || a.flow.away == a.away {
		return
	}
	a.flow.away = a.away
	if a.away {
		a.say(s, background, nil)
	} else {
		a.say(s, foreground, nil)
	}
}

// turnedAway is a refusal, which trying again would not mend: a person must.
func (a *Agent) turnedAway(s *step, reason string) {
	if reason == "" {
		reason = "the server refused the hello"
	}
	a.wanted = false
	a.refusedBy(s, event.RuleNotRegistered, statusForbidden, reason, "check user and password; not tried again by itself")
	a.close(s, reason)
}

func (a *Agent) refusedBy(s *step, rule event.Rule, status int, reason, hint string) {
	s.Log(event.Registration{Phase: event.RegistrationFailed, Status: status, Reason: reason, Hint: hint, Rule: rule})
	s.Notice(control.RegisterFailed{Status: status, Reason: reason})
}

// Ping asks the server for a sign of life, if there is a word for it. If the
// connection is down it is opened first, unless nobody wants one.
func (a *Agent) Ping(now time.Time) control.Output {
	s := newStep(now)
	switch {
	case a.flow.signed:
		a.ping(s)
	case a.wanted:
		if a.p.app[ping].known() {
			a.conn.Pings.Want()
		}
		a.connect(s)
	}
	return s.Out
}

// ping sends a ping, at most one at a time, so that an answer belongs to one.
func (a *Agent) ping(s *step) {
	if a.AwaitsPong() {
		a.conn.Pings.Want()
		return
	}
	a.conn.Pings.Forget()
	if !a.say(s, ping, nil) {
		return
	}
	var patience time.Duration
	if a.p.server[pong].known() {
		patience = a.p.Patience
	}
	a.conn.Pings.Sent(s.Now, patience)
}

// ponged takes the answer to our ping.
func (a *Agent) ponged(s *step, fr *frame) {
	rtt, awaited := a.conn.Pings.Answered(s.Now)
	if !awaited {
		return // nobody asked
	}
	s.Log(event.Pong{RTT: event.Millis(rtt), What: brief(fr.data), Bytes: fr.bytes})
	s.Notice(control.Ponged{RTT: rtt})
	if a.conn.Pings.Wanted() {
		a.ping(s)
	}
}
