package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/words"
	"github.com/sleeptalk/sleeptalk/ui"
)

const rootLong = `A softphone that falls asleep on purpose: a SIP phone with a real control
socket, real RTP and a real sound card, on an emulated handset that suspends it
exactly as a mobile system suspends a VoIP app.`

const rootExample = `  sleeptalk demo                                        # needs nothing
  sleeptalk phone --server pbx.example.com --user alice --password-env PW
  echo 'wait for registered within 5s' | sleeptalk --plain --account alice`

// root is the whole tree of commands.
func (p *program) root() *cobra.Command {
	o := new(phoneOptions)
	root := &cobra.Command{
		Use: "sleeptalk", Short: "A softphone that falls asleep on purpose", Long: rootLong, Example: rootExample,
		Args: p.noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runRoot(cmd, o) },
	}
	o.flags(p, root)
	completeFlag(root, "device", p.completeDevices(1))
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &failure{exitUsage, flagError(cmd, err), cmd.CommandPath() + " --help"}
	})
	root.AddCommand(
		p.demoCommand(), p.phoneCommand(), p.labCommand(), p.pushCommand(), p.pocketCommand(), p.compareCommand(), p.replayCommand(), p.benchCommand(),
		p.runCommand(), p.checkCommand(), p.fmtCommand(), p.listCommand(), p.explainCommand(), p.profileCommand(), p.rawCommand(), p.scenarioTopic(), p.faultsTopic(), p.initCommand(), p.doctorCommand(), p.surviveCommand(), p.gradeCommand(), p.locateCommand(), p.versionCommand(),
	)
	return root
}

// noCommand refuses a word that is no command, and names the nearest one.
func (p *program) noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return usage("unknown command %q%s", args[0], words.DidYouMean(args[0], names))
}

// flagError names the nearest flag to an unknown one.
func flagError(cmd *cobra.Command, err error) error {
	name, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *flag) { names = append(names, "--"+f.Name) })
	name = "--" + name
	return fmt.Errorf("unknown flag %s%s", name, words.DidYouMean(name, names))
}

// runRoot is sleeptalk without a command: the phone of the account, or the
// start card.
func (p *program) runRoot(cmd *cobra.Command, o *phoneOptions) error {
	if !o.headless(p) && !p.terminal() {
		cmd.SetOut(p.err)
		return errors.Join(cmd.Help(), usage("there is no terminal to draw on; --plain and --json need none"))
	}
	err := p.runPhone(cmd, o)
	if errors.Is(err, errNobody) && !o.headless(p) {
		return p.startCard(cmd.Context(), o.screen)
	}
	return err
}

// terminal reports whether there is one to draw on and to read keys from.
func (p *program) terminal() bool {
	return p.env("TERM") != "dumb" && isTerminal(p.in) && isTerminal(p.out)
}

func isTerminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(f.Fd())
}

// startCard is what somebody sees who has no account yet.
func (p *program) startCard(ctx context.Context, o screenOptions) error {
	choice, err := ui.StartCard(ctx, ui.Options{Theme: o.theme, ASCII: o.ascii, NoMouse: o.noMouse, Input: p.in, Output: p.out})
	if err != nil {
		return err
	}
	switch choice {
	case ui.Demo:
		return p.runDemo(ctx, o)
	case ui.Connect:
		_, err = io.WriteString(p.out, `sleeptalk init     writes a config file: fill in an account, then run sleeptalk again
sleeptalk doctor   checks the account against the server
or at once:        sleeptalk phone --server HOST --user NAME --password-env VARIABLE
`)
	case ui.Scenario:
		_, err = io.WriteString(p.out, `sleeptalk list     lists the scenarios that are built in
sleeptalk run builtin:reachable-asleep
`)
	case ui.ReadKeys:
		_, err = fmt.Fprintln(p.out, ui.RenderFrame(new(event.Log), ui.Frame{Width: 80, Height: 40, Keys: []string{"?"}}))
	}
	return err
}
