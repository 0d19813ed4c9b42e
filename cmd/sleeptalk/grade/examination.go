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
func examine(ctx context.Context, p *cli.Program, x *examination) error {
	x.born = time.Now()
	at, err := x.host.Start(ctx)
	switch {
	case ctx.Err() != nil:
		leave(ctx, p, x)
		return nil
	case err != nil:
		return err
	}
	o := x.options
	if err := cli.WriteCA(cli.CAFile("--write-ca", o.writeCA, o.force), x.host.Certificate()); err != nil {
		return err
	}
	fmt.Fprintf(p.Out, "listening on %s (tcp, tls, udp, ws, wss): register as %s, %s\n", at.SIP, o.user, o.withPassword())
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
	carryOut(ctx, p, x, x.examiner.Start(x.now()))
	var seen uint64
	left := x.examiner.Left()
	gauge := p.Gauge(left)
	defer gauge.Close()
	for !x.examiner.Done() {
		gauge.Step(left-x.examiner.Left(), true)
		left = x.examiner.Left()
		records, err := x.wait(ctx, seen)
		for _, r := range records {
			seen = r.Seq
			carryOut(ctx, p, x, x.examiner.Receive(r))
		}
		switch {
		case ctx.Err() != nil:
			leave(ctx, p, x)
		case err != nil:
			carryOut(ctx, p, x, x.examiner.Advance(x.now()))
		}
	}
	return nil
}

// leave ends an examination whose time is over.
func leave(ctx context.Context, p *cli.Program, x *examination) {
	carryOut(context.WithoutCancel(ctx), p, x, x.examiner.Stop(x.now(), context.Cause(ctx).Error()))
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
func carryOut(ctx context.Context, p *cli.Program, x *examination, effects []grade.Effect) {
	for _, e := range effects {
		if line := grade.String(x.now(), e); line != "" {
			fmt.Fprintln(p.Out, line)
		}
		ask, ok := e.(grade.Ask)
		if !ok {
			continue
		}
		if err := x.host.Say(ctx, ask.Line, "script"); err != nil {
			carryOut(ctx, p, x, x.examiner.Refused(x.now(), ask, err))
		}
	}
}
