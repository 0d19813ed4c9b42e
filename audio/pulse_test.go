//go:build peers && cgo && linux

package audio

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"sleeptalk/audio/pcm"
)

// patience bounds every wait for sound. A null sink that was idle may take
// two seconds to its first samples.
const patience = 20 * time.Second

// need finds a program that a Debian package brings.
func need(t testing.TB, program, debian string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%s is missing: install the Debian package %s", program, debian)
	}
	return path
}

// A pulse is a PulseAudio daemon of the test's own, with two null sinks: what
// is played to "out" comes from its monitor, and what is played to "mouth" is
// what the microphone "mic" hears.
type pulse struct {
	t      testing.TB
	ctx    context.Context
	daemon *exec.Cmd
}

func startPulse(t testing.TB) *pulse {
	need(t, "pulseaudio", "pulseaudio")
	need(t, "pacat", "pulseaudio-utils")
	dir := t.TempDir()
	socket := filepath.Join(dir, "native")
	t.Setenv("HOME", dir)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	// Not the test's context, which ends before the card is closed.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	p := &pulse{t: t, ctx: ctx}
	p.daemon = p.command("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
		"--disable-shm=yes", "--log-target=stderr", "--log-level=info",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+socket,
		"-L", "module-null-sink sink_name=out rate=48000 sink_properties=device.description=Ear",
		"-L", "module-null-sink sink_name=mouth rate=48000 sink_properties=device.description=Mouth",
		"-L", "module-remap-source master=mouth.monitor source_name=mic source_properties=device.description=Lips")
	log, err := p.daemon.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.run(p.daemon)
	lines := bufio.NewScanner(log)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "Daemon startup complete") {
			go io.Copy(io.Discard, log)
			t.Setenv("PULSE_SERVER", "unix:"+socket)
			p.keepAwake()
			return p
		}
	}
	t.Fatalf("pulseaudio did not start:\n%s", strings.Join(said, "\n"))
	return nil
}

// keepAwake plays silence into both sinks and reads both monitors: an idle
// null sink renders in blocks of two seconds.
func (p *pulse) keepAwake() {
	for _, sink := range []string{"out", "mouth"} {
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
}

func (p *pulse) command(name string, args ...string) *exec.Cmd {
	return exec.CommandContext(p.ctx, name, args...)
}

// run starts a command that ends with the test.
func (p *pulse) run(c *exec.Cmd) {
	p.t.Helper()
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
}

// speech is how pacat and parec say our kind of sound.
var speech = []string{"--raw", "--format=s16le", "--rate=8000", "--channels=1", "--latency-msec=20"}

// record reads what a sink plays.
func (p *pulse) record(sink string) io.Reader {
	c := p.command("parec", append(speech, "-d", sink+".monitor")...)
	out, err := c.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	p.run(c)
	return out
}

// playInto plays a source into a sink until the test ends.
func (p *pulse) playInto(sink string, source pcm.Source) {
	c := p.command("pacat", append(speech, "-d", sink)...)
	in, err := c.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	p.run(c)
	go func() {
		frame := make([]int16, pcm.FrameSamples)
		for {
			source.Read(frame)
			if _, err := in.Write(bytesOf(frame)); err != nil {
				return // the test is over
			}
		}
	}()
}

func bytesOf(s []int16) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), 2*len(s))
}

// open opens the card, and closes it with the test.
func open(t testing.TB, c Config) *Card {
	t.Helper()
	card, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { card.Close() })
	return card
}

// player opens the speaker and plays the source to it.
func player(t *testing.T, config Config, source pcm.Source) *Card {
	t.Helper()
	due := make(chan int, 64)
	config.Playout = true
	config.OnPlayout = func(n int) { due <- n }
	card := open(t, config)
	go func() {
		for {
			select {
			case n := <-due:
				samples := make([]int16, n)
				source.Read(samples)
				card.Play(samples)
			case <-t.Context().Done():
				return
			}
		}
	}()
	return card
}

// wantTone reads frames until the ear hears a tone.
func wantTone(t *testing.T, hz float64, next func() []int16) {
	t.Helper()
	ear := pcm.NewEar()
	for {
		for _, h := range ear.Write(next()) {
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

func TestCardPlaysToPulseAudio(t *testing.T) {
	p := startPulse(t)
	if got := Backend(); got != "PulseAudio" {
		t.Errorf("the back end is %s, want PulseAudio", got)
	}
	out := p.record("out")
	card := player(t, Config{PlayoutDevice: "ear"}, pcm.Tone(440, -10))
	if _, name := card.Names(); name != "Ear" {
		t.Errorf("the speaker is %q, want Ear", name)
	}
	frame := make([]int16, pcm.FrameSamples)
	wantTone(t, 440, func() []int16 {
		if _, err := io.ReadFull(out, bytesOf(frame)); err != nil {
			t.Fatalf("no tone on the monitor of the sink: %v", err)
		}
		return frame
	})
}

func TestCardCapturesFromPulseAudio(t *testing.T) {
	p := startPulse(t)
	p.playInto("mouth", pcm.Tone(1000, -10))
	frames := make(chan []int16, 1024)
	open(t, Config{Capture: true, CaptureDevice: "Lips", OnCapture: func(f []int16) { frames <- f }})
	tired := time.After(patience)
	wantTone(t, 1000, func() []int16 {
		select {
		case f := <-frames:
			return f
		case <-tired:
			t.Fatal("no tone from the microphone")
			return nil
		}
	})
}

func TestCardDevicesAreNamed(t *testing.T) {
	startPulse(t)
	capture, playout, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	for name, devices := range map[string][]Device{"Lips": capture, "Ear": playout, "Mouth": playout} {
		if i, err := choose("device", name, devices); err != nil || devices[i].Name != name {
			t.Errorf("%s is not listed: %v", name, devices)
		}
	}
	_, err = Open(Config{Playout: true, PlayoutDevice: "telephone"})
	if err == nil || !strings.Contains(err.Error(), `no speaker named "telephone"; there is "Ear", "Mouth"`) {
		t.Errorf("got %v", err)
	}
}

func TestCardIsLostWithTheDaemon(t *testing.T) {
	p := startPulse(t)
	lost := make(chan error, 2)
	player(t, Config{OnLost: func(err error) { lost <- err }}, pcm.Silence())
	p.daemon.Process.Kill()
	select {
	case err := <-lost:
		t.Log(err)
	case <-time.After(patience):
		t.Fatal("the sound system is gone, and nobody was told")
	}
	if _, err := Open(Config{Playout: true}); !errors.Is(err, ErrNoAudio) {
		t.Errorf("with the sound system gone, Open says %v, want ErrNoAudio", err)
	}
}

// BenchmarkMouthToEar measures the way of a sound through the card: from Play
// through the null sink and its monitor to OnCapture. The time depends on how
// busy the machine is, so nothing passes or fails by it.
func BenchmarkMouthToEar(t *testing.B) {
	startPulse(t)
	heard := make(chan time.Time, 1024)
	due := make(chan int, 64)
	card := open(t, Config{
		Capture: true, Playout: true, CaptureDevice: "Monitor of Ear", PlayoutDevice: "Ear",
		OnPlayout: func(n int) { due <- n },
		OnCapture: func(f []int16) {
			if pcm.Level(f) > -30 {
				heard <- time.Now()
			}
		},
	})
	var played time.Time
	var ways []time.Duration
	tired := time.After(patience)
	const (
		quiet = pcm.Rate / 2 // between two beeps, long enough for one to arrive
		beep  = 4 * pcm.FrameSamples
	)
	for at := 0; len(ways) < 10; {
		select {
		case n := <-due:
			samples := make([]int16, n)
			if at%quiet < beep && at > 2*quiet {
				pcm.Tone(1000, -6).Read(samples)
				// A beep that has not arrived by the next one never will.
				if now := time.Now(); played.IsZero() || now.Sub(played) > quiet*time.Second/pcm.Rate/2 {
					played = now
				}
			}
			at += n
			card.Play(samples)
		case when := <-heard:
			if !played.IsZero() {
				ways = append(ways, when.Sub(played))
				played = time.Time{}
				// The rest of the beep is still to come.
				for end := time.After(150 * time.Millisecond); end != nil; {
					select {
					case n := <-due:
						at += n
						card.Play(make([]int16, n))
					case <-heard:
					case <-end:
						end = nil
					}
				}
			}
		case <-tired:
			t.Fatalf("only %d beeps arrived", len(ways))
		}
	}
	slices.Sort(ways)
	t.ReportMetric(0, "ns/op") // it says nothing here
	t.ReportMetric(float64(ways[len(ways)/2].Microseconds())/1000, "ms/median")
	t.ReportMetric(float64(ways[len(ways)-1].Microseconds())/1000, "ms/worst")
}
