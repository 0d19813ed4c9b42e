// Package live is the real shell: it runs one machine (a handset or a lab)
// over kernel sockets, the clock on the wall and the sound card.
//
// # The law
//
// A frozen program has not read anything. While the machine is frozen the
// bytes, the FIN and the RST of every socket stay where a suspended phone
// leaves them: in the kernel, with the TCP window closing in front of the
// peer. A gate in front of each socket only asks poll(2) whether something
// lies there; it never reads and never peeks (MSG_PEEK eats a pending reset).
//
//	peer ──▶ kernel buffer ──▶ gate: "readable" ─▶ loop ──Signal──▶ machine
//	             ▲                (one goroutine     │ ◀───Call─────
//	             │                 per socket)       │
//	             └───── read, at most 64 KiB, ───────┘
//	                    then the gate is armed again
//
// Frozen, the loop answers "readable" with [system.Readable] for a watched
// socket, once for each freeze, and with nothing for any other; the gate stays
// unarmed until [system.Thaw].
//
// # Time
//
// The machine lives in device time. It runs with the clock on the wall,
// except that [Host.SetRate] and [Host.Skip] may hurry it while the machine is
// frozen. A thaw always returns it to x1, so that no real server meets a
// hurried timer.
//
// # Concurrency
//
// One goroutine, the loop in [Host.Run], owns the machine, the sockets and the
// clock; there is no lock. Everything else (gates, the alarm, dials, writes
// that the kernel would not take at once, the sound card) is a goroutine that
// sends the loop one item and waits to be told to go on. An idle host does nothing at
// all: it wakes at the machine's deadline and at no other time.
package live

import (
	"context"
	"errors"
	"math"
	"net"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Config is what a [Host] runs and on what.
type Config struct {
	// Name is whose events these are, where the machine does not say.
	Name string
	// Log takes the events.
	Log *event.Log
	// Machine is the program to run.
	Machine system.Machine
	// Sound opens the sound card; nil means that there is none, and
	// opening one ends in [system.SoundFailed] with [ErrNoSound].
	Sound OpenSound
	// Push is the push service, shared with others; nil is one of its own.
	Push Pushes
	// Resolver finds the addresses of hosts; nil is the standard one.
	Resolver *net.Resolver
}

// Errors of a [Host].
var (
	// ErrStopped answers what is asked of a host that no longer runs.
	ErrStopped = errors.New("the phone is switched off")
	// ErrNothingDue answers [Host.Skip] when no timer is set.
	ErrNothingDue = errors.New("no timer is set: there is nothing to skip to")
	// ErrNoSound is why a host without a sound card cannot open one.
	ErrNoSound = errors.New("no sound card is wired to this phone")
)

// What every shell has in common about the device clock: see [system.Pace].
const (
	MinRate = system.MinRate
	MaxRate = system.MaxRate
)

// ErrNotFrozen is [system.ErrNotFrozen].
var ErrNotFrozen = system.ErrNotFrozen

// A Host runs one machine. Its methods may be called from any goroutine.
type Host struct {
	name     string
	log      *event.Log
	resolver *net.Resolver
	push     Pushes

	inbox chan item     // what other goroutines bring to the loop
	done  chan struct{} // closed when the loop has ended
	fatal chan error    // the first panic of a goroutine
	crew  sync.WaitGroup

	// Below here everything belongs to the loop.
	machine  system.Machine
	ctx      context.Context // ends the dials
	clock    clock
	pace     system.Pace
	alarm    *alarm
	ringsFor alarmTime // what alarm is set for
	born     time.Time // device time when the host started

	sockets  map[system.Socket]socket
	accepted system.Socket // number of the last accepted socket
	closing  map[*stream]struct{}

	frozen   bool
	watch    map[system.Socket]bool // watched, and not yet said to be readable
	readable []system.Socket        // to be said now, though the machine is frozen
	pending  []system.Signal        // to be said as soon as the machine is not frozen
	ready    []socket               // to be read as soon as the machine is not frozen

	sound   sound
	tap     system.Tap // nil: nobody listens
	scratch []byte     // what the kernel reads into
}

// New returns a host for cfg.Machine. Nothing happens until [Host.Run].
func New(cfg Config) *Host {
	h := &Host{
		name:     cfg.Name,
		log:      cfg.Log,
		resolver: cfg.Resolver,
		push:     cfg.Push,
		inbox:    make(chan item, 64),
		done:     make(chan struct{}),
		fatal:    make(chan error, 1),
		machine:  cfg.Machine,
		sockets:  make(map[system.Socket]socket),
		accepted: math.MaxUint32,
		closing:  make(map[*stream]struct{}),
		scratch:  make([]byte, maxRead),
	}
	if h.resolver == nil {
		h.resolver = net.DefaultResolver
	}
	if h.push == nil {
		h.push = NewPushService(push.Config{})
	}
	h.sound.open = cfg.Sound
	return h
}

// Tap has t told of each datagram that the machine sends and receives. It is
// called before [Host.Run].
func (h *Host) Tap(t system.Tap) { h.tap = t }

// Do runs f in the loop with the device time, carries out the calls that it
// returns, and then returns. It waits for [Host.Run] to start; its error is
// the context's, or [ErrStopped].
func (h *Host) Do(ctx context.Context, f func(now time.Time) []system.Call) error {
	return h.ask(ctx, func(now time.Time) error {
		h.carry(now, f(now))
		return nil
	})
}

// SetRate makes device time run x times as fast as the clock on the wall, until
// the machine thaws, by the rule of [system.Pace].
func (h *Host) SetRate(x float64) error {
	return h.ask(context.Background(), func(now time.Time) error { return h.setRate(now, h.pace.Set, x) })
}

// Pace is SetRate for this freeze, if there is one, and for every later one.
func (h *Host) Pace(x float64) error {
	return h.ask(context.Background(), func(now time.Time) error { return h.setRate(now, h.pace.Asleep, x) })
}

// Skip sets the device clock to the machine's next deadline. The error is
// [ErrNotFrozen] while the machine runs, or [ErrNothingDue].
func (h *Host) Skip() error {
	return h.ask(context.Background(), h.skip)
}

// ask runs f in the loop and returns its error.
func (h *Host) ask(ctx context.Context, f func(now time.Time) error) error {
	req := request{f: f, answer: make(chan error, 1)}
	select {
	case h.inbox <- req:
	case <-h.done:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-req.answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-h.done:
	}
	// The loop may have answered as the last thing it did.
	select {
	case err := <-req.answer:
		return err
	default:
		return ErrStopped
	}
}
