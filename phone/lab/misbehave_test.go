package lab

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// count counts the events of a phone whose text contains all of the parts.
func (b *bench) count(phone string, parts ...string) int {
	n := 0
	for _, r := range b.log.After(0) {
		ok := r.Phone == phone
		for _, p := range parts {
			ok = ok && strings.Contains(event.Line(r), p)
		}
		if ok {
			n++
		}
	}
	return n
}

// TestMisbehaviours breaks each rule in turn, lets alice register, be called,
// answer, be hung up on and ping, and looks for what that did, and for what it
// kept from happening.
func TestMisbehaviours(t *testing.T) {
	all := map[string]struct{ has, never []string }{
		"forget-binding":    {has: []string{"bob", "480"}, never: []string{"alice", "INVITE"}},
		"no-invite":         {has: []string{"bob", "100 Trying"}, never: []string{"alice", "INVITE"}},
		"double-invite":     {has: []string{"alice", "--> 482"}, never: []string{"bob", "482"}},
		"untidy-sdp":        {has: []string{"alice", "warning: untidy-sdp"}, never: []string{"alice", "488"}},
		"untidy-headers":    {has: []string{"alice", "warning: untidy-message", "From"}, never: []string{"alice", "--> 400"}},
		"repeat-invite":     {has: []string{"alice", "<-- INVITE"}, never: []string{"alice", "--> 482"}},
		"late-cancel":       {has: []string{"bob", "200 OK (CANCEL)"}, never: []string{"alice", "CANCEL"}},
		"no-bye":            {has: []string{"bob", "--> BYE"}, never: []string{"alice", "<-- BYE"}},
		"no-audio":          {has: []string{"alice", "call up"}, never: []string{"", "heard", " Hz"}},
		"one-way-audio":     {has: []string{"bob", "heard tone 440"}, never: []string{"alice", "heard sample"}},
		"deaf":              {has: []string{"alice", "rtp"}, never: []string{"bob", "heard tone"}},
		"wrong-tone":        {has: []string{"alice", "heard tone 620"}, never: []string{"bob", "heard tone 620"}},
		"no-pong":           {has: []string{"alice", "call up"}, never: []string{"alice", "<-- pong"}},
		"refuse-register":   {has: []string{"alice", "403"}, never: []string{"alice", "registered"}},
		"wrong-rspauth":     {has: []string{"alice", "warning: unproven-server", "REGISTER"}, never: []string{"bob", "480"}},
		"late-pong":         {has: []string{"alice", "call up"}, never: []string{"alice", "<-- pong"}},
		"close-at-register": {has: []string{"lab", "close at register"}, never: []string{"alice", "registered"}},
		"close-at-ping":     {has: []string{"alice", "call up"}, never: []string{"alice", "<-- pong"}},
		"close-at-invite":   {has: []string{"lab", "close at invite"}, never: []string{"bob", "180"}},
		"close-at-ringing":  {has: []string{"lab", "close at ringing"}, never: []string{"bob", "180"}},
		"close-at-answer":   {has: []string{"lab", "close at answer"}, never: []string{"bob", "call up"}},
		"stale-connection":  {has: []string{"bob", "100 Trying"}, never: []string{"alice", "INVITE"}},
	}
	for _, m := range Misbehaviours() {
		t.Run(m.Name, func(t *testing.T) {
			tc, ok := all[m.Name]
			if _, edge := edgeFailures[m.Name]; edge || slices.Contains(edgeOmissions, m.Name) {
				return // the tests of the edge know it
			}
			if slices.Contains([]string{"no-text", "no-report", "push-other-key", "push-garbled"}, m.Name) {
				return // TestGatewayMisbehaves knows the first, TestMutations of phone/stage the others
			}
			if !ok {
				t.Fatal("nobody knows what it does")
			}
			b := newBench(t, nil)
			if m.Name == "repeat-invite" {
				b.transport = sip.UDP
			}
			b.do("misbehave " + m.Name)
			b.day(m.Name)
			if b.count(tc.has[0], tc.has[1:]...) == 0 {
				t.Errorf("never %q", tc.has)
			}
			for _, who := range []string{"alice", "bob"} {
				if (tc.never[0] == who || tc.never[0] == "") && b.count(who, tc.never[1:]...) > 0 {
					t.Errorf("%s: %q", who, tc.never)
				}
			}
		})
	}
}

// day is what happens to alice in the tests of misbehaviours.
func (b *bench) day(misbehaviour string) {
	alice := b.phone("alice", "secret", app.Manual, 440)
	if misbehaviour == "stale-connection" {
		b.do("close alice")
		b.run(time.Minute)
	}
	alice.do(func(now time.Time, _ int) ([]system.Effect, error) { return alice.Register(now, "") })
	b.run(time.Second)
	b.do("bob calls alice")
	b.run(time.Second)
	switch {
	case misbehaviour == "late-cancel":
		b.do("bob hangs up")
	case b.saw("alice", "call ringing") && !b.saw("alice", "call ended"):
		alice.do(alice.Answer)
		b.run(3 * time.Second)
		if b.saw("bob", "call up") && !b.saw("bob", "call ended") {
			b.do("bob hangs up")
		}
	}
	b.run(2 * time.Second)
}

func TestPingsInVain(t *testing.T) {
	b := newBench(t, nil)
	b.do("misbehave no-pong")
	c := b.wire()
	c.send("\r\n\r\n")
	if c.pings != 0 || c.closed != "" {
		t.Errorf("%d pongs, closed %q", c.pings, c.closed)
	}
	b.do("misbehave close-at-ping")
	c.send("\r\n\r\n")
	if c.pings != 0 || c.closed != "FIN" {
		t.Errorf("%d pongs, closed %q", c.pings, c.closed)
	}
}

func TestALatePongComes(t *testing.T) {
	b := newBench(t, nil)
	b.do("misbehave late-pong")
	c := b.wire()
	c.framer.AwaitPong(true)
	c.send("\r\n\r\n")
	c.send("\r\n\r\n") // the answer is one
	b.run(pongLateness - time.Second)
	if c.pings != 0 {
		t.Errorf("%d pongs in time", c.pings)
	}
	b.run(2 * time.Second)
	if c.pings != 1 {
		t.Errorf("%d pongs, want the late one", c.pings)
	}
}

func TestALateCancelComes(t *testing.T) {
	b := newBench(t, nil)
	b.phone("alice", "secret", app.Manual, 440)
	b.do("misbehave late-cancel")
	b.do("bob calls alice")
	b.run(time.Second)
	b.do("bob hangs up")
	b.run(lateness - 2*time.Second)
	if b.saw("alice", "CANCEL") {
		t.Error("the CANCEL came in time")
	}
	b.expect("alice", "<-- CANCEL")
	b.expect("alice", "call ended")
}

func TestBehave(t *testing.T) {
	b := newBench(t, nil)
	b.do("misbehave no-invite")
	b.do("misbehave refuse-register")
	b.do("behave")
	b.phone("alice", "secret", app.Accept, 440)
	b.do("bob calls alice")
	b.expect("bob", "call up")
}

func TestStopAndStart(t *testing.T) {
	b := newBench(t, nil)
	b.phone("alice", "secret", app.Accept, 440)
	b.do("stop")
	b.do("stop") // it has
	b.run(time.Second)
	b.expect("alice", "control socket closed")
	if n := len(b.lab.sip.Bindings("alice")); n != 0 {
		t.Errorf("%d bindings left", n)
	}
	b.do("start")
	b.do("start")
	if !b.w.Run(func() bool { return b.count("alice", "registered") == 2 }, 3*time.Minute) {
		b.dump()
		t.Fatal("alice did not come back")
	}
	b.do("bob calls alice")
	b.expect("bob", "call up")
}

func TestPasswordChanges(t *testing.T) {
	b := newBench(t, nil)
	b.do("password alice other")
	if res := b.wire().register("alice", "secret", contact); res.StatusCode != 403 {
		t.Errorf("the old password: %d", res.StatusCode)
	}
	if res := b.wire().register("alice", "other", contact); res.StatusCode != 200 {
		t.Errorf("the new password: %d", res.StatusCode)
	}
}

func TestRobotSpeaks(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	alice.call("bob")
	b.expect("alice", "call up")
	b.do("bob speaks tone 880")
	b.expect("alice", "heard tone 880")
	b.do("bob speaks silence")
	b.expect("alice", "heard silence")
	b.do("bob speaks speech")
	b.run(time.Second)
}

func TestLabVerbsAreChecked(t *testing.T) {
	b := newBench(t, nil)
	for line, want := range map[string]string{
		"misbehave no-pnog":     "did you mean no-pong?",
		"misbehave":             "misbehave needs an argument: misbehave NAME",
		"stop now":              `stop takes no argument, and "now" was given`,
		"password alice":        "password USER WORD",
		"password alcie x":      "did you mean alice?",
		"bob speaks tone":       "a frequency in Hz is missing",
		"bob speaks tone 30000": `"30000" is no frequency in Hz, of 20 to 20000`,
		"bbo speaks silence":    "did you mean bob?",
	} {
		if _, err := b.lab.Do(b.w.Now(), line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", line, err, want)
		}
	}
}

// TestRobotsAreAlwaysServed has a robot answer a call while phones that do so lose
// their connections.
func TestRobotsAreAlwaysServed(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	b.do("misbehave close-at-ringing")
	b.do("misbehave close-at-answer")
	alice.call("echo")
	b.expect("alice", "call up")
	b.expect("alice", "heard tone 440 Hz")
	if b.saw("echo", "control socket closed") {
		t.Error("the robot has lost its connection")
	}
}
