package grade

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Text writes the report as text: each check with its verdict, its rule if it
// did not pass, and the evidence.
func Text(w io.Writer, c Report) error {
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

// Headline returns the outcome of a check in one line.
func Headline(m Mark) string {
	return fmt.Sprintf("%s %-15s %s", signs[m.Verdict], m.ID, event.Printable(m.Why))
}

// signs are the marks of the verdicts at the beginning of a line.
var signs = map[Verdict]string{Pass: "pass", Fail: "FAIL", Untold: " ?  "}

// Totals returns how many checks had each verdict, as text.
func Totals(c Report) string {
	return fmt.Sprintf("%d passed, %d failed, %d could not be told", c.Count(Pass), c.Count(Fail), c.Count(Untold))
}

// String returns the effect as a line of live output.
func String(at time.Duration, e Effect) string {
	switch e := e.(type) {
	case Tell:
		return event.Stamp(at) + "  >>>> " + e.Text
	case Decided:
		return event.Stamp(at) + "  " + Headline(e.Mark)
	}
	return ""
}
