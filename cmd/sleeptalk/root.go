package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/account"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/grade"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/manual"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/profile"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/protocol"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/push"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/run"
	"github.com/sleeptalk/sleeptalk/phone/words"
	"github.com/sleeptalk/sleeptalk/ui"
)

const rootLong = `A softphone that falls asleep on purpose: a SIP phone with a real control
socket, real RTP and a real sound card, on an emulated handset that suspends it
exactly as a mobile system suspends a VoIP app.`

const rootExample = `  sleeptalk demo                                        # needs nothing
  sleeptalk phone --server pbx.example.com --user alice --password-env PW
  echo 'wait for registered within 5s' | sleeptalk --plain --account alice`

// commands are the whole tree.
func commands(p *cli.Program) *cobra.Command {
	o := new(phone.Options)
	root := &cobra.Command{
		Use: "sleeptalk", Short: "A softphone that falls asleep on purpose", Long: rootLong, Example: rootExample,
		Args: noTopic,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRoot(p, cmd, o) },
	}
	o.Flags(p, root)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return cli.Fail(cli.ExitUsage, flagError(cmd, err), cmd.CommandPath()+" --help")
	})
	root.AddCommand(
		phone.DemoCommand(p), phone.Command(p), labCommand(p), push.Command(p), pocketCommand(p), compareCommand(p), matrixCommand(p), replayCommand(p), benchCommand(p),
		run.Command(p), checkCommand(p), fmtCommand(p), listCommand(p), explainCommand(p), profile.Command(p), protocol.Command(p), initCommand(p), trustCommand(p), doctorCommand(p), devicesCommand(p), surviveCommand(p), grade.Command(p), locateCommand(p), versionCommand(p), completionCommand(p), manual.ManCommand(p),
	)
	root.SetHelpCommand(manual.Command(p))
	root.SetHelpFunc(manual.Help)
	return root
}

// noTopic refuses a word that is no command. One that is a topic of the manual needs
// "help" before it.
func noTopic(cmd *cobra.Command, args []string) error {
	err := cli.NoCommand(cmd, args)
	if err != nil && slices.Contains(manual.Names(), args[0]) {
		return cli.Fail(cli.ExitUsage, err, "sleeptalk help "+args[0])
	}
	return err
}

// flagError names the nearest flag to an unknown one.
func flagError(cmd *cobra.Command, err error) error {
	name, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	name = "--" + name
	return fmt.Errorf("unknown flag %s%s", name, words.DidYouMean(name, names))
}

// runRoot is sleeptalk without a command: the phone of the account, or the
// start card.
func runRoot(p *cli.Program, cmd *cobra.Command, o *phone.Options) error {
	if !o.Screen.Headless(p) && !p.Terminal() {
		return cli.Fail(cli.ExitUsage, errors.New("there is no terminal to draw on; --plain and --json need none"), "sleeptalk --help   or   sleeptalk demo --plain")
	}
	err := phone.Run(cmd.Context(), p, o)
	if errors.Is(err, account.ErrNobody) && !o.Screen.Headless(p) {
		return startCard(cmd.Context(), p, o.Screen)
	}
	return err
}

// startCard is what somebody sees who has no account yet.
func startCard(ctx context.Context, p *cli.Program, o phone.Screen) error {
	pages := map[ui.Choice]string{ui.Connect: connectPage, ui.Scenario: scenarioPage, ui.ReadKeys: ui.KeyPage()}
	for {
		choice, err := ui.StartCard(ctx, o.Options(p), pages)
		if err != nil || choice != ui.Demo {
			return err
		}
		if err := phone.Demo(ctx, p, o); err != nil { // which has said what it was
			return err
		}
	}
}

const connectPage = `sleeptalk init     writes a config file: fill in an account, then run sleeptalk again
sleeptalk doctor   checks the account against the server

or at once:        sleeptalk phone --server HOST --user NAME --password-env VARIABLE

Without a server:  sleeptalk lab    is one, with somebody to call
`

const scenarioPage = `sleeptalk list     lists the scenarios that are built in

sleeptalk run builtin:reachable-asleep           plays one in virtual time
sleeptalk run builtin:reachable-asleep --watch   plays it on the screen

sleeptalk help scenario    is the language
`
