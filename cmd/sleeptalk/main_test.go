package main

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/ui"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sleeptalk":         main,
		"watched-sleeptalk": watched,
		"crashing-sleeptalk": func() {
			p := &cli.Program{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv}
			os.Exit(p.Guard(context.Background(), func(context.Context) error { panic("on purpose") }))
		},
		"panicking-sleeptalk": panicking,
		"crashing-screen": func() {
			p := &cli.Program{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv}
			os.Exit(p.Guard(context.Background(), func(ctx context.Context) error {
				return ui.Run(ctx, clumsy{new(event.Log)}, ui.Options{Input: p.In, Output: p.Out})
			}))
		},
	})
}

// panicking is the program, one of whose goroutines panics when there is a file "panic".
func panicking() {
	streams := cli.OpenStreams(os.Stdin, os.Stdout, os.Stderr)
	ctx, stop := streams.UntilSignal(context.Background(), os.Exit)
	defer stop()
	p := &cli.Program{Args: os.Args[1:], In: streams.In, Out: streams.Out, Err: streams.Err, Env: os.Getenv, Streams: streams, Exit: os.Exit}
	p.Go(func() {
		for range time.Tick(10 * time.Millisecond) {
			if _, err := os.Stat("panic"); err == nil {
				panic("on purpose")
			}
		}
	})
	os.Exit(p.Guard(ctx, func(ctx context.Context) error { return execute(ctx, p) }))
}

// clumsy is a phone that panics when it is to do something, and has one verb
// for that.
type clumsy struct{ log *event.Log }

func (c clumsy) Log() *event.Log    { return c.log }
func (clumsy) Do(string) error      { panic("on purpose") }
func (clumsy) Verbs() []ui.VerbHelp { return []ui.VerbHelp{{Name: "clock"}} }

// TestScripts types what a user would type: testdata/script/*.txtar. Besides
// testscript's own commands there are "exits CODE command…", "listening ADDRESS",
// which waits until something does, and "expand FILE", which puts the values of
// variables into a file.
func TestScripts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("TAKEN_PORT", port(taken))
			for _, name := range []string{"CLOSED_PORT", "LAB_PORT", "PUSH_PORT"} { // of each script's own: they run side by side
				free, err := unusedPort()
				if err != nil {
					return err
				}
				e.Setenv(name, strconv.Itoa(free))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "listening": listening, "expand": expand},
	})
}

func port(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }

// exits runs a command and wants it to end with an exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command [args...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = strconv.Itoa(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != args[0] {
		ts.Fatalf("%v: exit code %s, want %s\n%s", args[1:], code, args[0], ts.ReadFile("stderr"))
	}
}

// expand puts the values of variables into a file.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expand FILE")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(os.Expand(ts.ReadFile(args[0]), ts.Getenv)), 0o600))
}

// listening returns when something listens at an address, at the latest when
// the test's time is over.
func listening(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: listening ADDRESS")
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if c, err := net.Dial("tcp", args[0]); err == nil {
			c.Close()
			return
		}
	}
	ts.Fatalf("nothing listens at %s", args[0])
}

// TestSignals sends a phone away: it signs off, and its exit code says why.
func TestSignals(t *testing.T) {
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
		cmd := exec.Command("sleeptalk", "lab", "--listen", "127.0.0.1:0")
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Its first line says that it runs.
		if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("%v: exit code %d, want %d", sig, got, want)
		}
	}
}
