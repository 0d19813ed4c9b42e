package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/account"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/survive"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

type surviveOptions struct {
	choice      config.Choice
	least, most time.Duration
	json        bool
}

const surviveLong = `Find the longest keepalive interval that the path to a real server survives. It
opens one connection for each interval, proves it with a CRLF ping (or an OPTIONS
where the server answers no ping), leaves it alone for the interval and proves it
again. All intervals run at the same time, so it takes as long as the longest.

It measures what NATs, firewalls and the server do to an idle TCP connection from
this machine, in this network: run it where the phone is to be. TCP's own
keepalive is off. Nothing is emulated.`

func surviveCommand(p *cli.Program) *cobra.Command {
	o := new(surviveOptions)
	cmd := &cobra.Command{
		Use: "survive", Short: "Find the longest keepalive interval that the path to a server survives", Long: surviveLong, Args: cobra.NoArgs,
		Example: "  sleeptalk survive --server pbx.example.com\n  sleeptalk survive --account alice --from 1m --to 2h --json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runSurvive(cmd.Context(), p, o) },
	}
	f := cmd.Flags()
	account.Flags(p, cmd, &o.choice)
	account.SettingFlags(cmd, &o.choice, "server")
	f.DurationVar(&o.least, "from", 30*time.Second, "the shortest interval to try")
	f.DurationVar(&o.most, "to", 20*time.Minute, "the longest; it takes so long")
	f.BoolVar(&o.json, "json", false, "as JSON")
	return cmd
}

// maxSurvive keeps a slip of the keyboard from waiting for a month.
const maxSurvive = 24 * time.Hour

func runSurvive(ctx context.Context, p *cli.Program, o *surviveOptions) error {
	if o.least < time.Second || o.most < o.least || o.most > maxSurvive {
		return cli.Usage("--from %s --to %s: from 1s up, at most %s", o.least, o.most, maxSurvive)
	}
	server, err := serverOf(p, o.choice)
	if err != nil {
		return err
	}
	intervals := survive.Ladder(o.least, o.most)
	if !o.json {
		fmt.Fprintf(p.Out, "%s: %d connections, left alone for %s to %s\n", server.Target(), len(intervals), event.Round(o.least), event.Round(o.most))
	}
	results, err := survive.Run(ctx, survive.Options{
		Dial: dialer(server), Host: server.Host, Intervals: intervals, Told: tellSurvivor(p, o),
	})
	if err != nil {
		return err
	}
	return concludeSurvival(p, o, server, results)
}

// serverOf finds the server that flags, environment or config name.
func serverOf(p *cli.Program, choice config.Choice) (setup.Server, error) {
	file, _, err := p.Config()
	if err != nil {
		return setup.Server{}, err
	}
	_, values, err := file.Layer(p.Paths(), choice, p.Env)
	if err != nil {
		return setup.Server{}, err
	}
	if values["server"] == "" {
		return setup.Server{}, cli.Usage("which server? --server HOST or --account NAME")
	}
	server, err := setup.ParseServer(values["server"])
	if err != nil {
		return setup.Server{}, cli.InvalidConfig(err)
	}
	return server, nil
}

// dialer opens connections on which the kernel says nothing by itself.
func dialer(server setup.Server) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		began := time.Now()
		conn, err := (&net.Dialer{KeepAlive: -1}).DialContext(ctx, "tcp", server.Target())
		if err != nil {
			return nil, live.NewConnectError(server.Target(), time.Since(began), err)
		}
		return conn, nil
	}
}

func tellSurvivor(p *cli.Program, o *surviveOptions) func(survive.Result) {
	if o.json {
		return nil
	}
	return func(r survive.Result) { fmt.Fprintf(p.Out, "%8s  %s\n", event.Round(r.Interval), fate(r)) }
}

func fate(r survive.Result) string {
	text := map[string]string{
		survive.Survived: fmt.Sprintf("survived; the %s was answered in %s", r.Probe, event.Round(r.After)),
		survive.Silent:   fmt.Sprintf("lost, silently: the %s was not answered", r.Probe),
		survive.Closed:   "closed after " + event.Round(r.After),
		survive.Reset:    "reset after " + event.Round(r.After),
	}[r.Fate]
	if r.Spoke {
		text += "; the server spoke by itself meanwhile"
	}
	return text
}

func concludeSurvival(p *cli.Program, o *surviveOptions, server setup.Server, results []survive.Result) error {
	survived, lost := survive.Longest(results)
	if o.json {
		return printJSON(p.Out, survivalJSON(server, survived, results))
	}
	text := fmt.Sprintf("The path survives %s of silence", event.Round(survived))
	switch {
	case survived == 0:
		text = fmt.Sprintf("The path does not survive even %s of silence", event.Round(lost))
	case lost == 0:
		text += ", and perhaps more: --to"
	default:
		text += fmt.Sprintf(", and not %s", event.Round(lost))
	}
	_, err := fmt.Fprintf(p.Out, "%s.\n%s\n", text, advice(survived))
	return err
}

// keepAliveFloor is the least interval of a keepalive handler on iOS (Apple,
// setKeepAliveTimeout:handler:).
const keepAliveFloor = 600 * time.Second

func advice(survived time.Duration) string {
	if survived < keepAliveFloor {
		return "A sleeping iOS app pings every 600 s at best: let the server ping it more often (but not below 21 s: sleeptalk explain wake-budget), or use push."
	}
	return "A keepalive handler every 600 s keeps this path open."
}

type survivalReport struct {
	Server   string          `json:"server"`
	Survived event.Seconds   `json:"survived_s"`
	Tried    []survivalTrial `json:"tried"`
}

type survivalTrial struct {
	Interval event.Seconds `json:"interval_s"`
	Fate     string        `json:"fate"`
	Probe    string        `json:"probe"`
	After    event.Seconds `json:"after_s"`
	Spoke    bool          `json:"spoke,omitempty"`
}

func survivalJSON(server setup.Server, survived time.Duration, results []survive.Result) survivalReport {
	report := survivalReport{Server: server.Target(), Survived: event.Seconds(survived)}
	for _, r := range results {
		report.Tried = append(report.Tried, survivalTrial{event.Seconds(r.Interval), r.Fate, r.Probe, event.Seconds(r.After), r.Spoke})
	}
	return report
}
