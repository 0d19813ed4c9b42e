//go:build peers || hostile

package main

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
	"sync"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// patience is how long a peer may take for anything.
const patience = 90 * time.Second

// dialUntil returns when something listens at addr.
func dialUntil(t *testing.T, addr string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("nothing listens at %s: %v", addr, err)
		}
	}
}

// accepting listens on a port of loopback until the test ends, and has serve talk
// to each who connects: when that returns, it hangs up.
func accepting(t *testing.T, serve func(net.Conn)) *net.TCPAddr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go acceptAll(l, serve)
	return l.Addr().(*net.TCPAddr)
}

// acceptAll has serve talk to each who connects, until l is closed.
func acceptAll(l net.Listener, serve func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() { defer c.Close(); serve(c) }()
	}
}

// output is what a process has printed. It can be waited for.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{}
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.grown != nil {
		close(o.grown)
		o.grown = nil
	}
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// wait returns when the output contains want.
func (o *output) wait(t *testing.T, want string) {
	t.Helper()
	if !o.has(want, patience) {
		t.Fatalf("no %q in:\n%s", want, o)
	}
}

// has reports whether the output contains want within d.
func (o *output) has(want string, d time.Duration) bool { return o.find(0, want, d) >= 0 }

// find waits for want after the first from bytes, and returns where it ends, or -1
// if it has not come within d.
func (o *output) find(from int, want string, d time.Duration) (end int) {
	timeout := time.After(d)
	for {
		o.mu.Lock()
		at := bytes.Index(o.text.Bytes()[from:], []byte(want))
		if o.grown == nil {
			o.grown = make(chan struct{})
		}
		grown := o.grown
		o.mu.Unlock()
		if at >= 0 {
			return from + at + len(want)
		}
		select {
		case <-grown:
		case <-timeout:
			return -1
		}
	}
}

// tester is a sleeptalk process that is given verbs and whose JSON lines are
// read into a log.
type tester struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.WriteCloser
	log   *event.Log
	seen  uint64 // up to the last fact that was waited for
	err   output
	ended chan struct{}
}

// start runs "sleeptalk args…" (this test binary, which testscript.Main put on
// the path) and reads its standard output as JSON lines.
func start(t *testing.T, args ...string) *tester {
	t.Helper()
	return begin(t, exec.Command("sleeptalk", args...))
}

// begin runs a command that is a phone or a lab, in a home of its own unless its
// environment names another.
func begin(t *testing.T, cmd *exec.Cmd) *tester {
	t.Helper()
	p := &tester{t: t, cmd: cmd, log: new(event.Log), ended: make(chan struct{})}
	var err error
	home := t.TempDir()
	p.cmd.Env = slices.Concat(os.Environ(), []string{
		"SLEEPTALK_TEST_PASSWORD=secret", "SLEEPTALK_TEST_WRONG_PASSWORD=guess", "HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_STATE_HOME=" + home,
	}, cmd.Env)
	p.cmd.Stderr = &p.err
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.read(stdout)
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			p.dump()
		}
	})
	return p
}

func (p *tester) read(stdout io.Reader) {
	defer close(p.ended)
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		r, err := event.ParseJSON(lines.Bytes())
		if err != nil {
			fmt.Fprintf(&p.err, "not an event: %v: %s\n", err, lines.Bytes())
			continue
		}
		p.log.Append(r)
	}
}

func (p *tester) dump() {
	for _, r := range p.log.After(0) {
		if !cli.Periodic(r.Event) {
			p.t.Log(event.Line(r))
		}
	}
	p.t.Logf("stderr:\n%s", &p.err)
}

// say gives verbs, a line each.
func (p *tester) say(lines ...string) {
	p.t.Helper()
	if _, err := io.WriteString(p.stdin, strings.Join(lines, "\n")+"\n"); err != nil {
		p.t.Fatalf("say %q: %v", lines, err)
	}
}

// expect is [await] for an event that must come.
func expect[E event.Event](p *tester, what string, ok func(E) bool) E {
	p.t.Helper()
	e, err := await(p, ok)
	if err != nil {
		p.t.Fatalf("waited in vain for %s: %v", what, err)
	}
	return e
}

// await waits for an event of type E that satisfies ok, after the last one
// that was waited for, until the process ends or patience does.
func await[E event.Event](p *tester, ok func(E) bool) (none E, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	go func() { // who has ended will do nothing more
		select {
		case <-p.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		records, err := p.log.Wait(ctx, p.seen)
		if err != nil {
			return none, err
		}
		for _, r := range records {
			p.seen = r.Seq
			if e, is := r.Event.(E); is && ok(e) {
				return e, nil
			}
		}
	}
}

// quit ends the process in order and returns its exit code.
func (p *tester) quit() int {
	p.t.Helper()
	p.say("quit")
	p.stdin.Close()
	<-p.ended
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// phoneOf are the arguments of somebody's phone with the server at addr.
func phoneOf(user, addr string, flags ...string) []string {
	return append([]string{
		"phone", "--json", "--server", addr, "--domain", "lab.test", "--user", user,
		"--password-env", "SLEEPTALK_TEST_PASSWORD",
	}, flags...)
}

// Facts that many tests wait for.

// listens waits until a lab says that it listens, as "listening" or "listening
// for xmpp", and returns the address.
func (p *tester) listens(what string) string {
	p.t.Helper()
	return expect(p, what, func(e event.Server) bool { return e.What == what }).Peer
}

func (p *tester) registered() {
	p.t.Helper()
	expect(p, "registered", func(e event.Registration) bool { return e.Phase == "active" })
}

// asleep sends the app to the background and waits until it is suspended.
func (p *tester) asleep() {
	p.t.Helper()
	p.say("background")
	expect(p, "suspended", func(e event.State) bool { return e.To == event.Suspended })
}

// answers waits until the caller hears it ring, and answers.
func (p *tester) answers() {
	p.t.Helper()
	expect(p, "180", func(e event.Message) bool { return e.Out && e.Status == 180 })
	p.say("answer")
}

func (p *tester) call(phase event.CallPhase) event.Call {
	p.t.Helper()
	return expect(p, "call "+string(phase), func(e event.Call) bool { return e.Phase == phase })
}
