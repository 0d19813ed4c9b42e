package app

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// WakeSocket signals over UDP, which wakes nobody, and marks a second
// connection over TCP whose only job is to wake the app. It is what a SIP
// program over UDP is tempted to do, and it fails: the wake line and the INVITE
// are hard to keep in step.
const WakeSocket Strategy = "wake-socket"

func wakeSocketTraits() Traits {
	return Traits{
		Name: WakeSocket, Help: "signals over UDP, and marks a second TCP socket for a wake line",
		WakeServer: true, Datagrams: true, Expires: defaultExpires, keepsAlive: true,
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
	socket  system.Socket // 0: none is open or opening
	open    bool
	since   time.Time
	rest    []byte // of a line that has not ended
	fails   int    // in a row
	retryAt time.Time
	pongBy  time.Time

	rungAt     time.Time // the wake line whose INVITE has not come
	inviteBy   time.Time
	lostAt     time.Time // when the UDP socket was found to be gone
	registered time.Time // since the wake line
	offeredAt  time.Time // the last INVITE
}

const (
	// wakePatience is how long copies of an INVITE come over UDP: 64*T1
	// (RFC 3261 §17.1.1.2, timer B).
	wakePatience = 64 * sip.T1
	// firstCopy is when the first of them comes: an INVITE that is read no
	// later than that was not missed.
	firstCopy = sip.T1
	// wakePongPatience is how long the wake server may take to answer.
	wakePongPatience = 5 * time.Second
	// wakeRetry is the wait before a failed wake socket is opened again; it
	// doubles up to wakeRetryMax (as RFC 5626 §4.5 has it for SIP).
	wakeRetry    = 30 * time.Second
	wakeRetryMax = 30 * time.Minute
	// maxWakeLine bounds a line of the server.
	maxWakeLine = 256
)

var errNoWakeServer = errors.New("the strategy wake-socket needs a server for its wake socket")

func (w *wakeSocket) deadline() time.Time {
	return system.Earliest(w.retryAt, w.pongBy, w.inviteBy)
}

// busy reports whether the app has to stay awake for it.
func (w *wakeSocket) busy() bool { return !w.pongBy.IsZero() || !w.inviteBy.IsZero() }

func (a *App) advanceWake(now time.Time) {
	w := &a.wake
	if system.Due(w.retryAt, now) {
		a.openWake(now)
	}
	if system.Due(w.pongBy, now) {
		a.ask(system.Close{Socket: w.socket})
		a.wakeClosed(now, "broken", errNoWakePong)
	}
	if system.Due(w.inviteBy, now) {
		a.missedInvite(now)
	}
}

var errNoWakePong = errors.New("no answer within 5 s of our PING")

// openWake opens the wake socket.
func (a *App) openWake(now time.Time) {
	w := &a.wake
	if !a.traits.WakeServer || w.socket != 0 {
		return
	}
	w.socket, w.since, w.retryAt, w.rest = a.nextSocket(), now, time.Time{}, nil
	a.note(event.Socket{Name: "wake", Phase: "connecting", Remote: a.cfg.WakeServer})
	a.ask(system.Connect{Socket: w.socket, Target: a.cfg.WakeServer})
}

// wakeSignal takes in a signal about the wake socket, and reports whether it
// was one.
func (a *App) wakeSignal(now time.Time, s system.Signal) bool {
	if a.wake.socket == 0 || socketOf(s) != a.wake.socket {
		return false
	}
	switch s := s.(type) {
	case system.Connected:
		a.wakeOpened(now, s)
	case system.Received:
		a.wakeRead(now, s.Data)
	case system.Failed:
		a.wakeClosed(now, "failed", s.Err)
	case system.Closed:
		a.wakeClosed(now, "closed", s.Err)
	}
	return true
}

// socketOf is the stream that a signal is about; 0 if it is about none.
func socketOf(s system.Signal) system.Socket {
	switch s := s.(type) {
	case system.Connected:
		return s.Socket
	case system.Received:
		return s.Socket
	case system.Failed:
		return s.Socket
	case system.Closed:
		return s.Socket
	}
	return 0
}

// wakeOpened marks the socket, and says whose it is.
func (a *App) wakeOpened(now time.Time, s system.Connected) {
	w := &a.wake
	w.open, w.fails = true, 0
	a.note(event.Socket{
		Name: "wake", Phase: "open", Local: s.Local.String(), Remote: s.Remote.String(), Took: event.Millis(now.Sub(w.since)),
	})
	a.ask(system.MarkVoIP{Socket: w.socket})
	a.sayToWaker("HELLO " + a.agent.User())
}

func (a *App) sayToWaker(line string) {
	a.ask(system.Send{Socket: a.wake.socket, Data: []byte(line + "\r\n")})
}

// wakeRead takes in what the server says, line by line.
func (a *App) wakeRead(now time.Time, data []byte) {
	w := &a.wake
	w.rest = append(w.rest, data...)
	for w.open {
		line, rest, whole := bytes.Cut(w.rest, []byte("\n"))
		if len(line) > maxWakeLine {
			a.ask(system.Close{Socket: w.socket})
			a.wakeClosed(now, "broken", fmt.Errorf("a line of more than %d bytes", maxWakeLine))
			return
		}
		if !whole {
			return
		}
		w.rest = bytes.Clone(rest)
		switch string(bytes.TrimRight(line, "\r")) {
		case "WAKE":
			a.rung(now)
		case "PONG":
			w.pongBy = time.Time{}
			a.rest()
		case "NO":
			a.problem("register the wake socket", "the wake server does not know "+a.agent.User(), "is it the server of this account?")
		}
	}
}

// wakeClosed is the end of the wake socket: another is opened, at once if this
// one was ever open.
func (a *App) wakeClosed(now time.Time, phase string, err error) {
	w := &a.wake
	why := "the server closed the connection"
	if err != nil {
		why = err.Error()
	}
	a.note(event.Socket{Name: "wake", Phase: phase, Remote: a.cfg.WakeServer, Error: why})
	wasOpen := w.open
	w.socket, w.open, w.rest, w.pongBy = 0, false, nil, time.Time{}
	switch {
	case a.leaving:
	case wasOpen:
		a.openWake(now)
	default:
		w.retryAt = now.Add(min(wakeRetry<<min(w.fails, 10), wakeRetryMax))
		w.fails++
	}
	a.rest()
}

// pingWaker asks whether the wake server is still there. It is part of the
// keepalive handler.
func (a *App) pingWaker(now time.Time) {
	w := &a.wake
	switch {
	case !a.traits.WakeServer:
	case w.open:
		w.pongBy = now.Add(wakePongPatience)
		a.sayToWaker("PING")
	default:
		a.openWake(now)
	}
}

// rung is the wake line: somebody calls. The way to the registrar is opened
// anew, and the app waits for the INVITE.
func (a *App) rung(now time.Time) {
	w := &a.wake
	if a.ringing() != nil || !w.offeredAt.IsZero() && now.Sub(w.offeredAt) < firstCopy {
		return // its INVITE was read before it
	}
	w.rungAt, w.inviteBy, w.registered = now, now.Add(wakePatience), time.Time{}
	if !a.foreground {
		a.beginTask("wait for the INVITE")
	}
	a.handle(now, a.agent.Register(now))
}

// wakeLost is the UDP socket being gone.
func (a *App) wakeLost(now time.Time) { a.wake.lostAt = now }

// wakeRegistered is the new binding.
func (a *App) wakeRegistered(now time.Time) {
	if w := &a.wake; !w.rungAt.IsZero() && w.registered.IsZero() {
		w.registered = now
	}
}

// wakeOffered is an INVITE: what the app was woken for, if it was.
func (a *App) wakeOffered(now time.Time) {
	w := &a.wake
	w.offeredAt = now
	if w.rungAt.IsZero() {
		return
	}
	if late := now.Sub(w.rungAt); late >= firstCopy {
		a.outOfStep(fmt.Sprintf("the INVITE was read %s after the wake line: its first copies were lost, or the server held it", event.Round(late)))
	}
	w.rungAt, w.inviteBy = time.Time{}, time.Time{}
	a.rest()
}

// missedInvite is the end of the wait.
func (a *App) missedInvite(now time.Time) {
	w := &a.wake
	note := fmt.Sprintf("the wake line came %s ago and the INVITE never did", event.Round(now.Sub(w.rungAt)))
	if gone := w.rungAt.Sub(w.lostAt); !w.lostAt.IsZero() && gone >= 0 && gone < firstCopy {
		note += "; the UDP socket was gone"
	}
	if at := w.registered; !at.IsZero() {
		note += fmt.Sprintf("; we were registered again %s after the line", event.Round(at.Sub(w.rungAt)))
	}
	a.outOfStep(note)
	w.rungAt, w.inviteBy = time.Time{}, time.Time{}
	a.rest()
}

func (a *App) outOfStep(note string) {
	a.note(event.Warning{
		Rule: "wake-race", Note: note,
		Hint: "SIP over the marked TCP socket (voip-socket), or a server that holds the INVITE until the phone has registered",
	})
}
