package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// patience is how long a phone under measurement may take for any one
// step. It bounds a run that goes wrong and is in no figure.
const patience = 20 * time.Second

// A subject is a process that is measured.
type subject struct {
	cmd    *exec.Cmd
	began  time.Time
	output bytes.Buffer // its standard error; a peer's standard output too
	dir    string       // of its files
}

// newSubject prepares a process in a directory of its own.
func newSubject(ctx context.Context, program string, args ...string) (*subject, error) {
	dir, err := os.MkdirTemp("", "sleeptalk-bench-")
	if err != nil {
		return nil, err
	}
	s := &subject{cmd: exec.CommandContext(ctx, program, args...), dir: dir}
	s.cmd.Dir, s.cmd.Stderr = dir, &s.output
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(os.Interrupt) }
	s.cmd.WaitDelay = patience
	return s, nil
}

func (s *subject) start() error {
	s.began = time.Now()
	return s.cmd.Start()
}

func (s *subject) pid() int { return s.cmd.Process.Pid }

// kill ends the process and removes its files.
func (s *subject) kill() {
	if s.cmd.Process != nil {
		s.cmd.Process.Kill() // fails only on a process that has ended
		s.cmd.Wait()
	}
	os.RemoveAll(s.dir)
}

// The user names of the phones that are this program, or another build of it.
const (
	ourUser    = "alice"
	awakeUser  = "awake"
	beforeUser = "before"
)

// A phone is this program as a phone, in a process of its own.
type phone struct {
	*subject
	verbs io.WriteCloser
	log   *event.Log
	seen  uint64        // up to the last event that was waited for
	ended chan struct{} // closed when its output ends
	flow  *flow
}

// phoneArgs are the arguments of a phone at the server of the bench.
func (b *bench) phoneArgs(user string, more ...string) []string {
	return append([]string{"phone", "--server", b.server.addr(), "--user", user, "--speaker", "none"}, more...)
}

// phone starts this program as a phone that is registered.
func (b *bench) phone(ctx context.Context, flags ...string) (*phone, error) {
	return b.phoneOf(ctx, b.Program, ourUser, flags...)
}

// phoneOf starts a build of this program as the phone of a user.
func (b *bench) phoneOf(ctx context.Context, program, user string, flags ...string) (*phone, error) {
	return b.phoneIn(ctx, program, user, nil, flags...)
}

// phoneIn starts it with more in its environment.
func (b *bench) phoneIn(ctx context.Context, program, user string, env []string, flags ...string) (*phone, error) {
	p, err := newPhone(ctx, program, b.phoneArgs(user, append([]string{"--json"}, flags...)...))
	if err != nil {
		return nil, err
	}
	p.cmd.Env = append(p.cmd.Env, env...)
	if err := p.start(); err != nil {
		p.kill()
		return nil, err
	}
	if p.flow, err = b.server.registered(ctx, user); err != nil {
		err = p.fault(err)
		p.kill()
		return nil, err
	}
	return p, nil
}

// newPhone prepares a phone, with no settings but those in its arguments.
func newPhone(ctx context.Context, program string, args []string) (*phone, error) {
	s, err := newSubject(ctx, program, args...)
	if err != nil {
		return nil, err
	}
	s.cmd.Env = append(ownEnvironment(), "HOME="+s.dir, "XDG_CONFIG_HOME="+s.dir, "XDG_STATE_HOME="+s.dir)
	return &phone{subject: s, log: new(event.Log), ended: make(chan struct{})}, nil
}

// ownEnvironment is the environment without the settings of a phone in it.
func ownEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SLEEPTALK_") })
}

// start starts the phone and reads its events.
func (p *phone) start() error {
	var err error
	if p.verbs, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.subject.start(); err != nil {
		return err
	}
	go p.read(stdout)
	return nil
}

func (p *phone) read(stdout io.Reader) {
	defer close(p.ended)
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		r, err := event.ParseJSON(lines.Bytes())
		if err != nil {
			r = event.Record{Event: event.Error{Op: "read the phone's events", Err: err.Error(), Rule: event.RuleProgramMistake}}
		}
		p.log.Append(r)
	}
}

// fault adds to an error what the phone has said last.
func (p *phone) fault(err error) error {
	for last := range p.log.From(max(1, p.log.Len()) - 1) {
		return fmt.Errorf("%w\n  the phone's last event: %s", err, event.Line(last))
	}
	return err
}

// say gives the phone a verb.
func (p *phone) say(verb string) error {
	_, err := io.WriteString(p.verbs, verb+"\n")
	return err
}

// until waits for an event that ok accepts, after the last one that was waited
// for.
func (p *phone) until(ctx context.Context, what string, ok func(event.Event) bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for r := range p.log.Follow(ctx, p.seen) {
		p.seen = r.Seq
		if ok(r.Event) {
			return nil
		}
	}
	return p.fault(fmt.Errorf("waited in vain for %s: %w", what, ctx.Err()))
}

// asleep waits until the app is suspended.
func (p *phone) asleep(ctx context.Context) error {
	return p.until(ctx, "suspended", func(e event.Event) bool {
		s, ok := e.(event.State)
		return ok && s.To == event.Suspended
	})
}

// background sends the app to the background and waits until it is suspended.
func (p *phone) background(ctx context.Context) error {
	if err := p.say("background"); err != nil {
		return err
	}
	return p.asleep(ctx)
}

// quit lets the phone sign off.
func (p *phone) quit() error {
	defer os.RemoveAll(p.dir)
	err := errors.Join(p.say("quit"), p.verbs.Close())
	<-p.ended
	if wait := p.cmd.Wait(); wait != nil {
		return fmt.Errorf("the phone ended with %w: %s", wait, lastLine(p.output.String()))
	}
	return err
}

// unusedPort is a port of loopback that nobody uses now.
func unusedPort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
