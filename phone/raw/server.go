package raw

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Server is the server's end of a protocol, as part of the lab. If a user
// signs on again, the new connection replaces the old one, which is closed.
type Server struct {
	p        *Protocol
	host     control.Host
	sessions map[system.Socket]*session
	users    map[string]*session // who is signed on
	signing  due                 // connections that have to sign on by then
	held     due                 // requests that have to be answered by then
	out      control.ServerOutput
	now      time.Time
}

// NewServer makes the server of a protocol. It fails if the protocol lacks a
// word that a server needs: see [Playable].
func NewServer(p *Protocol, host control.Host) (*Server, error) {
	if err := Playable(p); err != nil {
		return nil, err
	}
	return &Server{p: p, host: host, sessions: map[system.Socket]*session{}, users: map[string]*session{}}, nil
}

// Playable returns an error if a protocol lacks a word that the lab needs to
// play its server.
func Playable(p *Protocol) error {
	if !slices.ContainsFunc(p.hello, func(w word) bool { return w.has("user") }) {
		return fmt.Errorf("%s: the lab cannot play this server: no hello has a {user}", p.Name)
	}
	need := []string{incoming, ended}
	if p.polls() {
		need = append(need, idle)
	}
	for _, name := range need {
		if !p.server[name].spoken() {
			return fmt.Errorf("%s: the lab cannot play this server: server.%s has no send", p.Name, name)
		}
	}
	return nil
}

// Deadline is when Advance wants to be called next.
func (v *Server) Deadline() time.Time {
	return system.Earliest(v.signing.next(), v.held.next())
}

// Advance does what is due.
func (v *Server) Advance(now time.Time) control.ServerOutput {
	return v.step(now, func() {
		for _, c := range v.signing.take(now) {
			if c.user == "" && v.sessions[c.socket] == c {
				c.drop(fmt.Sprintf("no hello within %g s", control.Patience.Seconds()))
			}
		}
		for _, c := range v.held.take(now) {
			c.watched = false
			switch {
			case c.closed || c.owed == 0:
			case system.Due(c.heldSince.Add(v.p.Hold), now):
				c.say(idle, nil)
			default: // another request was made meanwhile
				v.watch(c)
			}
		}
	})
}

// watch makes sure that a request is not kept for ever.
func (v *Server) watch(c *session) {
	if !c.watched {
		c.watched = true
		v.held.add(c.heldSince.Add(v.p.Hold), c)
	}
}

func (v *Server) step(now time.Time, f func()) control.ServerOutput {
	v.now, v.out = now, control.ServerOutput{}
	f()
	return v.out
}

// Accept takes a new connection.
func (v *Server) Accept(now time.Time, s system.Socket, from netip.AddrPort) control.ServerOutput {
	return v.step(now, func() {
		c := &session{server: v, socket: s, from: from, given: values{}, calls: map[string]bool{}}
		c.stream.f = &v.p.Framing
		v.sessions[s] = c
		v.signing.add(now.Add(control.Patience), c)
	})
}

// Receive takes in data of a connection.
func (v *Server) Receive(now time.Time, s system.Socket, data []byte) control.ServerOutput {
	return v.step(now, func() {
		if c := v.sessions[s]; c != nil {
			c.receive(data)
		}
	})
}

// Closed takes in the end of a connection.
func (v *Server) Closed(now time.Time, s system.Socket, _ error) control.ServerOutput {
	return v.step(now, func() {
		if c := v.sessions[s]; c != nil {
			c.forget()
		}
	})
}

// Online reports whether a user is signed on.
func (v *Server) Online(user string) bool { return v.users[user] != nil }

// Connections returns the connections of a user who is signed on: one, or none.
func (v *Server) Connections(user string) []system.Socket {
	if c := v.users[user]; c != nil {
		return []system.Socket{c.socket}
	}
	return nil
}

// Call rings a user; for one who is not signed on the answer is 480.
func (v *Server) Call(now time.Time, user string, in control.Incoming) control.ServerOutput {
	return v.step(now, func() {
		c := v.users[user]
		if c == nil || len(c.calls) >= maxCalls {
			v.answer(in.ID, statusUnavailable)
			return
		}
		c.calls[in.ID] = false
		c.say(incoming, values{"id": in.ID, "from": in.From, "name": in.Name})
	})
}

// End cancels a call, or hangs up.
func (v *Server) End(now time.Time, id string) control.ServerOutput {
	return v.step(now, func() {
		for _, c := range v.sessions {
			if _, ok := c.calls[id]; ok {
				delete(c.calls, id)
				c.say(ended, values{"id": id})
				return
			}
		}
	})
}

// Text sends a user a text, if there is a word for it.
func (v *Server) Text(now time.Time, user string, t control.Texted) control.ServerOutput {
	return v.step(now, func() {
		if c := v.users[user]; c != nil && v.can(message) {
			c.say(message, values{"from": t.From, "name": t.Name, "text": t.Text})
		}
	})
}

// Ping sends a user a ping, if there is a word for it.
func (v *Server) Ping(now time.Time, user string) control.ServerOutput {
	return v.step(now, func() {
		if c := v.users[user]; c != nil && v.can(ping) {
			c.say(ping, nil)
		}
	})
}

// can reports whether the server has a word, and logs it if not.
func (v *Server) can(name string) bool {
	spoken := v.p.server[name].spoken()
	if !spoken {
		v.note("no word", "", fmt.Sprintf("%s does not say how the server sends %s", v.p.Name, name))
	}
	return spoken
}

func (v *Server) answer(id string, status int) {
	v.out.Answers = append(v.out.Answers, control.Answer{ID: id, Status: status})
}

func (v *Server) do(c system.Effect) { v.out.Effects = append(v.out.Effects, c) }

// note logs what the server did or saw.
func (v *Server) note(what, peer, detail string) {
	v.do(system.Log{Event: event.Server{What: what, Peer: peer, Detail: detail}})
}

const statusUnavailable = 480

// maxQueue bounds the words that wait for a phone's next poll (our own number).
const maxQueue = 64

// A session is one connection of a phone.
type session struct {
	server  *Server
	socket  system.Socket
	from    netip.AddrPort
	stream  stream
	greeted int    // words of the hello that have come
	given   values // in them
	user    string // "" until the hello is accepted
	closed  bool

	calls map[string]bool // by id; whether it is up

	// If the phone polls: how many of its requests have no answer yet,
	// since when the last has been held, and the words that wait for the
	// next.
	owed      int
	heldSince time.Time
	watched   bool // there is a limit on how long it is held
	queue     [][]byte
}

// receive takes in bytes of the stream.
func (c *session) receive(data []byte) {
	c.stream.push(data)
	for !c.closed {
		fr, err := c.stream.next()
		if err != nil {
			c.drop(err.Error())
		}
		if fr == nil {
			return
		}
		c.requested()
		if c.user == "" {
			c.hello(fr)
		} else {
			c.frame(fr)
		}
		c.release()
	}
}

// requested answers the earlier requests of a phone that polls, because answers
// must go out in the order of the requests.
func (c *session) requested() {
	if !c.server.p.polls() {
		return
	}
	for c.owed > 0 && !c.closed {
		c.say(idle, nil)
	}
	c.owed++
	c.heldSince = c.server.now
	c.server.watch(c)
}

// hello handles the next word of a hello.
func (c *session) hello(fr *frame) {
	v := c.server
	given, ok := v.p.hello[c.greeted].read(fr.data)
	if !ok {
		v.note("bad hello", c.from.String(), brief(fr.data))
		c.refuse("that is no hello")
		return
	}
	maps.Copy(c.given, given)
	if c.greeted++; c.greeted < len(v.p.hello) {
		return
	}
	user := c.given["user"]
	password, known := v.host.Password(user)
	asked := slices.ContainsFunc(v.p.hello, func(w word) bool { return w.has("password") })
	if !known || asked && password != c.given["password"] {
		v.note("wrong password", c.from.String(), "user "+event.Printable(user))
		c.refuse("unknown user or wrong password")
		return
	}
	if old := v.users[user]; old != nil {
		old.drop("replaced by " + c.from.String())
	}
	c.user, c.given = user, nil
	v.users[user] = c
	v.note("signed on", c.name(), "")
	c.say(accepted, values{"user": user})
}

// name returns the user at the other end, as far as it is known.
func (c *session) name() string {
	if c.user == "" {
		return c.from.String()
	}
	return c.user + " " + c.from.String()
}

func (c *session) refuse(reason string) {
	c.say(refused, values{"reason": reason})
	c.drop(reason)
}

// frame handles a frame of a user who is signed on.
func (c *session) frame(fr *frame) {
	v := c.server
	name, given := match(v.p.app, appWords, fr.data)
	id := given["id"]
	up, ours := c.calls[id]
	switch name {
	case "":
		v.note("unknown frame", c.name(), brief(fr.data))
	case ping:
		if !v.host.Breaks(control.NoPong) {
			c.say(pong, nil)
		}
	case pong:
		v.note("pong", c.name(), "")
	case ringing:
		if ours && !up {
			v.answer(id, 180)
		}
	case answer:
		if ours && !up {
			c.calls[id] = true
			v.answer(id, 200)
		}
	case busy, decline, hangup:
		if ours {
			c.hangUp(id, name, up)
		}
	case pushToken:
		v.note("push token", c.name(), event.Printable(given["token"]))
	case background, foreground:
		v.note(name, c.name(), "")
	case bye:
		c.drop("the phone says goodbye")
	}
}

// hangUp handles the end of a call by the phone.
func (c *session) hangUp(id, name string, up bool) {
	delete(c.calls, id)
	status := statusDecline
	switch {
	case up:
		status = 0
	case name == busy:
		status = statusBusyHere
	}
	c.server.answer(id, status)
}

// say sends a word, if the server has one for it: at once, or as the answer to
// a poll.
func (c *session) say(name string, v values) {
	w := c.server.p.server[name]
	if !w.spoken() || c.closed {
		return
	}
	data := w.write(v)
	if !c.server.p.polls() {
		c.write(data)
		return
	}
	if len(c.queue) >= maxQueue {
		c.drop(fmt.Sprintf("%d frames wait for it to ask", maxQueue))
		return
	}
	c.queue = append(c.queue, data)
	c.release()
}

// release answers open requests with the words that wait.
func (c *session) release() {
	for c.owed > 0 && len(c.queue) > 0 && !c.closed {
		data := c.queue[0]
		c.queue = c.queue[1:]
		c.owed--
		c.write(data)
	}
}

func (c *session) write(data []byte) {
	framed, err := c.stream.encode(data)
	if err != nil {
		c.server.note("not sent", c.name(), err.Error())
		return
	}
	c.server.do(system.Send{Socket: c.socket, Data: framed})
}

// drop closes the connection from our side.
func (c *session) drop(why string) {
	if c.closed {
		return
	}
	c.server.note("closed", c.name(), why)
	c.server.do(system.Close{Socket: c.socket})
	c.forget()
}

// forget ends the calls of a connection that is gone.
func (c *session) forget() {
	v := c.server
	c.closed, c.queue = true, nil
	delete(v.sessions, c.socket)
	if v.users[c.user] == c {
		delete(v.users, c.user)
	}
	for _, id := range slices.Sorted(maps.Keys(c.calls)) {
		status := statusUnavailable
		if c.calls[id] {
			status = 0
		}
		v.answer(id, status)
	}
	clear(c.calls)
}

// due lists sessions in the order of their deadlines.
type due []appointment

type appointment struct {
	at time.Time
	of *session
}

func (d due) next() time.Time {
	if len(d) == 0 {
		return time.Time{}
	}
	return d[0].at
}

func (d *due) add(at time.Time, c *session) {
	i, _ := slices.BinarySearchFunc(*d, at, func(a appointment, at time.Time) int {
		if a.at.After(at) {
			return 1
		}
		return -1
	})
	*d = slices.Insert(*d, i, appointment{at, c})
}

// take removes the sessions that are due.
func (d *due) take(now time.Time) []*session {
	var all []*session
	for system.Due(d.next(), now) {
		all = append(all, (*d)[0].of)
		*d = (*d)[1:]
	}
	return all
}
