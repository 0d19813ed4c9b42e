package xmpp

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestTranscripts runs each testdata/*.txt: lines that begin with "> " are
// commands to the agent, to its kernel, to a Server or to a scripted peer;
// what follows them is what happened.
func TestTranscripts(t *testing.T) { golden.Transcripts(t, runScript) }

func runScript(t *testing.T, script string) string {
	r := newRig(t)
	golden.Play(t, &r.w, script, r.do)
	return r.w.String()
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// rigClient is the address of the agent.
var rigClient = netip.MustParseAddrPort("192.0.2.1:49152")

// A rig is an agent with a scripted kernel and peer, or with a Server.
type rig struct {
	t      testing.TB
	cfg    Config
	a      *Agent
	server *Server // nil: the peer is scripted
	broken string  // the rule that it breaks
	now    time.Time
	w      bytes.Buffer
	socket system.Socket // the last one that the agent opened
	others system.Socket // the last one of another client, counted down
	id     string        // of the agent's last iq
	raw    map[string]string
	piece  int // bytes in which the server's words arrive; 0: whole
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, now: epoch, raw: map[string]string{}}
	r.cfg = Config{
		JID: "alice@example.com", Password: "secret", Server: "xmpp.example.com", TLS: Off, Clear: control.Clear{Here: true}, Rand: rand.New(rand.NewPCG(1, 2)),
		NextSocket: func() system.Socket { r.socket++; return r.socket },
	}
	r.restart()
	return r
}

func (r *rig) restart() {
	a, err := New(r.cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	r.a = a
}

func (r *rig) serve() {
	r.server = NewServer(control.Host{
		Domain: "example.com", Rand: rand.New(rand.NewPCG(3, 4)),
		Password: func(user string) (string, bool) { return "secret", user == "alice" || user == "carol" },
		Breaks:   func(rule string) bool { return rule == r.broken },
	})
}

// do carries out one command line.
func (r *rig) do(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "config":
		return r.config(strings.Fields(rest))
	case "serve":
		r.serve()
	case "breaks":
		r.broken = rest
	case "pieces":
		var err error
		r.piece, err = strconv.Atoi(rest)
		return err
	case "advance":
		return r.advance(rest)
	case "freeze": // the program is stopped, and runs again after that time
		d, err := time.ParseDuration(rest)
		r.now = r.now.Add(d)
		r.print(r.a.Advance(r.now))
		return err
	case "show":
		if r.raw[rest] == "" {
			return fmt.Errorf("no %s was sent or received", rest)
		}
		fmt.Fprintf(&r.w, "        | %s\n", r.raw[rest])
	case "connected", "secured", "failed", "closed", "bytes", "xml":
		return r.network(verb, rest)
	case "server":
		return r.command(strings.Fields(rest))
	case "other":
		r.another(rest)
	default:
		return r.user(verb, strings.Fields(rest))
	}
	return nil
}

func (r *rig) config(words []string) error {
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "tls":
			r.cfg.TLS = Policy(value)
		case "transport":
			r.cfg.Transport = Transport(value)
		case "password":
			r.cfg.Password = value
		case "clear":
			r.cfg.Clear = control.Clear{Here: value == "here", Consent: value == "on"}
		case "push":
			r.cfg.PushService, r.cfg.PushSecret = "push.example.org", value
		default:
			return errors.New("unknown key")
		}
	}
	r.restart()
	return nil
}

// advance lets time pass and wakes agent and server at each of their
// deadlines.
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
		r.print(r.a.Advance(at))
		if r.server != nil {
			r.fromServer(r.server.Advance(at))
		}
	}
	r.now = until
	return err
}

func (r *rig) user(verb string, args []string) error {
	num := func(i int) int {
		n, _ := strconv.Atoi(args[i])
		return n
	}
	var out control.Output
	switch verb {
	case "register":
		out = r.a.Register(r.now)
	case "unregister":
		out = r.a.Unregister(r.now)
	case "push":
		r.a.SetPush(push.Params{Provider: "apns", PRID: args[0]})
	case "pushes":
		asked, will := r.a.Pushes("apns")
		fmt.Fprintf(&r.w, "    asked %t, will %t\n", asked, will)
	case "leave":
		out = r.a.Leave(r.now, true)
	case "return":
		out = r.a.Leave(r.now, false)
	case "rest":
		out = r.a.Rest(r.now)
	case "ping":
		out = r.a.Ping(r.now)
	case "shutdown":
		out = r.a.Shutdown(r.now)
	case "ring":
		out = r.a.Ring(r.now, num(0))
	case "answer":
		out = r.a.Answer(r.now, num(0), nil)
	case "reject":
		out = r.a.Reject(r.now, num(0), num(1))
	case "hangup":
		out = r.a.Hangup(r.now, num(0))
	default:
		return errors.New("unknown command")
	}
	r.print(out)
	return nil
}

func (r *rig) network(verb, rest string) error {
	switch verb {
	case "connected": // [ADDRESS of the server]
		r.openedTo(cmp.Or(rest, "192.0.2.9:5222"))
	case "secured":
		r.print(r.a.Receive(r.now, system.Secured{
			Socket: r.socket, Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", Subject: "example.com", Issuer: "example.com",
		}))
	case "failed":
		r.print(r.a.Receive(r.now, system.Failed{Socket: r.socket, Err: golden.SocketError(rest)}))
	case "closed":
		err := golden.SocketError(rest)
		if r.server != nil {
			r.fromServer(r.server.Closed(r.now, r.socket, err))
		}
		r.print(r.a.Receive(r.now, system.Closed{Socket: r.socket, Err: err}))
	case "bytes":
		text, err := strconv.Unquote(rest)
		if err != nil {
			return err
		}
		r.receive([]byte(text))
	case "xml":
		r.receive([]byte(strings.ReplaceAll(rest, "{id}", r.id)))
	}
	return nil
}

// opened opens the connection that the agent has asked for.
func (r *rig) opened() { r.openedTo("192.0.2.9:5222") }

func (r *rig) openedTo(server string) {
	if r.server != nil {
		r.fromServer(r.server.Accept(r.now, r.socket, rigClient))
	}
	r.print(r.a.Receive(r.now, system.Connected{Socket: r.socket, Local: rigClient, Remote: netip.MustParseAddrPort(server)}))
}

// connect signs on.
func (r *rig) connect() {
	r.print(r.a.Register(r.now))
	r.opened()
}

// another is a second client of the server: it signs on by PLAIN as a user, or
// says something.
func (r *rig) another(rest string) {
	if xml, ok := strings.CutPrefix(rest, "says "); ok {
		r.fromServer(r.server.Receive(r.now, r.others, []byte(xml)))
		return
	}
	r.others--
	word := base64.StdEncoding.EncodeToString([]byte("\x00" + rest + "\x00secret"))
	r.fromServer(r.server.Accept(r.now, r.others, rigClient))
	for _, xml := range []string{
		header, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + word + "</auth>",
		header, "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>other</resource></bind></iq>", "<presence/>",
	} {
		r.fromServer(r.server.Receive(r.now, r.others, []byte(xml)))
	}
}

// command has the server do something.
func (r *rig) command(args []string) error {
	switch args[0] {
	case "call":
		r.fromServer(r.server.Call(r.now, "alice", control.Incoming{ID: args[1], From: args[2], Name: strings.Join(args[3:], " ")}))
	case "end":
		r.fromServer(r.server.End(r.now, args[1]))
	case "text":
		r.fromServer(r.server.Text(r.now, "alice", control.Texted{From: args[1], Text: strings.Join(args[2:], " ")}))
	case "ping":
		r.fromServer(r.server.Ping(r.now, "alice"))
	case "online":
		fmt.Fprintf(&r.w, "    online %t, %d connections\n", r.server.Online("alice"), len(r.server.Connections("alice")))
	default:
		return errors.New("unknown command of the server")
	}
	return nil
}

func (r *rig) receive(data []byte) {
	n := len(data)
	if r.piece > 0 {
		n = r.piece
	}
	for len(data) > 0 {
		k := min(n, len(data))
		r.print(r.a.Receive(r.now, system.Received{Socket: r.socket, Data: data[:k:k]}))
		data = data[k:]
	}
}

// print writes an output down, keeps what was sent, and gives it to the
// server.
func (r *rig) print(out control.Output) {
	var sent [][]byte
	gone := false
	for _, c := range out.Effects {
		switch c := c.(type) {
		case system.Log:
			r.event(c.Event)
		case system.Send:
			sent = append(sent, c.Data)
			r.named(string(c.Data))
		case system.Connect:
			r.line("connect %d to %s", c.Socket, c.Target)
		case system.StartTLS:
			r.line("start TLS on %d as %s", c.Socket, c.Name)
		case system.Close:
			r.line("close %d", c.Socket)
			gone = true
		}
	}
	for _, n := range out.Notices {
		name := strings.TrimPrefix(fmt.Sprintf("%T", n), "control.")
		r.line("NOTICE %s%s", name, strings.Trim(strconv.Quote(shown(n)), `"`))
	}
	r.toServer(sent, gone)
}

// named keeps the name of an iq.
func (r *rig) named(sent string) {
	if _, rest, ok := strings.Cut(sent, " id='"); ok && strings.HasPrefix(sent, "<iq ") {
		r.id, _, _ = strings.Cut(rest, "'")
	}
}

func (r *rig) toServer(sent [][]byte, gone bool) {
	if r.server == nil {
		return
	}
	for _, data := range sent {
		r.fromServer(r.server.Receive(r.now, r.socket, data))
	}
	if gone {
		r.fromServer(r.server.Closed(r.now, r.socket, nil))
	}
}

// fromServer writes down what the server did, and hands the agent what it sent as
// one read.
func (r *rig) fromServer(out control.ServerOutput) {
	var data []byte
	closed := false
	for _, c := range out.Effects {
		switch c := c.(type) {
		case system.Log:
			what, detail := c.Event.Text()
			r.line("    server: %s %s", what, detail)
		case system.Send:
			if c.Socket == r.socket {
				data = append(data, c.Data...)
			} else if strings.HasPrefix(string(c.Data), "<message") || strings.HasPrefix(string(c.Data), "<iq") {
				r.line("    to the other: %s", c.Data)
			}
		case system.Close:
			closed = closed || c.Socket == r.socket
		case system.SendPush:
			r.line("    server: push to %s %v", c.Push.Token, c.Push.Payload)
		}
	}
	for _, a := range out.Answers {
		r.line("    server: call %s: %d", a.ID, a.Status)
	}
	r.receive(data)
	if closed {
		r.print(r.a.Receive(r.now, system.Closed{Socket: r.socket}))
	}
}

func (r *rig) event(e event.Event) {
	what, detail := e.Text()
	r.line("%s", strings.TrimRight(fmt.Sprintf("%-36s %s", what, detail), " "))
	if d, ok := e.(event.Data); ok {
		r.raw[d.What] = d.Raw
	}
}

func (r *rig) line(format string, args ...any) {
	fmt.Fprintf(&r.w, "%9.3f  %s\n", r.now.Sub(epoch).Seconds(), strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

// shown is a notice without a source that nobody has to know.
func shown(n control.Notice) string {
	if o, ok := n.(control.Offered); ok {
		o.CallID = "" // the event has it
		n = o
	}
	return strings.NewReplacer(" Source:invalid IP", "", " Describe:false", "", " CallID:", "", " AutoAnswer:<nil>", "", " Elsewhere:}", "}").Replace(fmt.Sprintf("%+v", n))
}
