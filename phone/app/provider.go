package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Provider is the app's local push provider (NEAppPushProvider): an extension, which the
// system runs as a process of its own while the device is on a Wi-Fi of the app's. It
// holds a connection to the app's server, and tells the system of the calls that come
// over it. It is never suspended, and has no part in them.
//
//	start ─▶ connecting ── Connected ─▶ open: PROVIDER token ─▶ CALL {…}: reportIncomingCall
//	             ▲                       │  ▲
//	             │ timer event           │  └── PING and PONG, at each timer event
//	             └── closed, failed ◀────┘ no PONG within 5 s
//
// How a provider speaks to its server is the app's own business (Apple); this one's lines
// are those of the wake socket. It is a pure machine; one goroutine owns it.
type Provider struct {
	out    outbox
	last   system.Socket // the last that it has named
	runs   bool
	server string
	token  string

	socket system.Socket // 0: none is open or opening
	open   bool
	since  time.Time
	heard  wakeLines
	pongBy time.Time
}

const (
	// firstProviderSocket is where its numbers begin: above those of the app, which
	// counts from 1, and below those of the link (1<<30).
	firstProviderSocket system.Socket = 1 << 29
	// maxCallLine bounds a line of the server: what a push may carry, and the word before.
	maxCallLine = push.MaxPayload + 64
)

var errNoProviderPong = errors.New("no answer within 5 s of the provider's PING")

// NewProvider returns a provider that the system has not started.
func NewProvider() *Provider {
	return &Provider{last: firstProviderSocket, heard: wakeLines{most: maxCallLine}}
}

// Owns reports whether a signal is about a socket of the provider's, now or formerly.
func (p *Provider) Owns(s system.Signal) bool {
	id, ok := system.SocketOf(s)
	return ok && id > firstProviderSocket && id <= p.last
}

// Deadline is when Advance wants to be called next.
func (p *Provider) Deadline() time.Time { return p.pongBy }

// Advance gives up a connection on which nobody answers.
func (p *Provider) Advance(now time.Time) []system.Effect {
	if system.Due(p.pongBy, now) {
		p.out.ask(system.Close{Socket: p.socket})
		p.closed(event.SocketBroken, errNoProviderPong)
		p.connect(now)
	}
	return p.out.take()
}

// Receive takes in a signal of the system.
func (p *Provider) Receive(now time.Time, s system.Signal) []system.Effect {
	switch s := s.(type) {
	case system.ProviderStart:
		p.runs, p.server, p.token = true, s.Server, s.Token
		p.connect(now)
	case system.ProviderStop:
		p.stop(s.Reason)
	case system.ProviderTimer:
		p.tend(now)
	default:
		if id, ok := system.SocketOf(s); ok && id == p.socket {
			p.connection(now, s)
		}
	}
	return p.out.take()
}

// stop is the end of the process: it says goodbye.
func (p *Provider) stop(reason string) {
	p.runs = false
	if p.socket != 0 {
		p.out.ask(system.Close{Socket: p.socket})
		p.closed(event.SocketClosed, stopped(reason))
	}
}

// stopped says why a connection of the provider's is gone with it.
func stopped(reason string) error {
	if reason == "" {
		return errors.New("the provider's process is gone")
	}
	return fmt.Errorf("the system has stopped the provider: .%s", reason)
}

// tend looks after the connection: whether the server is still there, or else a new one.
func (p *Provider) tend(now time.Time) {
	switch {
	case !p.runs:
	case p.open:
		p.pongBy = now.Add(wakePongPatience)
		p.send("PING")
	default:
		p.connect(now)
	}
}

func (p *Provider) connect(now time.Time) {
	if p.socket != 0 {
		return
	}
	p.last++
	p.socket, p.since = p.last, now
	p.note(event.Socket{Phase: event.SocketConnecting})
	p.out.ask(system.Connect{Socket: p.socket, Target: p.server, Apart: true})
}

func (p *Provider) note(e event.Socket) {
	e.Name = "provider"
	if e.Remote == "" {
		e.Remote = p.server
	}
	p.out.note(e)
}

func (p *Provider) connection(now time.Time, s system.Signal) {
	switch s := s.(type) {
	case system.Connected:
		p.open = true
		p.note(event.Socket{Phase: event.SocketOpen, Local: s.Local.String(), Remote: s.Remote.String(), Took: event.Millis(now.Sub(p.since))})
		p.send("PROVIDER " + p.token)
	case system.Received:
		p.read(s.Data)
	case system.Failed:
		p.closed(event.SocketFailed, s.Err)
	case system.Closed:
		was := p.open
		p.closed(event.SocketClosed, s.Err)
		if was && s.Err != nil { // the network's doing, not the server's: at once
			p.connect(now)
		}
	}
}

func (p *Provider) send(line string) {
	p.out.ask(system.Send{Socket: p.socket, Data: []byte(line + "\r\n")})
}

// read takes in what the server says, line by line.
func (p *Provider) read(data []byte) {
	p.heard.take(data)
	for p.open {
		line, whole, err := p.heard.next()
		if err != nil {
			p.out.ask(system.Close{Socket: p.socket})
			p.closed(event.SocketBroken, err)
		}
		if !whole {
			return
		}
		p.line(line)
	}
}

func (p *Provider) line(line string) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "PONG":
		p.pongBy = time.Time{}
	case "CALL":
		p.call(rest)
	case "NO":
		p.out.problem(event.RuleNotRegistered, "sign the provider on", "the server does not take it", "is it the server of this account?")
	}
}

// call is reportIncomingCall, with what the server says of the call.
func (p *Provider) call(text string) {
	var info map[string]string
	if err := json.Unmarshal([]byte(text), &info); err != nil {
		p.out.problem(event.RuleMalformedMessage, "read a call of the local push server", err.Error(), "")
		return
	}
	p.out.ask(system.AnnounceCall{UserInfo: info})
}

// closed is the end of the connection. The next timer event opens another.
func (p *Provider) closed(phase event.SocketPhase, err error) {
	p.note(event.Socket{Phase: phase, Error: endOf(err)})
	p.socket, p.open, p.pongBy = 0, false, time.Time{}
	p.heard.forget()
}
