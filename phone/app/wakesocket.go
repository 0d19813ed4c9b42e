package app

import (
	"errors"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// WakeSocket signals over UDP, which wakes nobody, and marks a second
// connection over TCP whose only job is to wake the app. It is what a SIP
// program over UDP is tempted to do, and it fails: the wake line and the INVITE
// are hard to keep in step.
const WakeSocket Strategy = "wake-socket"

func wakeSocketPlan() plan {
	return plan{
		Traits{
			Name: WakeSocket, Help: "signals over UDP, and marks a second TCP socket for a wake line",
			WakeServer: true, Datagrams: true, KeepsAlive: true, Expires: defaultExpires,
		},
		func(e env) strategy { return newWakeSocket(e) },
	}
}

// wakeSocket is the strategy of that name: SIP over UDP, and beside it a marked
// TCP connection on which the server can say WAKE.
//
//	server: WAKE ─▶ the app wakes ─▶ a new UDP socket, if the old one is gone
//	                               ─▶ REGISTER ─▶ … INVITE?
//
// The system wakes the app for the line, but took its UDP socket while it
// slept, and the INVITE went there. The app does what it can: it registers at
// once, and waits for as long as copies of the INVITE may come. What becomes of
// it is said in a warning, wake-race.
type wakeSocket struct {
	keepAlive
	target     string // of the connection
	nextSocket func() system.Socket
	user       func() string
	rest       func()

	socket  system.Socket // 0: none is open or opening
	open    bool
	since   time.Time
	heard   wakeLines
	openAt  time.Time
	fails   int       // in a row
	atOnce  time.Time // when it was last opened again at once
	retryAt time.Time
	pongBy  time.Time
	race    wakeRace
	marks   marks
}

const (
	// wakePongPatience is how long the wake server may take to answer.
	wakePongPatience = 5 * time.Second
	// wakeRetry is the wait before a failed wake socket is opened again; it
	// doubles up to wakeRetryMax (as RFC 5626 §4.5 has it for SIP).
	wakeRetry    = 30 * time.Second
	wakeRetryMax = 30 * time.Minute
	// maxWakeLine bounds a line of the server.
	maxWakeLine = 256
)

var (
	errNoWakeServer = errors.New("the strategy needs a server for what wakes it (wake-server)")
	errNoWakePong   = errors.New("no answer within 5 s of our PING")
)

func newWakeSocket(e env) *wakeSocket {
	return &wakeSocket{
		keepAlive: newKeepAlive(e), target: e.cfg.WakeServer, nextSocket: e.nextSocket, user: e.lines[0].agent.User, rest: e.rest, marks: newMarks(e), heard: wakeLines{most: maxWakeLine},
	}
}

func (w *wakeSocket) deadline() time.Time {
	return system.Earliest(w.keepAlive.deadline(), w.retryAt, w.pongBy, w.race.inviteBy)
}

func (w *wakeSocket) busy() bool { return !w.pongBy.IsZero() || w.race.waits() }

func (w *wakeSocket) advance(now time.Time) {
	w.keepAlive.advance(now)
	if system.Due(w.retryAt, now) {
		w.connect(now)
	}
	if system.Due(w.pongBy, now) {
		w.abandon(now, errNoWakePong)
	}
	if system.Due(w.race.inviteBy, now) {
		w.warn(w.race.missed(now))
		w.rest()
	}
}

func (w *wakeSocket) receive(now time.Time, s system.Signal) bool {
	if id, ok := system.SocketOf(s); ok && id == w.socket {
		w.connection(now, s)
		return true
	}
	switch s.(type) {
	case system.Launched:
		w.keepAlive.receive(now, s)
		w.connect(now)
		return false
	case system.KeepAlive:
		w.tick(now)
		w.ping(now)
		w.refresh(now)
		return true
	}
	return w.keepAlive.receive(now, s)
}

func (w *wakeSocket) notice(now time.Time, l *line, n control.Notice) {
	switch n.(type) {
	case control.Registered:
		w.race.registered(now)
	case control.FlowFailed:
		w.race.lost(now)
	case control.Offered:
		w.offered(now)
	}
	w.keepAlive.notice(now, l, n)
}

// offered is an INVITE: what the app was woken for, if it was.
func (w *wakeSocket) offered(now time.Time) {
	if note, woken := w.race.offered(now); woken {
		w.warn(note)
		w.rest()
	}
}

// warn says how the race went wrong.
func (w *wakeSocket) warn(note string) {
	if note == "" {
		return
	}
	w.out.note(event.Warning{
		Rule: event.RuleWakeRace, Note: note,
		Hint: "SIP over the marked TCP socket (voip-socket), or a server that holds the INVITE until the phone has registered",
	})
}

// connect opens the wake socket, if it is not open.
func (w *wakeSocket) connect(now time.Time) {
	if w.socket != 0 {
		return
	}
	w.socket, w.since, w.retryAt = w.nextSocket(), now, time.Time{}
	w.out.note(event.Socket{Name: "wake", Phase: event.SocketConnecting, Remote: w.target})
	w.out.ask(system.Connect{Socket: w.socket, Target: w.target})
}

// connection takes in a signal about the wake socket.
func (w *wakeSocket) connection(now time.Time, s system.Signal) {
	switch s := s.(type) {
	case system.Connected:
		w.opened(now, s)
	case system.Received:
		w.read(now, s.Data)
	case system.Failed:
		w.closed(now, event.SocketFailed, s.Err)
	case system.Closed:
		w.closed(now, event.SocketClosed, s.Err)
	}
}

// opened marks the socket, and says whose it is.
func (w *wakeSocket) opened(now time.Time, s system.Connected) {
	w.open, w.openAt = true, now
	w.out.note(event.Socket{
		Name: "wake", Phase: event.SocketOpen, Local: s.Local.String(), Remote: s.Remote.String(), Took: event.Millis(now.Sub(w.since)),
	})
	w.marks.at(MarkBeforeOpen, w.lines[0], w.socket)
	w.send("HELLO " + w.user())
	w.marks.at(MarkAfterOpen, w.lines[0], w.socket)
}

func (w *wakeSocket) send(line string) {
	w.out.ask(system.Send{Socket: w.socket, Data: []byte(line + "\r\n")})
}

// read takes in what the server says, line by line.
func (w *wakeSocket) read(now time.Time, data []byte) {
	w.heard.take(data)
	for w.open {
		line, whole, err := w.heard.next()
		if err != nil {
			w.abandon(now, err)
		}
		if !whole {
			return
		}
		w.line(now, line)
	}
}

func (w *wakeSocket) line(now time.Time, line string) {
	switch line {
	case "WAKE":
		w.wakeLine(now)
	case "PONG":
		w.pongBy = time.Time{}
		w.rest()
	case "NO":
		w.out.problem(event.RuleNotRegistered, "register the wake socket", "the wake server does not know "+w.user(), "is it the server of this account?")
	}
}

// wakeLine says that somebody calls. The way to the registrar is opened anew,
// and the app waits for the INVITE.
func (w *wakeSocket) wakeLine(now time.Time) {
	st := w.status()
	if st.ringing || !w.race.woken(now) {
		return
	}
	if !st.foreground {
		w.errand.hold("wait for the INVITE")
	}
	w.lines.register(now)
}

// ping asks whether the wake server is still there, or opens the socket that
// is gone.
func (w *wakeSocket) ping(now time.Time) {
	if !w.open {
		w.connect(now)
		return
	}
	w.pongBy = now.Add(wakePongPatience)
	w.send("PING")
}

// abandon gives up a connection that is of no use.
func (w *wakeSocket) abandon(now time.Time, err error) {
	w.out.ask(system.Close{Socket: w.socket})
	w.closed(now, event.SocketBroken, err)
}

// closed is the end of the wake socket: another is opened, at once if this one
// was ever open. What does not stay open is opened less and less often.
func (w *wakeSocket) closed(now time.Time, phase event.SocketPhase, err error) {
	w.out.note(event.Socket{Name: "wake", Phase: phase, Remote: w.target, Error: endOf(err)})
	again := w.open && (w.atOnce.IsZero() || now.Sub(w.atOnce) >= control.RecoveryQuiet)
	if w.open && now.Sub(w.openAt) >= control.RecoveryQuiet {
		w.fails = 0
	}
	w.socket, w.open, w.pongBy = 0, false, time.Time{}
	w.heard.forget()
	switch {
	case w.status().leaving:
	case again:
		w.atOnce = now
		w.connect(now)
	default:
		w.retryAt = now.Add(min(wakeRetry<<min(w.fails, 10), wakeRetryMax))
		w.fails++
	}
	w.rest()
}
