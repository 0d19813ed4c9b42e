package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/diagnose"
)

func explainCommand(p *cli.Program) *cobra.Command {
	return &cobra.Command{
		Use: "explain [RULE|CODE]", Short: "Explain an anomaly: what happened, the rule, its source, the way out", Args: cobra.MaximumNArgs(1),
		Long: `Explain an anomaly by the rule that its event names, or that a failed scenario
names as the likely cause: what happened, the rule behind it, where that comes
from, and the way out. A termination code of a crash log will do as well. Without
an argument it lists the rules.`,
		Example: "  sleeptalk explain wake-budget\n  sleeptalk explain 0x8badf00d",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ruleNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listRules(p)
			}
			return runExplain(p, args[0])
		},
	}
}

func ruleNames() []string {
	var names []string
	for _, r := range diagnose.All() {
		names = append(append(names, string(r.ID)), r.Codes...)
	}
	return names
}

func listRules(p *cli.Program) error {
	for _, r := range diagnose.All() {
		if _, err := fmt.Fprintf(p.Out, "%-24s %s\n", r.ID, r.Title); err != nil {
			return err
		}
	}
	return nil
}

func runExplain(p *cli.Program, name string) error {
	rules, err := diagnose.Find(name)
	if err != nil {
		return cli.Invalid(err, "sleeptalk explain, which lists them")
	}
	var texts []string
	for _, r := range rules {
		texts = append(texts, r.Text(cli.TextWidth))
	}
	_, err = fmt.Fprint(p.Out, strings.Join(texts, "\n"))
	return err
}
