package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// textWidth is for texts that people read: that of a terminal.
const textWidth = 80

func (p *program) explainCommand() *cobra.Command {
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
				return p.listRules()
			}
			return p.explain(args[0])
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

func (p *program) listRules() error {
	for _, r := range diagnose.All() {
		if _, err := fmt.Fprintf(p.out, "%-24s %s\n", r.ID, r.Title); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) explain(name string) error {
	rules, err := diagnose.Find(name)
	if err != nil {
		return invalid(err, "sleeptalk explain, which lists them")
	}
	var texts []string
	for _, r := range rules {
		texts = append(texts, r.Text(textWidth))
	}
	_, err = fmt.Fprint(p.out, strings.Join(texts, "\n"))
	return err
}

// explanation is the rule behind an event as the screen shows it; "" if the
// event tells of no anomaly.
func explanation(e event.Event, width int) string {
	rules, err := diagnose.Find(string(diagnose.Of(e)))
	if err != nil {
		return ""
	}
	return rules[0].Text(width)
}
