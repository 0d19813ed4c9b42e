// Sleeptalk is a SIP phone in the terminal that falls asleep on purpose.
//
// This package is the tree of commands. One of several files is a package of its
// own beside this one (run, phone, push, …), one of one file stands here; what they
// share is cli. Each reads flags and files and puts together a phone, a shell and a
// screen.
//
// Only main ends the process.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
)

func main() { os.Exit(realMain()) }

// realMain runs the program on the process's own streams.
func realMain() int {
	obeyNoColor()
	streams := cli.OpenStreams(os.Stdin, os.Stdout, os.Stderr)
	ctx, stop := streams.UntilSignal(context.Background(), os.Exit)
	defer stop()
	stdout, stderr := cli.Stdout(streams.Out), cli.Stderr(streams.Err)
	defer stdout.Flush()
	defer stderr.Flush()
	completeQuietly(os.Args[1:])
	p := &cli.Program{
		Args: os.Args[1:], In: streams.In, Out: stdout, Err: stderr, Env: os.Getenv,
		Streams: streams, Exit: os.Exit,
	}
	return p.Guard(ctx, func(ctx context.Context) error { return execute(ctx, p) })
}

// completeQuietly keeps to itself what cobra thinks of a line that a shell wants
// completed: it writes that, as it was typed, to the standard error of the process.
func completeQuietly(args []string) {
	if len(args) == 0 || args[0] != cobra.ShellCompRequestCmd && args[0] != cobra.ShellCompNoDescRequestCmd {
		return
	}
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
}

// execute finds the command and runs it.
func execute(ctx context.Context, p *cli.Program) error {
	root := commands(p)
	root.SetArgs(p.Args)
	root.SetIn(p.In)
	root.SetOut(cli.Coloured(p.Out))
	root.SetErr(p.Err)
	root.SilenceErrors, root.SilenceUsage = true, true // Guard reports it
	root.Version = cli.Build().Version
	return root.ExecuteContext(ctx)
}

// obeyNoColor makes any non-empty NO_COLOR count (https://no-color.org); the
// libraries below read it as a boolean and take "yes" for no.
func obeyNoColor() {
	if os.Getenv("NO_COLOR") != "" {
		os.Setenv("NO_COLOR", "1")
		os.Unsetenv("CLICOLOR_FORCE")
	}
}
