package link

import (
	"fmt"
	"strings"
)

const referenceHead = `# Faults

Each is on the emulated link between the phone and the network, so that it works
against any server, and nobody needs to be root. It is written the same with a
key (!), at the prompt, on standard input and in a scenario:

    fault nat drop

and, for what is to be so from the start, with --fault, as "fault:" in a profile
or in "use phone alice fault=…", several with commas between them:

    sleeptalk phone --profile alice --fault 'nat short, latency 200ms'

In the log a fault is on until it is switched off, or until the app knows of it
in all that it hit. What is left to chance comes from the phone's seed.

The link sees what the phone's sockets read and write. This computer's kernel is
before it: it acknowledges what a server sends, also where a real network would
have lost it. Where that makes a difference, it says so under "real server".
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
