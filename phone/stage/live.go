package stage

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/endpoint"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// A Sound is the two ends of a phone's audio, open.
type Sound struct {
	App  app.Sound
	Card live.OpenSound // nil: neither end is a sound card
	// Close ends what is being recorded; nil: nothing is.
	Close func() error
}

// LiveConfig says how a live stage is set up for a scenario.
type LiveConfig struct {
	Casting
	// Seed decides everything that is random here; what a network does is not.
	Seed uint64
	// Misbehave is how the lab is to misbehave from the beginning.
	Misbehave []string
	// Rate is how fast device time runs while the app under test is suspended
	// and the scenario has long to wait: see [Live.hurry]; 0: as fast as the
	// wall's.
	Rate float64
	// Sound opens the ends of a phone's audio; nil: there is no sound card, and
	// files are beside the scenario.
	Sound func(phone, mic, speaker string) (Sound, error)
	// Tap hears the datagrams of the phone under test; nil: nobody does.
	Tap system.Tap
	// Files opens the files that settings of TLS name.
	Files setup.Files
	// Instance and UserAgent name a phone at a server that is not the lab, by
	// its address and its program.
	Instance           func(address string) (name string, leave func() error)
	UserAgent, Version string
	// Started is called when the phone under test is being switched on, in a
	// goroutine of its own, which may watch it until ctx is done; nil: nobody
	// watches.
	Started func(ctx context.Context, log *event.Log, stop context.CancelCauseFunc)
}

// Live is a stage of real sockets and real time: the phones in this process,
// and the lab on loopback, or another server.
//
// It belongs to one goroutine; the phones and the lab have theirs.
type Live struct {
	cfg      LiveConfig
	cast     cast
	*Running // what is on, as somebody tells it to act
	// ctx ends with the run, or when a phone cannot go on: why is its cause.
	ctx  context.Context
	stop context.CancelCauseFunc

	pushes  *live.PushService
	at      Addresses
	names   *live.NameServer // nil: the scenario has no records of the DNS
	stopLab context.CancelFunc
	labOff  chan error
	roles   []*livePhone
	pace    float64 // what hurry has set last
}

// A livePhone is a phone on the stage.
type livePhone struct {
	name  string
	live  *live.Phone
	sound Sound
	leave func() error
	stop  context.CancelFunc
	off   chan error
}

// NewLive sets a stage up and switches everything on. Its error is why it
// cannot be.
func NewLive(ctx context.Context, cfg LiveConfig) (*Live, error) {
	cast, err := cfg.Casting.cast()
	if err != nil {
		return nil, err
	}
	l := &Live{cfg: cfg, cast: cast, Running: NewRunning(cfg.newLog(), "script", cfg.Read)}
	cast.push.Rand = rand.New(rand.NewPCG(cfg.Seed, pushStream))
	l.pushes = live.NewPushService(cast.push)
	l.ctx, l.stop = context.WithCancelCause(ctx)
	if err := l.open(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Live) open() error {
	if l.cfg.Account == nil {
		if err := l.startLab(); err != nil {
			return err
		}
	}
	if err := l.serveNames(); err != nil {
		return err
	}
	for _, r := range l.cast.roles {
		if err := l.startPhone(r); err != nil {
			return err
		}
	}
	return nil
}

// loopback takes a port of this machine that is free.
func loopback(ipv6 bool) string {
	if ipv6 {
		return "[::1]:0"
	}
	return "127.0.0.1:0"
}

func (l *Live) startLab() (err error) {
	cfg := l.cast.lab
	free := loopback(cfg.IPv6)
	cfg.Addr, cfg.WakeAddr, cfg.Rand = free, free, rand.New(rand.NewPCG(l.cfg.Seed, 1))
	for i := range cfg.Doors {
		cfg.Doors[i].Addr = free
	}
	if l.lab, err = NewLabHost(cfg, l.log, l.pushes); err != nil {
		return err
	}
	for _, name := range l.cfg.Misbehave {
		if err := l.lab.lab.Misbehave(name); err != nil {
			return err
		}
	}
	// It outlives the run, so that the phones can sign off.
	ctx, stop := context.WithCancel(context.WithoutCancel(l.ctx))
	l.stopLab, l.labOff = stop, make(chan error, 1)
	go func() { l.labOff <- l.ended(l.lab.Run(ctx)) }()
	l.at, err = l.lab.Start(l.ctx)
	return err
}

// serveNames answers with the records of the scenario, in which the lab is where it
// really is.
func (l *Live) serveNames() error {
	records := l.cfg.File.Records()
	if len(records) == 0 {
		return nil
	}
	if l.lab == nil {
		return errors.New("use record: the records are for the lab of the program; the resolver of a server is that of this machine, or --resolver")
	}
	names, err := zone.New(records)
	if err != nil {
		return err
	}
	at, err := netip.ParseAddrPort(l.at.SIP)
	if err != nil {
		return err
	}
	sip, _ := setup.FindProtocol(control.SIP)
	l.names, err = live.ServeZone(names.Moved(scenario.LabActor, at, sip.Port))
	return err
}

// startPhone switches a phone on.
func (l *Live) startPhone(r Role) error {
	kit, leave, err := l.kitOf(r)
	if err != nil {
		return errors.Join(err, leave())
	}
	sound, err := l.openSound(r)
	if err != nil {
		return errors.Join(err, leave())
	}
	kit.Sound = sound.App
	cfg, err := setup.Build(r.Values, kit)
	if err == nil {
		if l.lab != nil && slices.ContainsFunc(r.logins(), l.cfg.found) {
			cfg.Resolver = l.names.Addr // of the stage: no setting of the phone that a recording had
		}
		var ph *live.Phone
		if ph, err = live.NewPhone(r.Name, l.log, cfg, sound.Card, l.pushes); err == nil {
			if r.Name == l.cfg.File.Phone {
				ph.Tap(l.cfg.Tap)
			}
			return l.run(&livePhone{name: r.Name, live: ph, sound: sound, leave: leave, off: make(chan error, 1)})
		}
	}
	return errors.Join(err, sound.close(), leave())
}

// kitOf is what a role is given for its phone: at the lab as in virtual time,
// elsewhere with names of its own, which it is to leave.
func (l *Live) kitOf(r Role) (kit setup.Kit, leave func() error, err error) {
	kit, err = l.cfg.kit(r, l.cfg.Seed)
	kit.Files = l.cfg.Files
	leave = func() error { return nil }
	if l.lab != nil {
		l.cfg.atLab(&r, func(protocol string) string { return cmp.Or(l.at.Doors[protocol], l.at.SIP) }, l.at.Wake)
		kit.CA = secure.Trusting(l.lab.cert)
		return kit, leave, err
	}
	kit.UserAgent, kit.Version = l.cfg.UserAgent, l.cfg.Version
	if l.cfg.Instance != nil {
		leave = kit.Sign(r.Values, l.cfg.Instance)
	}
	return kit, leave, err
}

// openSound opens the ends of a phone's audio.
func (l *Live) openSound(r Role) (sound Sound, err error) {
	if l.cfg.Sound != nil {
		return l.cfg.Sound(r.Name, r.Values["mic"], r.Values["speaker"])
	}
	mic, err := endpoint.ParseMic(r.Values["mic"])
	if err == nil {
		sound.App.Mic, err = mic.OpenFrom(l.cfg.readSound)
	}
	return sound, err
}

func (s Sound) close() error {
	if s.Close == nil {
		return nil
	}
	return s.Close()
}

// run lets a phone live until the stage is closed. It returns when the phone
// is on.
func (l *Live) run(ph *livePhone) error {
	ctx, stop := context.WithCancel(context.WithoutCancel(l.ctx))
	ph.stop = stop
	l.roles = append(l.roles, ph)
	l.Running.Phone(ph.name, ph.live)
	go func() { ph.off <- l.ended(ph.live.Run(ctx)) }()
	if ph.name == l.cfg.File.Phone && l.cfg.Started != nil {
		go l.cfg.Started(l.ctx, l.log, l.stop)
	}
	return l.launched(ph.name)
}

// launched waits for a phone's app to start.
func (l *Live) launched(name string) error {
	for r := range l.log.Follow(l.ctx, 0) {
		if _, on := r.Event.(event.Launch); on && r.Phone == name {
			return nil
		}
	}
	return context.Cause(l.ctx)
}

// ended ends the run with a shell that has ended before its time.
func (l *Live) ended(err error) error {
	if err != nil {
		l.stop(err)
	}
	return err
}

// Close switches everything off: the phones sign off first, then the server
// goes. Its error is a bug of a shell.
func (l *Live) Close() error {
	l.stop(nil)
	var errs []error
	for _, ph := range l.roles {
		ph.stop()
	}
	for _, ph := range l.roles {
		errs = append(errs, <-ph.off, ph.sound.close(), ph.leave())
	}
	if l.labOff != nil {
		l.stopLab()
		errs = append(errs, <-l.labOff)
	}
	if l.names != nil {
		errs = append(errs, l.names.Close())
	}
	return errors.Join(errs...)
}

// Context ends with the run, or when a phone cannot go on: why is its cause.
func (l *Live) Context() context.Context { return l.ctx }

// Act carries out a step. A scenario that says itself how fast the clock is to
// run is not hurried.
func (l *Live) Act(ctx context.Context, s scenario.Step) error {
	if s.Kind == scenario.Clocking && s.Clock.WhileSuspended && s.Actor == l.cfg.File.Phone {
		l.cfg.Rate = 0
	}
	return l.Running.Act(ctx, s)
}

// Wait waits for the log, or for the time: see [Live.hurry].
func (l *Live) Wait(ctx context.Context, seq uint64, actor string, left time.Duration, wall bool) error {
	left, err := l.hurry(left, wall)
	if err != nil {
		return err
	}
	return l.Running.Wait(ctx, seq, actor, left, wall)
}

// pushStream is the stream of a run's randomness that is the push service's, as
// phone/world has it: a test compares what becomes of pushes on both stages.
const pushStream = math.MaxUint64

// calm is the time to wait that is not hurried: what comes from outside, a push
// or a call, is awaited for no longer, and takes its time on the wall.
const calm = 20 * time.Second

// hurry sets the pace of the device clock under test for a wait, where a pace
// was asked for: while there is more to wait for than calm, and at x1 from then
// on. It gives how long that pace is right.
func (l *Live) hurry(left time.Duration, wall bool) (time.Duration, error) {
	if l.cfg.Rate == 0 {
		return left, nil
	}
	rate := 1.0
	if !wall && left > calm {
		rate, left = l.cfg.Rate, left-calm
	}
	if rate == l.pace {
		return left, nil
	}
	l.pace = rate
	return left, l.phones[l.cfg.File.Phone].Pace(rate)
}
