package run

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/account"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/sound"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// options are the flags of a run.
type options struct {
	who           account.Who
	world, live   bool
	to            int
	tags          []string
	retry, jobs   int
	seed          uint64
	clock         string
	rate          float64           // of clock; 0: not said
	seeded        bool              // seed was said
	numbers       map[string]string // of the device of the phone under test
	limit         time.Duration
	trace         string
	json          bool
	events, junit string
	html, pcap    string
	clear         bool
	misbehave     []string
	failOnFlaky   bool
	allowEmpty    bool
	redact        bool
	force         bool
	watch, step   bool
	plain         cli.Output // never JSON
	look          cli.Look
}

const long = `Play scenarios and say what became of them. FILE is a .talk file, DIR all of them
below it, and builtin:NAME one that the program has in itself (builtin: all of
them; sleeptalk list shows them).

A scenario that needs no server of its own is played in virtual time, against the
built-in server: hours pass in a second, and the same seed gives the same run. With
"use account" or "use server" in it, or with --server or --account, it is played
live, over real sockets; --live does so with the built-in server on loopback.

With --watch the run is followed on the screen: what a step waits for, how long
still, and what is known meanwhile; keys pause it, play one step, and go on. Virtual
time has no pace of its own: watched, a step takes two seconds at most, and > and <
change that.

The first step that fails ends its test case, and those after it are skipped,
but for one that begins with "reboot": it needs nothing of what was before.

Of what failed, the evidence is kept: a report, the events, the audio, and a capture
for Wireshark. That has the SIP of everybody, and the RTP and RTCP of the phone under
test: of each file the first 4 MiB, which is a good two minutes of a call, and it says
where it was cut. --html and --pcap keep it of what passed, too.

Who plays somebody else's scenarios is protected from them: until their folder is
trusted (sleeptalk trust; --trust for this run) they name no secret of this machine,
and send none to a server of their choice.

Exit codes: 0 all passed, 1 a test failed, 3 a scenario or the config is invalid or not
trusted, or a file would be overwritten that is not ours, and nothing was sent, 4 it
could not be run, 5 the limit has passed or nothing was tested, 70 a bug of this
program, 130, 143 and 141 interrupted; of several, the first of 70, 130, 3, 1, 4, 5.`

// Command plays scenarios.
func Command(p *cli.Program) *cobra.Command {
	o := new(options)
	cmd := &cobra.Command{
		Use: "run FILE|DIR|builtin:NAME...", Short: "Play scenarios: what a sleeping phone must do, as a test", Long: long, ValidArgsFunction: script.Complete,
		Args: cobra.ArbitraryArgs,
		Example: `  sleeptalk run builtin:                               # all that the program has
  sleeptalk run wake.talk --watch --step               # on the screen, a step at a time
  sleeptalk run wake.talk --junit junit.xml --html report
  sleeptalk run wake.talk --server pbx.example.com --user alice --password-env PW --clock x60`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.seeded = cmd.Flags().Changed("seed")
			return runAll(cmd.Context(), p, o, args)
		},
	}
	o.flags(p, cmd)
	return cmd
}

func (o *options) flags(p *cli.Program, cmd *cobra.Command) {
	o.who.Flags(p, cmd)
	f := cmd.Flags()
	f.BoolVar(&o.world, "world", false, "in virtual time, against the built-in server")
	f.BoolVar(&o.live, "live", false, "over real sockets, also where virtual time would do")
	f.IntVar(&o.to, "to", 0, "play no further than this line")
	f.StringSliceVar(&o.tags, "tag", nil, "only test cases with this tag, after the setup")
	f.IntVar(&o.retry, "retry", 0, "play a file that failed again, so many times; a pass is then reported as flaky")
	f.BoolVar(&o.failOnFlaky, "fail-on-flaky", false, "let a flaky test case count as failed")
	f.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "files to play at the same time, in virtual time")
	f.Uint64Var(&o.seed, "seed", 1, "seed of everything random; at a server that is not the built-in one, one by chance by default")
	f.StringVar(&o.clock, "clock", "", "xN: device time runs N times as fast while the app is suspended and there is more than 20 s to wait: a push or a call takes its time on the wall")
	f.DurationVar(&o.limit, "limit", 0, "stop the whole run after this time; exit code 5")
	f.StringVar(&o.trace, "trace", "on-failure", "keep the evidence: on-failure, always, never")
	f.BoolVar(&o.json, "json", false, "a JSON line for each event, when all is over; what people read goes to standard error")
	f.StringVar(&o.events, "events", "", "write the events to this file, as JSON lines")
	f.StringVar(&o.junit, "junit", "", "write JUnit XML to this file")
	f.StringVar(&o.html, "html", "", "write a report to open in a browser into this folder")
	f.StringVar(&o.pcap, "pcap", "", "write what was on the wire to this file, as pcapng: SIP, RTP and RTCP, and handshakes for their keys")
	f.BoolVar(&o.clear, "pcap-clear", false, "in captures, write SRTP and SRTCP as they were opened, without their protection: whoever has the file hears the call")
	f.StringSliceVar(&o.misbehave, "misbehave", nil, "let the built-in server misbehave: "+misbehaviourNames())
	f.BoolVar(&o.allowEmpty, "allow-empty", false, "let a run without any test pass")
	f.BoolVar(&o.plain.Plain, "plain", false, "no colours, no screen, and no line for each step")
	f.BoolVar(&o.watch, "watch", false, "follow the run on the screen; without a terminal or with --plain, in lines: each step and each event")
	f.BoolVar(&o.step, "step", false, "--watch, and pause before the first step")
	o.look.Flags(cmd)
	f.BoolVar(&o.redact, "redact-all", false, "mask users and addresses in the evidence too")
	cli.ForceFlag(cmd, &o.force)
	cmd.MarkFlagsMutuallyExclusive("world", "live")
}

func misbehaviourNames() string {
	var names []string
	for _, m := range lab.Misbehaviours() {
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}

// check looks at the flags that cobra cannot check.
func (o *options) check() error {
	if o.clock != "" {
		rate, err := strconv.ParseFloat(strings.TrimPrefix(o.clock, "x"), 64)
		if err != nil || !(rate >= live.MinRate && rate <= live.MaxRate) {
			return cli.Usage("--clock %s: write it as x60; from x%g to x%d", o.clock, live.MinRate, int(live.MaxRate))
		}
		o.rate = rate
	}
	var err error
	if o.numbers, err = o.who.Numbers(); err != nil {
		return err
	}
	for _, s := range setup.Settings() {
		if err := s.Check(o.who.Choice.Flags[s.Key]); err != nil {
			return cli.Usage("--%s: %v", s.Key, err)
		}
	}
	if o.watch = o.watch || o.step; o.watch {
		o.jobs = 1 // one story at a time
	}
	switch {
	case o.trace != "on-failure" && o.trace != "always" && o.trace != "never":
		return cli.Usage("--trace %s: have on-failure, always, never", o.trace)
	case o.jobs < 1:
		return cli.Usage("--jobs %d: at least 1", o.jobs)
	case o.retry < 0 || o.to < 0 || o.limit < 0:
		return cli.Usage("--retry, --to and --limit are not negative")
	case o.world && o.elsewhere():
		return cli.Usage("--world has a server of its own; it does not go with --server or --account")
	case len(o.misbehave) > 0 && o.elsewhere():
		return cli.Usage("--misbehave is about the built-in server; it does not go with --server or --account")
	}
	return nil
}

// elsewhere reports whether the flags name another server than the built-in.
func (o *options) elsewhere() bool {
	c := o.who.Choice
	return c.Account != "" || c.Flags["server"] != ""
}

// errLimit is why a run ended that had a limit.
var errLimit = errors.New("the limit of the whole run has passed")

// A played file is a scenario and what became of it.
type played struct {
	file   *piece
	result *play.Result
	log    *event.Log
	folder string       // of its evidence; "" if there is none
	tapes  *sound.Tapes // nil if nobody keeps them
	err    error        // a bug, or that something could not be written
}

func runAll(ctx context.Context, p *cli.Program, o *options, args []string) error {
	if err := o.check(); err != nil {
		return err
	}
	found, err := script.Find(p, args)
	if err != nil {
		return err
	}
	files, err := checkScripts(p, found, o)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return o.nothing("no scenario was found")
	}
	if err := o.writable(files); err != nil {
		return err
	}
	if o.limit > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, o.limit, errLimit)
		defer stop()
	}
	if o.screened(p) {
		return watchScenarios(ctx, p, o, files)
	}
	if o.step {
		return cli.Usage("--step needs a terminal, and keys")
	}
	all := playAll(ctx, p, o, files, newProgress(p, o, len(files)))
	return conclude(ctx, p, o, all)
}

// nothing is the outcome of a run that tested nothing.
func (o *options) nothing(why string) error {
	if o.allowEmpty {
		return nil
	}
	return cli.Fail(cli.ExitLimit, errors.New(why), "--allow-empty, if that is right")
}

// conclude writes the reports and says what came of it all.
func conclude(ctx context.Context, p *cli.Program, o *options, all []played) error {
	code, err := writeReports(p, o, all, o.exitCode(ctx, all))
	for _, one := range all {
		if isBug(one.err) {
			return one.err
		}
	}
	switch {
	case err != nil:
		return cli.Fail(code, err, "")
	case code == cli.ExitLimit && errors.Is(context.Cause(ctx), errLimit):
		return cli.Fail(code, fmt.Errorf("%w: %s", errLimit, o.limit), "--limit with more time, or fewer files")
	case code == cli.ExitLimit:
		return o.nothing("no test was run: all were skipped")
	case code != 0:
		return cli.Fail(code, errors.New(""), "") // the report has said it
	}
	return nil
}

func isBug(err error) bool {
	_, bug := errors.AsType[*live.PanicError](err)
	return bug
}

// exitCode is the first that applies of 70, of a signal's, 1, 4 and 5: a proven
// failure of the product outranks what nobody could tell. With a file that is
// invalid, which would be 3, nothing is played.
func (o *options) exitCode(ctx context.Context, all []played) int {
	var bug, failed, errored, ran bool
	for _, one := range all {
		bug = bug || isBug(one.err)
		failed = failed || o.failed(one.result)
		for i := range one.result.Cases {
			c := &one.result.Cases[i]
			ran = ran || c.Verdict != play.Skipped
			errored = errored || c.Verdict == play.Errored && !outOfTime(c)
		}
	}
	code, interrupted := cli.Interrupted(ctx)
	switch {
	case bug:
		return cli.ExitPanic
	case interrupted:
		return code
	case failed:
		return cli.ExitFailed
	case errored:
		return cli.ExitCannot
	case errors.Is(context.Cause(ctx), errLimit), !ran && !o.allowEmpty:
		return cli.ExitLimit
	}
	return 0
}

// failed reports whether the product failed: in a test case or an invariant.
func (o *options) failed(r *play.Result) bool {
	return r.Verdict() == play.Failed || o.failOnFlaky && slices.ContainsFunc(r.Cases, func(c play.CaseResult) bool {
		return c.Verdict == play.Passed && c.Tries > 1
	})
}

// outOfTime reports whether nobody can tell of a case because the limit of the
// whole run has passed.
func outOfTime(c *play.CaseResult) bool {
	return c.Failure != nil && strings.Contains(c.Failure.Message, errLimit.Error())
}
