// Package live is the real shell: it runs one machine (a handset or a lab) over
// kernel sockets, the wall clock and the sound card.
//
// # The law
//
// A frozen program reads nothing. While the machine is frozen the bytes, the
// FIN and the RST of every socket stay where a suspended phone leaves them: in
// the kernel, where the TCP window closes on the peer. A gate in front of each
// socket only asks poll(2) whether the socket is readable; it never reads and
// never peeks (MSG_PEEK consumes a pending reset).
//
//	peer ──▶ kernel buffer ──▶ gate: "readable" ─▶ loop ──Signal──▶ machine
//	             ▲                (one goroutine     │ ◀───Call─────
//	             │                 per socket)       │
//	             └───── read, at most 64 KiB, ───────┘
//	                    then the gate is armed again
//
// While frozen, the loop turns "readable" into [system.Readable] for a watched
// socket, once in each freeze, and ignores it for any other; the gate stays
// unarmed until [system.Thaw].
//
// # Time
//
// The machine lives in device time. Device time runs as fast as wall time,
// except that [Host.SetRate] and [Host.Skip] may hurry it while the machine is
// frozen. A thaw always returns it to x1, so that no real server sees a hurried
// timer.
//
// # Concurrency
//
// One goroutine, the loop in [Host.Run], owns the machine, the sockets and the
// clock; there is no lock. Everything else (gates, the alarm, dials, writes
// that the kernel would not take at once, the sound card) is a goroutine that
// sends the loop one item and waits to be told to go on. An idle host wakes at the
// machine's deadline, and four times a second to see whether it stood still.
package live

import (
	"context"
	"errors"
	"math"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Config configures a [Host].
type Config struct {
	// Name is the phone to log events under if the machine names none.
	Name string
	// Log takes the events.
	Log *event.Log
	// Machine is the program to run.
	Machine system.Machine
	// Sound opens the sound card; nil means that there is none, and
	// opening one ends in [system.SoundFailed] with [ErrNoSound].
	Sound OpenSound
	// Push is the push service, shared with other hosts; nil gives the host
	// its own.
	Push Pushes
	// Resolver is the "address:port" of a server of the DNS, which is asked instead of
	// those of this machine; "" is none.
	Resolver string

	mourned bool // see crew
}

// Errors of a [Host].
var (
	// ErrStopped is returned for a request to a host that no longer runs.
	ErrStopped = errors.New("the phone is switched off")
	// ErrNothingDue is returned by [Host.Skip] when no timer is set.
	ErrNothingDue = errors.New("no timer is set: there is nothing to skip to")
	// ErrNoSound is the failure of a host without a sound card to open one.
	ErrNoSound = errors.New("no sound card is wired to this phone")
)

// The limits of the device clock that every shell shares: see [system.Pace].
const (
	MinRate = system.MinRate
	MaxRate = system.MaxRate
)

// ErrNotFrozen is [system.ErrNotFrozen].
var ErrNotFrozen = system.ErrNotFrozen

// A Host runs one machine. Its methods may be called from any goroutine.
type Host struct {
	name    string
	log     *event.Log
	lookups lookups
	push    Pushes
	crew

	// Below here everything belongs to the loop.
	machine  system.Machine
	deadline system.Remembered // its own
	ctx      context.Context   // ends the dials
	clock    clock
	pace     system.Pace
	alarm    *alarm
	ringsFor alarmTime // the time that alarm is set for
	pulse    pulse
	born     time.Time // device time when the host started

	sockets  map[system.Socket]socket
	accepted system.Socket // number of the last accepted socket
	closing  map[*stream]struct{}

	pending []system.Signal // to be delivered as soon as the machine is not frozen
	doze

	facing func(remote netip.AddrPort) (netip.Addr, error)
	looked time.Time // when a failure to send last had us look: see look

	sounds  sounds
	tap     system.Tap // nil: no tap
	scratch []byte     // read buffer
}

// New returns a host for cfg.Machine. Nothing happens until [Host.Run].
func New(cfg Config) *Host {
	h := &Host{
		name:     cfg.Name,
		log:      cfg.Log,
		push:     cfg.Push,
		crew:     newCrew(),
		machine:  cfg.Machine,
		sockets:  make(map[system.Socket]socket),
		accepted: math.MaxUint32,
		closing:  make(map[*stream]struct{}),
		doze:     doze{drained: make(map[system.Socket]bool)},
		facing:   facing,
		scratch:  make([]byte, maxRead),
	}
	if h.push == nil {
		h.push = NewPushService(push.Config{})
	}
	h.lookups = lookups{Resolver: NewResolver(cfg.Resolver), crew: &h.crew}
	h.sounds = newSounds(cfg.Sound)
	h.mourned = cfg.mourned
	return h
}

// Tap makes t see each datagram that the machine sends and receives. It must be
// called before [Host.Run].
func (h *Host) Tap(t system.Tap) { h.tap = t }

// Do runs f in the loop with the device time, carries out the calls that it
// returns, and then returns. It waits for [Host.Run] to start; its error is
// the context's, or [ErrStopped].
func (h *Host) Do(ctx context.Context, f func(now time.Time) []system.Effect) error {
	return h.ask(ctx, func(now time.Time) error {
		h.carry(now, f(now))
		return nil
	})
}

// Settle returns when the loop has run, or runs no more: if it stood still before,
// the log says so.
func (h *Host) Settle(ctx context.Context) {
	_ = h.ask(ctx, func(time.Time) error { return nil }) // who has ended has nothing to add
}

// SetRate makes device time run x times as fast as wall time until the machine
// thaws, as [system.Pace] defines it.
func (h *Host) SetRate(x float64) error {
	return h.ask(context.Background(), func(now time.Time) error { return h.setRate(now, h.pace.Set, x) })
}

// Pace is like SetRate, for the current freeze, if any, and for every later
// one.
func (h *Host) Pace(x float64) error {
	return h.ask(context.Background(), func(now time.Time) error { return h.setRate(now, h.pace.Asleep, x) })
}

// Skip sets the device clock to the machine's next deadline. The error is
// [ErrNotFrozen] while the machine runs, or [ErrNothingDue].
func (h *Host) Skip() error {
	return h.ask(context.Background(), h.skip)
}
