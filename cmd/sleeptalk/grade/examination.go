package grade

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/grade"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// An examination drives an examiner with the log of a lab on real sockets. It
// belongs to one goroutine.
type examination struct {
	examiner *grade.Examiner
	host     *stage.LabHost
	log      *event.Log
	options  *options
	view     view
	born     time.Time // when the lab's device time began
}

// errExamLimit is why an examination ended early.
var errExamLimit = errors.New("the time of --for has passed")

// withPassword says the password where everybody may know it.
func (o *options) withPassword() string {
	if o.password == knownPassword {
		return "password " + o.password
	}
	return "with its password"
}

// examine starts the lab and takes whoever registers through the checks. A
// signal and the limit end it; what was seen until then stands.
func examine(ctx context.Context, x *examination) error {
	x.born = time.Now()
	at, err := x.host.Start(ctx)
	switch {
	case ctx.Err() != nil:
		leave(ctx, x)
		return nil
	case err != nil:
		return err
	}
	o := x.options
	if err := cli.WriteCA(cli.CAFile("--write-ca", o.writeCA, o.force), x.host.Certificate()); err != nil {
		return err
	}
	x.view.listening(at.SIP)
	who := event.Start{AOR: "sip:" + o.user + "@" + o.domain, Server: at.SIP}
	if err := x.host.Note(context.WithoutCancel(ctx), o.user, who); err != nil {
		return err
	}
	ctx, stop := context.WithTimeoutCause(ctx, o.limit, errExamLimit)
	defer stop()
	for first := range x.log.From(0) {
		x.born = first.Wall.Add(-first.Device)
		break
	}
	carryOut(ctx, x, x.examiner.Start(x.now()))
	var seen uint64
	for !x.examiner.Done() {
		x.view.waits(x.examiner, x.born)
		records, err := x.wait(ctx, seen)
		for _, r := range records {
			seen = r.Seq
			carryOut(ctx, x, x.examiner.Receive(r))
		}
		switch {
		case ctx.Err() != nil:
			leave(ctx, x)
		case err != nil:
			carryOut(ctx, x, x.examiner.Advance(x.now()))
		}
	}
	return nil
}

// leave ends an examination whose time is over.
func leave(ctx context.Context, x *examination) {
	carryOut(context.WithoutCancel(ctx), x, x.examiner.Stop(x.now(), context.Cause(ctx).Error()))
}

// now is the lab's device time.
func (x *examination) now() time.Duration { return time.Since(x.born) }

// wait returns what was recorded after seen. Its error is that nothing was until
// the examiner's deadline, or that ctx is done.
func (x *examination) wait(ctx context.Context, seen uint64) ([]event.Record, error) {
	if at := x.examiner.Deadline(); at > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadline(ctx, x.born.Add(at))
		defer stop()
	}
	return x.log.Wait(ctx, seen)
}

// carryOut does what the examiner wants done.
func carryOut(ctx context.Context, x *examination, effects []grade.Effect) {
	for _, e := range effects {
		x.view.tell(x.now(), e)
		ask, ok := e.(grade.Ask)
		if !ok {
			continue
		}
		if err := x.host.Say(ctx, ask.Line, "script"); err != nil {
			carryOut(ctx, x, x.examiner.Refused(x.now(), ask, err))
		}
	}
}

// A view is how somebody watches an examination: as lines, or on a screen.
type view interface {
	// listening says where the lab can be reached.
	listening(addr string)
	// tell says what the examiner does or wants done.
	tell(at time.Duration, e grade.Effect)
	// waits says for what the examiner waits, born being when its clock began.
	waits(e *grade.Examiner, born time.Time)
}

// linesView writes lines, and how far it is into the tab of the terminal.
type linesView struct {
	p       *cli.Program
	options *options
	gauge   *cli.Gauge
	left    int // checks
}

func (v *linesView) listening(addr string) {
	o := v.options
	fmt.Fprintf(v.p.Out, "listening on %s (tcp, tls, udp, ws, wss): register as %s, %s\n", addr, o.user, o.withPassword())
}

func (v *linesView) tell(at time.Duration, e grade.Effect) {
	if line := grade.String(at, e); line != "" {
		fmt.Fprintln(v.p.Out, line)
	}
}

func (v *linesView) waits(e *grade.Examiner, _ time.Time) {
	v.gauge.Step(v.left-e.Left(), true)
	v.left = e.Left()
}
