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
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
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

// The sinks as PulseAudio's programs name them.
const (
	ear   = "out"
	mouth = "mouth"
)

// speakerSink makes the sink that is the speaker.
const speakerSink = "sink_name=" + ear + " rate=48000 sink_properties=device.description=" + Speaker

// speech describes our sample format to pacat and parec: one channel of 16 bits.
func speech(rate int, device string) []string {
	return []string{"--raw", "--format=s16le", fmt.Sprintf("--rate=%d", rate), "--channels=1", "--latency-msec=20", "-d", device}
}

// A Head is somebody's ear and mouth: a speaker and a microphone.
type Head struct {
	of                  *Pulse
	ear, mouth          string // the sinks
	Speaker, Microphone string // the names of the devices
}

// A Pulse is a running daemon.
type Pulse struct {
	Head
	t      testing.TB
	ctx    context.Context
	socket string
	daemon *exec.Cmd
}

// Start starts the daemon and points the environment of the test, and of the
// processes that it starts, to it.
func Start(t testing.TB) *Pulse {
	t.Helper()
	need(t, "pulseaudio", "pulseaudio")
	need(t, "pacat", "pulseaudio-utils")
	dir := t.TempDir()
	socket := filepath.Join(dir, "native")
	t.Setenv("HOME", dir)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	// Not the test's context, which ends before a card is closed.
	ctx, cancel := context.WithTimeout(context.Background(), life)
	t.Cleanup(cancel)
	p := &Pulse{t: t, ctx: ctx, socket: socket}
	p.Head = Head{p, ear, mouth, Speaker, Microphone}
	t.Setenv("PULSE_SERVER", "unix:"+socket)
	p.Restart()
	return p
}

// Restart starts the daemon again, which has ended.
func (p *Pulse) Restart() {
	p.t.Helper()
	p.daemon = p.command("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
		"--disable-shm=yes", "--log-target=stderr", "--log-level=info",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+p.socket,
		"-L", "module-null-sink "+speakerSink,
		"-L", "module-null-sink sink_name="+mouth+" rate=48000 sink_properties=device.description=Mouth",
		"-L", "module-remap-source master="+mouth+".monitor source_name=mic source_properties=device.description="+Microphone)
	log, err := p.daemon.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	p.run(p.daemon)
	p.started(log)
	p.keepAwake(ear)
	p.keepAwake(mouth)
}

// need fails the test if a program is not installed.
func need(t testing.TB, program, debian string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("this test needs %s: apt-get install %s (as .ci/run does)", program, debian)
	}
}

// started returns when the daemon logs that it has started.
func (p *Pulse) started(log io.Reader) {
	p.t.Helper()
	var said []string
	for lines := bufio.NewScanner(log); lines.Scan(); {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "Daemon startup complete") {
			go io.Copy(io.Discard, log)
			return
		}
	}
	p.t.Fatalf("pulseaudio did not start:\n%s", strings.Join(said, "\n"))
}

// keepAwake plays silence into a sink and reads its monitor: an idle null sink
// renders in blocks of two seconds.
func (p *Pulse) keepAwake(sink string) {
	p.t.Helper()
	quiet := p.command("pacat", "--raw", "--latency-msec=10", "-d", sink)
	zero, err := os.Open("/dev/zero")
	if err != nil {
		p.t.Fatal(err)
	}
	defer zero.Close()
	quiet.Stdin = zero
	p.run(quiet)
	p.run(p.command("parec", "--raw", "--latency-msec=10", "-d", sink+".monitor"))
}

func (p *Pulse) command(name string, args ...string) *exec.Cmd {
	return exec.CommandContext(p.ctx, name, args...)
}

// run starts a command that ends with the test.
func (p *Pulse) run(c *exec.Cmd) {
	p.t.Helper()
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
}

// Kill ends the daemon at once, as a crash of the sound system does.
func (p *Pulse) Kill() {
	p.daemon.Process.Kill()
	p.daemon.Wait()
}

// Second makes the ear and the mouth of somebody else.
func (p *Pulse) Second() Head {
	p.t.Helper()
	h := Head{p, ear + "2", mouth + "2", "Phones", "Tongue"}
	p.control("load-module", "module-null-sink", "sink_name="+h.ear, "rate=48000", "sink_properties=device.description="+h.Speaker)
	p.control("load-module", "module-null-sink", "sink_name="+h.mouth, "rate=48000", "sink_properties=device.description=Jaw")
	p.control("load-module", "module-remap-source", "master="+h.mouth+".monitor", "source_name=mic2", "source_properties=device.description="+h.Microphone)
	p.keepAwake(h.ear)
	p.keepAwake(h.mouth)
	return h
}

// control tells the daemon something with pactl.
func (p *Pulse) control(args ...string) {
	p.t.Helper()
	if out, err := p.command("pactl", args...).CombinedOutput(); err != nil {
		p.t.Fatalf("pactl %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// Default makes the speaker, or else the sink "Mouth", the default.
func (p *Pulse) Default(speaker bool) {
	p.t.Helper()
	p.control("set-default-sink", map[bool]string{true: ear, false: mouth}[speaker])
}

// Unplug takes the speaker away, and Plug puts it back.
func (p *Pulse) Unplug() {
	p.t.Helper()
	p.control("unload-module", p.module(Speaker))
}

// Plug puts the speaker back.
func (p *Pulse) Plug() {
	p.t.Helper()
	p.control(append([]string{"load-module", "module-null-sink"}, strings.Fields(speakerSink)...)...)
	p.keepAwake(ear)
}

// module is the number of the module whose arguments name a device.
func (p *Pulse) module(device string) string {
	p.t.Helper()
	out, err := p.command("pactl", "list", "short", "modules").Output()
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "device.description="+device) {
			number, _, _ := strings.Cut(line, "\t")
			return number
		}
	}
	p.t.Fatalf("no module has made %s:\n%s", device, out)
	return ""
}

// Record reads what the speaker plays from now on: the function that it
// returns fills a frame of samples at a rate as they come, and fails when the
// test is over.
func (h Head) Record(rate int) (read func(frame []int16) error) {
	h.of.t.Helper()
	c := h.of.command("parec", speech(rate, h.ear+".monitor")...)
	out, err := c.StdoutPipe()
	if err != nil {
		h.of.t.Fatal(err)
	}
	h.of.run(c)
	return func(frame []int16) error { return binary.Read(out, binary.LittleEndian, frame) }
}

// Play plays a source, opened at a rate, to the microphone until the test ends.
func (h Head) Play(rate int, source pcm.Source) {
	h.of.t.Helper()
	c := h.of.command("pacat", speech(rate, h.mouth)...)
	in, err := c.StdinPipe()
	if err != nil {
		h.of.t.Fatal(err)
	}
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
