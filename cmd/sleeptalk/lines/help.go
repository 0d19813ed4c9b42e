package lines

import (
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// Help describes the automation contract.
func Help() string {
	var b strings.Builder
	b.WriteString(`With --plain or --json, lines are read from standard input, and events are
written to standard output. The lines are those of a scenario (sleeptalk help
scenario), with the same verdicts: a claim that fails ends the phone with exit
code 1. "#" begins a comment; the end of the input means quit.

Verbs:
`)
	for _, v := range verb.Specs(verb.Phone) {
		fmt.Fprintf(&b, "  %-36s %s\n", v.Usage(), v.Help)
	}
	for _, s := range scenario.Statements() {
		if !s.Above && s.Name != "==" && s.Name != "include" {
			fmt.Fprintf(&b, "  %-36s %s\n", s.Usage(), s.Help)
		}
	}
	b.WriteString("\nClauses:\n")
	for _, c := range scenario.Clauses() {
		fmt.Fprintf(&b, "  %-36s %s\n", c.Usage, c.Help)
	}
	b.WriteString("\nA claim first looks back to the last verb, and counts device time. Events, and\nstates (*), which hold already or happen:\n")
	for _, f := range scenario.Forms() {
		usage := f.Usage
		if f.State {
			usage += " *"
		}
		fmt.Fprintf(&b, "  %-36s %s\n", usage, f.Help)
	}
	return b.String()
}

// Alone is the one who is told something where the server is elsewhere.
func Alone(cast verb.Cast) verb.Cast {
	cast.Missing = "NAME is told where it runs: robots and the lab on the input of \"sleeptalk lab\", several phones in a scenario (sleeptalk run)"
	return cast
}
