package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/link"
)

// faultsTopic is "sleeptalk help faults": how a sleeping phone fails, and what
// can be broken to have it fail.
func faultsTopic(p *cli.Program) *cobra.Command {
	cmd := &cobra.Command{Use: "faults", Short: "How a sleeping phone fails, what can be broken on its way to the server, and the truth about it"}
	// The catalogue is in all the scenarios: only who asks for it has them read.
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		catalogue, err := failures()
		if err != nil { // a bug, which the tests find
			p.Warn(err.Error(), "")
		}
		cmd.Long = failuresText(catalogue) + "\n" + link.Reference()
		cmd.Parent().HelpFunc()(cmd, args)
	})
	return cmd
}

// A shownFailure is a way in which a sleeping phone fails, and a scenario that
// shows it.
type shownFailure struct {
	number          int
	scenario, about string
}

// failures lists what the scenarios of the program show, by the number that is
// among their tags, such as F4.
func failures() ([]shownFailure, error) {
	scripts, err := script.Builtin("")
	if err != nil {
		return nil, err
	}
	var list []shownFailure
	for _, s := range scripts {
		src, f, err := s.Parse()
		if err != nil {
			return nil, err
		}
		for _, tag := range f.Tags {
			number, ok := strings.CutPrefix(tag, "F")
			if n, err := strconv.Atoi(number); ok && err == nil {
				list = append(list, shownFailure{n, s.Short(), script.About(src)})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b shownFailure) int { return cmp.Compare(a.number, b.number) })
	return list, nil
}

const failuresHead = `# Failures

The ways in which a sleeping phone fails, each with a scenario that shows it, step by
step, in virtual time: sleeptalk run builtin:NAME --watch. Its number is its tag, so that
sleeptalk list --tag F4 finds it.
`

func failuresText(list []shownFailure) string {
	var b strings.Builder
	b.WriteString(failuresHead + "\n")
	for _, f := range list {
		fmt.Fprintf(&b, "- F%d, %s: %s\n", f.number, f.scenario, f.about)
	}
	return b.String()
}
