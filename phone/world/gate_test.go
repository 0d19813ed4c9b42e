package world

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

func (p *pair) fromLab(text string) {
	p.do(p.labNode, system.Send{Socket: p.conn, Data: []byte(text)})
}

func TestFrozenDataWaitsAndArrivesInALump(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.do(p.aliceNode, system.Freeze{Watch: []system.Socket{1}})
	p.fromLab("INVITE")
	p.RunUntil(time.Second)
	p.fromLab(" alice")
	p.RunUntil(2 * time.Second)
	p.alice.want(t, "80 ms readable 1") // once, however much comes
	p.do(p.aliceNode, system.Thaw{})
	p.RunUntil(3 * time.Second)
	p.alice.want(t, "2000 ms data 1 12 B")
}

func TestFrozenUnwatchedSocketTellsNobody(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.do(p.aliceNode, system.Freeze{})
	p.fromLab("x")
	p.RunUntil(time.Second)
	p.alice.want(t)
}

func TestFrozenFINAndRSTAreReadable(t *testing.T) {
	for name, reset := range map[string]bool{"<nil>": false, "connection reset by peer": true} {
		p := newPair(t, Config{}, oneWay)
		p.open(t)
		p.do(p.aliceNode, system.Freeze{Watch: []system.Socket{1}})
		p.fromLab("last words")
		p.do(p.labNode, system.Close{Socket: p.conn, Reset: reset})
		p.RunUntil(time.Second)
		p.alice.want(t, "80 ms readable 1")
		p.do(p.aliceNode, system.Thaw{})
		p.RunUntil(2 * time.Second)
		p.alice.want(t, "1000 ms data 1 10 B", "1000 ms closed 1 "+name)
	}
}

func TestThawLetsOverdueTimersGoFirst(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.do(p.aliceNode, system.Freeze{Watch: []system.Socket{1}})
	p.fromLab("x")
	p.RunUntil(time.Second)
	p.alice.notes = nil
	p.alice.timer = p.Now().Add(-time.Minute)
	p.do(p.aliceNode, system.Thaw{})
	p.RunUntil(2 * time.Second)
	p.alice.want(t, "1000 ms timer", "1000 ms data 1 1 B")
}

func TestSocketsThawInTheOrderOfTheirNumbers(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	first := p.conn
	p.do(p.aliceNode, system.Connect{Socket: 2, Target: "lab:5060"}, system.Bind{RTP: 3, RTCP: 4})
	p.RunUntil(200 * time.Millisecond)
	second := p.conn
	rtp := p.aliceNode.sockets[3].local
	p.do(p.labNode, system.Bind{RTP: 8, RTCP: 9})
	p.do(p.aliceNode, system.Connect{Socket: 5, Target: "lab:5060"}, system.Freeze{Watch: []system.Socket{5}})
	p.alice.notes = nil
	p.do(p.labNode,
		system.Send{Socket: second, Data: []byte("a")},
		system.Send{Socket: 8, To: rtp, Data: []byte("bb")},
		system.Send{Socket: first, Data: []byte("ccc")},
		system.Send{Socket: 8, To: rtp, Data: []byte("dd")},
		system.Send{Socket: second, Data: []byte("e")})
	p.RunUntil(time.Second)
	p.do(p.aliceNode, system.Thaw{})
	p.RunUntil(time.Second)
	p.alice.want(t, "1000 ms connected 5", "1000 ms data 1 3 B", "1000 ms data 2 2 B", "1000 ms data 3 2 B", "1000 ms data 3 2 B")
}

func TestFreezeAgainBeforeReading(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.do(p.aliceNode, system.Freeze{Watch: []system.Socket{1}})
	p.fromLab("x")
	p.RunUntil(time.Second)
	p.do(p.aliceNode, system.Thaw{}, system.Freeze{Watch: []system.Socket{1}})
	p.RunUntil(2 * time.Second)
	p.alice.want(t, "80 ms readable 1", "1000 ms readable 1")
	p.do(p.aliceNode, system.Thaw{})
	p.RunUntil(3 * time.Second)
	p.alice.want(t, "2000 ms data 1 1 B")
}

func TestClosingUnreadDataResets(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.do(p.aliceNode, system.Freeze{})
	p.fromLab("x")
	p.RunUntil(time.Second)
	p.do(p.aliceNode, system.Close{Socket: 1}, system.Thaw{})
	p.RunUntil(2 * time.Second)
	p.alice.want(t)
	p.lab.want(t, fmt.Sprintf("1020 ms closed %d connection reset by peer", p.conn))
}

func TestFrozenListenerAcceptsLater(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.do(p.labNode, system.Listen{Socket: 1, Addr: ":5060"})
	p.RunUntil(0)
	p.do(p.labNode, system.Freeze{})
	p.do(p.aliceNode, system.Connect{Socket: 1, Target: "10.0.0.1:5060"})
	p.RunUntil(50 * time.Millisecond)
	p.alice.want(t, "40 ms connected 1") // the kernel shakes hands alone
	p.do(p.aliceNode, system.Send{Socket: 1, Data: []byte("hello")})
	p.RunUntil(time.Second)
	p.lab.want(t, "0 ms bound 1")
	p.do(p.labNode, system.Thaw{})
	p.RunUntil(time.Second)
	p.lab.want(t, "1000 ms accepted on 1", fmt.Sprintf("1000 ms data %d 5 B", p.conn))
}

func TestFullWindowWaitsForTheReader(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.do(p.aliceNode, system.Freeze{})
	const total = 1 << 20
	p.do(p.labNode, system.Send{Socket: p.conn, Data: make([]byte, total)})
	p.RunUntil(time.Second)
	if got := p.aliceNode.sockets[1].bytes; got > window {
		t.Errorf("%d bytes wait in the kernel, more than the window", got)
	}
	p.do(p.aliceNode, system.Thaw{})
	p.RunUntil(2 * time.Second)
	if len(p.alice.data) != total {
		t.Errorf("%d bytes of %d arrived", len(p.alice.data), total)
	}
}

// TestDrainedSocketIsReadInAFreeze: what waits in it first, and then what comes; the others
// wait, and all is as ever once the program runs again.
func TestDrainedSocketIsReadInAFreeze(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	first := p.conn
	p.do(p.aliceNode, system.Connect{Socket: 2, Target: "lab:5060"})
	p.RunUntil(200 * time.Millisecond)
	p.alice.notes = nil
	p.do(p.aliceNode, system.Freeze{Watch: []system.Socket{1, 2}})
	p.do(p.labNode, system.Send{Socket: first, Data: []byte("before")})
	p.RunUntil(time.Second)
	p.do(p.aliceNode, system.Drain{Socket: 1})
	p.RunUntil(1500 * time.Millisecond)
	p.do(p.labNode, system.Send{Socket: first, Data: []byte("then")}, system.Send{Socket: p.conn, Data: []byte("the other")})
	p.RunUntil(2 * time.Second)
	p.alice.want(t, "220 ms readable 1", "1000 ms data 1 6 B", "1520 ms data 1 4 B", "1520 ms readable 2")
	p.do(p.aliceNode, system.Thaw{})
	p.RunUntil(3 * time.Second)
	p.do(p.labNode, system.Send{Socket: first, Data: []byte("x")})
	p.RunUntil(4 * time.Second)
	p.alice.want(t, "2000 ms data 2 9 B", "3020 ms data 1 1 B")
}

// TestApartInAFreeze: a connection of a process that is never frozen is opened and read in a
// freeze.
func TestApartInAFreeze(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	p.alice.notes = nil
	p.do(p.aliceNode, system.Freeze{}, system.Connect{Socket: 2, Target: "lab:5060", Apart: true}, system.Connect{Socket: 3, Target: "lab:5060"})
	p.RunUntil(time.Second)
	if len(p.alice.notes) != 1 || !strings.Contains(p.alice.notes[0], "2") {
		t.Errorf("in a freeze: %q, want socket 2 open and no other", p.alice.notes)
	}
}
