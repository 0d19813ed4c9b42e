package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/world"
)

// A post is a client over UDP that a test drives by hand.
type post struct {
	idle
	bench *bench
	node  *world.Node
	local netip.AddrPort
	got   []grammar.Message
	at    []float64 // when each came, in seconds since the last send
	blank int       // keepalives
	audio int       // packets of it
	sent  time.Time
	cseq  int
}

func (c *post) Receive(now time.Time, s system.Signal) []system.Effect {
	switch s := s.(type) {
	case system.Bound:
		if s.Socket == 1 {
			c.local = s.Local
		}
	case system.Received:
		if s.Socket != 1 {
			c.audio++
			return nil
		}
		switch f := sip.ParseDatagram(s.Data).(type) {
		case sip.Message:
			c.got = append(c.got, f.SIP)
			c.at = append(c.at, now.Sub(c.sent).Seconds())
		case sip.Ping, sip.Pong:
			c.blank++
		}
	}
	return nil
}

func (b *bench) post() *post {
	c := &post{bench: b}
	c.node = b.w.Add(fmt.Sprintf("post%d", b.n), b.addr(), c, link.Path{})
	b.w.Do(c.node, func(time.Time) []system.Effect { return []system.Effect{system.Bind{RTP: 1, Port: 5060}} })
	b.run(time.Millisecond)
	return c
}

func (c *post) send(text string) { c.sendFrom(1, text) }

func (c *post) sendFrom(socket system.Socket, text string) {
	c.sent = c.bench.w.Now()
	c.bench.w.Do(c.node, func(time.Time) []system.Effect {
		return []system.Effect{system.Send{Socket: socket, To: netip.MustParseAddrPort("10.0.0.1:5060"), Data: []byte(text)}}
	})
	c.bench.run(100 * time.Millisecond)
}

func (c *post) text(method, uri, to string, more ...string) string {
	lines := append([]string{
		method + " " + uri + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/UDP %s;rport;branch=z9hG4bKp%d", c.local, c.cseq),
		"From: <sip:guest@lab.test>;tag=f", "To: " + to,
		"Call-ID: one@" + c.local.Addr().String(), fmt.Sprintf("CSeq: %d %s", c.cseq, method), "Max-Forwards: 70",
	}, more...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

func (c *post) request(method, uri, to string, more ...string) *grammar.Response {
	c.bench.t.Helper()
	c.cseq++
	n := len(c.got)
	c.send(c.text(method, uri, to, more...))
	if len(c.got) == n {
		c.bench.t.Fatalf("no response to %s %s", method, uri)
	}
	return c.got[len(c.got)-1].(*grammar.Response)
}

// register registers alice, answering the challenge.
func (c *post) register() {
	c.bench.t.Helper()
	contact := "Contact: <sip:alice@" + c.local.String() + ">"
	res := c.request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact)
	res = c.request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact, credentials(c.bench.t, res, "alice", "secret"))
	if res.StatusCode != 200 {
		c.bench.t.Fatalf("REGISTER: %d", res.StatusCode)
	}
	c.got, c.at = nil, nil
}

// requests are the times at which a method's requests came.
func (c *post) requests(method grammar.RequestMethod) (at []float64) {
	for i, m := range c.got {
		if req, ok := m.(*grammar.Request); ok && req.Method == method {
			at = append(at, c.at[i])
		}
	}
	return at
}

func TestPhonesOverUDPAndTCPCallEachOther(t *testing.T) {
	for _, over := range [][2]sip.Transport{{sip.UDP, sip.UDP}, {sip.UDP, sip.TCP}, {sip.TCP, sip.UDP}} {
		t.Run(fmt.Sprint(over), func(t *testing.T) {
			b := newBench(t, nil)
			b.transport = over[0]
			alice := b.phone("alice", "secret", app.Manual, 440)
			b.transport = over[1]
			b.phone("carol", "secret", app.Accept, 660)
			alice.call("carol")
			b.expect("alice", "call up")
			b.expect("alice", "heard tone 660 Hz")
			b.expect("carol", "heard tone 440 Hz")
			alice.hangup()
			b.expect("carol", "call ended")
			b.expect("alice", "200 OK (BYE)")
			b.run(time.Minute)
			if load := b.lab.sip.Load(); load.Requests+load.Transactions != 0 {
				t.Errorf("left of a call that is over: %+v", load)
			}
		})
	}
}

// TestLossyUDP calls over links that lose a tenth of everything, each way.
func TestLossyUDP(t *testing.T) {
	b := newBench(t, nil)
	b.transport, b.path.Loss = sip.UDP, 0.1
	alice := b.phone("alice", "secret", app.Manual, 440)
	b.run(32 * time.Second) // the REGISTER may be lost, too
	for i := range 10 {
		b.do("bob calls alice")
		if !b.w.Run(func() bool { return b.count("alice", "call ringing") > i }, 30*time.Second) {
			t.Fatalf("call %d never rang", i+1)
		}
		alice.do(alice.Answer)
		b.run(20 * time.Second)
		b.do("bob hangs up")
		b.run(40 * time.Second)
	}
	if up, ended := b.count("alice", "call up"), b.count("alice", "call ended", "by peer"); up != 10 || ended != 10 {
		t.Errorf("%d calls up, %d ended, want 10", up, ended)
	}
}

// TestCopiesToASleepingPhone holds the lab to RFC 3261 §17.1.1.2, timers A and
// B: this is what a suspended phone's kernel gets.
func TestCopiesToASleepingPhone(t *testing.T) {
	b := newBench(t, nil)
	c := b.post()
	c.register()
	c.sent = b.w.Now().Add(5 * time.Millisecond) // the lab's own link
	b.do("bob calls alice")
	b.run(40 * time.Second)
	at := c.requests(grammar.INVITE)
	if want := []float64{0, .5, 1.5, 3.5, 7.5, 15.5, 31.5}; !slices.Equal(at, want) {
		t.Errorf("INVITE at %v, want %v", at, want)
	}
	b.expect("bob", "call ended", "408")
}

// TestCancelIsRepeated cancels a call to a phone that rings and then says no
// more.
func TestCancelIsRepeated(t *testing.T) {
	b := newBench(t, nil)
	c := b.post()
	c.register()
	b.do("bob calls alice")
	b.run(100 * time.Millisecond)
	invite := c.got[0].(*grammar.Request)
	c.send(string(sip.Encode(sip.NewResponse(invite, 180, "t"))))
	b.do("bob hangs up")
	b.run(40 * time.Second)
	if n := len(c.requests(grammar.CANCEL)); n != 11 {
		t.Errorf("%d CANCELs, want 11: over UDP until timer F", n)
	}
	b.expect("bob", "<-- 487")
}

func TestResponsesOverUDP(t *testing.T) {
	b := newBench(t, nil)
	c := b.post()
	if res := c.request("OPTIONS", "sip:lab.test", "<sip:lab.test>"); res.StatusCode != 200 {
		t.Errorf("OPTIONS: %d", res.StatusCode)
	}
	// A copy is answered with a copy.
	n := len(c.got)
	c.send(c.text("OPTIONS", "sip:lab.test", "<sip:lab.test>"))
	if len(c.got) != n+1 {
		t.Error("a copy was not answered")
	}
	// Without rport, the answer goes to the port that the Via names.
	c.cseq++
	n = len(c.got)
	c.send(strings.Replace(c.text("OPTIONS", "sip:lab.test", "<sip:lab.test>"), ":5060;rport", ":9", 1))
	if len(c.got) != n {
		t.Error("the answer came to the port it was sent from")
	}
	// What is no SIP is answered or dropped, and nobody is remembered for it.
	peers := b.lab.sip.Load().Connections
	other := b.post()
	other.send("OPTIONS sip:lab.test SIP/2.0\r\nContent-Length: 0\r\n\r\n")
	other.send("\x00\x01")
	other.send("\x00\x00")
	if n := b.lab.sip.Load().Connections; n != peers {
		t.Errorf("%d peers, want %d", n, peers)
	}
	other.send("\r\n\r\n")
	if other.blank != 1 {
		t.Errorf("%d pongs", other.blank)
	}
}

func TestPeersAreForgotten(t *testing.T) {
	b := newBench(t, func(c *Config) { c.MaxConns = len(Robots()) + 2; c.PingEvery = 5 * time.Minute })
	registered, passing, third := b.post(), b.post(), b.post()
	registered.register()
	passing.request("OPTIONS", "sip:lab.test", "<sip:lab.test>")
	third.send(third.text("OPTIONS", "sip:lab.test", "<sip:lab.test>"))
	if len(third.got) != 1 {
		t.Error("who passes by has made no room")
	}
	b.run(50 * time.Minute)
	if registered.blank != 10 || passing.blank != 0 {
		t.Errorf("%d and %d pings: want them for who is registered", registered.blank, passing.blank)
	}
	b.run(2 * time.Hour)
	if n := b.lab.sip.Load().Connections - len(Robots()); n != 0 {
		t.Errorf("%d peers are left", n)
	}
	third.request("OPTIONS", "sip:lab.test", "<sip:lab.test>")
}

// TestPeerTooMany: there is no room but that of who is registered.
func TestPeerTooMany(t *testing.T) {
	b := newBench(t, func(c *Config) { c.MaxConns = len(Robots()) + 1 })
	registered, other := b.post(), b.post()
	registered.register()
	other.send(other.text("OPTIONS", "sip:lab.test", "<sip:lab.test>"))
	if len(other.got) != 0 {
		t.Error("a peer too many was served")
	}
}

func TestUDPStopsAndStarts(t *testing.T) {
	b := newBench(t, nil)
	c := b.post()
	c.register()
	b.do("stop")
	if c.send("\r\n\r\n"); c.blank != 0 {
		t.Error("a lab that is stopped has answered")
	}
	b.do("start")
	b.run(time.Second)
	if c.send("\r\n\r\n"); c.blank != 1 {
		t.Error("no answer after the start")
	}
}
