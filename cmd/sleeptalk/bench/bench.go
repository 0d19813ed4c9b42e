// Package bench measures a phone from outside: as a process, on loopback, with
// a SIP server of the package's own, and beside it, in the same minutes and in
// turns, phones that others wrote.
//
//	             ┌──────────▶ sleeptalk phone --json   (events, verbs)
//	Run ─ server ┼──────────▶ baresip                  (if installed)
//	      + RTP  └──────────▶ sipp                     (if installed)
//	      echo     SIP, RTP
//
// Its law: a figure is taken by one clock, the server's, in the same way for
// every phone; what was set, and what could not be measured, is said beside
// the figure.
//
// [Run] owns everything that it starts, and ends it. A measurement is one
// goroutine; beside it run the readers of its connections and of the phone's
// events.
package bench

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
)

// DefaultCalls is how many calls the time to ring is taken over: enough for a
// 99th percentile with ten calls beyond it.
const DefaultCalls = 1000

// DefaultMessages is how many messages a screen shows before its memory is looked at.
const DefaultMessages = 1_000_000

// Options say what to measure.
type Options struct {
	// Program is the phone: the path of sleeptalk's executable.
	Program string
	// Before is another build of it, to measure beside it; "": none.
	Before string
	// Calls is how often each phone is called for the time to ring.
	Calls int
	// Messages is how many are shown for the memory of a screen.
	Messages int
	// Only are the names of the measurements; none: all.
	Only []string
	// Progress is told what is being measured.
	Progress io.Writer
	// Each is given each result when it is there, with the report so far; nil: nobody waits
	// for it.
	Each func(Report, Result) error
}

// A measurement is one thing that is measured.
type measurement struct {
	name, help string
	measure    func(*bench, context.Context) ([]Result, error)
}

// one is a measurement with one result.
func one(measure func(*bench, context.Context) (Result, error)) func(*bench, context.Context) ([]Result, error) {
	return func(b *bench, ctx context.Context) ([]Result, error) {
		r, err := measure(b, ctx)
		return []Result{r}, err
	}
}

var measurements = []measurement{
	{"invite", "INVITE to 180 over loopback TCP, the phone suspended", one((*bench).invite)},
	{"setup", "INVITE to 200 over loopback TCP, the phone suspended and answering by itself", one((*bench).setup)},
	{"cpu", "processor time per minute of PCMU call", one((*bench).cpu)},
	{"cpu-g722", "processor time per minute of G.722 call", one((*bench).cpuWide)},
	{"cpu-opus", "processor time per minute of Opus call", one((*bench).cpuOpus)},
	{"cpu-srtp", "processor time per minute of PCMU call with SRTP, keys in the SDP", one((*bench).cpuSealed)},
	{"ear", "mouth to ear, from file to file", one((*bench).ear)},
	{"sound", "mouth to ear, from one sound card to another, through two phones", one((*bench).mouthToEar)},
	{"echo", "echo in PCMU over networks with jitter and loss", (*bench).echoes},
	{"echo-opus", "echo in Opus over networks with jitter and loss", (*bench).echoesOpus},
	{"pacing", "how evenly one process sends the audio of 200 calls", one((*bench).pacing)},
	{"register", "start to registered", one((*bench).register)},
	{"screen", "start to first screen, 120x40", one((*bench).screen)},
	{"keys", "key to effect on the screen, with 1000 messages a second and a call", one((*bench).keys)},
	{"idle", "processor time of an idle screen", one((*bench).idleScreen)},
	{"messages", "resident memory of a screen that has shown a million messages, or --messages", one((*bench).manyMessages)},
	{"memory", "resident memory of an idle phone", one((*bench).memory)},
}

// Names lists the measurements.
func Names() []string {
	var names []string
	for _, m := range measurements {
		names = append(names, m.name)
	}
	return names
}

// Help is a line on each measurement.
func Help() string {
	var b strings.Builder
	for _, m := range measurements {
		fmt.Fprintf(&b, "  %-10s %s\n", m.name, m.help)
	}
	return b.String()
}

// A bench is one run of measurements.
type bench struct {
	Options
	server *server
}

// Run measures. Its error is why a measurement could not be finished; a peer
// that is not installed is none.
func Run(ctx context.Context, o Options) (Report, error) {
	s, err := newServer(ctx)
	if err != nil {
		return Report{}, err
	}
	defer s.close()
	b := &bench{Options: o, server: s}
	report := Report{Version: version, OS: runtime.GOOS, Arch: runtime.GOARCH, Go: runtime.Version(), CPUs: runtime.NumCPU()}
	for _, m := range measurements {
		if len(o.Only) > 0 && !slices.Contains(o.Only, m.name) {
			continue
		}
		fmt.Fprintf(o.Progress, "measuring: %s\n", m.help)
		results, err := m.measure(b, ctx)
		if err != nil {
			return report, fmt.Errorf("%s: %w", m.name, cmp.Or(context.Cause(ctx), err))
		}
		for _, r := range results {
			r.Name, r.Title = m.name, cmp.Or(r.Title, m.help)
			r.compare()
			report.Results = append(report.Results, r)
			if o.Each == nil {
				continue
			}
			if err := o.Each(report, r); err != nil {
				return report, err
			}
		}
	}
	return report, nil
}
