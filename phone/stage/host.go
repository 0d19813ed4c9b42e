package stage

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// A LabHost is a lab that runs on real sockets. Its methods may be called from
// any goroutine.
type LabHost struct {
	lab  *lab.Lab
	host *live.Host
	log  *event.Log
	cert *tls.Certificate // that it shows over TLS
	keys *secure.KeyLog   // nil: the secrets of TLS are written nowhere
}

// NewLabHost makes a lab. pushes is the push service that it shares with its
// phones; nil: none of them is reached by push.
func NewLabHost(cfg lab.Config, log *event.Log, pushes live.Pushes) (*LabHost, error) {
	if cfg.Rand == nil {
		cfg.Rand = rand.New(rand.NewPCG(Chance(), Chance()))
	}
	cfg.Keys = live.Secret
	cert, err := labCertificate(cfg)
	if err != nil {
		return nil, err
	}
	cfg.TLS.Certificate = cert
	l, err := lab.New(cfg)
	if err != nil {
		return nil, err
	}
	host := live.New(live.Config{Name: scenario.LabActor, Log: log, Machine: l, Push: pushes})
	return &LabHost{lab: l, log: log, cert: cert, keys: cfg.TLS.KeyLog, host: host}, nil
}

// labCertificate makes the certificate of a lab, for every name that a phone may
// have for it.
func labCertificate(cfg lab.Config) (*tls.Certificate, error) {
	hosts := []string{cmp.Or(cfg.Domain, lab.DefaultDomain)}
	if at, err := netip.ParseAddrPort(cfg.Addr); err == nil {
		hosts = append(hosts, at.Addr().String())
	}
	return secure.SelfMade(time.Now(), hosts...)
}

// Certificate is what the lab shows over TLS.
func (l *LabHost) Certificate() *tls.Certificate { return l.cert }

// Log is what has happened.
func (l *LabHost) Log() *event.Log { return l.log }

// Note writes an event of somebody down, in the order of the lab's own.
func (l *LabHost) Note(ctx context.Context, who string, e event.Event) error {
	return l.host.Do(ctx, func(time.Time) []system.Effect { return []system.Effect{system.Log{Phone: who, Event: e}} })
}

// Robots are the names of those who live at the lab.
func (l *LabHost) Robots() []string { return l.lab.Robots() }

// Settle is [live.Phone.Settle].
func (l *LabHost) Settle(ctx context.Context) { l.host.Settle(ctx) }

// Run lets the lab live until ctx is done: see [live.Host.Run].
func (l *LabHost) Run(ctx context.Context) error { return l.host.Run(ctx) }

// A LabError is why a lab cannot start, and what could be done.
type LabError struct{ Op, Why, Hint string }

func (e *LabError) Error() string { return e.Op + ": " + e.Why }

// Addresses are where a lab can be reached.
type Addresses struct {
	SIP   string
	Wake  string            // where it takes wake sockets; "": nowhere
	Doors map[string]string // where it speaks other protocols
}

// Start makes the lab listen and returns where. Its error is why it cannot.
func (l *LabHost) Start(ctx context.Context) (Addresses, error) {
	if l.keys != nil {
		if err := l.Note(ctx, scenario.LabActor, l.keys.Warning()); err != nil {
			return Addresses{}, err
		}
	}
	if err := l.host.Do(ctx, l.lab.Start); err != nil {
		return Addresses{}, err
	}
	var seen uint64
	for {
		records, err := l.log.Wait(ctx, seen)
		if err != nil {
			return Addresses{}, err
		}
		for _, r := range records {
			seen = r.Seq
			if e, bad := r.Event.(event.Error); bad && r.Phone == scenario.LabActor {
				return Addresses{}, &LabError{e.Op, e.Err, e.Hint}
			}
		}
		if at, err := l.listening(ctx); at.SIP != "" || err != nil {
			return at, err
		}
	}
}

// listening asks the lab where it listens; its address is empty until it does.
func (l *LabHost) listening(ctx context.Context) (at Addresses, err error) {
	at.Doors = map[string]string{}
	err = l.host.Do(ctx, func(time.Time) []system.Effect {
		if addr := l.lab.Local(); addr.IsValid() {
			at.SIP = addr.String()
		}
		if addr := l.lab.WakeLocal(); addr.IsValid() {
			at.Wake = addr.String()
		}
		for protocol, addr := range l.lab.DoorsLocal() {
			at.Doors[protocol] = addr.String()
		}
		return nil
	})
	return at, err
}

// Say tells the lab, or a robot of it, a line such as "bob: call alice".
func (l *LabHost) Say(ctx context.Context, line, by string) error {
	cast := verb.Cast{Default: scenario.LabActor, Robots: l.lab.Robots(), Lab: true}
	told, err := cast.Parse(line)
	if err != nil {
		return err
	}
	return l.Tell(ctx, told, by)
}

// Tell tells the lab, or a robot of it, to do something.
func (l *LabHost) Tell(ctx context.Context, told verb.Line, by string) error {
	var refused error
	actor, line := told.Actor, told.Said()
	err := l.host.Do(ctx, func(now time.Time) []system.Effect {
		effects, err := l.lab.Tell(now, told)
		effects = append([]system.Effect{system.Log{Phone: actor, Event: event.Verb{Line: line, By: by}}}, effects...)
		if refused = err; err != nil {
			effects = append(effects, system.Log{Phone: actor, Event: Refused(line, err)})
		}
		return effects
	})
	return errors.Join(err, refused)
}
