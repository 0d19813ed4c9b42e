package control

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/locate"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var errRefused = errors.New("connection refused")

// seeking makes a connection that looks for its server.
func seeking() *rig {
	r := newRig(nil)
	l := locate.New(locate.Config{Domain: "example.org", Services: []locate.Service{{Transport: "tcp", SRV: "_sip._tcp", Port: "5060"}}, Rand: rand.New(rand.NewPCG(1, 2))})
	r.Seek(l, func(t locate.Target) { r.Lead(t.Server, "", false, WebSocket{}) })
	return r
}

// found answers the question with servers of one priority after the other.
func (r *rig) found(hosts ...string) (Turn, error) {
	a := system.Answered{Query: system.Query{Name: "_sip._tcp.example.org", Type: system.SRV}}
	for i, host := range hosts {
		a.Records = append(a.Records, system.Record{Priority: uint16(i), Port: 5060, Target: host, TTL: time.Hour})
	}
	if len(hosts) == 0 {
		a.Fault = system.NoSuchName
	}
	return r.receive(a)
}

// TestWay: the server is looked for, and the next is tried if one cannot be connected to
// in time; when there is no other, the connection is lost.
func TestWay(t *testing.T) {
	r := seeking()
	r.dial()
	if r.Phase() != PhaseFinding || r.Gone() || !r.Opening() || r.On(0) || r.Server() != "example.org" || r.Deadline() != epoch.Add(Patience) {
		t.Errorf("while it is looked for: phase %d, at %s, deadline %s", r.Phase(), r.Server(), r.Deadline())
	}
	r.has(t, "system.Query")
	r.found("a", "b")
	r.has(t, "system.Connect", "connecting")
	if turn, err := r.after(hurried); turn != Nothing || err != nil {
		t.Errorf("turn %d, %v", turn, err)
	}
	r.has(t, "system.Close", "failed no connection within 10 s", "system.Connect", "connecting")
	if turn, err := r.receive(system.Failed{Socket: 2, Err: errRefused}); turn != Lost || err != errRefused || !r.Gone() {
		t.Errorf("turn %d, %v, gone %t", turn, err, r.Gone())
	}
	r.has(t, "failed connection refused", "control.FlowFailed")
}

// TestWayRecovers: a connection that never carried a registration goes on to the next
// server at once; one that did is formed anew with the same.
func TestWayRecovers(t *testing.T) {
	for carried, want := range map[bool]string{true: "a:5060", false: "b:5060"} {
		r := seeking()
		r.dial()
		r.found("a", "b")
		r.receive(system.Connected{Socket: 1, Local: local, Remote: remote})
		r.receive(system.Closed{Socket: 1})
		r.step(func(s *Step) {
			if !r.Recover(s, carried, errRefused) {
				t.Errorf("carried %t: it waits", carried)
			}
		})
		r.dial()
		if r.cfg.Server != want {
			t.Errorf("carried %t: on to %s, want %s", carried, r.cfg.Server, want)
		}
	}
}

// TestWayBlames: a server that fails rests for a minute, one that is not to be reached
// from here until the next try, and what fails here alone is not laid to any.
func TestWayBlames(t *testing.T) {
	refused := fmt.Errorf("%w after 3 s", system.Refused)
	for _, c := range []struct {
		why      error
		warns    bool
		rest     time.Duration // of the first; 0: it is tried again
		whatever string
	}{
		{refused, true, locate.Rest, "it is the server's"},
		{system.UnknownHost, true, locate.Rest, "the DNS of the server is"},
		{fmt.Errorf("x: %w", system.Unreachable), false, recoveryBase, "there is no network"},
		{system.NotLocal, false, recoveryBase, "no address of that family"},
		{system.NoResolver, false, recoveryBase, "nobody knows the name"},
		{fmt.Errorf("x: %w", system.Moved), false, 0, "ours"},
		{system.NoPort, false, 0, "ours"},
		{system.AddrInUse, false, 0, "ours"},
		{system.NoBuffers, false, 0, "ours"},
	} {
		r := seeking()
		r.dial()
		r.found("a", "b")
		said := &Step{Now: r.now}
		if turn, _ := r.Receive(said, system.Failed{Socket: 1, Err: c.why}); (turn == Lost) != (c.rest == 0) {
			t.Errorf("%v, %s: turn %d", c.why, c.whatever, turn)
		}
		warned := slices.ContainsFunc(said.Out.Effects, func(e system.Effect) bool {
			l, ok := e.(system.Log)
			w, isWarning := l.Event.(event.Warning)
			return ok && isWarning && w.Rule == event.RuleServerFailover
		})
		if next, _, _ := r.locator.Next(r.now); warned != c.warns || (next.Server == "b:5060") != (c.rest > 0) {
			t.Errorf("%v, %s: warned %t, next %s", c.why, c.whatever, warned, next.Server)
		}
		for after, want := range map[time.Duration]bool{c.rest - 1: c.rest > 0, c.rest: false} {
			if next, _, _ := r.locator.Next(r.now.Add(after)); (next.Server == "b:5060") != want {
				t.Errorf("%v, %s: after %s %s", c.why, c.whatever, after, next.Server)
			}
		}
	}
}

// TestWayRenews: a registration that is lost while the connection is up leaves no server.
func TestWayRenews(t *testing.T) {
	r := seeking()
	r.dial()
	r.found("a", "b")
	r.receive(system.Connected{Socket: 1, Local: local, Remote: remote})
	for _, want := range []bool{true, false} {
		r.step(func(s *Step) {
			if r.Renew(s, errRefused) != want {
				t.Errorf("at once, want %t", want)
			}
		})
	}
	if next, _, _ := r.locator.Next(r.now); next.Server != "a:5060" || r.Deadline().IsZero() {
		t.Errorf("next is %s, at %s", next.Server, r.Deadline())
	}
}

// TestWayEnds: a search that nobody answers ends, and so does one of a domain without
// such a service; whoever comes late means nothing.
func TestWayEnds(t *testing.T) {
	r := seeking()
	r.dial()
	if turn, err := r.after(Patience); turn != Lost || err != errNoDNS || !r.Gone() {
		t.Errorf("turn %d, %v", turn, err)
	}
	r.has(t, "system.Query", "failed no answer of the DNS within 32 s", "control.FlowFailed")
	if turn, _ := r.found("a"); turn != Nothing || !r.Gone() {
		t.Error("an answer that is late opens it")
	}
	r.step(func(s *Step) {
		if r.Recover(s, false, errNoDNS) {
			t.Error("no server has failed, and another is tried")
		}
	})
	r.dial()
	r.did = nil
	if turn, err := r.found("."); turn != Lost || err != errNoService {
		t.Errorf("turn %d, %v", turn, err)
	}
	r.dial()
	r.did = nil
	r.step(func(s *Step) { r.Close(s, "by us") })
	r.has(t) // there was no socket
	r.found("a")
	if !r.Gone() {
		t.Error("an answer opens what was closed")
	}
}

// TestWayBlamesNobody: where the DNS fails, no server is to blame, and no other is tried.
func TestWayBlamesNobody(t *testing.T) {
	r := seeking()
	r.dial()
	r.found("a", "b")
	r.receive(system.Connected{Socket: 1, Local: local, Remote: remote})
	r.now = r.now.Add(2 * time.Hour)
	r.step(func(s *Step) { r.Close(s, "by us") })
	r.dial()
	if turn, err := r.after(Patience); turn != Lost || err != errNoDNS {
		t.Errorf("turn %d, %v", turn, err)
	}
	r.step(func(s *Step) {
		if r.Recover(s, false, errNoDNS) {
			t.Error("another server is tried")
		}
	})
}

// TestWayThaws: the answer may lie unread while the program was stopped.
func TestWayThaws(t *testing.T) {
	r := seeking()
	r.dial()
	r.Delay(epoch.Add(Patience + ThawGrace))
	if turn, _ := r.after(Patience); turn != Nothing || r.Gone() {
		t.Error("given up at once")
	}
}

// TestLookupShown: of a large answer the log has a part.
func TestLookupShown(t *testing.T) {
	a := system.Answered{Query: system.Query{Type: system.SRV}, Records: make([]system.Record, 64), Left: 936}
	e := a.Event()
	if n := len(e.Answers); n != 17 || e.Answers[16] != "984 more" {
		t.Errorf("%d shown, the last %q", n, e.Answers[n-1])
	}
	what, detail := e.Text()
	if line := fmt.Sprint(what, detail); strings.Count(line, ";") != 16 {
		t.Errorf("%q", line)
	}
	if what, detail := (event.Target{Server: "b:1", Transport: "tls", Number: 4, Of: 12, By: "SRV", After: "a:1: x"}).Text(); what+" "+detail != "server b:1 over TLS, the 4th of 12 (SRV), after a:1: x" {
		t.Errorf("%s %s", what, detail)
	}
}

// TestWayAddresses: another address of a server is taken after a failure, of those that the
// socket of the connection was opened to; what is said of another socket means nothing.
func TestWayAddresses(t *testing.T) {
	r := newRig(nil)
	r.dial()
	stranger := netip.MustParseAddr("192.0.2.66")
	both := []netip.Addr{remote.Addr(), netip.MustParseAddr("192.0.2.8")}
	r.receive(system.Connected{Socket: 9, Remote: netip.AddrPortFrom(stranger, 5060), Addrs: []netip.Addr{stranger, both[1]}})
	if r.Another(r.now) {
		t.Error("another socket has opened, and there is another address")
	}
	r.receive(system.Connected{Socket: 1, Local: local, Remote: remote, Addrs: both})
	r.receive(system.Connected{Socket: 1, Remote: netip.AddrPortFrom(stranger, 5060), Addrs: []netip.Addr{stranger, both[1]}})
	r.step(func(s *Step) {
		if !r.Another(r.now) || !r.Leaves(s, 0, errRefused) || r.Way.after.Error() != "pbx:5060 ("+remote.Addr().String()+"): connection refused" {
			t.Errorf("left because of %v", r.Way.after)
		}
		r.Close(s, "by us")
	})
	r.did = nil
	r.dial()
	r.has(t, "system.Connect", "connecting")
	if avoid := r.hosts.Avoid(r.now); len(avoid) != 1 || avoid[0] != remote {
		t.Errorf("avoided: %v", avoid)
	}
	if r.Recover(&Step{Now: r.now}, false, system.NoPort) {
		t.Error("what failed here alone is laid to the address")
	}
}

// TestWayPasses: a DNS that names other addresses each time does not have us try without a
// pause, and one to which the connection opens begins the count anew.
func TestWayPasses(t *testing.T) {
	r := newRig(func(c *ConnConfig) { c.TLS = "pbx" })
	n := 0
	fails := func() Turn {
		n += 2
		both := []netip.Addr{netip.AddrFrom4([4]byte{192, 0, byte(n >> 8), byte(n)}), netip.AddrFrom4([4]byte{192, 0, byte(n >> 8), byte(n + 1)})}
		r.receive(system.Connected{Socket: r.Socket(), Local: local, Remote: netip.AddrPortFrom(both[0], 5061), Addrs: both})
		turn, _ := r.receive(system.Failed{Socket: r.Socket(), Err: errRefused})
		return turn
	}
	lost := func() (after int) {
		r.dial()
		for fails() == Nothing && after < 3*maxPasses {
			after++
		}
		return after
	}
	for range 2 {
		if got := lost(); got != maxPasses {
			t.Errorf("%d servers are passed without a pause, want %d", got, maxPasses)
		}
	}
	r.dial()
	for range maxPasses - 1 {
		fails()
	}
	r.receive(system.Connected{Socket: r.Socket(), Local: local, Remote: remote, Addrs: []netip.Addr{remote.Addr()}})
	if turn, _ := r.receive(system.Secured{Socket: r.Socket()}); turn != Opened {
		t.Fatalf("it has not opened: %d", turn)
	}
	r.step(func(s *Step) { r.Close(s, "by us") })
	if got := lost(); got != maxPasses {
		t.Errorf("%d servers are passed after one that has opened, want %d", got, maxPasses)
	}
}
