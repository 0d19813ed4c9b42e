// Package pulse runs a PulseAudio daemon of its own, whose sound cards are null sinks: what is
// tested or measured with sound needs no card, and disturbs nobody.
//
//	a speaker plays ▶ sink,  whose monitor [Server.Record] reads
//	[Server.Play]   ▶ mouth, whose monitor is a microphone
//
// A Server and what it starts end with its context. Its methods are called by one goroutine
// at a time.
package pulse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A Server is a daemon.
type Server struct {
	ctx    context.Context
	dir    string
	daemon *exec.Cmd
}

// A Sink is a null sink: a speaker, or, if it is that of a [Sink.Microphone], what is said
// into that.
type Sink struct {
	Name        string // by which PulseAudio's programs know it
	Description string // by which people do
}

// module loads the sink.
func (s Sink) module() string {
	return "module-null-sink sink_name=" + s.Name + " rate=48000 sink_properties=device.description=" + s.Description
}

// A Microphone hears what is played to a sink.
type Microphone struct {
	Name, Description string
	Of                Sink
}

func (m Microphone) module() string {
	return "module-remap-source master=" + m.Of.Name + ".monitor source_name=" + m.Name + " source_properties=device.description=" + m.Description
}

// New is a daemon that is not started yet, with its files in a directory.
func New(ctx context.Context, dir string) *Server { return &Server{ctx: ctx, dir: dir} }

// Env is the environment in which programs use the daemon, and no files of the user's.
func (s *Server) Env() []string {
	return []string{
		"HOME=" + s.dir, "XDG_RUNTIME_DIR=" + s.dir, "XDG_CONFIG_HOME=" + s.dir, "DBUS_SESSION_BUS_ADDRESS=",
		"PULSE_SERVER=unix:" + s.socket(),
	}
}

func (s *Server) socket() string { return filepath.Join(s.dir, "native") }

// Start starts the daemon with devices, and returns when it serves.
func (s *Server) Start(devices ...interface{ module() string }) error {
	args := []string{
		"-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disable-shm=yes", "--log-target=stderr", "--log-level=info",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket=" + s.socket(),
	}
	for _, d := range devices {
		args = append(args, "-L", d.module())
	}
	s.daemon = s.Command("pulseaudio", args...)
	log, err := s.daemon.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.daemon.Start(); err != nil {
		return err
	}
	var said []string
	for lines := bufio.NewScanner(log); lines.Scan(); {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "Daemon startup complete") {
			go io.Copy(io.Discard, log)
			return nil
		}
	}
	return errors.Join(fmt.Errorf("pulseaudio did not start:\n%s", strings.Join(said, "\n")), s.daemon.Wait())
}

// Load adds a device to the daemon that runs.
func (s *Server) Load(device interface{ module() string }) error {
	return s.Control(append([]string{"load-module"}, strings.Fields(device.module())...)...)
}

// Kill ends the daemon at once.
func (s *Server) Kill() {
	s.daemon.Process.Kill()
	s.daemon.Wait()
}

// Command is a program that uses the daemon, and ends with it.
func (s *Server) Command(name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(s.ctx, name, args...)
	c.Env = append(os.Environ(), s.Env()...)
	return c
}

// Control tells the daemon something with pactl.
func (s *Server) Control(args ...string) error {
	if out, err := s.Command("pactl", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("pactl %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// Awake are programs that play silence into a sink and read its monitor: an idle null sink
// renders in blocks of two seconds.
func (s *Server) Awake(sink Sink) ([]*exec.Cmd, error) {
	zero, err := os.Open("/dev/zero")
	if err != nil {
		return nil, err
	}
	defer zero.Close()
	quiet := s.Command("pacat", "--raw", "--latency-msec=10", "-d", sink.Name)
	quiet.Stdin = zero
	listen := s.Command("parec", "--raw", "--latency-msec=10", "-d", sink.Name+".monitor")
	if err := quiet.Start(); err != nil {
		return nil, err
	}
	if err := listen.Start(); err != nil {
		return []*exec.Cmd{quiet}, err
	}
	return []*exec.Cmd{quiet, listen}, nil
}

// A Form is how samples come to a program and from it: one channel of 16 bits, little-endian.
type Form struct {
	Rate    int           // Hz
	Latency time.Duration // that is asked of the daemon
}

// Record is a program that writes what a sink plays on its standard output.
func (s *Server) Record(sink Sink, f Form) *exec.Cmd {
	return s.Command("parec", f.args(sink.Name+".monitor")...)
}

// Play is a program that plays its standard input to a sink.
func (s *Server) Play(sink Sink, f Form) *exec.Cmd {
	return s.Command("pacat", f.args(sink.Name)...)
}

// args describe the form to pacat and parec.
func (f Form) args(device string) []string {
	return []string{"--raw", "--format=s16le", fmt.Sprintf("--rate=%d", f.Rate), "--channels=1", fmt.Sprintf("--latency-msec=%d", f.Latency.Milliseconds()), "-d", device}
}
