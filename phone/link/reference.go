package link

import (
	"fmt"
	"strings"
)

const referenceHead = `# Faults

Each is on the emulated link between the phone and the network, so that it works
against any server, and without root. The syntax is the same after the key !, at
the prompt, on standard input and in a scenario:

    fault nat drop

and for faults from the start, separated by commas, with --fault, as "fault:" in
an account, or in "use phone alice fault=…":

    sleeptalk phone --account alice --fault 'nat short, latency 200ms'

In the log a fault is on until it is switched off, or until the app knows of it
on every connection that it hit. All randomness comes from the phone's seed.

The link sees what the phone's sockets read and write. This computer's kernel is
in front of it: it acknowledges a server's data even where a real network would
have lost it. Where that makes a difference, "real server" says so.
`

// Reference returns the reference of all faults as text.
func Reference() string {
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, s := range Specs() {
		fmt.Fprintf(&b, "\n## %s\n\nIt %s.\n", s.Usage(), s.Does)
		if s.App != "" {
			fmt.Fprintf(&b, "\n- app: %s\n- real server: %s\n- for real: %s\n", s.App, s.Server, s.Real)
		}
	}
	return b.String()
}
