package bench

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// hurriedDevice is what the suspended phone is set to, so that thousands of
// wakes take no hours: a real device's windows are seconds, and its budget of
// wakes ends with a killed app. None of it is on the way from the INVITE to
// the 180.
var hurriedDevice = []string{"wake-window=20ms", "wake-budget=0", "grace=20ms"}

func (b *bench) hurried(ctx context.Context, more ...string) (*phone, error) {
	flags := []string{"--device", "ios-voip-socket", "--strict", "off", "--mic", "tone:440"}
	for _, set := range hurriedDevice {
		flags = append(flags, "--set", set)
	}
	p, err := b.phone(ctx, append(flags, more...)...)
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
	ring func(ctx context.Context, n int) (time.Duration, error)
	stop func() error
	took []time.Duration
}

// invite measures from the INVITE to the 180: of this phone, which sleeps, and
// of those that never sleep, in turns.
func (b *bench) invite(ctx context.Context) (r Result, err error) {
	r.Unit = seconds
	r.Aim = &Aim{Figure: "p50", Peer: baresipAwake, Limit: 1}
	r.Notes = []string{"the phone ran with " + strings.Join(hurriedDevice, ", ") + ", which no real device has"}
	callees, missing, err := b.callees(ctx)
	r.Missing = missing
	defer func() {
		for _, c := range callees {
			if stop := c.stop(); err == nil {
				err = stop
			}
		}
	}()
	if err != nil {
		return r, err
	}
	for n := range b.Calls {
		for _, c := range callees {
			took, err := c.ring(ctx, n+1)
			if err != nil {
				return r, fmt.Errorf("%s, call %d: %w", c.who, n+1, err)
			}
			c.took = append(c.took, took)
		}
	}
	for _, c := range callees {
		r.Rows = append(r.Rows, Row{Who: c.who, N: len(c.took), Figures: percentiles(c.took)})
	}
	return r, nil
}

const (
	baresipAwake = "baresip, awake"
	sippAwake    = "SIPp, awake"
)

// callees starts whoever is to be called: this phone first.
func (b *bench) callees(ctx context.Context) (list []*callee, missing []string, err error) {
	ours, err := b.hurried(ctx)
	if err != nil {
		return nil, nil, err
	}
	list = append(list, &callee{who: "sleeptalk, suspended", ring: ours.ring, stop: ours.quit})
	if m := baresipPeer.missing(); m != "" {
		missing = append(missing, m)
	} else if p, err := b.baresip(ctx, "manual"); err != nil {
		return list, missing, err
	} else {
		list = append(list, &callee{who: baresipAwake, ring: p.ring, stop: p.stop})
	}
	if m := sippPeer.missing(); m != "" {
		missing = append(missing, m)
	} else if p, err := b.sipp(ctx); err != nil {
		return list, missing, err
	} else {
		list = append(list, &callee{who: sippAwake, ring: p.ringAndAnswer, stop: p.stop})
	}
	return list, missing, nil
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
	err = p.until(ctx, "the ACK", func(e event.Event) bool {
		m, ok := e.(event.Message)
		return ok && !m.Out && m.Method == "ACK"
	})
	if err != nil {
		return 0, err
	}
	return took, p.asleep(ctx)
}

func (p *peerPhone) ring(ctx context.Context, n int) (time.Duration, error) {
	return p.flow.ring(ctx, n)
}

// ring calls, and gives up as soon as the phone rings.
func (f *flow) ring(ctx context.Context, n int) (time.Duration, error) {
	d, at, err := f.invite(n, offer(discardPort))
	if err != nil {
		return 0, err
	}
	rang, err := d.response(ctx, "INVITE", 180, 183)
	if err != nil {
		return 0, err
	}
	return rang.at.Sub(at), d.cancel(ctx)
}

// discardPort is where audio would go in a call that is never answered: RFC 863.
const discardPort = 9

// ringAndAnswer calls a phone that answers at once, and hangs up.
func (p *peerPhone) ringAndAnswer(ctx context.Context, n int) (time.Duration, error) {
	d, at, err := p.flow.invite(n, offer(discardPort))
	if err != nil {
		return 0, err
	}
	rang, err := d.response(ctx, "INVITE", 180, 183)
	if err != nil {
		return 0, err
	}
	if err := d.accepted(ctx); err != nil {
		return 0, err
	}
	return rang.at.Sub(at), d.hangUp(ctx)
}
