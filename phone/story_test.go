package phone_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
	"github.com/sleeptalk/sleeptalk/phone/world"
)

// TestStories plays testdata/*.txt: whole behaviour of a handset and a lab in
// virtual time. A first line may say what they are:
//
//	use KEY=VALUE …     strategy, transport, expires, report; latency of the link;
//	                    wake-wait, push-wait and max-expires of the lab; push-delay
//
// Lines that begin with ">" are commands:
//
//	> VERB              what the tester does: background, answer, …
//	> lab: COMMAND      what the lab does: bob calls alice, close alice, …
//	> advance DURATION  time passes
//	> stranger: METHOD  somebody else sends the handset a request over UDP
//	> cut, > restore    the handset's link goes silently dead, and comes back
//
// What follows each is what happened. The stories of android-*.txt are those of
// an Android device, those of pushkit-*.txt of an iPhone of today.
func TestStories(t *testing.T) { golden.Transcripts(t, play) }

// stage is one handset and a lab in a world.
type stage struct {
	world *world.World
	log   *event.Log
	alice *world.Node
	phone *phone.Handset
	desk  *world.Node
	lab   *lab.Lab
	seen  uint64

	other *world.Node // a stranger; nil until there is one
	sent  int         // of its requests
}

var wifi = link.Path{Latency: 5 * time.Millisecond}

func play(t *testing.T, script string) string {
	var out bytes.Buffer
	name := "ios-voip-socket"
	switch {
	case strings.Contains(t.Name(), "/android-"):
		name = "android-doze"
	case strings.Contains(t.Name(), "/pushkit-"):
		name = "ios-pushkit"
	}
	first, _, _ := strings.Cut(script, "\n")
	s := newStage(t, name, first)
	for line := range strings.Lines(script) {
		switch {
		case strings.HasPrefix(line, "> "):
			out.WriteString(line)
			if err := s.command(strings.TrimSpace(line[2:])); err != nil {
				fmt.Fprintf(&out, "   error: %v\n", err)
			}
			s.tell(&out)
		case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "use "), strings.TrimSpace(line) == "":
			out.WriteString(line)
		}
	}
	return out.String()
}

func (s *stage) command(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "advance":
		d, err := time.ParseDuration(rest)
		if err != nil {
			return err
		}
		s.world.RunUntil(s.world.Elapsed() + d)
		return nil
	case "cut":
		s.world.Cut(s.alice)
		return nil
	case "restore":
		s.world.Restore(s.alice)
		return nil
	case "stranger:":
		return s.stranger(rest)
	case "lab:":
		return s.do(s.desk, func(now time.Time) ([]system.Effect, error) { return s.lab.Do(now, rest) })
	}
	v, err := verb.ParsePhone(line)
	if err != nil {
		return err
	}
	return s.do(s.alice, func(now time.Time) ([]system.Effect, error) { return s.phone.Do(now, v) })
}

// do runs a step and lets follow what takes no time.
func (s *stage) do(n *world.Node, f func(time.Time) ([]system.Effect, error)) (err error) {
	s.world.Do(n, func(now time.Time) []system.Effect {
		var effects []system.Effect
		effects, err = f(now)
		return effects
	})
	s.world.RunUntil(s.world.Elapsed())
	return err
}

// tell writes what happened to the phone since the last time, without the
// snapshots. The robots and the lab have tests of their own.
func (s *stage) tell(out *bytes.Buffer) {
	for _, r := range s.log.After(s.seen) {
		s.seen = r.Seq
		switch r.Event.(type) {
		case event.Audio, event.RTP:
			continue
		}
		if r.Phone != "alice" {
			continue
		}
		fmt.Fprintf(out, "   %s\n", event.Line(r))
	}
}

// cast is what a story is played with.
type cast struct {
	lab  lab.Config
	sip  sip.Config
	app  app.Config
	link link.Path
	push push.Config
	// shown is for the log's first line, as phone/setup has it.
	shown []string
}

// use takes the settings of a story's first line.
func (c *cast) use(t testing.TB, line string) {
	t.Helper()
	for _, field := range strings.Fields(line)[1:] {
		key, value, _ := strings.Cut(field, "=")
		var err error
		switch key {
		case "strategy":
			c.app.Strategy, err = app.ParseStrategy(value)
		case "transport":
			c.sip.Transport, err = sip.ParseTransport(value)
		case "accept-from":
			c.sip.AcceptAny = value == "any"
		case "expires":
			c.sip.Expires, err = time.ParseDuration(value)
		case "report":
			c.app.Push.Report = app.Report(value)
			c.shown = append(c.shown, field)
		case "latency":
			c.link.Latency, err = time.ParseDuration(value)
		case "push-delay":
			c.push.MinDelay, err = time.ParseDuration(value)
			c.push.MaxDelay = c.push.MinDelay
		case "push-wait":
			c.lab.PushWait, err = time.ParseDuration(value)
		case "wake-wait":
			c.lab.WakeWait, err = time.ParseDuration(value)
		case "max-expires":
			c.lab.MaxExpires, err = time.ParseDuration(value)
		default:
			err = fmt.Errorf("no setting %q", key)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// newStage switches everything on.
func newStage(t testing.TB, name, first string) *stage {
	t.Helper()
	c := cast{
		link: wifi,
		lab: lab.Config{
			Config: server.Config{
				Addr: netip.AddrPortFrom(deskAddr, 5060).String(), Accounts: []lab.Account{{User: "alice", Password: "secret"}},
			},
			WakeAddr: netip.AddrPortFrom(deskAddr, 5070).String(), Rand: rand.New(rand.NewPCG(1, 1)), Robots: lab.Robots(),
		},
		sip: sip.Config{
			AOR: "sip:alice@lab.test", Password: "secret", Server: netip.AddrPortFrom(deskAddr, 5060).String(),
			Instance: "urn:uuid:00000000-0000-8000-8000-00000000a11c", Outbound: true,
		},
		app: app.Config{
			Strategy: app.VoIPSocket, WakeServer: netip.AddrPortFrom(deskAddr, 5070).String(),
			Sound: app.Sound{Mic: func(rate int) pcm.Source { return pcm.Tone(rate, 440, -10) }},
		},
	}
	if strings.HasPrefix(first, "use ") {
		c.use(t, first)
	}
	c.app.Account = c.sip
	log := new(event.Log)
	s := &stage{log: log, world: world.New(world.Config{Seed: 1, Log: log, Push: c.push})}
	var err error
	s.lab, err = lab.New(c.lab)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := device.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	s.phone, err = phone.New(phone.Config{
		Profile: profile, Seed: 1, Mic: "tone:440", Speaker: "none", App: c.app, Settings: c.shown,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.desk = s.world.Add("lab", deskAddr, s.lab, link.Path{})
	s.alice = s.world.Add("alice", aliceAddr, s.phone, c.link)
	s.world.Do(s.desk, s.lab.Start)
	s.world.RunUntil(time.Second)
	s.seen = uint64(len(log.After(0)))
	s.world.Do(s.alice, s.phone.Start)
	s.world.RunUntil(s.world.Elapsed())
	return s
}

// Addresses of RFC 5737, for documentation.
var (
	deskAddr  = netip.MustParseAddr("192.0.2.1")
	aliceAddr = netip.MustParseAddr("192.0.2.10")
)
