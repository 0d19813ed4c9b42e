package lab

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// TestWatch logs a phone's wire as the phone sees it, and nothing of the
// robots'.
func TestWatch(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Watch = "seen" })
	b.phone("alice", "secret", app.Accept, 440)
	b.do("ping alice")
	b.do("bob calls alice")
	b.run(time.Second)
	b.do("close alice")
	b.run(time.Second)
	for _, want := range []string{
		"control socket open", "--> REGISTER sip:lab.test", "<-- 401", "<-- 200 OK (REGISTER)", "<-- ping", "--> pong",
		"<-- INVITE", "--> 200 OK (INVITE) (SDP)", "<-- ACK", "control socket closed",
	} {
		b.expect("seen", want)
	}
	for _, r := range b.log.After(0) {
		if m, ok := r.Event.(event.Message); ok && r.Phone == "seen" && m.From == "sip:bob@lab.test" && m.Out && m.Status == 0 {
			t.Errorf("a robot's own message was taken for the phone's: %s", event.Line(r))
		}
	}
}

// TestWatchWebSocket: its pings are frames, and are called so.
func TestWatchWebSocket(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Watch = "seen" })
	b.transport = sip.WS
	b.phone("alice", "secret", app.Accept, 440)
	b.run(time.Second)
	b.do("ping alice")
	b.run(time.Second)
	b.expect("seen", "<-- ping                           WebSocket Ping")
	b.expect("seen", "--> pong                           WebSocket Pong")
}

// TestWatchUnreadable: what a phone sends and the lab throws away is seen, too, over each
// transport, but for what comes from a robot or is read by nobody who watches.
func TestWatchUnreadable(t *testing.T) {
	const nothing = "OPTIONS sip:lab.test SIP/2.0\r\nContent-Length: 0\r\n\r\n"
	for name, tc := range map[string]struct {
		send func(b *bench)
		want string
	}{
		"over TCP": {func(b *bench) { b.wire().send(nothing) }, "no From header field"},
		"with a 400": {func(b *bench) {
			b.wire().send(strings.Replace(nothing, "Content", "Via: SIP/2.0/TCP x;branch=z9hG4bKx\r\nContent", 1))
		}, "no From header field"},
		"over UDP":   {func(b *bench) { b.post().send(nothing) }, "no From header field"},
		"in part":    {func(b *bench) { b.wire().send("OPTIONS sip:lab.test SIP/2.0\r\nVia: x") }, "a message lacks its rest"},
		"not SIP":    {func(b *bench) { b.wire().send("\x00\x01\x02\x03\r\n\r\n") }, "control characters in the start line"},
		"all is SIP": {func(b *bench) { b.wire().request("OPTIONS", labURI, labTo) }, ""},
	} {
		for _, watch := range []string{"", "seen"} {
			b := newBench(t, func(c *Config) { c.Watch = watch })
			tc.send(b)
			b.run(time.Minute)
			var got []string
			for _, r := range b.log.After(0) {
				if e, ok := r.Event.(event.Error); ok && e.Rule == event.RuleMalformedMessage {
					got = append(got, e.Err)
				}
			}
			if want := tc.want != "" && watch != ""; want != (len(got) == 1) || want && !strings.Contains(got[0], tc.want) {
				t.Errorf("%s, watched by %q: %q", name, watch, got)
			}
		}
	}
}

// TestAsk asks phones outside of any call, over both transports.
func TestAsk(t *testing.T) {
	for _, transport := range []sip.Transport{sip.TCP, sip.UDP} {
		b := newBench(t, nil)
		b.transport = transport
		b.phone("alice", "secret", app.Manual, 440)
		b.do("ask alice options")
		b.expect("alice", "<-- OPTIONS")
		b.expect("alice", "--> 200 OK (OPTIONS)")
		b.do("ask alice FROBNICATE")
		b.expect("alice", "--> 501")
		b.run(time.Minute)
		if n := b.count("alice", "<-- OPTIONS"); n != 1 {
			t.Errorf("%s: asked %d times, want once: it was answered", transport, n)
		}
	}
}

func TestAskErrors(t *testing.T) {
	b := newBench(t, nil)
	b.phone("alice", "secret", app.Manual, 440)
	for line, want := range map[string]string{
		"ask alice":         "ask needs an argument: ask USER METHOD [FIELD=VALUE ...]",
		"ask alice INVITE":  `ask: INVITE is part of something else; a robot "calls USER"`,
		"ask alice o:k":     `ask: "o:k" cannot be a method: at most 32 letters`,
		"ask alcie OPTIONS": `ask: no user "alcie"; did you mean alice?`,
		"ask carol OPTIONS": "ask carol: not registered",
		"expire passwords":  `the lab cannot "expire passwords" (it can: ` + strings.Join(verb.Usages(verb.Lab), ", ") + ")",
		"bob holds":         "bob: no call is up",
	} {
		_, err := b.lab.Do(b.w.Now(), line)
		if err == nil || err.Error() != want && err.Error() != "ask: "+want {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}

// TestAskUnheard repeats a request over UDP that nobody answers, until timer F.
func TestAskUnheard(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Watch = "seen" })
	b.transport = sip.UDP
	alice := b.phone("alice", "secret", app.Manual, 440)
	b.w.Cut(alice.node)
	b.do("ask alice OPTIONS")
	b.run(40 * time.Second)
	if n := b.count("seen", "<-- OPTIONS"); n != 11 { // RFC 3261 §17.1.2.2: 0, 0.5, 1.5, 3.5, then every 4 s
		t.Errorf("sent %d times, want 11", n)
	}
	if b.lab.sip.Load().Asked > 0 {
		t.Error("it is still asked for")
	}
}

// TestExpireNonces makes a phone take a new nonce.
func TestExpireNonces(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Watch = "seen" })
	alice := b.phone("alice", "secret", app.Manual, 440)
	b.do("expire nonces")
	alice.do(func(now time.Time, _ int) ([]system.Effect, error) { return alice.Register(now, "") })
	b.run(time.Second)
	stale := false
	for _, r := range b.log.After(0) {
		m, ok := r.Event.(event.Message)
		stale = stale || ok && r.Phone == "seen" && m.Status == 401 && strings.Contains(m.Raw, "stale=true")
	}
	if !stale || b.count("seen", "200 OK (REGISTER)") != 2 {
		b.dump()
		t.Error("want a challenge with stale=true, and a second registration")
	}
}

// TestRobotHolds holds a call and takes it back.
func TestRobotHolds(t *testing.T) {
	b := newBench(t, nil)
	b.phone("alice", "secret", app.Accept, 440)
	b.do("bob calls alice")
	b.run(2 * time.Second)
	for _, verb := range []string{"holds", "resumes"} {
		n := b.count("alice", "--> 200 OK (INVITE) (SDP)")
		b.do("bob " + verb)
		b.run(time.Second)
		if b.count("alice", "--> 200 OK (INVITE) (SDP)") != n+1 {
			t.Errorf("bob %s: no re-INVITE was answered", verb)
		}
	}
}
