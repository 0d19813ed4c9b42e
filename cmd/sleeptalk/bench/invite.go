package bench

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// hurriedDevice is what the suspended phone is set to, so that thousands of
// wakes take no hours: a real device's windows are seconds, and its budget of
// wakes ends with a killed app. None of it is on the way from the INVITE to
// the 180 or the 200.
var hurriedDevice = []string{"wake-window=20ms", "wake-budget=0", "grace=20ms"}

// answeringDevice has a window in which a phone on a busy machine can answer, and is
// suspended at once after a call with audio.
var answeringDevice = []string{"wake-window=200ms", "wake-budget=0", "grace=20ms", "audio-grace=20ms"}

// hurried starts a build of this program as the phone of a user, and has it suspended.
func (b *bench) hurried(ctx context.Context, program, user string, device []string, more ...string) (*phone, error) {
	flags := []string{"--device", "ios-voip-socket", "--strict", "off", "--mic", "tone:440"}
	for _, set := range device {
		flags = append(flags, "--set", set)
	}
	p, err := b.phoneOf(ctx, program, user, append(flags, more...)...)
	if err != nil {
		return nil, err
	}
	if err := p.background(ctx); err != nil {
		p.kill()
		return nil, err
	}
	return p, nil
}

// A callee is a phone that is called again and again.
type callee struct {
	who  string
	call func(ctx context.Context, n int) (time.Duration, error)
	stop func() error
	took []time.Duration
}

// invite measures from the INVITE to the 180: of this phone, which sleeps, and
// of those that never sleep, in turns.
func (b *bench) invite(ctx context.Context) (Result, error) {
	return b.inTurns(ctx, Result{Aim: &Aim{Figure: "p50", Peer: baresipAwake, Limit: 1}}, &called{
		device: hurriedDevice, peers: "manual",
		ours: (*phone).ring, awake: (*flow).ring, baresip: (*flow).ring, sipp: (*flow).ringAndAnswer,
	})
}

// setup measures from the INVITE to the 200 of phones that answer by themselves.
func (b *bench) setup(ctx context.Context) (Result, error) {
	return b.inTurns(ctx, Result{}, &called{
		device: answeringDevice, flags: []string{"--auto", "answer"}, peers: "auto",
		ours: (*phone).setUp, awake: (*flow).setUp, baresip: (*flow).setUp, sipp: (*flow).setUp,
	})
}

// inTurns measures all phones in turns.
func (b *bench) inTurns(ctx context.Context, r Result, how *called) (_ Result, err error) {
	r.Unit = seconds
	r.Notes = []string{"the suspended phone ran with " + strings.Join(how.device, ", ") + ", which no real device has"}
	defer func() {
		for _, c := range how.list {
			if stop := c.stop(); err == nil {
				err = stop
			}
		}
	}()
	if err := b.start(ctx, how); err != nil {
		return r, err
	}
	r.Missing = how.missing
	for n := range b.Calls {
		for _, c := range how.list {
			took, err := c.call(ctx, n+1)
			if err != nil {
				return r, fmt.Errorf("%s, call %d: %w", c.who, n+1, err)
			}
			c.took = append(c.took, took)
		}
	}
	for _, c := range how.list {
		r.Rows = append(r.Rows, Row{Who: c.who, N: len(c.took), Figures: percentiles(c.took)})
	}
	return r, nil
}

const (
	baresipAwake = "baresip, awake"
	sippAwake    = "SIPp, awake"
)

// called are the phones that are called in turns, and how.
type called struct {
	device               []string // what this program's is set to,
	flags                []string // and its other flags
	peers                string   // baresip's answermode
	ours                 func(*phone, context.Context, int) (time.Duration, error)
	awake, baresip, sipp func(*flow, context.Context, int) (time.Duration, error)

	list    []*callee
	missing []string
}

// add has a phone that does not sleep called.
func (how *called) add(who string, f *flow, stop func() error, call func(*flow, context.Context, int) (time.Duration, error)) {
	how.list = append(how.list, &callee{who: who, stop: stop, call: func(ctx context.Context, n int) (time.Duration, error) { return call(f, ctx, n) }})
}

// start starts whoever is to be called: this phone first.
func (b *bench) start(ctx context.Context, how *called) error {
	if err := b.startOurs(ctx, how); err != nil {
		return err
	}
	if m := baresipPeer.missing(); m != "" {
		how.missing = append(how.missing, m)
	} else if p, err := b.baresip(ctx, how.peers, codec.PCMU); err != nil {
		return err
	} else {
		how.add(baresipAwake, p.flow, p.stop, how.baresip)
	}
	if m := sippPeer.missing(); m != "" {
		how.missing = append(how.missing, m)
	} else if p, err := b.sipp(ctx); err != nil {
		return err
	} else {
		how.add(sippAwake, p.flow, p.stop, how.sipp)
	}
	return nil
}

// startOurs starts this program asleep and awake, and another build of it asleep.
func (b *bench) startOurs(ctx context.Context, how *called) error {
	asleep := []struct{ who, program, user string }{{"sleeptalk, suspended", b.Program, ourUser}}
	if b.Before != "" {
		asleep = append(asleep, struct{ who, program, user string }{"before, suspended", b.Before, beforeUser})
	}
	for _, one := range asleep {
		p, err := b.hurried(ctx, one.program, one.user, how.device, how.flags...)
		if err != nil {
			return fmt.Errorf("%s: %w", one.who, err)
		}
		how.list = append(how.list, &callee{who: one.who, stop: p.quit, call: func(ctx context.Context, n int) (time.Duration, error) { return how.ours(p, ctx, n) }})
	}
	p, err := b.phoneOf(ctx, b.Program, awakeUser, append([]string{"--mic", "tone:440"}, how.flags...)...)
	if err != nil {
		return err
	}
	how.add("sleeptalk, awake", p.flow, p.quit, how.awake)
	return nil
}

func (p *peerPhone) stop() error {
	p.kill()
	return nil
}

// ring calls, and gives up as soon as the phone rings; it returns when the
// phone is suspended again.
func (p *phone) ring(ctx context.Context, n int) (time.Duration, error) {
	took, err := p.flow.ring(ctx, n)
	if err != nil {
		return 0, p.fault(err)
	}
	return took, p.over(ctx, "ACK")
}

// setUp calls, and hangs up as soon as the phone has answered; it returns when the
// phone is suspended again.
func (p *phone) setUp(ctx context.Context, n int) (time.Duration, error) {
	took, err := p.flow.setUp(ctx, n)
	if err != nil {
		return 0, p.fault(err)
	}
	return took, p.over(ctx, "BYE")
}

// over waits until the last request of a call has come, and the phone is suspended.
func (p *phone) over(ctx context.Context, last string) error {
	err := p.until(ctx, "the "+last, func(e event.Event) bool {
		m, ok := e.(event.Message)
		return ok && !m.Out && m.Method == last
	})
	if err != nil {
		return err
	}
	return p.asleep(ctx)
}

// ring calls, and gives up as soon as the phone rings.
func (f *flow) ring(ctx context.Context, n int) (time.Duration, error) {
	d, at, err := f.invite(n, offer(discardPort, codec.PCMU))
	if err != nil {
		return 0, err
	}
	rang, err := d.response(ctx, "INVITE", 180, 183)
	if err != nil {
		return 0, err
	}
	return rang.at.Sub(at), d.cancel(ctx)
}

// discardPort is where audio would go in a call that lasts for no time: RFC 863.
const discardPort = 9

// ringAndAnswer calls a phone that answers at once, and hangs up.
func (f *flow) ringAndAnswer(ctx context.Context, n int) (time.Duration, error) {
	d, at, err := f.invite(n, offer(discardPort, codec.PCMU))
	if err != nil {
		return 0, err
	}
	rang, err := d.response(ctx, "INVITE", 180, 183)
	if err != nil {
		return 0, err
	}
	if _, err := d.accepted(ctx); err != nil {
		return 0, err
	}
	return rang.at.Sub(at), d.hangUp(ctx)
}

// setUp calls a phone that answers at once, and hangs up.
func (f *flow) setUp(ctx context.Context, n int) (time.Duration, error) {
	d, at, err := f.invite(n, offer(discardPort, codec.PCMU))
	if err != nil {
		return 0, err
	}
	up, err := d.accepted(ctx)
	if err != nil {
		return 0, err
	}
	return up.at.Sub(at), d.hangUp(ctx)
}
