// Package audiotest is a sound system for tests: a private PulseAudio daemon
// with two null sinks. Only tests behind the build tag "peers" import it.
//
//	a speaker plays ▶ "Ear",   whose monitor [Head.Record] reads
//	[Head.Play]     ▶ "Mouth", whose monitor is the microphone "Lips"
//
// [Pulse.Second] makes another pair, for a second phone.
//
// A Pulse belongs to the goroutine of its test, and is gone when that ends.
package audiotest

import (
	"context"
	"encoding/binary"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/audio/pulse"
)

// Patience bounds every wait for sound. A null sink that was idle may take
// two seconds to its first samples.
const Patience = 20 * time.Second

// life bounds the life of the daemon, in case a test hangs.
const life = 2 * time.Minute

// The display names of the devices.
const (
	Speaker    = "Ear"
	Microphone = "Lips"
	Monitor    = "Monitor of " + Speaker // a microphone that hears the speaker
)

// The devices of the first head.
var (
	ear   = pulse.Sink{Name: "out", Description: Speaker}
	mouth = pulse.Sink{Name: "mouth", Description: "Mouth"}
	lips  = pulse.Microphone{Name: "mic", Description: Microphone, Of: mouth}
)

// A Head is somebody's ear and mouth: a speaker and a microphone.
type Head struct {
	of                  *Pulse
	ear, mouth          pulse.Sink
	Speaker, Microphone string // the names of the devices
}

// A Pulse is a running daemon.
type Pulse struct {
	Head
	t      testing.TB
	server *pulse.Server
}

// Start starts the daemon and points the environment of the test, and of the
// processes that it starts, to it.
func Start(t testing.TB) *Pulse {
	t.Helper()
	need(t, "pulseaudio", "pulseaudio")
	need(t, "pacat", "pulseaudio-utils")
	// Not the test's context, which ends before a card is closed.
	ctx, cancel := context.WithTimeout(context.Background(), life)
	dir := t.TempDir()
	t.Cleanup(cancel)
	p := &Pulse{t: t, server: pulse.New(ctx, dir)}
	p.Head = Head{p, ear, mouth, Speaker, Microphone}
	for _, set := range p.server.Env() {
		name, value, _ := strings.Cut(set, "=")
		t.Setenv(name, value)
	}
	p.Restart()
	return p
}

// Restart starts the daemon again, which has ended.
func (p *Pulse) Restart() {
	p.t.Helper()
	p.must(p.server.Start(ear, mouth, lips))
	p.t.Cleanup(p.server.Kill)
	p.keepAwake(ear)
	p.keepAwake(mouth)
}

// must fails the test.
func (p *Pulse) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// need fails the test if a program is not installed.
func need(t testing.TB, program, debian string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("this test needs %s: apt-get install %s (as .ci/run does)", program, debian)
	}
}

// keepAwake keeps a sink from being idle.
func (p *Pulse) keepAwake(sink pulse.Sink) {
	p.t.Helper()
	running, err := p.server.Awake(sink)
	for _, c := range running {
		p.ends(c)
	}
	p.must(err)
}

// run starts a command that ends with the test.
func (p *Pulse) run(c *exec.Cmd) {
	p.t.Helper()
	p.must(c.Start())
	p.ends(c)
}

// ends ends a command with the test.
func (p *Pulse) ends(c *exec.Cmd) {
	p.t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
}

// Kill ends the daemon at once, as a crash of the sound system does.
func (p *Pulse) Kill() { p.server.Kill() }

// Second makes the ear and the mouth of somebody else.
func (p *Pulse) Second() Head {
	p.t.Helper()
	h := Head{p, pulse.Sink{Name: "out2", Description: "Phones"}, pulse.Sink{Name: "mouth2", Description: "Jaw"}, "Phones", "Tongue"}
	p.must(p.server.Load(h.ear))
	p.must(p.server.Load(h.mouth))
	p.must(p.server.Load(pulse.Microphone{Name: "mic2", Description: h.Microphone, Of: h.mouth}))
	p.keepAwake(h.ear)
	p.keepAwake(h.mouth)
	return h
}

// Default makes the speaker, or else the sink "Mouth", the default.
func (p *Pulse) Default(speaker bool) {
	p.t.Helper()
	p.must(p.server.Control("set-default-sink", map[bool]string{true: ear.Name, false: mouth.Name}[speaker]))
}

// Unplug takes the speaker away, and Plug puts it back.
func (p *Pulse) Unplug() {
	p.t.Helper()
	p.must(p.server.Control("unload-module", p.module(Speaker)))
}

// Plug puts the speaker back.
func (p *Pulse) Plug() {
	p.t.Helper()
	p.must(p.server.Load(ear))
	p.keepAwake(ear)
}

// module is the number of the module whose arguments name a device.
func (p *Pulse) module(device string) string {
	p.t.Helper()
	out, err := p.server.Command("pactl", "list", "short", "modules").Output()
	p.must(err)
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "device.description="+device) {
			number, _, _ := strings.Cut(line, "\t")
			return number
		}
	}
	p.t.Fatalf("no module has made %s:\n%s", device, out)
	return ""
}

// form is how a test plays and records.
func form(rate int) pulse.Form { return pulse.Form{Rate: rate, Latency: 20 * time.Millisecond} }

// Record reads what the speaker plays from now on: the function that it
// returns fills a frame of samples at a rate as they come, and fails when the
// test is over.
func (h Head) Record(rate int) (read func(frame []int16) error) {
	h.of.t.Helper()
	c := h.of.server.Record(h.ear, form(rate))
	out, err := c.StdoutPipe()
	h.of.must(err)
	h.of.run(c)
	return func(frame []int16) error { return binary.Read(out, binary.LittleEndian, frame) }
}

// Play plays a source, opened at a rate, to the microphone until the test ends.
func (h Head) Play(rate int, source pcm.Source) {
	h.of.t.Helper()
	c := h.of.server.Play(h.mouth, form(rate))
	in, err := c.StdinPipe()
	h.of.must(err)
	h.of.run(c)
	go func() {
		frame := make([]int16, pcm.Frame(rate))
		for {
			source.Read(frame)
			if err := binary.Write(in, binary.LittleEndian, frame); err != nil {
				return // the test is over
			}
		}
	}()
}

// WantTone reads frames of a rate until the ear hears a tone, and fails the test if it
// is not the one of hz.
func WantTone(t testing.TB, rate int, hz float64, read func(frame []int16) error) {
	t.Helper()
	ear := pcm.NewEar(rate)
	frame := make([]int16, pcm.Frame(rate))
	for {
		if err := read(frame); err != nil {
			t.Fatalf("no tone of %g Hz: %v", hz, err)
		}
		for _, h := range ear.Write(frame) {
			if h.What != "tone" {
				continue
			}
			// A busy machine makes PulseAudio drop and repeat samples, and each
			// jump in phase shifts what is measured over 100 ms.
			if h.Hz < 0.98*hz || h.Hz > 1.02*hz {
				t.Fatalf("heard a tone of %.1f Hz, want %g", h.Hz, hz)
			}
			t.Logf("heard %.1f Hz for %s", h.Hz, h.For)
			return
		}
	}
}
