package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/world"
)

// TestTranscripts plays testdata/*.txt: an app with the strategy push, on a
// mobile system that never sleeps and that does what it is told. Lines that
// begin with ">" are commands:
//
//	> start [late] [never] [early-audio] [timer] [no-push]   the app, or its server, is such
//	> background, > foreground, > token NEW
//	> answers, > declines, > audio     of the call that was reported last
//	> refuses             the system shows no call from now on
//	> push KEY=VALUE …    a push without a server
//	> app VERB            answer, decline, hang up: inside the app
//	> do LINE             a request to the lab
//	> advance DURATION
func TestTranscripts(t *testing.T) { golden.Transcripts(t, playPushing) }

// A mobile is a mobile system with pushes and a call screen. What the app asks
// of it is written down.
type mobile struct {
	app     *app.App
	world   *world.World
	node    *world.Node
	log     *event.Log
	out     *bytes.Buffer
	seen    uint64
	queue   []system.Signal // for the app
	refuses bool
	pushes  int
	call    int // reported last
}

func (m *mobile) Deadline() time.Time                   { return m.app.Deadline() }
func (m *mobile) Advance(now time.Time) []system.Effect { return m.settle(now, m.app.Advance(now)) }

func (m *mobile) Receive(now time.Time, s system.Signal) []system.Effect {
	if p, ok := s.(system.PushArrived); ok {
		m.pushes++
		s = system.Pushed{ID: m.pushes, Payload: p.Push.Payload, MustReport: true}
	}
	return m.settle(now, m.app.Receive(now, s))
}

// settle answers what the app asks of the mobile system, and passes the rest
// on.
func (m *mobile) settle(now time.Time, effects []system.Effect) (kernel []system.Effect) {
	for _, c := range effects {
		if k, ok := m.asked(c); ok {
			kernel = append(kernel, k)
		}
	}
	for len(m.queue) > 0 {
		s := m.queue[0]
		m.queue = m.queue[1:]
		kernel = append(kernel, m.settle(now, m.app.Receive(now, s))...)
	}
	return kernel
}

// asked answers one call. What goes on to the kernel, or into the log, is
// given back.
func (m *mobile) asked(c system.Effect) (system.Effect, bool) {
	switch c := c.(type) {
	case system.Connect, system.Bind, system.Send, system.Close, system.Log:
		return c, true
	case system.RegisterPush:
		m.queue = append(m.queue, system.PushToken{Token: "t1"})
		return system.OpenPush{Token: "t1"}, true
	case system.ReportCall:
		m.call = c.ID
		var err error
		if m.refuses {
			err = errors.New("do not disturb")
		}
		m.queue = append(m.queue, system.CallReported{ID: c.ID, Err: err})
	}
	// In the log it keeps its place among the events.
	return system.Log{Event: event.Server{What: "asks " + reflect.TypeOf(c).Name(), Detail: fmt.Sprintf("%+v", c)}}, true
}

func playPushing(t *testing.T, script string) string {
	var out bytes.Buffer
	var m *mobile
	var l *pushLab
	for line := range strings.Lines(script) {
		if !strings.HasPrefix(line, "> ") {
			if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
				out.WriteString(line)
			}
			continue
		}
		out.WriteString(line)
		word, rest, _ := strings.Cut(strings.TrimSpace(line[2:]), " ")
		switch {
		case word == "start":
			m, l = newMobile(t, strings.Fields(rest))
			m.out = &out
		case word == "do":
			l.do(t, rest)
		default:
			if err := m.command(word, rest); err != nil {
				fmt.Fprintf(&out, "   error: %v\n", err)
			}
		}
		m.tell()
	}
	return out.String()
}

// A pushLab is the lab behind a mobile.
type pushLab struct {
	*lab.Lab
	world *world.World
	node  *world.Node
}

func (l *pushLab) do(t *testing.T, line string) {
	t.Helper()
	l.world.Do(l.node, func(now time.Time) []system.Effect {
		effects, err := l.Do(now, line)
		if err != nil {
			t.Fatal(err)
		}
		return effects
	})
	l.world.RunUntil(l.world.Elapsed())
}

func newMobile(t *testing.T, words []string) (*mobile, *pushLab) {
	t.Helper()
	var how app.Pushing
	bench := lab.Config{
		Config: server.Config{
			Addr: "192.0.2.1:5060", Accounts: []lab.Account{{User: "alice", Password: "secret"}, {User: "carol", Password: "secret"}},
		},
		Rand: rand.New(rand.NewPCG(1, 1)), Robots: lab.Robots(),
	}
	for _, w := range words {
		switch w {
		case "late", "never":
			how.Report = app.Report(w)
		case "early-audio":
			how.EarlyAudio = true
		case "timer":
			how.Timer = true
		case "no-push":
			bench.NoPush = true
		}
	}
	m := &mobile{log: new(event.Log)}
	m.world = world.New(world.Config{Seed: 1, Log: m.log, Push: push.Config{MinDelay: time.Second, MaxDelay: time.Second}})
	l, err := lab.New(bench)
	if err != nil {
		t.Fatal(err)
	}
	m.app, err = app.New(app.Config{
		Account: sip.Config{
			AOR: "sip:alice@lab.test", Password: "secret", Server: bench.Addr,
			Instance: "urn:uuid:00000000-0000-8000-8000-00000000a11c", Outbound: true,
		},
		Strategy: app.Push, Push: how, Rand: rand.New(rand.NewPCG(2, 2)),
		Sound: app.Sound{Mic: func(rate int) pcm.Source { return pcm.Tone(rate, 440, -10) }},
	})
	if err != nil {
		t.Fatal(err)
	}
	at := m.world.Add("lab", netip.MustParseAddr("192.0.2.1"), l, link.Path{})
	m.world.Do(at, l.Start)
	m.node = m.world.Add("alice", netip.MustParseAddr("192.0.2.10"), m, link.Path{Latency: 20 * time.Millisecond})
	m.signal(system.Launched{})
	m.run(time.Second)
	return m, &pushLab{l, m.world, at}
}

func (m *mobile) run(d time.Duration) { m.world.RunUntil(m.world.Elapsed() + d) }

func (m *mobile) signal(s system.Signal) {
	m.world.Do(m.node, func(now time.Time) []system.Effect { return m.Receive(now, s) })
	m.run(0)
}

func (m *mobile) command(word, rest string) (err error) {
	switch word {
	case "background":
		m.signal(system.DidEnterBackground{})
	case "foreground":
		m.signal(system.WillEnterForeground{})
	case "token":
		m.world.Do(m.node, func(time.Time) []system.Effect { return []system.Effect{system.OpenPush{Token: rest}} })
		m.signal(system.PushToken{Token: rest})
	case "answers":
		m.signal(system.Tapped{ID: m.call, Action: system.Answer})
	case "declines":
		m.signal(system.Tapped{ID: m.call, Action: system.Decline})
	case "audio":
		m.signal(system.AudioActivated{ID: m.call})
	case "refuses":
		m.refuses = true
	case "push":
		payload := map[string]string{}
		for _, kv := range strings.Fields(rest) {
			key, value, _ := strings.Cut(kv, "=")
			payload[key] = value
		}
		m.signal(system.PushArrived{Push: system.Push{Payload: payload}})
	case "app":
		err = m.inside(rest)
	case "advance":
		var d time.Duration
		if d, err = time.ParseDuration(rest); err == nil {
			m.run(d)
		}
	}
	return err
}

// inside is what the user does in the app.
func (m *mobile) inside(verb string) (err error) {
	do := map[string]func(time.Time, int) ([]system.Effect, error){
		"answer": m.app.Answer, "decline": m.app.Decline, "hang up": m.app.Hangup,
	}[verb]
	m.world.Do(m.node, func(now time.Time) []system.Effect {
		var effects []system.Effect
		effects, err = do(now, 0)
		return m.settle(now, effects)
	})
	m.run(0)
	return err
}

// tell writes what happened to alice, without the details of SIP, which has
// tests of its own.
func (m *mobile) tell() {
	for _, r := range m.log.After(m.seen) {
		m.seen = r.Seq
		switch e := r.Event.(type) {
		case event.Audio, event.RTP, event.Heard, event.Ping, event.Pong:
			continue
		case event.Registration:
			if e.Phase == "sending" || e.Phase == "challenged" {
				continue
			}
		case event.Message:
			if e.Method == "REGISTER" {
				continue
			}
		}
		if r.Phone == "alice" {
			fmt.Fprintf(m.out, "   %s\n", event.Line(r))
		}
	}
}

func TestPushingIsChecked(t *testing.T) {
	for _, p := range []app.Pushing{{Provider: "apns;x"}, {Param: "two words"}} {
		_, err := app.New(app.Config{
			Account:  sip.Config{AOR: "sip:alice@lab.test", Server: "192.0.2.1:5060"},
			Strategy: app.Push, Push: p, Rand: rand.New(rand.NewPCG(1, 1)),
		})
		if err == nil {
			t.Errorf("%+v: no error", p)
		}
	}
}

// TestReportsAreBounded pushes more than anybody can be called: each push is
// reported, and each call that does not come is taken off the screen.
func TestReportsAreBounded(t *testing.T) {
	m, _ := newMobile(t, nil)
	m.signal(system.DidEnterBackground{})
	for i := range 50 {
		m.signal(system.PushArrived{Push: system.Push{Payload: map[string]string{"call-id": fmt.Sprint(i)}}})
	}
	reported, ended := 0, 0
	m.run(time.Minute)
	for _, r := range m.log.After(0) {
		e, ok := r.Event.(event.Server)
		switch {
		case !ok || r.Phone != "alice":
		case e.What == "asks ReportCall":
			reported++
		case e.What == "asks ReportEnd":
			ended++
		}
		if reported-ended > 8 {
			t.Fatalf("%d calls are on the screen", reported-ended)
		}
	}
	if reported != 50 || ended != 50 {
		t.Errorf("%d reported, %d ended", reported, ended)
	}
}

// FuzzPushed hands anything that a push can carry to the app: it reports a
// call, and shows no control character.
func FuzzPushed(f *testing.F) {
	f.Add("call-id", "x@y", "peer", "sip:bob@lab.test")
	f.Add("name", "\x1b[2J", "from", strings.Repeat("é", 4000))
	f.Fuzz(func(t *testing.T, key1, value1, key2, value2 string) {
		m, _ := newMobile(t, nil)
		m.signal(system.DidEnterBackground{})
		m.signal(system.PushArrived{Push: system.Push{Payload: map[string]string{key1: value1, key2: value2}}})
		for _, r := range m.log.After(0) {
			if e, ok := r.Event.(event.Server); ok && e.What == "asks ReportCall" {
				if strings.ContainsAny(e.Detail, "\x00\x1b\r\n") || len(e.Detail) > 1024 {
					t.Errorf("the call screen shows %q", e.Detail)
				}
				return
			}
		}
		t.Error("no call was reported")
	})
}
