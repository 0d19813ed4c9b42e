package server

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestIllegibleMessagesCountOnce: what a phone has sent and nobody can read is said once
// for each message, whatever becomes of its rest, and however often it is repeated.
func TestIllegibleMessagesCountOnce(t *testing.T) {
	const head = "OPTIONS sip:lab.test SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.2:40000;branch=z9hG4bK"
	noFrom := head + "1\r\nContent-Length: 0\r\n\r\n"
	another := head + "1\r\nX: " + strings.Repeat("x", 300) + "2\r\nContent-Length: 0\r\n\r\n"
	like := strings.Replace(another, "x2", "x3", 1)
	twoEnds := head + "3\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nab\r\n"
	tooLarge := head + "4\r\nContent-Length: 70000\r\n\r\nab"
	tooSmall := head + "5\r\nMax-Forwards: 70\r\nFrom: <sip:a@lab.test>;tag=f\r\nTo: <sip:lab.test>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 2\r\n\r\nab"
	for _, c := range []struct {
		name string
		udp  bool
		sent []string
		want string
	}{
		{"one", false, []string{noFrom}, "no From header field"},
		{"two", false, []string{noFrom, noFrom}, "no From header field; no From header field"},
		{"two lengths, and nobody knows which", false, []string{twoEnds}, "two Content-Lengths, 2 and 4"},
		{"too large, and its rest never comes", false, []string{tooLarge}, "message of 70104 bytes: the limit is 65536"},
		{"too small", false, []string{tooSmall + "cd\r\nef\r\n"}, `not SIP: "cd"; was the Content-Length before it too small?`},
		{"too small, and no line end", false, []string{tooSmall + "cd\r\nef"}, `not SIP: "cd"; was the Content-Length before it too small?`},
		{"too small, and one word", false, []string{tooSmall + "ef"}, "no message begins there"},
		{"a datagram and its copies", true, []string{noFrom, noFrom, noFrom}, "no From header field"},
		{"two datagrams that are alike", true, []string{another, like}, "no From header field; no From header field"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := loop.New("lab", rand.New(rand.NewPCG(1, 2)), secure.Config{})
			s, err := New(l, Config{Addr: "10.0.0.1:5060", Watch: "alice"}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			remote := netip.MustParseAddrPort("10.0.0.2:40000")
			effects := l.Step(now, func() {
				s.conns.accepted(system.Accepted{Socket: 7, Local: netip.MustParseAddrPort("10.0.0.1:5060"), Remote: remote})
				for _, m := range c.sent {
					if c.udp {
						s.conns.datagram(system.Received{From: remote, Data: []byte(m)})
						continue
					}
					s.conns.byID[7].receive([]byte(m))
				}
			})
			for at := l.Deadline(); !at.IsZero() && at.Sub(now) < 128*sip.T1; at = l.Deadline() {
				effects = append(effects, l.Step(at, l.Ring)...)
			}
			var said []string
			for _, e := range effects {
				if log, ok := e.(system.Log); ok && log.Phone == "alice" {
					if e, ok := log.Event.(event.Error); ok {
						said = append(said, e.Err)
					}
				}
			}
			if got := strings.Join(said, "; "); got != c.want {
				t.Errorf("said %q, want %q", got, c.want)
			}
		})
	}
}

// TestIllegibleCopies: a datagram is a copy of one that came from there at most 64*T1 ago,
// whoever else has sent one meanwhile, as far as they are remembered.
func TestIllegibleCopies(t *testing.T) {
	type datagram struct {
		after time.Duration
		from  int
		data  string
	}
	many := make([]datagram, maxIllegible+1)
	for i := range many {
		many[i].from = i
	}
	for _, c := range []struct {
		name string
		sent []datagram
		want int // of them that are counted
	}{
		{"repeated until 64*T1", []datagram{{0, 1, "x"}, {500 * time.Millisecond, 1, "x"}, {repeats - time.Millisecond, 1, "x"}}, 1},
		{"sent once more", []datagram{{0, 1, "x"}, {31 * time.Second, 1, "x"}, {repeats, 1, "x"}}, 2},
		{"two by turns", []datagram{{0, 1, "x"}, {0, 2, "x"}, {time.Second, 1, "x"}, {time.Second, 2, "x"}}, 2},
		{"two of one", []datagram{{0, 1, "x"}, {0, 1, "y"}, {time.Second, 1, "x"}, {time.Second, 1, "y"}}, 2},
		{"as many as are remembered", append(many[:maxIllegible:maxIllegible], many[0]), maxIllegible},
		{"one more", append(many[:maxIllegible+1:maxIllegible+1], many[0]), maxIllegible + 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var all illegibles
			n, began := 0, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			for _, d := range c.sent {
				from := netip.AddrPortFrom(netip.MustParseAddr("10.0.0.2"), uint16(d.from))
				if !all.copied(began.Add(d.after), from, []byte(d.data)) {
					n++
				}
			}
			if n != c.want || len(all) > maxIllegible {
				t.Errorf("%d are counted, want %d; %d are remembered", n, c.want, len(all))
			}
		})
	}
}
