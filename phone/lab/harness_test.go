package lab

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/websocket"
	"github.com/sleeptalk/sleeptalk/phone/world"
)

var labAddr = netip.MustParseAddr("10.0.0.1")

// bench is a lab in a world, and whoever else a test adds.
type bench struct {
	t   *testing.T
	w   *world.World
	log *event.Log
	lab *Lab
	at  *world.Node
	n   byte
	// transport and path are those of the phones that are added.
	transport sip.Transport
	path      link.Path
	trust     *x509.CertPool
}

func newBench(t *testing.T, change func(*Config)) *bench {
	t.Helper()
	return newPushBench(t, push.Config{}, change)
}

// newPushBench is a bench with a push service of a certain kind.
func newPushBench(t *testing.T, pushes push.Config, change func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, log: new(event.Log), path: link.Path{Latency: 20 * time.Millisecond}}
	b.w = world.New(world.Config{Seed: 1, Log: b.log, Split: true, MSS: 400, Push: pushes})
	cfg := Config{
		Config: server.Config{Addr: "10.0.0.1:5060", Accounts: []Account{{User: "alice", Password: "secret"}, {User: "carol", Password: "secret"}}},
		Rand:   rand.New(rand.NewPCG(1, 2)), Robots: Robots(),
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	if b.lab, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	b.at = b.w.Add("lab", labAddr, b.lab, link.Path{Latency: 5 * time.Millisecond})
	b.w.Do(b.at, b.lab.Start)
	b.run(time.Second)
	return b
}

func (b *bench) run(d time.Duration) { b.w.RunUntil(b.w.Elapsed() + d) }

func (b *bench) do(line string) {
	b.t.Helper()
	b.w.Do(b.at, func(now time.Time) []system.Effect {
		effects, err := b.lab.Do(now, line)
		if err != nil {
			b.t.Fatal(err)
		}
		return effects
	})
}

func (b *bench) addr() netip.Addr {
	b.n++
	return netip.AddrFrom4([4]byte{10, 0, 1, b.n})
}

// saw reports whether the log has an event of that phone whose line of text
// contains all of the parts.
func (b *bench) saw(phone string, parts ...string) bool {
	for _, r := range b.log.After(0) {
		line := event.Line(r)
		ok := r.Phone == phone
		for _, p := range parts {
			ok = ok && strings.Contains(line, p)
		}
		if ok {
			return true
		}
	}
	return false
}

func (b *bench) expect(phone string, parts ...string) {
	b.t.Helper()
	if !b.w.Run(func() bool { return b.saw(phone, parts...) }, 20*time.Second) {
		b.t.Errorf("%s never had %q", phone, parts)
		b.dump()
	}
}

func (b *bench) dump() {
	for _, r := range b.log.After(0) {
		if k := r.Event.Kind(); k != "audio" && k != "rtp" {
			b.t.Log(event.Line(r))
		}
	}
}

// layers are the TLS and the WebSocket of a program.
func layers(cfg secure.Config) *websocket.Layer {
	return websocket.Over(secure.New(cfg), rand.New(rand.NewPCG(1, 7)))
}

// A phone is the softphone program on a system that never sleeps.
type phone struct {
	*app.App
	tls   *websocket.Layer // and what is above it
	bench *bench
	node  *world.Node
}

func (p *phone) only(now time.Time, effects []system.Effect) []system.Effect {
	var kept []system.Effect
	for _, c := range effects {
		switch c.(type) {
		case system.Connect, system.StartTLS, system.StartWebSocket, system.Bind, system.Send, system.Close, system.Log:
			kept = p.tls.Call(now, c, kept)
		}
	}
	return kept
}

func (p *phone) Advance(now time.Time) []system.Effect { return p.only(now, p.App.Advance(now)) }

func (p *phone) Receive(now time.Time, s system.Signal) []system.Effect {
	signals, effects := p.tls.Receive(now, s, nil, nil)
	for _, s := range signals {
		effects = append(effects, p.only(now, p.App.Receive(now, s))...)
	}
	return effects
}

func (p *phone) do(f func(now time.Time, call int) ([]system.Effect, error)) {
	p.bench.t.Helper()
	p.bench.w.Do(p.node, func(now time.Time) []system.Effect {
		effects, err := f(now, 0)
		if err != nil {
			p.bench.t.Fatal(err)
		}
		return p.only(now, effects)
	})
}

func (p *phone) call(to string) {
	p.bench.t.Helper()
	p.do(func(now time.Time, _ int) ([]system.Effect, error) { return p.Call(now, "", to) })
}

func (p *phone) hangup() {
	p.bench.t.Helper()
	p.do(p.Hangup)
}

// phone adds one and lets it register.
func (b *bench) phone(name, password string, auto app.Behaviour, hz float64) *phone {
	b.t.Helper()
	a, err := app.New(app.Config{
		Account: sip.Config{
			AOR: "sip:" + name + "@lab.test", Password: password, Server: "lab:5060", Transport: b.transport,
			Instance: "urn:uuid:00000000-0000-4000-8000-00000000000" + fmt.Sprint(b.n), Outbound: true,
		},
		Strategy: app.NoStrategy, Auto: auto,
		Sound: app.Sound{Mic: func(rate int) pcm.Source { return pcm.Tone(rate, hz, -10) }},
		Rand:  rand.New(rand.NewPCG(uint64(b.n), 99)),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	p := &phone{App: a, tls: layers(secure.Config{CA: b.trust}), bench: b}
	p.node = b.w.Add(name, b.addr(), p, b.path)
	b.w.Do(p.node, func(now time.Time) []system.Effect { return p.Receive(now, system.Launched{}) })
	b.run(time.Second)
	return p
}

// idle is the part of a machine that does nothing by itself: it only receives.
type idle struct{}

func (idle) Deadline() time.Time               { return time.Time{} }
func (idle) Advance(time.Time) []system.Effect { return nil }

// A wire is a client that a test drives by hand, byte by byte.
type wire struct {
	idle
	bench   *bench
	node    *world.Node
	framer  sip.Framer
	reqs    []*grammar.Request
	resps   []*grammar.Response
	pings   int
	refused int // requests of ours that nobody can read
	pushes  int
	closed  string // "", "FIN" or "RST"
	local   netip.AddrPort
	cseq    int
	from    string // whom it says to be; a guest if empty
}

func (c *wire) Receive(_ time.Time, s system.Signal) []system.Effect {
	switch s := s.(type) {
	case system.Connected:
		c.local = s.Local
	case system.PushArrived:
		c.pushes++
	case system.Closed:
		c.closed = "FIN"
		if s.Err != nil {
			c.closed = "RST"
		}
	case system.Received:
		c.framer.Push(s.Data)
		for f := c.framer.Next(); f != nil; f = c.framer.Next() {
			c.frame(f)
		}
	}
	return nil
}

func (c *wire) frame(f sip.Frame) {
	switch f := f.(type) {
	case sip.Ping, sip.Pong:
		c.pings++
	case sip.Message:
		if req, ok := f.SIP.(*grammar.Request); ok {
			c.reqs = append(c.reqs, req)
		} else {
			c.resps = append(c.resps, f.SIP.(*grammar.Response))
		}
	case sip.Bad:
		switch {
		case bytes.HasPrefix(f.Raw, []byte("HTTP/1.1 4")): // who begins as HTTP is answered so
		case bytes.HasPrefix(f.Raw, []byte("SIP/2.0 400 ")): // it repeats what it refuses
			c.refused++
		default:
			c.bench.t.Errorf("the lab sent what is no SIP: %v", f.Err)
		}
	}
}

func (b *bench) wire() *wire {
	c := &wire{bench: b}
	c.node = b.w.Add(fmt.Sprintf("wire%d", b.n), b.addr(), c, link.Path{Latency: time.Millisecond})
	b.w.Do(c.node, func(time.Time) []system.Effect { return []system.Effect{system.Connect{Socket: 1, Target: "lab:5060"}} })
	b.run(100 * time.Millisecond)
	return c
}

func (c *wire) send(text string) { c.sendOver(1, text) }

func (c *wire) sendOver(socket system.Socket, text string) {
	c.bench.w.Do(c.node, func(time.Time) []system.Effect {
		return []system.Effect{system.Send{Socket: socket, Data: []byte(text)}}
	})
	c.bench.run(100 * time.Millisecond)
}

// exchange sends a message and gives back the last response that came after it; nil
// if none has.
func (c *wire) exchange(text string) *grammar.Response {
	n := len(c.resps)
	c.send(text)
	if len(c.resps) == n {
		return nil
	}
	return c.last()
}

// last is the last response that came.
func (c *wire) last() *grammar.Response { return c.resps[len(c.resps)-1] }

// ask sends a request and returns the response to it; nil if there is none yet.
func (c *wire) ask(method, uri, to string, more ...string) *grammar.Response {
	c.cseq++
	return c.exchange(c.text(method, uri, to, more...))
}

// request is ask where a response must come.
func (c *wire) request(method, uri, to string, more ...string) *grammar.Response {
	c.bench.t.Helper()
	res := c.ask(method, uri, to, more...)
	if res == nil {
		c.bench.t.Fatalf("no response to %s %s", method, uri)
	}
	return res
}

func (c *wire) callID() string { return "one@" + c.local.Addr().String() }

func (c *wire) text(method, uri, to string, more ...string) string {
	lines := append([]string{
		method + " " + uri + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/TCP %s;rport;branch=z9hG4bKb%d", c.local, c.cseq),
		"From: " + cmp.Or(c.from, "<sip:guest@lab.test>") + ";tag=f", "To: " + to,
		"Call-ID: " + c.callID(), fmt.Sprintf("CSeq: %d %s", c.cseq, method), "Max-Forwards: 70",
	}, more...)
	return strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n"
}

// register registers with the given password, answering one challenge.
func (c *wire) register(user, password string, more ...string) *grammar.Response {
	c.bench.t.Helper()
	to := "<sip:" + user + "@lab.test>"
	res := c.request("REGISTER", "sip:lab.test", to, more...)
	if res.StatusCode != 401 {
		return res
	}
	return c.request("REGISTER", "sip:lab.test", to, append(more, credentials(c.bench.t, res, user, password))...)
}

// answer answers a request that the lab sent.
func (c *wire) answer(req *grammar.Request, status string, more ...string) {
	text := respondTo(req, status, "wire", more...)
	if req.IsInvite() && strings.HasPrefix(status, "200") {
		text = described(text)
	}
	c.send(text)
}

// respondTo is a response to a request, with a tag where that has none and there is one
// to give.
func respondTo(req *grammar.Request, status, tag string, more ...string) string {
	lines := append([]string{"SIP/2.0 " + status}, more...)
	for _, h := range req.Headers() {
		switch h.Name() {
		case "Via", "From", "Call-ID", "CSeq":
			lines = append(lines, h.Name()+": "+h.Value())
		case "To":
			to := h.Value()
			if tag != "" && !strings.Contains(to, "tag=") {
				to += ";tag=" + tag
			}
			lines = append(lines, "To: "+to)
		}
	}
	return strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n"
}

// described puts a session description into a message without a body.
func described(text string) string {
	return carrying(text, "application/sdp", offer(netip.MustParseAddr("10.0.1.1")))
}

// carrying puts a body into a message without one.
func carrying(text, kind, body string) string {
	length := fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n\r\n", kind, len(body))
	return strings.Replace(text, "Content-Length: 0\r\n\r\n", length, 1) + body
}

func credentials(t *testing.T, res *grammar.Response, user, password string) string {
	t.Helper()
	return credentialsFor(t, res, "REGISTER", "sip:lab.test", user, password)
}

// credentialsFor answers the challenge of a 401 or a 407.
func credentialsFor(t *testing.T, res *grammar.Response, method, uri, user, password string) string {
	t.Helper()
	all, err := digest.ParseChallenges(cmp.Or(text(res, "WWW-Authenticate"), text(res, "Proxy-Authenticate")))
	if err != nil || len(all) == 0 {
		t.Fatalf("no challenge: %v", err)
	}
	cred, err := all[0].Answer(digest.Answer{User: user, Password: password, URI: uri, Cnonce: "c", Count: 1}, digest.Message{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	return map[int]string{401: "Authorization: ", 407: "Proxy-Authorization: "}[res.StatusCode] + cred.String()
}
