// Sleeptalk is a SIP phone in the terminal that falls asleep on purpose.
//
// This package is the command line: one file to each command, and the only
// place that knows every other part. It reads flags and files, puts together
// a phone, a shell and a screen, and turns what came of it into an exit code
// (see exit.go).
//
//	main ─▶ guarded ─▶ fang + cobra ─▶ a command ─▶ config + engine ─▶ error
//	  ▲                                                                  │
//	  └────────────── exit code  ◀── report: error, hint ◀───────────────┘
//
// Only main ends the process.
package main

import (
	"context"
	"io"
	"os"

	"charm.land/fang/v2"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
)

func main() { os.Exit(realMain()) }

// realMain runs the program on the process's own streams.
func realMain() int {
	obeyNoColor()
	ctx, stop := untilSignal(context.Background())
	defer stop()
	p := &program{args: os.Args[1:], in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv}
	return p.guarded(ctx, p.run)
}

// A program is one run of sleeptalk: what it was given, and where it writes.
type program struct {
	args []string
	in   io.Reader
	out  io.Writer
	err  io.Writer
	env  config.Env
}

func (p *program) paths() config.Paths { return config.Find(p.env) }

// run finds the command and runs it.
func (p *program) run(ctx context.Context) error {
	root := p.root()
	root.SetArgs(p.args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	b := build()
	return fang.Execute(ctx, root,
		fang.WithVersion(b.Version), fang.WithCommit(b.Commit),
		fang.WithErrorHandler(func(io.Writer, fang.Styles, error) {}), // guarded reports it
	)
}

// obeyNoColor makes any non-empty NO_COLOR count (https://no-color.org); the
// libraries below read it as a boolean and take "yes" for no.
func obeyNoColor() {
	if os.Getenv("NO_COLOR") != "" {
		os.Setenv("NO_COLOR", "1")
		os.Unsetenv("CLICOLOR_FORCE")
	}
}
