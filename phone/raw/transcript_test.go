package raw

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestTranscripts runs each testdata/*.txt: lines that begin with "> " are
// commands to the agent, to its kernel or to the server; what follows them is
// what happened. The server is a script ("bytes"), or the one that the lab
// plays ("lab").
func TestTranscripts(t *testing.T) { golden.Transcripts(t, runScript) }

func runScript(t *testing.T, script string) string {
	r := &rig{t: t, now: epoch}
	golden.Play(t, &r.w, script, r.do)
	return r.w.String()
}

var (
	epoch     = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rigLocal  = netip.MustParseAddrPort("192.0.2.1:49152")
	rigRemote = netip.MustParseAddrPort("192.0.2.9:7000")
)

// A rig is an agent with a scripted kernel, and a server if there is one.
type rig struct {
	t        *testing.T
	p        *Protocol
	a        control.Agent
	server   *Server // nil: the script is
	password string
	now      time.Time
	w        bytes.Buffer
	socket   system.Socket // the last one that the agent opened
	mute     bool          // the server answers no pings

	exposed, consent bool // the server is not on this machine; a password may go to it
}

// do carries out one command line.
func (r *rig) do(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	args := strings.Fields(rest)
	num := func(i int) int {
		n, err := strconv.Atoi(args[i])
		if err != nil {
			r.t.Fatal(err)
		}
		return n
	}
	switch verb {
	case "protocol": // NAME[+tls] [lab [PASSWORD]]
		return r.protocol(args)
	case "clear": // of the next protocol: here, on, off
		r.exposed, r.consent = rest != "here", rest == "on"
	case "advance":
		return r.advance(rest)
	case "freeze": // the program is stopped, and runs again after that time
		d, err := time.ParseDuration(rest)
		r.now = r.now.Add(d)
		r.print(r.a.Advance(r.now))
		return err
	case "lab":
		return r.lab(args)
	case "register":
		r.print(r.a.Register(r.now))
	case "unregister":
		r.print(r.a.Unregister(r.now))
	case "token":
		r.a.SetPush(push.Params{Provider: "apns", PRID: rest, Param: "p"})
	case "pushes":
		asked, will := r.a.Pushes("apns")
		fmt.Fprintf(&r.w, "    asked %t, will %t\n", asked, will)
	case "leave":
		r.print(r.a.Leave(r.now, rest != "back"))
	case "ping":
		r.print(r.a.Ping(r.now))
	case "rest":
		r.print(r.a.Rest(r.now))
	case "shutdown":
		r.print(r.a.Shutdown(r.now))
	case "ring":
		r.print(r.a.Ring(r.now, num(0)))
	case "answer":
		r.print(r.a.Answer(r.now, num(0), nil))
	case "reject":
		r.print(r.a.Reject(r.now, num(0), num(1)))
	case "hangup":
		r.print(r.a.Hangup(r.now, num(0)))
	default:
		return r.network(verb, rest)
	}
	return nil
}

func (r *rig) protocol(args []string) (err error) {
	name, overTLS := strings.CutSuffix(args[0], "+tls")
	if r.p, err = Load(name); err != nil {
		return err
	}
	r.p.TLS = overTLS
	r.password = "secret"
	if len(args) > 2 {
		r.password = args[2]
	}
	if len(args) > 1 {
		host := anyHost
		host.Breaks = func(rule string) bool { return r.mute && rule == control.NoPong }
		if r.server, err = NewServer(r.p, host); err != nil {
			return err
		}
	}
	r.a, err = Config{Protocol: r.p, Server: "server.test:7000", User: "alice", Password: r.password, Clear: control.Clear{Here: !r.exposed, Consent: r.consent}}.Open(control.Env{
		Rand: rand.New(rand.NewPCG(1, 2)), NextSocket: func() system.Socket { r.socket++; return r.socket },
	})
	return err
}

// advance lets time pass and steps both ends at each of their deadlines.
func (r *rig) advance(rest string) error {
	d, err := time.ParseDuration(rest)
	until := r.now.Add(d)
	for {
		at := r.a.Deadline()
		if r.server != nil {
			at = system.Earliest(at, r.server.Deadline())
		}
		if !system.Due(at, until) {
			break
		}
		r.now = at
		if r.server != nil {
			r.fromServer(r.server.Advance(at))
		}
		r.print(r.a.Advance(at))
	}
	r.now = until
	return err
}

func (r *rig) network(verb, rest string) error {
	switch verb {
	case "connected": // [ADDRESS of the server]
		remote := rigRemote
		if rest != "" {
			remote = netip.MustParseAddrPort(rest)
		}
		if r.server != nil {
			r.fromServer(r.server.Accept(r.now, r.socket, rigLocal))
		}
		r.print(r.a.Receive(r.now, system.Connected{Socket: r.socket, Local: rigLocal, Remote: remote}))
	case "secured":
		r.print(r.a.Receive(r.now, system.Secured{Socket: r.socket, Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", Subject: "server.test", Issuer: "a CA"}))
	case "failed":
		r.print(r.a.Receive(r.now, system.Failed{Socket: r.socket, Err: golden.SocketError(rest)}))
	case "closed":
		err := golden.SocketError(rest)
		r.print(r.a.Receive(r.now, system.Closed{Socket: r.socket, Err: err}))
	case "bytes":
		s, err := strconv.Unquote(rest)
		if err != nil {
			return err
		}
		r.print(r.a.Receive(r.now, system.Received{Socket: r.socket, Data: []byte(s)}))
	default:
		return errors.New("unknown command")
	}
	return nil
}

// lab makes the server do something: call ID, end ID, text WORDS, ping, mute.
func (r *rig) lab(args []string) error {
	switch args[0] {
	case "call":
		r.fromServer(r.server.Call(r.now, "alice", control.Incoming{ID: args[1], From: "sip:bob@lab.test", Name: "Bob"}))
	case "end":
		r.fromServer(r.server.End(r.now, args[1]))
	case "text":
		r.fromServer(r.server.Text(r.now, "alice", control.Texted{From: "sip:bob@lab.test", Text: strings.Join(args[1:], " ")}))
	case "ping":
		r.fromServer(r.server.Ping(r.now, "alice"))
	case "mute":
		r.mute = true
	default:
		return errors.New("unknown command")
	}
	return nil
}

// fromServer writes down what the server did, and has the agent read it.
func (r *rig) fromServer(out control.ServerOutput) {
	for _, a := range out.Answers {
		r.line("the caller of %s hears %d", a.ID, a.Status)
	}
	for _, c := range out.Effects {
		switch c := c.(type) {
		case system.Log:
			what, detail := c.Event.Text()
			r.line("lab: %s", strings.TrimRight(what+"  "+detail, " "))
		case system.Send:
			r.print(r.a.Receive(r.now, system.Received{Socket: r.socket, Data: bytes.Clone(c.Data)}))
		case system.Close:
			r.print(r.a.Receive(r.now, system.Closed{Socket: r.socket}))
		}
	}
}

// print prints an output, and lets the server read the data.
func (r *rig) print(out control.Output) {
	for _, c := range out.Effects {
		switch c := c.(type) {
		case system.Log:
			what, detail := c.Event.Text()
			r.line("%s", strings.TrimRight(fmt.Sprintf("%-28s %s", what, detail), " "))
		case system.Send:
			if r.server == nil {
				r.line("sent %q", c.Data)
			}
		case system.StartTLS:
			r.line("TLS on %d with %s", c.Socket, c.Name)
		case system.Connect:
			r.line("connect %d to %s", c.Socket, c.Target)
		case system.Close:
			r.line("close %d", c.Socket)
		}
	}
	for _, n := range out.Notices {
		r.line("NOTICE %s%s", strings.TrimPrefix(fmt.Sprintf("%T", n), "control."), shown(n))
	}
	if r.server == nil {
		return
	}
	for _, c := range out.Effects {
		switch c := c.(type) {
		case system.Send:
			r.fromServer(r.server.Receive(r.now, c.Socket, bytes.Clone(c.Data)))
		case system.Close:
			r.fromServer(r.server.Closed(r.now, c.Socket, nil))
		}
	}
}

func (r *rig) line(format string, args ...any) {
	fmt.Fprintf(&r.w, "%9.3f  %s\n", r.now.Sub(epoch).Seconds(), fmt.Sprintf(format, args...))
}

// shown is a notice without a source that nobody has to know.
func shown(n control.Notice) string {
	if o, ok := n.(control.Offered); ok {
		o.CallID = "" // the event has it
		n = o
	}
	return strings.NewReplacer(" Source:invalid IP", "", " Describe:false", "", " CallID:", "", " AutoAnswer:<nil>", "", " Elsewhere:}", "}").Replace(fmt.Sprintf("%+v", n))
}
