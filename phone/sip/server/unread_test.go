package server

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestStalledWebSocketIsBounded: a server that hangs keeps so many messages and so many
// bytes of a WebSocket, and works them off.
func TestStalledWebSocketIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		messages [][]byte
		closed   bool
	}{
		"as many as fit":      {make([][]byte, maxUnread), false},
		"one more":            {make([][]byte, maxUnread+1), true},
		"as long as fits":     {slices.Repeat([][]byte{make([]byte, MaxBacklog/4)}, 4), false},
		"one byte more":       {append(slices.Repeat([][]byte{make([]byte, MaxBacklog/4)}, 4), []byte("x")), true},
		"a ping, worked off":  {[][]byte{[]byte("\r\n\r\n")}, false},
		"nothing, worked off": {nil, false},
	} {
		l := loop.New("lab", rand.New(rand.NewPCG(1, 2)), secure.Config{})
		s, err := New(l, Config{Addr: "10.0.0.1:5060"}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		at := netip.MustParseAddrPort("10.0.0.1:5060")
		l.Step(now, func() {
			s.conns.accepted(system.Accepted{Socket: 7, Local: at, Remote: netip.MustParseAddrPort("10.0.0.2:40000")})
			s.Receive(system.Upgraded{Socket: 7})
			s.conns.byID[7].Stall(true)
			for _, m := range c.messages { // each by itself: the bounds are those of all
				s.Receive(system.Received{Socket: 7, Messages: [][]byte{m}})
			}
		})
		ws := s.conns.byID[7]
		if closed := ws == nil; closed != c.closed {
			t.Errorf("%s: closed: %v, want %v", name, closed, c.closed)
		}
		if ws == nil {
			continue
		}
		effects := l.Step(now, func() { ws.Stall(false) })
		pong := slices.ContainsFunc(effects, func(e system.Effect) bool { s, is := e.(system.Send); return is && string(s.Data) == "\r\n" })
		if want := name == "a ping, worked off"; pong != want || ws.unread.size != 0 || ws.unread.messages != nil {
			t.Errorf("%s: pong %v, want %v; %d bytes are left", name, pong, want, ws.unread.size)
		}
	}
}
