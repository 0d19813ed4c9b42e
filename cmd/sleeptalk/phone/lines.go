package phone

import (
	"context"
	"os"
	"runtime"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/lines"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// showLines writes a phone's events as lines and gives it the verbs of the
// input.
func showLines(ctx context.Context, p *cli.Program, ph *live.Phone, name string, o Screen) error {
	oneProcessor()
	running := stage.NewRunning(ph.Log(), "input", files.Named)
	running.Phone(name, ph)
	d := lines.NewDriver(running, lines.Alone(ph.Cast()), p.Complain)
	return runLines(ctx, p, ph, d, p.Lines(ctx), o)
}

// oneProcessor keeps Go's scheduler from waking a second thread for each packet
// and each event, only to find that the first has already dealt with it: one
// loop does all of a phone's work. Measured with "sleeptalk bench", it takes a
// quarter off the time from INVITE to 180 and a third off a call's processor
// time. GOMAXPROCS in the environment overrides it.
func oneProcessor() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
}

// runLines runs the phone beside its driver; the printer has written
// everything when it returns.
func runLines(ctx context.Context, p *cli.Program, ph *live.Phone, d *lines.Driver, input <-chan cli.Line, o Screen) error {
	printing := o.Start(p, ph.Log())

	running, stop := context.WithCancelCause(ctx)
	off := make(chan error, 1)
	p.Go(func() {
		err := ph.Run(running)
		stop(err)
		off <- err
	})
	p.Go(func() { lines.EndUnreached(running, ph.Log(), d.Name, stop) })

	driveErr := d.Run(running, input)
	if cause := context.Cause(running); cause != nil && ctx.Err() == nil && driveErr != nil {
		driveErr = cause
	}
	stop(nil)
	runErr := <-off
	return cli.First(runErr, driveErr, lines.Refused(ph.Log(), d.Name), printing.End(ctx))
}
