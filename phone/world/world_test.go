package world

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var (
	aliceAddr = netip.MustParseAddr("10.0.0.2")
	labAddr   = netip.MustParseAddr("10.0.0.1")
	oneWay    = link.Path{Latency: 10 * time.Millisecond}
)

// script is a machine that records every signal and answers with a function.
type script struct {
	world  *World
	notes  []string
	data   []byte
	on     func(now time.Time, s system.Signal) []system.Effect
	timer  time.Time
	ticked func(now time.Time) []system.Effect
}

func (m *script) Deadline() time.Time { return m.timer }

func (m *script) Advance(now time.Time) []system.Effect {
	m.timer = time.Time{}
	m.note("timer")
	if m.ticked == nil {
		return nil
	}
	return m.ticked(now)
}

func (m *script) Receive(now time.Time, s system.Signal) []system.Effect {
	switch s := s.(type) {
	case system.Received:
		m.data = append(m.data, s.Data...)
		m.note("data %d %d B", s.Socket, len(s.Data))
	case system.Closed:
		m.note("closed %d %v", s.Socket, s.Err)
	case system.Failed:
		m.note("failed %d %v", s.Socket, s.Err)
	case system.Connected:
		m.note("connected %d", s.Socket)
	case system.Accepted:
		m.note("accepted on %d", s.Listener)
	case system.Bound:
		m.note("bound %d", s.Socket)
	case system.Readable:
		m.note("readable %d", s.Socket)
	case system.Answered:
		m.note("%s", answered(s))
	default:
		m.note("%T", s)
	}
	if m.on == nil {
		return nil
	}
	return m.on(now, s)
}

func (m *script) note(format string, args ...any) {
	m.notes = append(m.notes, fmt.Sprintf("%d ms ", m.world.Elapsed().Milliseconds())+fmt.Sprintf(format, args...))
}

func (m *script) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(m.notes, want) {
		t.Errorf("got:\n  %s\nwant:\n  %s", strings.Join(m.notes, "\n  "), strings.Join(want, "\n  "))
	}
	m.notes = nil
}

// pair is two nodes, 20 ms apart, and a stream between them that is open 60 ms
// after the start: socket 1 of alice, conn of the lab.
type pair struct {
	*World
	alice, lab         *script
	aliceNode, labNode *Node
	conn               system.Socket
	labOn              func(now time.Time, s system.Signal) []system.Effect
}

func newPair(t *testing.T, cfg Config, path link.Path) *pair {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = new(event.Log)
	}
	p := &pair{World: New(cfg)}
	p.alice, p.lab = &script{world: p.World}, &script{world: p.World}
	p.lab.on = func(now time.Time, s system.Signal) []system.Effect {
		if a, ok := s.(system.Accepted); ok {
			p.conn = a.Socket
		}
		if p.labOn != nil {
			return p.labOn(now, s)
		}
		return nil
	}
	p.labNode = p.Add("lab", labAddr, p.lab, path)
	p.aliceNode = p.Add("alice", aliceAddr, p.alice, path)
	return p
}

func (p *pair) do(n *Node, effects ...system.Effect) {
	p.World.Do(n, func(time.Time) []system.Effect { return effects })
}

func (p *pair) open(t *testing.T) {
	t.Helper()
	p.do(p.labNode, system.Listen{Socket: 1, Addr: "0.0.0.0:5060"})
	p.do(p.aliceNode, system.Connect{Socket: 1, Target: "lab:5060"})
	p.RunUntil(60 * time.Millisecond)
	p.alice.want(t, "40 ms connected 1")
	p.lab.want(t, "0 ms bound 1", "60 ms accepted on 1")
}

func TestConnectTakesARoundTrip(t *testing.T) {
	newPair(t, Config{}, oneWay).open(t)
}

func TestConnectThatCannotBe(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	failed := map[system.Socket]error{}
	p.alice.on = func(_ time.Time, s system.Signal) []system.Effect {
		if f, ok := s.(system.Failed); ok {
			failed[f.Socket] = f.Err
		}
		return nil
	}
	p.do(p.aliceNode,
		system.Connect{Socket: 1, Target: "lab:5060"},
		system.Connect{Socket: 2, Target: "nowhere.example:5060"},
		system.Connect{Socket: 3, Target: "lab"},
		system.Connect{Socket: 4, Target: "lab:70000"},
		system.Connect{Socket: 5, Target: "10.9.9.9:5060"})
	p.RunUntil(2 * time.Minute)
	p.alice.want(t,
		"0 ms failed 2 lookup nowhere.example: no such host",
		"0 ms failed 3 address lab: missing port in address",
		"0 ms failed 4 address lab:70000: invalid port",
		"40 ms failed 1 connection refused",
		"75000 ms failed 5 connection timed out")
	for id, want := range map[system.Socket]system.SocketError{1: system.Refused, 2: system.UnknownHost, 5: system.TimedOut} {
		if !errors.Is(failed[id], want) {
			t.Errorf("socket %d failed with %v, want %v", id, failed[id], want)
		}
	}
}

func TestListenErrors(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.do(p.labNode,
		system.Listen{Socket: 1, Addr: ":5060"},
		system.Listen{Socket: 2, Addr: "10.0.0.1:5060"},
		system.Listen{Socket: 3, Addr: "192.0.2.1:5060"},
		system.Listen{Socket: 4, Addr: "10.0.0.1:0"})
	p.RunUntil(0)
	p.lab.want(t, "0 ms bound 1", "0 ms failed 2 address already in use",
		"0 ms failed 3 cannot assign requested address", "0 ms bound 4")
}

func TestStreamKeepsOrderInAnyPieces(t *testing.T) {
	p := newPair(t, Config{Seed: 5, MSS: 100, Split: true}, link.Path{Latency: time.Millisecond, Jitter: 50 * time.Millisecond, Loss: 0.1})
	p.do(p.labNode, system.Listen{Socket: 1, Addr: ":5060"})
	p.do(p.aliceNode, system.Connect{Socket: 1, Target: "lab:5060"})
	if !p.Run(func() bool { return p.conn != 0 }, time.Minute) {
		t.Fatal("no connection")
	}
	p.lab.notes = nil
	sent := make([]byte, 20000)
	for i := range sent {
		sent[i] = byte(i * i >> 3)
	}
	for part := range slices.Chunk(sent, 3000) {
		p.do(p.aliceNode, system.Send{Socket: 1, Data: slices.Clone(part)})
	}
	p.Run(func() bool { return len(p.lab.data) == len(sent) }, 24*time.Hour)
	if !bytes.Equal(p.lab.data, sent) {
		t.Fatalf("%d bytes arrived of %d, or not the same", len(p.lab.data), len(sent))
	}
	if len(p.lab.notes) < 300 {
		t.Errorf("%d pieces: not split", len(p.lab.notes))
	}
}

func TestCloseSendsFIN(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.do(p.aliceNode, system.Send{Socket: 1, Data: []byte("bye")}, system.Close{Socket: 1}, system.Send{Socket: 1, Data: []byte("?")})
	p.RunUntil(time.Second)
	p.lab.want(t, fmt.Sprintf("80 ms data %d 3 B", p.conn), fmt.Sprintf("80 ms closed %d <nil>", p.conn))
	p.alice.want(t)
	if len(p.aliceNode.sockets)+len(p.aliceNode.tcp.used) != 0 || len(p.labNode.sockets) != 1 {
		t.Error("a closed socket was left behind")
	}
}

func TestCloseWithReset(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.do(p.labNode, system.Close{Socket: p.conn, Reset: true})
	p.RunUntil(time.Second)
	p.alice.want(t, "80 ms closed 1 connection reset by peer")
}

func TestDataToAClosedSocketIsReset(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.Cut(p.labNode) // the FIN is lost
	p.do(p.labNode, system.Close{Socket: p.conn})
	p.Restore(p.labNode)
	p.do(p.aliceNode, system.Send{Socket: 1, Data: []byte("anyone?")})
	p.RunUntil(500 * time.Millisecond)
	p.alice.want(t, "100 ms closed 1 connection reset by peer")
}

func TestCutIsSilentUntilRestored(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.Cut(p.aliceNode)
	p.do(p.aliceNode, system.Send{Socket: 1, Data: []byte("one")}, system.Send{Socket: 1, Data: []byte("two")})
	p.RunUntil(10 * time.Second)
	p.lab.want(t)
	p.alice.want(t)
	p.Restore(p.aliceNode)
	p.RunUntil(20 * time.Second) // tries after 1, 2, 4, 8 s
	p.lab.want(t, fmt.Sprintf("15080 ms data %d 3 B", p.conn), fmt.Sprintf("15080 ms data %d 3 B", p.conn))
}

func TestCutForeverBreaksTheStream(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.Cut(p.aliceNode)
	p.do(p.aliceNode, system.Send{Socket: 1, Data: []byte("one")})
	p.RunUntil(time.Hour)
	p.alice.want(t, "924660 ms closed 1 connection timed out")
	p.lab.want(t)
}

func TestWritingWithoutEndBreaksTheStream(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.do(p.labNode, system.Freeze{})
	for range 40 {
		p.do(p.aliceNode, system.Send{Socket: 1, Data: make([]byte, 128<<10)})
	}
	p.RunUntil(time.Second)
	p.alice.want(t, "60 ms closed 1 no buffer space available")
}

func TestDatagrams(t *testing.T) {
	p := newPair(t, Config{Seed: 9}, link.Path{Latency: 5 * time.Millisecond, Loss: 0.1})
	var to netip.AddrPort
	p.labOn = func(_ time.Time, s system.Signal) []system.Effect {
		if b, ok := s.(system.Bound); ok {
			to = b.Local
		}
		return nil
	}
	p.do(p.labNode, system.Bind{RTP: 7, RTCP: 8})
	p.do(p.aliceNode, system.Bind{RTP: 1, RTCP: 2})
	p.RunUntil(0)
	if to.Port()%2 != 0 || to.Addr() != labAddr {
		t.Fatalf("bound to %s: want an even port", to)
	}
	p.lab.notes = nil
	const n = 10000
	for i := range n {
		p.RunUntil(time.Duration(i) * 20 * time.Millisecond)
		p.do(p.aliceNode, system.Send{Socket: 1, To: to, Data: []byte{1}}, system.Send{Socket: 2, To: netip.AddrPortFrom(labAddr, 9), Data: []byte{1}})
	}
	p.RunUntil(time.Hour)
	loss := 1 - float64(len(p.lab.data))/n
	if want := 1 - 0.9*0.9; math.Abs(loss-want) > 0.01 {
		t.Errorf("lost %.3f over two links of 0.1, want %.3f", loss, want)
	}
	p.do(p.labNode, system.Close{Socket: 7}, system.Close{Socket: 8})
	if len(p.labNode.udp.used) != 0 {
		t.Error("a port was not given back")
	}
}

func TestBindSingle(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	var bound []system.Bound
	p.labOn = func(_ time.Time, s system.Signal) []system.Effect {
		if b, ok := s.(system.Bound); ok {
			bound = append(bound, b)
		}
		return nil
	}
	p.do(p.labNode,
		system.Bind{RTP: 1, Port: 5060}, system.Bind{RTP: 2, Port: 5060}, system.Bind{RTP: 3, Addr: aliceAddr},
		system.Bind{RTP: 4, Target: "nobody:5060"}, system.Bind{RTP: 5, Target: "alice:5060"})
	p.RunUntil(0)
	p.lab.want(t, "0 ms bound 1", "0 ms failed 2 address already in use", "0 ms failed 3 cannot assign requested address",
		"0 ms failed 4 lookup nobody: no such host", "0 ms bound 5")
	if want := netip.AddrPortFrom(labAddr, 5060); bound[0].Local != want || bound[0].Remote.IsValid() {
		t.Errorf("bound %+v, want %s", bound[0], want)
	}
	if want := netip.AddrPortFrom(aliceAddr, 5060); bound[1].Remote != want || bound[1].Local.Addr() != labAddr {
		t.Errorf("bound %+v, want a way to %s", bound[1], want)
	}
}

func TestNoSoundCard(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.do(p.aliceNode, system.OpenSound{Way: event.Microphone})
	p.RunUntil(0)
	p.alice.want(t, "0 ms system.SoundFailed")
}

func TestMisuseIsWrittenDown(t *testing.T) {
	log := new(event.Log)
	p := newPair(t, Config{Log: log}, oneWay)
	p.do(p.aliceNode, system.BackgroundReady{}, system.Bind{RTP: 1, RTCP: 2}, system.Connect{Socket: 1, Target: "lab:5060"})
	p.RunUntil(time.Second)
	p.alice.want(t, "0 ms bound 1")
	if n := len(log.After(0)); n != 2 {
		t.Errorf("%d events, want one for each mistake", n)
	}
}

func TestStuckMachinePanics(t *testing.T) {
	w := New(Config{Log: new(event.Log)})
	m := &script{world: w, timer: w.Now()}
	m.ticked = func(now time.Time) []system.Effect { m.notes, m.timer = nil, now; return nil }
	defer func() {
		if recover() == nil {
			t.Error("a clock that cannot move was not noticed")
		}
	}()
	w.Add("stuck", aliceAddr, m, link.Path{})
	w.RunUntil(time.Second)
}
