package lab

import (
	"bytes"
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The wake line is the lab's part of the strategy wake-socket: a TCP port at
// which apps keep a connection that does nothing but wake them. Lines end with
// CRLF:
//
//	app: HELLO alice      lab: OK, or NO and the end
//	app: PING             lab: PONG
//	                      lab: WAKE
//
// A call for a user with a wake socket wakes it; when the INVITE follows is the
// SIP server's matter. There is no password: a stranger can do no more than be
// woken.
type wakeLine struct {
	loop     *loop.Loop
	addr     string // "": there is none
	users    users
	listener system.Socket
	local    netip.AddrPort
	sockets  map[system.Socket]*wakeSocket
	byUser   map[string][]*wakeSocket
	byToken  map[string]*wakeSocket // of local push
}

// users is what the parts of the lab ask the SIP server, which has the accounts.
type users interface {
	Users() []string
	Known(user string) bool
	// Room reports whether there may be one connection more, beside n that the
	// server does not know.
	Room(n int) bool
}

const (
	// maxWakeText bounds a line of an app.
	maxWakeText = 256
	// maxWakeSockets is how many one user may have.
	maxWakeSockets = 10
)

// A wakeSocket is one connection that wakes an app.
type wakeSocket struct {
	line   *wakeLine
	id     system.Socket
	remote netip.AddrPort
	user   string // "" until it has said HELLO
	token  string // of the provider that it is of; "": of none
	rest   []byte // of a line that has not ended
}

func newWakeLine(l *loop.Loop, addr string) *wakeLine {
	return &wakeLine{loop: l, addr: addr, sockets: map[system.Socket]*wakeSocket{}, byUser: map[string][]*wakeSocket{}, byToken: map[string]*wakeSocket{}}
}

// listen opens the port, and reports whether it has asked for that.
func (w *wakeLine) listen() bool {
	if w.addr == "" || w.listener != 0 {
		return false
	}
	addr := w.addr
	if w.local.IsValid() {
		addr = w.local.String()
	}
	w.listener = w.loop.Socket()
	w.loop.Ask(system.Listen{Socket: w.listener, Addr: addr})
	return true
}

// close closes the port and all wake sockets, the oldest first.
func (w *wakeLine) close() {
	if w.listener == 0 {
		return
	}
	w.loop.Ask(system.Close{Socket: w.listener})
	w.listener = 0
	var all []*wakeSocket
	for _, s := range w.sockets {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *wakeSocket) int { return cmp.Compare(b.id, a.id) })
	for _, s := range all {
		s.hangUp()
	}
}

// receive takes in a signal about the port or a wake socket, and reports whether
// it was.
func (w *wakeLine) receive(sig system.Signal) bool {
	switch sig := sig.(type) {
	case system.Bound:
		if sig.Socket == w.listener {
			w.local = sig.Local
			w.loop.Note("listening for wake sockets", sig.Local.String(), "")
			return true
		}
	case system.Failed:
		if sig.Socket == w.listener {
			w.loop.CannotListen(w.addr, sig.Err)
			return true
		}
	case system.Accepted:
		if sig.Listener == w.listener {
			w.accepted(sig)
			return true
		}
	case system.Received:
		return w.with(sig.Socket, func(s *wakeSocket) { s.receive(sig.Data) })
	case system.Closed:
		return w.with(sig.Socket, (*wakeSocket).gone)
	}
	return false
}

func (w *wakeLine) with(id system.Socket, f func(*wakeSocket)) bool {
	s := w.sockets[id]
	if s != nil {
		f(s)
	}
	return s != nil
}

func (w *wakeLine) accepted(s system.Accepted) {
	if !w.users.Room(len(w.sockets)) {
		w.loop.Ask(system.Close{Socket: s.Socket, Reset: true})
		return
	}
	w.sockets[s.Socket] = &wakeSocket{line: w, id: s.Socket, remote: s.Remote}
}

// Wake wakes a user's apps, and reports whether there are any.
func (w *wakeLine) Wake(user, why string) bool {
	for _, s := range w.byUser[user] {
		s.say("WAKE")
		w.loop.Note("wake line", user+" "+s.remote.String(), why)
	}
	return w.Reaches(user)
}

// Reaches reports whether a user's app has a wake socket.
func (w *wakeLine) Reaches(user string) bool { return len(w.byUser[user]) > 0 }

// receive takes in bytes of the connection.
func (s *wakeSocket) receive(data []byte) {
	s.rest = append(s.rest, data...)
	for {
		line, rest, whole := bytes.Cut(s.rest, []byte("\n"))
		if len(line) > maxWakeText {
			s.refuse(fmt.Sprintf("a line of more than %d bytes", maxWakeText))
			return
		}
		if !whole {
			return
		}
		s.rest = bytes.Clone(rest)
		if !s.hear(strings.TrimRight(string(line), "\r")) {
			return
		}
	}
}

// hear takes in a line, and reports whether the connection goes on.
func (s *wakeSocket) hear(line string) bool {
	word, name, _ := strings.Cut(line, " ")
	switch w := s.line; {
	case word == "PING":
		s.say("PONG")
	case word == "PROVIDER":
		return s.sign(name)
	case word != "HELLO":
		return s.refuse(fmt.Sprintf("%q", event.Printable(line)))
	case !w.users.Known(name) || len(w.byUser[name]) >= maxWakeSockets:
		return s.refuse("no room for " + event.Printable(name))
	default:
		s.leave()
		s.user = name
		w.byUser[name] = append(w.byUser[name], s)
		w.loop.Note("wake socket", name+" "+s.remote.String(), "")
		s.say("OK")
	}
	return true
}

func (s *wakeSocket) say(line string) {
	s.line.loop.Ask(system.Send{Socket: s.id, Data: []byte(line + "\r\n")})
}

func (s *wakeSocket) refuse(why string) bool {
	s.line.loop.Note("wake socket refused", s.remote.String(), why)
	s.say("NO")
	s.hangUp()
	return false
}

// hangUp closes the connection.
func (s *wakeSocket) hangUp() {
	s.line.loop.Ask(system.Close{Socket: s.id})
	s.gone()
}

// gone is the end of the connection.
func (s *wakeSocket) gone() {
	delete(s.line.sockets, s.id)
	s.leave()
}

func (s *wakeSocket) leave() {
	if s.token != "" && s.line.byToken[s.token] == s {
		s.line.loop.Note("local push provider", s.remote.String(), "gone")
		delete(s.line.byToken, s.token)
	}
	s.token = ""
	if s.user == "" {
		return
	}
	mine := func(o *wakeSocket) bool { return o == s }
	s.line.byUser[s.user] = slices.DeleteFunc(s.line.byUser[s.user], mine)
	s.user = ""
}
