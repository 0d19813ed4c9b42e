package lab

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A sleeper is an app's wake socket that a test drives by hand.
type sleeper struct {
	wire
	lines []string
}

func (c *sleeper) Receive(_ time.Time, s system.Signal) []system.Effect {
	switch s := s.(type) {
	case system.Closed:
		c.closed = "FIN"
	case system.Received:
		c.lines = append(c.lines, strings.Fields(string(s.Data))...)
	}
	return nil
}

func (b *bench) sleeper() *sleeper {
	c := &sleeper{wire: wire{bench: b}}
	c.node = b.w.Add(fmt.Sprintf("sleeper%d", b.n), b.addr(), c, link.Path{})
	b.w.Do(c.node, func(time.Time) []system.Effect { return []system.Effect{system.Connect{Socket: 1, Target: "lab:5070"}} })
	b.run(100 * time.Millisecond)
	return c
}

func withBells(c *Config) { c.WakeAddr = "10.0.0.1:5070" }

func TestBellLines(t *testing.T) {
	for _, tc := range []struct{ send, want, closed string }{
		{"HELLO alice\r\n", "OK", ""},
		{"HELLO alice\nPING\r\n", "OK PONG", ""},
		{"PING\r\n", "PONG", ""},
		{"HELLO alice\r\nHELLO carol\r\n", "OK OK", ""},
		{"HELLO zoe\r\n", "NO", "FIN"},
		{"HELLO\r\n", "NO", "FIN"},
		{"GET / HTTP/1.1\r\n\r\n", "NO", "FIN"},
		{strings.Repeat("x", maxWakeText+1), "NO", "FIN"},
		{strings.Repeat("x", maxWakeText+1) + "\n", "NO", "FIN"},
		{"HELLO alice", "", ""},
	} {
		b := newBench(t, withBells)
		c := b.sleeper()
		c.send(tc.send)
		if got := strings.Join(c.lines, " "); got != tc.want || c.closed != tc.closed {
			t.Errorf("%.30q: %q, closed %q; want %q, %q", tc.send, got, c.closed, tc.want, tc.closed)
		}
	}
}

// TestWakeLineAndInviteAtOnce is the race: both go out together.
func TestWakeLineAndInviteAtOnce(t *testing.T) {
	b := newBench(t, withBells)
	bell, phone := b.sleeper(), b.post()
	bell.send("HELLO alice\r\n")
	phone.register()
	b.do("bob calls alice")
	b.run(20 * time.Millisecond)
	if !slices.Contains(bell.lines, "WAKE") || len(phone.requests(grammar.INVITE)) != 1 {
		t.Errorf("lines %q, %d INVITEs", bell.lines, len(phone.requests(grammar.INVITE)))
	}
	b.expect("lab", "wake line", "alice", "at once")
}

// TestWakeRaceIsTold registers from another port while the INVITE is on its way
// to the old one.
func TestWakeRaceIsTold(t *testing.T) {
	b := newBench(t, withBells)
	bell, before, after := b.sleeper(), b.post(), b.post()
	bell.send("HELLO alice\r\n")
	contact := func(c *post) string {
		return "Contact: <sip:alice@" + c.local.String() + `>;+sip.instance="<urn:uuid:1>"`
	}
	for _, c := range []*post{before, after} {
		res := c.request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact(c))
		c.request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact(c), credentials(t, res, "alice", "secret"))
		if c == before {
			b.do("bob calls alice")
			b.run(time.Second)
		}
	}
	b.expect("lab", "wake-race", "INVITE for alice went to "+before.local.String(), "registered "+after.local.String())
	b.run(40 * time.Second)
	if n := len(after.requests(grammar.INVITE)); n != 0 {
		t.Errorf("%d INVITEs came to the new port", n)
	}
	b.expect("bob", "call ended", "408")
}

func TestWakeWait(t *testing.T) {
	b := newBench(t, func(c *Config) { withBells(c); c.WakeWait = 2 * time.Second })
	bell, phone := b.sleeper(), b.post()
	bell.send("HELLO alice\r\n")
	phone.register()
	b.do("bob calls alice")
	b.run(time.Second)
	if len(phone.got) != 0 || !slices.Contains(bell.lines, "WAKE") {
		t.Fatalf("%d messages, lines %q", len(phone.got), bell.lines)
	}
	b.run(1500 * time.Millisecond)
	if len(phone.requests(grammar.INVITE)) == 0 {
		t.Error("the INVITE never came")
	}
	b.do("bob hangs up")
	b.run(time.Minute)
	// The caller gives up while it is held.
	phone.got, phone.at = nil, nil
	before := b.count("bob", "call ended")
	b.do("bob calls alice")
	b.run(time.Second)
	b.do("bob hangs up")
	b.run(time.Second)
	if len(phone.got) != 0 {
		t.Errorf("%d messages to the phone of a call that was cancelled", len(phone.got))
	}
	if n := b.count("bob", "call ended") - before; n != 1 {
		t.Errorf("%d calls ended", n)
	}
}

func TestWakeByHandAndStop(t *testing.T) {
	b := newBench(t, withBells)
	c := b.sleeper()
	if _, err := b.lab.Do(b.w.Now(), "wake alice"); err == nil || !strings.Contains(err.Error(), "no wake socket") {
		t.Errorf("got %v", err)
	}
	c.send("HELLO alice\r\n")
	b.do("wake alice")
	b.run(time.Second)
	if !slices.Equal(c.lines, []string{"OK", "WAKE"}) {
		t.Errorf("lines %q", c.lines)
	}
	b.do("stop")
	b.run(time.Second)
	if c.closed != "FIN" || len(b.lab.wake.sockets) != 0 {
		t.Errorf("closed %q, %d wake sockets", c.closed, len(b.lab.wake.sockets))
	}
	b.do("start")
	again := b.sleeper()
	again.send("HELLO alice\r\n")
	if !slices.Equal(again.lines, []string{"OK"}) {
		t.Errorf("after the start: %q", again.lines)
	}
}

func FuzzWakeSocket(f *testing.F) {
	f.Add([]byte("HELLO alice\r\nPING\r\n"), []byte("HELLO zoe\r\n"))
	f.Add([]byte("\n\n\n"), []byte("HELLO alice"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		l, err := New(Config{
			Config: server.Config{Addr: ":5060", Accounts: []Account{{User: "alice", Password: "secret"}}}, WakeAddr: ":5070", Rand: rand.New(rand.NewPCG(1, 2)),
		})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		l.Start(now)
		l.Receive(now, system.Bound{Socket: 1, Local: netip.MustParseAddrPort("10.0.0.1:5070")})
		l.Receive(now, system.Bound{Socket: 2, Local: netip.MustParseAddrPort("10.0.0.1:5060")})
		conn := ^system.Socket(0)
		l.Receive(now, system.Accepted{Listener: 1, Socket: conn, Remote: netip.MustParseAddrPort("10.0.1.1:49152")})
		for _, data := range [][]byte{first, second} {
			l.Receive(now, system.Received{Socket: conn, Data: append([]byte(nil), data...)})
			if b := l.wake.sockets[conn]; b != nil && len(b.rest) > maxWakeText {
				t.Fatalf("%d bytes are held", len(b.rest))
			}
		}
		l.Receive(now, system.Closed{Socket: conn})
		if len(l.wake.sockets)+len(l.wake.byUser["alice"]) != 0 {
			t.Fatal("something is left of a wake socket that is gone")
		}
	})
}
