package live

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/endpoint"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// goodbye is how long an orderly end may take: the BYE, the unregistration and
// their answers. A silent server must not delay the user any longer.
const goodbye = 5 * time.Second

// A Phone is a handset in the live shell, commanded with verbs. Its methods
// may be called from any goroutine.
type Phone struct {
	name    string
	host    *Host
	handset *phone.Handset
	log     *event.Log
	quit    chan struct{}
}

// NewPhone returns a phone that is switched off. pushes is the push service
// that it shares with other phones; nil gives it its own.
func NewPhone(name string, log *event.Log, cfg phone.Config, sound OpenSound, pushes Pushes) (*Phone, error) {
	cfg.App.Keys = Secret
	h, err := phone.New(cfg)
	if err != nil {
		return nil, err
	}
	host := New(Config{Name: name, Log: log, Machine: h, Sound: sound, Push: pushes, Resolver: cfg.Resolver, mourned: true})
	return &Phone{name: name, host: host, handset: h, log: log, quit: make(chan struct{}, 1)}, nil
}

// Tap makes t see each datagram of the phone, as [Host.Tap] does.
func (p *Phone) Tap(t system.Tap) { p.host.Tap(t) }

// Log returns the phone's event log.
func (p *Phone) Log() *event.Log { return p.log }

// Run switches the phone on and returns when it is off again: after the verb
// "quit", when ctx is done, or when one of its goroutines has panicked, which it returns as
// a [*PanicError]. Either way it hangs up and unregisters first; only a panic of the machine
// itself leaves nobody who could.
func (p *Phone) Run(ctx context.Context) error {
	hosted, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- p.host.Run(hosted) }()
	var bug error
	if err := p.host.Do(ctx, p.handset.Start); err == nil {
		select {
		case <-ctx.Done():
		case <-p.quit:
		case bug = <-p.host.fatal:
		case err := <-ended:
			return err
		}
		p.signOff(hosted)
	}
	stop()
	if err := <-ended; bug == nil {
		return err
	}
	return bug
}

// signOff ends the calls and unregisters, and waits until that is done, but at
// most for goodbye.
func (p *Phone) signOff(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, goodbye)
	defer cancel()
	var seen uint64
	down := false
	err := p.host.Do(ctx, func(now time.Time) []system.Effect {
		seen = p.log.Len()
		effects := p.handset.Shutdown(now)
		down = p.handset.Down()
		return effects
	})
	for err == nil && !down {
		var rs []event.Record
		rs, err = p.log.Wait(ctx, seen)
		for _, r := range rs {
			seen = r.Seq
			_, killed := r.Event.(event.Killed)
			down = down || killed
		}
	}
}

// Guard is [Host.Guard].
func (p *Phone) Guard(where string, f func()) { p.host.Guard(where, f) }

// Settle is [Host.Settle].
func (p *Phone) Settle(ctx context.Context) { p.host.Settle(ctx) }

// Cast is the phone as the only one who can be told something, with its accounts.
func (p *Phone) Cast() verb.Cast {
	cast := verb.Of(p.name, verb.Phone)
	cast.Accounts = map[string][]string{p.name: p.handset.Accounts()}
	return cast
}

// Do executes one line in the language of verbs. by says where it came from:
// key, prompt, input or script. The line and its outcome go into the log; the
// error says why it was not done.
func (p *Phone) Do(ctx context.Context, line, by string) error {
	cast := p.Cast()
	v, err := cast.Parse(line)
	if err != nil {
		p.note(ctx, event.Error{Op: line, Err: err.Error(), Rule: event.RuleNotPossible})
		return err
	}
	return p.Tell(ctx, v, by)
}

// Tell is like [Phone.Do] with a line that is already parsed.
func (p *Phone) Tell(ctx context.Context, v verb.Line, by string) error {
	err := p.tell(ctx, v, by)
	if err != nil && !errors.Is(err, ErrStopped) && !errors.Is(err, context.Canceled) {
		// The error begins with the verb, which is already the event's
		// Op.
		p.note(ctx, event.Error{Op: v.Verb(), Err: strings.TrimPrefix(err.Error(), v.Name()+": "), Rule: event.RuleNotPossible})
	}
	return err
}

func (p *Phone) tell(ctx context.Context, v verb.Line, by string) error {
	said := system.Log{Event: event.Verb{Line: v.Verb(), By: by}}
	if v.Spec.Stage {
		p.note(ctx, said.Event)
		return p.onStage(ctx, v)
	}
	var refused error
	err := p.host.Do(ctx, func(now time.Time) []system.Effect {
		effects, err := p.handset.Do(now, v)
		refused = err
		return append([]system.Effect{said}, effects...)
	})
	return errors.Join(err, refused)
}

// note logs an event in the loop, so that the log keeps its order.
func (p *Phone) note(ctx context.Context, e event.Event) {
	// An error means that the phone is off, and its log is closed.
	_ = p.host.Do(ctx, func(time.Time) []system.Effect { return []system.Effect{system.Log{Event: e}} })
}

// onStage executes a verb that is for the shell, not for the handset.
func (p *Phone) onStage(ctx context.Context, v verb.Line) error {
	switch v.Name() {
	case "clock":
		return p.setClock(v.Clock)
	case "speak":
		return p.speak(ctx, v.Sound)
	case "quit":
		select {
		case p.quit <- struct{}{}:
		default:
		}
		return nil
	}
	return fmt.Errorf("%s: only a scenario can do that", v.Name())
}

// Pace makes device time run x times as fast whenever the app is suspended. It
// logs only the changes of speed.
func (p *Phone) Pace(x float64) error { return p.host.Pace(x) }

// Say makes the phone speak the sound that open returns; line is the command
// for the log, and by is where it came from.
func (p *Phone) Say(ctx context.Context, line, by string, open pcm.Opener) error {
	p.note(ctx, event.Verb{Line: line, By: by})
	err := p.say(ctx, open)
	if err != nil && !errors.Is(err, ErrStopped) && !errors.Is(err, context.Canceled) {
		p.note(ctx, event.Error{Op: line, Err: err.Error(), Rule: event.RuleNotPossible})
	}
	return err
}

func (p *Phone) setClock(c verb.Clock) error {
	switch {
	case c.Next:
		return p.host.Skip()
	case c.WhileSuspended:
		return fmt.Errorf("clock %s: only a scenario can do that", c)
	}
	return p.host.SetRate(c.Rate)
}

// speak opens the sound outside the loop, which must not wait for a disk.
func (p *Phone) speak(ctx context.Context, s verb.Sound) error {
	kind := s.What
	switch s.What {
	case "tone":
		kind += ":" + strconv.FormatFloat(s.Hz, 'f', -1, 64)
	case "file":
		kind += ":" + s.Name
	}
	mic, err := endpoint.ParseMic(kind)
	if err != nil {
		return err
	}
	open, err := mic.Open()
	if err != nil {
		return err
	}
	return p.say(ctx, open)
}

// say makes the phone speak the sound that open returns.
func (p *Phone) say(ctx context.Context, open pcm.Opener) error {
	var refused error
	err := p.host.Do(ctx, func(time.Time) []system.Effect {
		refused = p.handset.Speak(open)
		return nil
	})
	return errors.Join(err, refused)
}
