package lab

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/world"
)

// A victim is an address that somebody else names: it counts what comes.
type victim struct {
	idle
	node  *world.Node
	bytes int
}

func (v *victim) Receive(_ time.Time, s system.Signal) []system.Effect {
	if s, ok := s.(system.Received); ok {
		v.bytes += len(s.Data)
	}
	return nil
}

func (b *bench) victim(addr netip.Addr) *victim {
	v := &victim{}
	v.node = b.w.Add("victim "+addr.String(), addr, v, b.path)
	b.w.Do(v.node, func(time.Time) []system.Effect { return audioPorts(1) })
	b.run(time.Millisecond)
	return v
}

// audioPorts are where [offer] wants audio, and the reports on it.
func audioPorts(first system.Socket) []system.Effect {
	return []system.Effect{system.Bind{RTP: first, Port: 40000}, system.Bind{RTP: first + 1, Port: 40001}}
}

// offer is a session whose audio goes to an address.
func offer(to netip.Addr) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n", to, to)
}

// invite calls somebody, with audio for an address, and returns how many bytes that
// took.
func (c *post) invite(to string, audio netip.Addr) int {
	c.cseq++
	body := offer(audio)
	text := c.text("INVITE", "sip:"+to+"@lab.test", "<sip:"+to+"@lab.test>", "Contact: <sip:alice@"+c.local.String()+">",
		"Content-Type: application/sdp", fmt.Sprintf("Content-Length: %d", len(body))) + body
	c.send(text)
	return len(text)
}

// ack acknowledges the 200 that came last.
func (c *post) ack() {
	for _, m := range c.got {
		if res, ok := m.(*grammar.Response); ok && res.StatusCode == 200 && res.IsSuccess() {
			route := "Route: " + res.GetHeader("Record-Route").Value()
			c.send(c.text("ACK", res.Contact().Address.String(), "<"+res.To().Address.String()+">;tag="+must(res.To().Params.Get("tag")), route))
			return
		}
	}
	c.bench.t.Fatal("no 200 to acknowledge")
}

func must(s string, _ bool) string { return s }

// bytes is what the client has had.
func (c *post) bytes() (n int) {
	for _, m := range c.got {
		n += len(m.String())
	}
	return n
}

// TestStrangers: one INVITE over UDP has nobody flooded, neither the address that it
// seems to come from nor the one that its SDP names (378 bytes once had 275 kB sent).
func TestStrangers(t *testing.T) {
	for _, robot := range []string{"bob", "echo", "ring", "busy"} {
		b := newBench(t, nil)
		v, c := b.victim(netip.MustParseAddr("10.9.9.9")), b.post()
		sent := c.invite(robot, netip.MustParseAddr("10.9.9.9"))
		b.run(10 * time.Minute)
		if got := c.bytes(); got > 3*sent || got < sent/2 {
			t.Errorf("%s: %d bytes had %d sent to where they seemed to come from", robot, sent, got)
		}
		if v.bytes > 0 {
			t.Errorf("%s: %d bytes had %d sent to somebody else", robot, sent, v.bytes)
		}
		if load := b.lab.sip.Load(); load.Requests+load.Transactions+load.Asked != 0 && robot != "ring" { // it rings for ever
			t.Errorf("%s: left of it: %+v", robot, load)
		}
	}
}

// TestStrangersWithAnAccomplice: what somebody else has chosen does not prove the
// address of a stranger: neither the tag of a response that the lab relays, nor one
// that the request had itself.
func TestStrangersWithAnAccomplice(t *testing.T) {
	for name, prepare := range map[string]func(b *bench, forged *post){
		"a relayed tag": func(b *bench, forged *post) {
			accomplice := b.post()
			accomplice.register()
			forged.cseq++
			forged.send(forged.text("MESSAGE", "sip:alice@lab.test", "<sip:alice@lab.test>", "Content-Length: 0"))
			for _, m := range accomplice.got {
				accomplice.send(sip.NewResponse(m.(*grammar.Request), 200, "known").String())
			}
		},
		"a tag of the request": func(_ *bench, forged *post) {
			forged.request("OPTIONS", "sip:lab.test", "<sip:lab.test>;tag=known")
		},
		"a tag and a relayed failure": func(b *bench, forged *post) {
			accomplice := b.post()
			accomplice.register()
			forged.invite("alice", forged.local.Addr())
			for _, m := range accomplice.got {
				accomplice.send(sip.NewResponse(m.(*grammar.Request), 486, "known").String())
			}
		},
	} {
		b := newBench(t, nil)
		forged := b.post()
		prepare(b, forged)
		if res, ok := forged.got[len(forged.got)-1].(*grammar.Response); !ok || must(res.To().Params.Get("tag")) != "known" {
			t.Fatalf("%s: no response with the tag came:\n%v", name, forged.got)
		}
		forged.cseq++
		forged.send(forged.text("OPTIONS", "sip:lab.test", "<sip:lab.test>;tag=known"))
		forged.got, forged.at = nil, nil
		sent := forged.invite("bob", forged.local.Addr())
		b.run(10 * time.Minute)
		if got := forged.bytes(); got > 9*sent { // three times each of three requests
			t.Errorf("%s: %d bytes had %d sent to where they seemed to come from", name, sent, got)
		}
	}
}

// TestStrangersSubscribe: a forged address is told no more than it seems to have sent
// three times, also by a lab that asks nobody who it is.
func TestStrangersSubscribe(t *testing.T) {
	for _, off := range []bool{false, true} {
		for _, event := range []string{"presence", "dialog", "message-summary"} {
			b := newBench(t, func(c *Config) { c.NoAuth = off })
			c := b.post()
			c.cseq++
			request := c.text("SUBSCRIBE", "sip:alice@lab.test", asAlice, "Contact: <sip:x@10.9.9.9>", "Event: "+event)
			c.send(request)
			for n := range 20 {
				b.do(fmt.Sprintf("send mwi alice %d/0", n))
				b.run(time.Minute)
			}
			if got := c.bytes(); got > 3*len(request) || got == 0 {
				t.Errorf("%s, off %v: %d bytes had %d sent to where they seemed to come from", event, off, len(request), got)
			}
			if load := b.lab.sip.Load(); load.Subscribed+load.Asked > 0 {
				t.Errorf("%s, off %v: left of it: %+v", event, off, load)
			}
		}
	}
}

// TestWhoAcknowledgesIsHeard: with the ACK the audio begins, where it is the caller's
// own; another's address has to send some first.
func TestWhoAcknowledgesIsHeard(t *testing.T) {
	b := newBench(t, nil)
	c := b.post()
	v := b.victim(netip.MustParseAddr("10.9.9.9"))
	c.invite("bob", netip.MustParseAddr("10.9.9.9"))
	c.ack()
	b.run(5 * time.Second)
	if v.bytes > 0 {
		t.Errorf("%d bytes to an address that was only named", v.bytes)
	}
	if !b.saw("bob", "warning: unproven-address", "10.9.9.9") {
		t.Error("nobody is told why")
	}

	own := b.post()
	b.w.Do(own.node, func(time.Time) []system.Effect { return audioPorts(2) })
	own.invite("bob", own.local.Addr())
	b.run(10 * time.Second)
	if own.audio > 0 {
		t.Errorf("%d packets before the ACK", own.audio)
	}
	own.ack()
	b.run(5 * time.Second)
	if own.audio < 250 {
		t.Errorf("%d packets in 5 s to a caller who has acknowledged, want 250", own.audio)
	}
	b.do("bob hangs up")
	b.run(time.Minute)
	if n := len(own.requests(grammar.BYE)); n != 11 {
		t.Errorf("%d copies of the BYE to a caller who has acknowledged, want 11", n)
	}
}

// TestStrangerOverTCP: the handshake has shown who calls, and nothing of whom the SDP
// names.
func TestStrangerOverTCP(t *testing.T) {
	b := newBench(t, nil)
	v, c := b.victim(netip.MustParseAddr("10.9.9.9")), b.wire()
	body := offer(netip.MustParseAddr("10.9.9.9"))
	c.cseq++
	c.send(strings.Replace(c.text("INVITE", "sip:bob@lab.test", "<sip:bob@lab.test>", "Contact: <sip:x@10.0.1.1;transport=tcp>", "Content-Type: application/sdp"),
		"Content-Length: 0\r\n\r\n", fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body), 1))
	b.run(5 * time.Second)
	if v.bytes > 0 {
		t.Errorf("%d bytes before the ACK", v.bytes)
	}
	res := c.last()
	if res.StatusCode != 200 {
		t.Fatal(res.StatusCode)
	}
	route := "Route: " + res.GetHeader("Record-Route").Value()
	c.send(c.text("ACK", res.Contact().Address.String(), "<sip:bob@lab.test>;tag="+must(res.To().Params.Get("tag")), route))
	b.run(5 * time.Second)
	if v.bytes > 0 || !b.saw("bob", "call up") || !b.saw("bob", "warning: unproven-address") {
		t.Errorf("%d bytes after the ACK", v.bytes)
	}
}

// TestStrangersAreForgotten: ten thousand forged addresses take the room of no phone
// for longer than their transactions last.
func TestStrangersAreForgotten(t *testing.T) {
	b := newBare(t, 100)
	for n := range 10000 {
		b.hear(n, []byte(strings.Replace(asking, "BRANCH", fmt.Sprint(n), 1)))
	}
	if load := b.lab.sip.Load(); load.Connections != 100 {
		t.Errorf("%+v", load)
	}
	phone := system.Accepted{Listener: b.listener, Socket: 1 << 20, Remote: forged(1)}
	for _, c := range b.lab.Receive(b.now, phone) {
		if _, closed := c.(system.Close); closed {
			t.Error("there is no room for a phone")
		}
	}
	b.lab.Receive(b.now, system.Closed{Socket: phone.Socket})
	b.run(3 * time.Minute)
	if load := b.lab.sip.Load(); load != (server.Load{}) {
		t.Errorf("three minutes later: %+v", load)
	}
}

const asking = "OPTIONS sip:lab.test SIP/2.0\r\nVia: SIP/2.0/UDP 10.7.7.7;rport;branch=z9hG4bKBRANCH\r\nFrom: <sip:x@lab.test>;tag=f\r\n" +
	"To: <sip:lab.test>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n\r\n"

func forged(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 7, byte(n >> 8), byte(n)}), 5060)
}

// TestMalformedMessages: 4,500 messages of a generator, from as many addresses, leave
// nothing behind in the lab but lines of the log, which is its host's.
func TestMalformedMessages(t *testing.T) {
	b := newBare(t, 0)
	rng := rand.New(rand.NewPCG(3, 4))
	flood := func(n int) {
		for i := range n {
			text := strings.Replace(asking, "BRANCH", fmt.Sprint(n, "-", i), 1)
			text = strings.ReplaceAll(text, "OPTIONS", []string{"INVITE", "REGISTER", "MESSAGE", "OPTIONS", "BYE"}[i%5])
			data := []byte(text)
			for range rng.IntN(8) {
				data[rng.IntN(len(data))] = byte(rng.Uint32())
			}
			b.hear(i, data)
			b.run(5 * time.Millisecond)
		}
	}
	flood(100)
	b.run(5 * time.Minute)
	before := heap()
	flood(4500)
	grown := heap() - before
	if t.Logf("grown by %d kB", grown>>10); grown > 24<<20 {
		t.Errorf("the lab has grown by %d kB", grown>>10)
	}
	b.run(5 * time.Minute)
	if grown := heap() - before; grown > 1<<20 { // tables keep the room that they had
		t.Errorf("the lab has grown by %d kB for good", grown>>10)
	}
	if load := b.lab.sip.Load(); load != (server.Load{}) {
		t.Errorf("left of it: %+v", load)
	}
}

// A bare lab has no network around it, and no robots: what it does is dropped.
type bare struct {
	lab           *Lab
	listener, udp system.Socket
	now           time.Time
}

func newBare(t *testing.T, maxConns int) *bare {
	t.Helper()
	l, err := New(Config{Config: server.Config{Addr: "10.0.0.1:5060", MaxConns: maxConns}, Rand: rand.New(rand.NewPCG(1, 2))})
	if err != nil {
		t.Fatal(err)
	}
	b := &bare{lab: l, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	at := netip.MustParseAddrPort("10.0.0.1:5060")
	for effects := l.Start(b.now); len(effects) > 0; {
		c := effects[0]
		effects = effects[1:]
		switch c := c.(type) {
		case system.Listen:
			b.listener = c.Socket
			effects = append(effects, l.Receive(b.now, system.Bound{Socket: c.Socket, Local: at})...)
		case system.Bind:
			b.udp = c.RTP
			effects = append(effects, l.Receive(b.now, system.Bound{Socket: c.RTP, Local: at})...)
		}
	}
	return b
}

// hear gives the lab a datagram of the n-th stranger.
func (b *bare) hear(n int, data []byte) {
	b.lab.Receive(b.now, system.Received{Socket: b.udp, From: forged(n), Data: data})
}

func (b *bare) run(d time.Duration) {
	b.now = b.now.Add(d)
	for at := b.lab.Deadline(); system.Due(at, b.now); at = b.lab.Deadline() {
		b.lab.Advance(at)
	}
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
