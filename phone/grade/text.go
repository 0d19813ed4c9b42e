package grade

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Text writes the card for a person to read: each check with its
// verdict, its rule where there is one to speak of, and what shows it.
func Text(w io.Writer, c Card) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s@%s", c.User, c.Domain)
	if c.Agent != "" {
		fmt.Fprintf(&b, "  (%s)", c.Agent)
	}
	fmt.Fprintf(&b, ", examined for %s\n\n", event.Round(c.Took.D()))
	for _, m := range c.Marks {
		fmt.Fprintln(&b, Headline(m))
		if m.Verdict != Untold {
			fmt.Fprintf(&b, "      rule: %s (%s)\n", m.Rule, m.Source)
		}
		for _, l := range m.Evidence {
			fmt.Fprintf(&b, "      %s  %s\n", event.Stamp(l.At.D()), l.Text)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", Totals(c))
	_, err := io.WriteString(w, b.String())
	return err
}

// Headline is the outcome of a check in a line.
func Headline(m Mark) string {
	return fmt.Sprintf("%s %-15s %s", signs[m.Verdict], m.ID, event.Printable(m.Why))
}

// signs are the verdicts at the beginning of a line.
var signs = map[Verdict]string{Pass: "pass", Fail: "FAIL", Untold: " ?  "}

// Totals says how many checks had each verdict.
func Totals(c Card) string {
	return fmt.Sprintf("%d passed, %d failed, %d could not be told", c.Count(Pass), c.Count(Fail), c.Count(Untold))
}

// String is the effect as a live line.
func String(at time.Duration, e Effect) string {
	switch e := e.(type) {
	case Tell:
		return event.Stamp(at) + "  >>>> " + e.Text
	case Decided:
		return event.Stamp(at) + "  " + Headline(e.Mark)
	}
	return ""
}
