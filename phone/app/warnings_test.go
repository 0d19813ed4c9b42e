package app

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A shelf is an app whose kernel and server are played by hand.
type shelf struct {
	t       *testing.T
	app     *App
	now     time.Time
	control system.Socket
	sent    []byte // the last that went over the control socket
	launch  []system.Effect
	rules   []string
}

func newShelf(t *testing.T, s Strategy) *shelf {
	t.Helper()
	a, err := New(Config{
		Account: sip.Config{
			AOR: "sip:alice@lab.test", Server: "192.0.2.1:5060", Outbound: true, Instance: "urn:uuid:00000000-0000-4000-8000-000000000001",
		},
		Strategy: s, WakeServer: "192.0.2.1:5070", Rand: rand.New(rand.NewPCG(1, 1)),
	})
	if err != nil {
		t.Fatal(err)
	}
	sh := &shelf{t: t, app: a, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	sh.launch = a.Receive(sh.now, system.Launched{})
	sh.saw(sh.launch)
	sh.tell(system.KeepAliveSet{Timeout: DefaultKeepAlive, Accepted: true})
	return sh
}

func (s *shelf) tell(sig system.Signal) { s.saw(s.app.Receive(s.now, sig)) }

func (s *shelf) saw(effects []system.Effect) {
	for _, c := range effects {
		switch c := c.(type) {
		case system.Connect:
			s.control = c.Socket
		case system.Send:
			if len(bytes.TrimSpace(c.Data)) > 0 {
				s.sent = c.Data
			}
		case system.Log:
			if w, ok := c.Event.(event.Warning); ok {
				s.rules = append(s.rules, string(w.Rule))
			}
		}
	}
}

// registered connects, and grants the REGISTER with the given header fields.
func (s *shelf) registered(fields ...string) {
	s.t.Helper()
	s.tell(system.Connected{Socket: s.control, Local: netip.MustParseAddrPort("192.0.2.10:49152"), Remote: netip.MustParseAddrPort("192.0.2.1:5060")})
	s.granted(fields...)
}

// granted answers the REGISTER that was sent last.
func (s *shelf) granted(fields ...string) {
	s.t.Helper()
	m, err := grammar.ParseMessage(s.sent)
	if err != nil {
		s.t.Fatal(err)
	}
	res := sip.NewResponse(m.(*grammar.Request), 200, "t")
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		res.AppendHeader(grammar.NewHeader(name, value))
	}
	for _, c := range m.(*grammar.Request).GetHeaders("Contact") {
		uri, _, _ := strings.Cut(c.Value(), ">")
		res.AppendHeader(grammar.NewHeader("Contact", uri+">"))
	}
	res.SetBody(nil)
	s.tell(system.Received{Socket: s.control, Data: sip.Encode(res)})
}

func (s *shelf) pass(d time.Duration) { s.now = s.now.Add(d) }

func (s *shelf) want(rules ...string) {
	s.t.Helper()
	if !slices.Equal(s.rules, rules) {
		s.t.Errorf("warned of %q, want %q", s.rules, rules)
	}
	s.rules = nil
}

func TestWarnsOfARegistrarWithoutOutbound(t *testing.T) {
	s := newShelf(t, VoIPSocket)
	s.registered("Expires: 3600")
	s.want("no-outbound")
	s = newShelf(t, VoIPSocket)
	s.registered("Expires: 3600", "Require: outbound")
	s.want()
	s = newShelf(t, NoStrategy)
	s.registered("Expires: 60")
	s.want()
}

func TestWarnsOfAShortRegistration(t *testing.T) {
	s := newShelf(t, VoIPSocket)
	s.registered("Expires: 599", "Require: outbound")
	s.want("short-expires")
}

func TestWarnsOfALateTick(t *testing.T) {
	for away, rules := range map[time.Duration][]string{
		700 * time.Second: nil,
		701 * time.Second: {"late-tick"},
	} {
		s := newShelf(t, VoIPSocket)
		s.registered("Expires: 3600", "Require: outbound")
		s.tell(system.DidEnterBackground{})
		s.pass(500 * time.Second)
		s.tell(system.KeepAlive{})
		s.pass(away)
		s.tell(system.WillEnterForeground{})
		s.want(rules...)
		// On the screen no ticks are due.
		s.pass(time.Hour)
		s.tell(system.DidEnterBackground{})
		s.tell(system.WillEnterForeground{})
		s.want()
	}
}

func TestWarnsOfAReplyThatCostAWake(t *testing.T) {
	for stopped, rules := range map[time.Duration][]string{
		200 * time.Millisecond: nil,
		20 * time.Second:       {"reply-cost-a-wake"},
	} {
		s := newShelf(t, VoIPSocket)
		s.registered("Expires: 3600", "Require: outbound")
		s.tell(system.Received{Socket: s.control, Data: []byte("\r\n")}) // the probe's pong
		s.tell(system.DidEnterBackground{})
		effects, _ := s.app.Register(s.now, "")
		s.saw(effects)
		s.pass(time.Second + stopped)
		s.saw(s.app.Advance(s.now))
		s.granted("Require: outbound")
		s.want(rules...)
	}
}

// A server that answers no pings owes no answer: what it sends later, to
// something else, has cost nothing.
func TestNoReplyIsNotOneThatCostAWake(t *testing.T) {
	s := newShelf(t, VoIPSocket)
	s.registered("Expires: 3600", "Require: outbound") // and its probe is never answered
	s.tell(system.DidEnterBackground{})
	s.pass(20 * time.Second) // stopped meanwhile
	s.saw(s.app.Advance(s.now))
	s.pass(600 * time.Millisecond)
	s.saw(s.app.Advance(s.now)) // no pong: given up
	effects, _ := s.app.Register(s.now, "")
	s.saw(effects)
	s.granted("Require: outbound")
	s.want()
}

func TestWakeSocketNeedsAServer(t *testing.T) {
	_, err := New(Config{
		Account:  sip.Config{AOR: "sip:alice@lab.test", Server: "192.0.2.1:5060"},
		Strategy: WakeSocket, Rand: rand.New(rand.NewPCG(1, 1)),
	})
	if err == nil {
		t.Error("no error")
	}
}

// TestHostileWakeServer says what no wake server says.
func TestHostileWakeServer(t *testing.T) {
	for _, data := range []string{strings.Repeat("x", 1<<20), strings.Repeat("WAKE\r\n", 1000), "\x00\r\n\r\nNO\r\nPONG\nWAKE", "WAKE"} {
		s := newShelf(t, WakeSocket)
		wake := s.control // the only stream
		s.tell(system.Connected{Socket: wake, Local: netip.MustParseAddrPort("192.0.2.10:49152")})
		s.tell(system.DidEnterBackground{})
		s.tell(system.Received{Socket: wake, Data: []byte(data)})
		if len(s.app.strategy.(*wakeSocket).heard.unread) > maxWakeLine {
			t.Errorf("%.20q: %d bytes are held", data, len(s.app.strategy.(*wakeSocket).heard.unread))
		}
		s.pass(time.Minute)
		s.saw(s.app.Advance(s.now))
	}
}

// TestMissingCodec: what is not offered though it was asked for is said at each launch.
func TestMissingCodec(t *testing.T) {
	a, err := New(Config{
		Account: sip.Config{AOR: "sip:alice@lab.test", Server: "192.0.2.1:5060"}, Rand: rand.New(rand.NewPCG(1, 1)),
		NoCodec: &MissingCodec{"opus", "libopus is not here", "apt install libopus0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	said := logged[event.Error](a.Receive(start, system.Launched{}))
	if want := (event.Error{Op: "offer opus", Err: "libopus is not here", Hint: "apt install libopus0", Rule: event.RuleCodecMissing}); len(said) != 1 || said[0] != want {
		t.Errorf("said is %+v, want %+v", said, want)
	}
}
