package main

import (
	"cmp"
	"context"
	"errors"
	"math"
	"os"
	"sync/atomic"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/scenario/stage"
	"github.com/sleeptalk/sleeptalk/phone/secure"
)

// A liveStage plays a scenario over real sockets: the phones in this process,
// and the built-in server on loopback, or another.
//
// It belongs to one goroutine; the phones and the lab have theirs.
type liveStage struct {
	p      *program
	o      *runOptions
	script *script
	log    *event.Log
	tapes  *tapes // of the phone under test; nil: nobody keeps them
	// ctx ends with the run, or when a phone cannot go on: why is its cause.
	ctx    context.Context
	stop   context.CancelCauseFunc
	clocks *clocks

	pushes  *live.PushService
	lab     *labHost // nil: another server
	stopLab context.CancelFunc
	labOff  chan error
	phones  []*stagePhone
	sounds  string // a folder with the sounds of the program; "" until needed
}

// A stagePhone is a phone on the stage.
type stagePhone struct {
	name  string
	live  *live.Phone
	sound *sound
	stop  context.CancelFunc
	off   chan error
	// rate is how fast device time is to run while the app is suspended: the
	// bits of a float64, zero where nothing was said.
	rate atomic.Uint64
}

// hurry sets the pace of device time anew at each suspension, for a wake
// brings it back to x1.
func (ph *stagePhone) hurry(ctx context.Context, log *event.Log) {
	for r := range log.Follow(ctx, 0) {
		if s, ok := r.Event.(event.State); ok && r.Phone == ph.name && s.To == event.Suspended && ph.hurryUp() != nil {
			return // the phone is off
		}
	}
}

// hurryUp sets the pace, if the app is suspended still.
func (ph *stagePhone) hurryUp() error {
	rate := math.Float64frombits(ph.rate.Load())
	if rate == 0 {
		return nil
	}
	if err := ph.live.SetRate(rate); !errors.Is(err, live.ErrNotFrozen) {
		return err
	}
	return nil
}

// newLiveStage switches everything on. Its error is why it cannot be.
func (p *program) newLiveStage(ctx context.Context, o *runOptions, s *script, t *tapes) (*liveStage, error) {
	l := &liveStage{p: p, o: o, script: s, log: new(event.Log), tapes: t}
	l.pushes = live.NewPushService(stage.Pushes(s.file))
	l.clocks = &clocks{log: l.log, began: time.Now(), last: map[string]reading{}}
	l.ctx, l.stop = context.WithCancelCause(ctx)
	if err := l.open(); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *liveStage) open() error {
	addr := ""
	if !l.o.elsewhere() && !ownServer(l.script.file) {
		var err error
		if addr, err = l.startLab(); err != nil {
			return err
		}
	}
	for _, name := range stage.Phones(l.script.file) {
		if err := l.startPhone(name, addr); err != nil {
			return err
		}
	}
	return nil
}

func (l *liveStage) startLab() (addr string, err error) {
	cfg, err := stage.Lab(l.script.file, l.script.beside)
	if err != nil {
		return "", err
	}
	cfg.Addr, cfg.WakeAddr = "127.0.0.1:0", "127.0.0.1:0"
	for i := range cfg.Doors {
		cfg.Doors[i].Addr = "127.0.0.1:0"
	}
	if l.lab, err = newLabHost(cfg, l.log, l.pushes); err != nil {
		return "", err
	}
	for _, name := range l.o.misbehave {
		if err := l.lab.lab.Misbehave(name); err != nil {
			return "", usage("--misbehave: %v", err)
		}
	}
	// It outlives the run, so that the phones can sign off.
	ctx, stop := context.WithCancel(context.WithoutCancel(l.ctx))
	l.stopLab, l.labOff = stop, make(chan error, 1)
	go func() { l.labOff <- l.ended(l.lab.host.Run(ctx)) }()
	return l.lab.start(l.ctx)
}

// startPhone switches a phone on; at the lab if it has an address.
func (l *liveStage) startPhone(name, lab string) error {
	who, opts, err := l.p.playerOf(l.ctx, l.o, l.script, name, lab)
	if err != nil {
		return err
	}
	if l.lab != nil {
		who.WakeServer = l.lab.wake
		if door, ok := l.lab.doors[who.Control]; ok {
			if who.Server, err = config.ParseServer(door); err != nil {
				return err
			}
		}
	}
	sound, err := l.p.openSound(cmp.Or(who.Mic, "tone:440"), cmp.Or(who.Speaker, "none"))
	if err != nil {
		return err
	}
	if name == l.script.file.Phone && l.tapes != nil {
		l.tapes.keep(sound)
	}
	cfg, err := opts.handset(who, sound)
	if l.lab != nil {
		cfg.TLS.CA = secure.Trusting(l.lab.cert)
	}
	if err == nil {
		var ph *live.Phone
		if ph, err = live.NewPhone(name, l.log, cfg, sound.card, l.pushes); err == nil {
			if name == l.script.file.Phone && l.tapes != nil {
				ph.Tap(l.tapes.packet)
			}
			return l.run(&stagePhone{name: name, live: ph, sound: sound, off: make(chan error, 1)})
		}
	}
	return errors.Join(err, sound.close())
}

// run lets a phone live until the stage is closed. It returns when the phone
// is on.
func (l *liveStage) run(ph *stagePhone) error {
	ctx, stop := context.WithCancel(context.WithoutCancel(l.ctx))
	ph.stop = stop
	l.phones = append(l.phones, ph)
	go func() { ph.off <- l.ended(ph.live.Run(ctx)) }()
	go ph.hurry(ctx, l.log)
	if ph.name == l.script.file.Phone {
		ph.rate.Store(math.Float64bits(l.o.rate))
		go unreachable(l.ctx, l.log, ph.name, l.stop)
	}
	return l.launched(ph.name)
}

// launched waits for a phone's app to start.
func (l *liveStage) launched(name string) error {
	for r := range l.log.Follow(l.ctx, 0) {
		if _, on := r.Event.(event.Launch); on && r.Phone == name {
			return nil
		}
	}
	return context.Cause(l.ctx)
}

// ended ends the run with a shell that has ended before its time.
func (l *liveStage) ended(err error) error {
	if err != nil {
		l.stop(err)
	}
	return err
}

// close switches everything off: the phones sign off first, then the server
// goes. Its error is a bug of a shell.
func (l *liveStage) close() error {
	l.stop(nil)
	var errs []error
	for _, ph := range l.phones {
		ph.stop()
	}
	for _, ph := range l.phones {
		errs = append(errs, <-ph.off, ph.sound.close())
	}
	if l.labOff != nil {
		l.stopLab()
		errs = append(errs, <-l.labOff)
	}
	if l.sounds != "" {
		errs = append(errs, os.RemoveAll(l.sounds))
	}
	return errors.Join(errs...)
}

// Log is what has happened.
func (l *liveStage) Log() *event.Log { return l.log }

// Clock is what an actor's device clock shows.
func (l *liveStage) Clock(actor string) play.Reading {
	now := l.clocks.read(actor)
	return play.Reading{Wall: now.wall, Device: now.device}
}

// Wait waits for the log, or for the time. A change of the device clock's pace
// is in the log: nobody oversleeps it.
func (l *liveStage) Wait(ctx context.Context, seq uint64, actor string, left time.Duration, wall bool) error {
	if !wall {
		left = time.Duration(float64(left) / l.clocks.read(actor).rate)
	}
	limited, cancel := context.WithTimeout(ctx, max(left, time.Microsecond))
	defer cancel()
	if _, err := l.log.Wait(limited, seq); err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
