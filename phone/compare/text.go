package compare

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// Table writes the rows for a terminal 80 cells wide, with the meaning of the
// columns below.
func Table(w io.Writer, cfg Config, rows []Row) error {
	var b strings.Builder
	for i, r := range rows {
		if i == 0 || r.Fault != rows[i-1].Fault || r.Control != rows[i-1].Control {
			head(&b, r)
		}
		line(&b, r)
	}
	fmt.Fprintf(&b, `
rung: within %g s, of the calls offered; ring: from the INVITE, median/95 %%
wakes, awake, bytes of signalling and radio: per hour, calls among them
radio: an estimate, %g s of tail after each transmission
missed: by the rule that explains it: sleeptalk explain RULE
%g hours each, in virtual time, seed %d; the devices are emulated
`, patience.Seconds(), radioTail.Seconds(), cfg.Hours, cfg.Seed)
	_, err := io.WriteString(w, b.String())
	return err
}

// columns is the format of a row; the first two columns are left-aligned.
const columns = "%-16s%-12s%6s%5s%9s%6s%7s%7s%7s%5s\n"

func head(b *strings.Builder, r Row) {
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	if p, ok := setup.FindProtocol(r.Control); !ok {
		fmt.Fprintf(b, "raw protocol %s\n", r.Control)
	} else if r.Control != control.SIP {
		fmt.Fprintln(b, p.Title)
	}
	if r.Fault != NoFault {
		fmt.Fprintf(b, "fault %s\n", r.Fault)
	}
	fmt.Fprintf(b, columns, "profile", "strategy", "rung", "answ", "ring", "wakes", "awake", "bytes", "radio", "kill")
}

func line(b *strings.Builder, r Row) {
	fmt.Fprintf(b, columns, r.Profile, r.Way(), fmt.Sprintf("%d/%d", r.Rung, r.Offered), fmt.Sprint(r.Answered), r.Ring(),
		fmt.Sprintf("%.1f", r.Wakes), fmt.Sprintf("%.0f s", r.Awake), fmt.Sprintf("%.0f", r.Bytes), fmt.Sprintf("%.0f s", r.Radio), fmt.Sprint(r.Kills))
	if len(r.Missed) > 0 {
		fmt.Fprintf(b, "%28smissed: %s\n", "", reasons(r.Missed))
	}
}

// Way returns the strategy, with the gateway if the phone is reached by push.
func (r Row) Way() string {
	if r.Gateway == "" {
		return r.Strategy
	}
	return r.Strategy + " " + r.Gateway
}

// Ring returns the times to the ringing, in the unit that fits the longer one.
func (r Row) Ring() string {
	p50, p95 := r.RingP50.D(), r.RingP95.D()
	switch {
	case r.Rung == 0:
		return "-"
	case p95 < time.Second:
		return fmt.Sprintf("%d/%d ms", p50.Milliseconds(), p95.Milliseconds())
	}
	return fmt.Sprintf("%.1f/%.0f s", p50.Seconds(), p95.Seconds())
}

func reasons(list []Reason) string {
	parts := make([]string, len(list))
	for i, r := range list {
		parts[i] = fmt.Sprintf("%d %s", r.Calls, r.Rule)
	}
	return strings.Join(parts, ", ")
}
