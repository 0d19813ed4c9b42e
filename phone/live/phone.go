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

// goodbye is how long an orderly end may take: the BYE, the unregistration
// and their answers. A server that says nothing must not hold the user up.
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
// that it shares with others; nil is one of its own.
func NewPhone(name string, log *event.Log, cfg phone.Config, sound OpenSound, pushes Pushes) (*Phone, error) {
	h, err := phone.New(cfg)
	if err != nil {
		return nil, err
	}
	host := New(Config{Name: name, Log: log, Machine: h, Sound: sound, Push: pushes})
	return &Phone{name: name, host: host, handset: h, log: log, quit: make(chan struct{}, 1)}, nil
}

// Tap has t told of each datagram of the phone's, as [Host.Tap] does.
func (p *Phone) Tap(t system.Tap) { p.host.Tap(t) }

// Log is what happened to the phone.
func (p *Phone) Log() *event.Log { return p.log }

// Run switches the phone on and returns when it is off again: after the verb
// "quit", or when ctx is done. Either way it hangs up and unregisters first.
func (p *Phone) Run(ctx context.Context) error {
	hosted, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- p.host.Run(hosted) }()
	if err := p.host.Do(ctx, p.handset.Start); err == nil {
		select {
		case <-ctx.Done():
		case <-p.quit:
		case err := <-ended:
			return err
		}
		p.signOff(hosted)
	}
	stop()
	return <-ended
}

// signOff ends the calls and unregisters, and waits until that is done or has
// taken too long.
func (p *Phone) signOff(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, goodbye)
	defer cancel()
	var seen uint64
	down := false
	err := p.host.Do(ctx, func(now time.Time) []system.Call {
		if rs := p.log.After(0); len(rs) > 0 {
			seen = rs[len(rs)-1].Seq
		}
		calls := p.handset.Shutdown(now)
		down = p.handset.Down()
		return calls
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

// Do carries out one line in the language of verbs. by says who gave it: key,
// prompt, input or script. The line and what came of it go into the log; an
// error says why it was not done.
func (p *Phone) Do(ctx context.Context, line, by string) error {
	cast := verb.Of(p.name, verb.Phone)
	v, err := cast.Parse(line)
	if err != nil {
		p.note(ctx, event.Error{Op: line, Err: err.Error(), Rule: event.RuleNotPossible})
		return err
	}
	return p.Tell(ctx, v, by)
}

// Tell is [Phone.Do] with a line that has been read.
func (p *Phone) Tell(ctx context.Context, v verb.Line, by string) error {
	err := p.tell(ctx, v, by)
	if err != nil && !errors.Is(err, ErrStopped) && !errors.Is(err, context.Canceled) {
		// The error begins with the verb; the event says it anyway.
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
	err := p.host.Do(ctx, func(now time.Time) []system.Call {
		calls, err := p.handset.Do(now, v)
		refused = err
		return append([]system.Call{said}, calls...)
	})
	return errors.Join(err, refused)
}

// note writes down an event in the loop, so that the log keeps its order.
func (p *Phone) note(ctx context.Context, e event.Event) {
	// The error says that the phone is off; its log is closed then.
	_ = p.host.Do(ctx, func(time.Time) []system.Call { return []system.Call{system.Log{Event: e}} })
}

// onStage carries out a verb that is not the handset's.
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
	return fmt.Errorf("%s: a phone of its own cannot do that", v.Name())
}

// Pace makes device time run x times as fast whenever the app is suspended. It
// leaves no trace but the changes themselves.
func (p *Phone) Pace(x float64) error { return p.host.Pace(x) }

// Say changes what the phone says to a sound that is open; line is how that was
// said, and by is who said it.
func (p *Phone) Say(ctx context.Context, line, by string, open func() pcm.Source) error {
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
		return fmt.Errorf("clock %s: only a scenario can say that", c)
	}
	return p.host.SetRate(c.Rate)
}

// speak reads the sound outside the loop, which must not wait for a disk.
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

// say changes what the phone says to a sound that is open.
func (p *Phone) say(ctx context.Context, open func() pcm.Source) error {
	var refused error
	err := p.host.Do(ctx, func(time.Time) []system.Call {
		refused = p.handset.Speak(open)
		return nil
	})
	return errors.Join(err, refused)
}
