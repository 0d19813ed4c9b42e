package app_test

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/world"
)

// These are the app's answers to a system that fails it. What it does as a
// phone is told by the stories of package phone.

// desk is an app that is always awake, at a lab with robots.
type desk struct {
	t     *testing.T
	world *world.World
	log   *event.Log
	app   *app.App
	node  *world.Node
}

func newDesk(t *testing.T, sound app.Sound) *desk {
	t.Helper()
	return newDeskThat(t, sound, func(m system.Machine) system.Machine { return m })
}

// newDeskThat is a desk whose app runs in something.
func newDeskThat(t *testing.T, sound app.Sound, in func(system.Machine) system.Machine) *desk {
	t.Helper()
	d := &desk{t: t, log: new(event.Log)}
	d.world = world.New(world.Config{Seed: 1, Log: d.log})
	addr := netip.MustParseAddr("192.0.2.1")
	l, err := lab.New(lab.Config{
		Config: server.Config{Addr: netip.AddrPortFrom(addr, 5060).String(), Accounts: []lab.Account{{User: "alice", Password: "secret"}}},
		Rand:   rand.New(rand.NewPCG(1, 1)), Robots: lab.Robots(),
	})
	if err != nil {
		t.Fatal(err)
	}
	d.app, err = app.New(app.Config{
		Account:  sip.Config{AOR: "sip:alice@lab.test", Password: "secret", Server: netip.AddrPortFrom(addr, 5060).String()},
		Strategy: app.NoStrategy, Sound: sound, Rand: rand.New(rand.NewPCG(2, 2)),
	})
	if err != nil {
		t.Fatal(err)
	}
	at := d.world.Add("lab", addr, l, link.Path{})
	d.world.Do(at, l.Start)
	d.node = d.world.Add("alice", netip.MustParseAddr("192.0.2.10"), in(machine{d.app}), link.Path{Latency: 5 * time.Millisecond})
	d.do(func(now time.Time) ([]system.Effect, error) { return d.app.Receive(now, system.Launched{}), nil })
	d.run(time.Second)
	return d
}

// machine is the app on a system that has nothing to say to it: the calls to
// a mobile system are left out.
type machine struct{ *app.App }

func (m machine) Advance(now time.Time) []system.Effect { return kernel(m.App.Advance(now)) }

func (m machine) Receive(now time.Time, s system.Signal) []system.Effect {
	return kernel(m.App.Receive(now, s))
}

func kernel(effects []system.Effect) []system.Effect {
	var kept []system.Effect
	for _, c := range effects {
		switch c.(type) {
		case system.ActivateAudio, system.BackgroundReady, system.BeginTask, system.EndTask:
		default:
			kept = append(kept, c)
		}
	}
	return kept
}

func (d *desk) do(f func(time.Time) ([]system.Effect, error)) {
	d.t.Helper()
	d.world.Do(d.node, func(now time.Time) []system.Effect {
		effects, err := f(now)
		if err != nil {
			d.t.Fatal(err)
		}
		return kernel(effects)
	})
}

func (d *desk) run(t time.Duration) { d.world.RunUntil(d.world.Elapsed() + t) }

func (d *desk) call(to string) {
	d.do(func(now time.Time) ([]system.Effect, error) { return d.app.Call(now, "", to) })
}

// events are alice's, of one type.
func events[E event.Event](d *desk) []E {
	var all []E
	for _, r := range d.log.After(0) {
		if e, ok := r.Event.(E); ok && r.Phone == "alice" {
			all = append(all, e)
		}
	}
	return all
}

func last[E event.Event](d *desk) E {
	d.t.Helper()
	all := events[E](d)
	if len(all) == 0 {
		var none E
		d.t.Fatalf("no %s event", none.Kind())
	}
	return all[len(all)-1]
}

// fullDisk takes some frames and then no more.
type fullDisk struct{ left int }

var errFull = errors.New("no space left on device")

func (*fullDisk) Rate() int { return 0 }

func (f *fullDisk) Write(int, []int16) error {
	if f.left--; f.left < 0 {
		return errFull
	}
	return nil
}

func TestFullDiskUnderARecording(t *testing.T) {
	disk := &fullDisk{left: 20}
	d := newDesk(t, app.Sound{Mic: func(rate int) pcm.Source { return pcm.Tone(rate, 440, -10) }, Speaker: disk})
	d.call("echo")
	d.run(5 * time.Second)
	failures := events[event.Error](d)
	if len(failures) != 1 || failures[0].Err != errFull.Error() || failures[0].Hint == "" {
		t.Fatalf("errors %+v, want one about the disk, with a way out", failures)
	}
	if rtp := last[event.RTP](d); rtp.Sent < 150 || rtp.Received < 150 {
		t.Errorf("the call did not go on: %+v", rtp)
	}
	if heard := last[event.Heard](d); heard.What != "tone" {
		t.Errorf("heard %+v, want the tone to the end", heard)
	}
}

// TestSoundCardFails: the world has no sound card.
func TestSoundCardFails(t *testing.T) {
	d := newDesk(t, app.Sound{MicCard: true, SpeakerCard: true})
	d.call("echo")
	d.run(3 * time.Second)
	if e := last[event.SoundCard](d); e.Phase != event.SoundLost || e.Rule != event.RuleSoundFailed || e.Hint == "" {
		t.Errorf("%+v, want it lost, with a way out", e)
	}
	if rtp := last[event.RTP](d); rtp.Sent < 90 || rtp.Received < 90 {
		t.Errorf("the call did not go on in silence: %+v", rtp)
	}
}

func TestNoMicrophoneSendsNothing(t *testing.T) {
	d := newDesk(t, app.Sound{})
	d.call("bob")
	d.run(3 * time.Second)
	if rtp := last[event.RTP](d); rtp.Sent != 0 || rtp.Received < 90 {
		t.Errorf("%+v, want audio from bob and none from us", rtp)
	}
}

func TestSpeakChangesTheSoundInACall(t *testing.T) {
	d := newDesk(t, app.Sound{Mic: func(rate int) pcm.Source { return pcm.Tone(rate, 440, -10) }})
	d.call("echo")
	d.run(3 * time.Second)
	d.app.Speak(func(rate int) pcm.Source { return pcm.Tone(rate, 1000, -10) })
	d.run(3 * time.Second)
	if e := last[event.Heard](d); e.What != "tone" || e.Hz < 990 || e.Hz > 1010 {
		t.Errorf("heard %+v last, want the new tone", e)
	}
}

func TestCallNobody(t *testing.T) {
	d := newDesk(t, app.Sound{})
	for _, to := range []string{"", "sip:", "bob@", "sip:bob@lab.test:99999", "bob bob"} {
		if _, err := d.app.Call(d.world.Now(), "", to); err == nil {
			t.Errorf("call %q: no error", to)
		}
	}
}

func TestCommandsWithoutACall(t *testing.T) {
	d := newDesk(t, app.Sound{})
	now := d.world.Now()
	for name, f := range map[string]func() error{
		"answer":  func() error { _, err := d.app.Answer(now, 0); return err },
		"decline": func() error { _, err := d.app.Decline(now, 0); return err },
		"hang up": func() error { _, err := d.app.Hangup(now, 0); return err },
		"dtmf":    func() error { _, err := d.app.DTMF(now, "1"); return err },
		"mute":    func() error { _, err := d.app.Mute(0, true); return err },
		"hold":    func() error { _, err := d.app.Hold(now, 0, true); return err },
	} {
		if f() == nil {
			t.Errorf("%s without a call: no error", name)
		}
	}
}
