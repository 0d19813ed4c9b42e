package stage

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/audio/endpoint"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
	"github.com/sleeptalk/sleeptalk/phone/world"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// Config says how a world is set up for a scenario.
type Config struct {
	Casting
	// Seed decides everything that is random.
	Seed uint64
	// Misbehave is how the lab is to misbehave from the beginning: see
	// [lab.Misbehaviours].
	Misbehave []string
	// Heard and Sent take the calls' audio of the phone under test; nil:
	// nobody keeps it.
	Heard, Sent pcm.Sink
	// Opened takes its packets of SRTP as they are without it; nil: nobody does.
	Opened system.Opened
	// Tap hears the datagrams of the phone under test; nil: nobody does.
	Tap system.Tap
}

// World is a stage in virtual time.
type World struct {
	cfg    Config
	world  *world.World
	log    *event.Log
	lab    *lab.Lab
	desk   *world.Node
	phones map[string]*handset
	at     addressing
}

// A handset is a phone on the stage.
type handset struct {
	phone *phone.Handset
	node  *world.Node
}

// An addressing is the lab's address in the network, and that of the first phone.
type addressing struct{ lab, first netip.Addr }

// addressingOf is one of the addresses that are for documentation: of RFC 5737, or, by
// IPv6, of RFC 3849.
func addressingOf(ipv6 bool) addressing {
	if ipv6 {
		return addressing{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::10")}
	}
	return addressing{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.10")}
}

// server is where the lab speaks a protocol.
func (a addressing) server(protocol string) string {
	p, _ := setup.FindProtocol(protocol)
	return netip.AddrPortFrom(a.lab, p.Port).String()
}

// wake is where it takes wake sockets.
func (a addressing) wake() string { return netip.AddrPortFrom(a.lab, wakePort).String() }

// mobile is a good mobile network: one way, without loss.
var mobile = link.Path{Latency: 20 * time.Millisecond, Jitter: 5 * time.Millisecond}

// New sets a stage up and switches everything on. Its error is what the
// scenario asks for and cannot have.
func New(cfg Config) (*World, error) {
	log := cfg.newLog()
	cast, err := cfg.cast()
	if err != nil {
		return nil, err
	}
	names, err := zone.New(cfg.File.Records())
	if err != nil {
		return nil, err
	}
	w := &World{
		cfg: cfg, log: log, phones: map[string]*handset{}, at: addressingOf(cast.lab.IPv6),
		world: world.New(world.Config{Seed: cfg.Seed, Log: log, Push: cast.push, Zone: names}),
	}
	cert, err := certificate(w.world.Now(), cast.lab.Domain, w.at.lab.String())
	if err != nil {
		return nil, err
	}
	cast.lab.TLS.Certificate = cert
	if err := w.addLab(cast); err != nil {
		return nil, err
	}
	addr := w.at.first
	for _, r := range cast.roles {
		if err := w.addPhone(r, addr, secure.Trusting(cert)); err != nil {
			return nil, err
		}
		addr = addr.Next()
	}
	w.phones[cfg.File.Phone].node.Tap(cfg.Tap)
	for _, r := range cast.roles {
		w.world.Do(w.phones[r.Name].node, w.phones[r.Name].phone.Start)
	}
	return w, nil
}

// addPhone puts a phone of the cast on the network.
func (w *World) addPhone(r Role, addr netip.Addr, trusted *x509.CertPool) error {
	kit, err := w.cfg.kit(r, w.cfg.Seed)
	if err != nil {
		return err
	}
	kit.CA, kit.Here = trusted, true
	if kit.Sound, err = w.soundOf(r); err != nil {
		return err
	}
	w.cfg.atLab(&r, w.at.server, w.at.wake())
	cfg, err := setup.Build(r.Values, kit)
	if err != nil {
		return err
	}
	h, err := phone.New(cfg)
	if err != nil {
		return err
	}
	w.phones[r.Name] = &handset{h, w.world.Add(r.Name, addr, h, mobile)}
	return nil
}

// soundOf opens what a phone says. There is no sound card in virtual time.
func (w *World) soundOf(r Role) (sound app.Sound, err error) {
	if r.Name == w.cfg.File.Phone {
		sound.Speaker, sound.Sent, sound.Opened = w.cfg.Heard, w.cfg.Sent, w.cfg.Opened
	}
	mic, err := endpoint.ParseMic(r.Values["mic"])
	if err != nil {
		return sound, err
	}
	sound.Mic, err = mic.OpenFrom(w.cfg.readSound)
	return sound, err
}

// certificate is that of the lab, the same in every run: of a kind whose
// signatures have one length, see phone/secure.
func certificate(now time.Time, domain, addr string) (*tls.Certificate, error) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)) // it guards nothing
	return secure.SelfSigned(key, now, domain, addr)
}

// addLab switches the lab on, which knows everybody's password.
func (w *World) addLab(c cast) error {
	cfg := c.lab
	cfg.Addr, cfg.WakeAddr = w.at.server(control.SIP), w.at.wake()
	for i := range cfg.Doors {
		cfg.Doors[i].Addr = w.at.server(cfg.Doors[i].Protocol)
	}
	cfg.Rand = rand.New(rand.NewPCG(w.cfg.Seed, 1))
	var err error
	if w.lab, err = lab.New(cfg); err != nil {
		return err
	}
	for _, name := range w.cfg.Misbehave {
		if err := w.lab.Misbehave(name); err != nil {
			return err
		}
	}
	w.desk = w.world.Add(scenario.LabActor, w.at.lab, w.lab, link.Path{})
	w.world.Do(w.desk, w.lab.Start)
	w.world.RunUntil(w.world.Elapsed())
	return nil
}

// wakePort is the lab's port for wake sockets; those of protocols are in their
// table.
const wakePort = 5070

// Log is what has happened.
func (w *World) Log() *event.Log { return w.log }

// Clock is virtual time: all have the same.
func (w *World) Clock(string) play.Reading {
	return play.Reading{Wall: w.world.Now(), Device: w.world.Elapsed()}
}

// Wait lets virtual time pass. It ends early if ctx is done.
func (w *World) Wait(ctx context.Context, seq uint64, _ string, left time.Duration, _ bool) error {
	w.world.Run(func() bool { return w.log.Len() > seq || ctx.Err() != nil }, left)
	return context.Cause(ctx)
}

// Settle does nothing: virtual time stands still with everybody.
func (w *World) Settle(context.Context, string) {}

// Act carries out a step.
func (w *World) Act(_ context.Context, s scenario.Step) error {
	switch s.Kind {
	case scenario.Do:
		return w.verb(s)
	case scenario.Lab:
		return w.ask(s.Told)
	case scenario.Clocking:
		return w.clock(s)
	case scenario.Speaking:
		return w.speak(s)
	}
	return fmt.Errorf("a %s is nothing that a stage does", s.Kind)
}

// verb gives a handset a verb.
func (w *World) verb(s scenario.Step) error {
	h := w.phones[s.Actor]
	if h == nil {
		return fmt.Errorf("nobody here is called %q", s.Actor)
	}
	w.did(s.Actor, s.Verb)
	err := w.do(h.node, func(now time.Time) ([]system.Effect, error) { return h.phone.Do(now, s.Told) })
	if err != nil {
		w.refused(s.Actor, s.Verb, err)
		return &play.Refusal{Err: err}
	}
	return nil
}

// ask gives the lab a request, also one that is a robot's.
func (w *World) ask(line verb.Line) error {
	w.did(line.Actor, line.Said())
	err := w.do(w.desk, func(now time.Time) ([]system.Effect, error) { return w.lab.Tell(now, line) })
	if err != nil {
		w.refused(line.Actor, line.Said(), err)
	}
	return err
}

// do runs a step and lets follow what takes no time.
func (w *World) do(n *world.Node, f func(time.Time) ([]system.Effect, error)) (err error) {
	w.world.Do(n, func(now time.Time) (effects []system.Effect) {
		effects, err = f(now)
		return effects
	})
	w.world.RunUntil(w.world.Elapsed())
	return err
}

// did writes down what the scenario does.
func (w *World) did(who, line string) { w.note(who, event.Verb{Line: line, By: "script"}) }

// refused writes down that it was not done, and why.
func (w *World) refused(who, line string, err error) { w.note(who, Refused(line, err)) }

// Refused is how the log has that something was not done, and why.
func Refused(line string, err error) event.Error {
	verb, _, _ := strings.Cut(err.Error(), ": ")
	text := err.Error()
	if strings.HasPrefix(line, verb) { // the event says it anyway
		text = strings.TrimPrefix(text, verb+": ")
	}
	return event.Error{Op: line, Err: text, Rule: event.RuleNotPossible}
}

func (w *World) note(who string, e event.Event) {
	w.log.Append(event.Record{Wall: w.world.Now(), Device: w.world.Elapsed(), Phone: who, Event: e})
}

// clock changes the device clock, by the rule that a live phone has: see
// [system.Pace].
func (w *World) clock(s scenario.Step) error {
	h := w.phones[s.Actor]
	if h == nil {
		return fmt.Errorf("%s has no device clock", s.Actor)
	}
	line := s.Told.Verb()
	var err error
	switch {
	case s.Clock.Next:
		w.did(s.Actor, line)
		err = w.skip(s.Actor, h)
	case s.Clock.WhileSuspended:
		err = h.node.Pace(s.Clock.Rate)
	default:
		w.did(s.Actor, line)
		err = h.node.SetRate(s.Clock.Rate)
	}
	if err != nil {
		w.refused(s.Actor, line, err)
		return &play.Refusal{Err: err}
	}
	return nil
}

// skip lets the time pass until a suspended phone's next timer, for everybody.
func (w *World) skip(name string, h *handset) error {
	if h.phone.State() != event.Suspended {
		return fmt.Errorf("clock next: %w", system.ErrNotFrozen)
	}
	due := h.phone.Deadline()
	if due.IsZero() {
		return fmt.Errorf("clock next: no timer is set: there is nothing to skip to")
	}
	w.world.RunUntil(w.world.Elapsed() + due.Sub(w.world.Now()))
	return nil
}

// speak changes what a handset or a robot says.
func (w *World) speak(s scenario.Step) error {
	h := w.phones[s.Actor]
	if h == nil {
		return w.ask(s.Told)
	}
	open, err := spoken(s.Speak).OpenFrom(w.cfg.readSound)
	if err != nil {
		return fmt.Errorf("speak %s: %w", s.Speak.Name, err)
	}
	line := s.Told.Verb()
	w.did(s.Actor, line)
	if err := h.phone.Speak(open); err != nil {
		w.refused(s.Actor, line, err)
		return &play.Refusal{Err: fmt.Errorf("speak: %w", err)}
	}
	return nil
}

// spoken is what a "speak" line names.
func spoken(s *scenario.Speak) endpoint.Endpoint {
	switch s.What {
	case endpoint.KindTone:
		return endpoint.Endpoint{Kind: s.What, Arg: strconv.FormatFloat(s.Hz, 'g', -1, 64)}
	case endpoint.KindFile:
		return endpoint.Endpoint{Kind: s.What, Arg: s.Name}
	}
	return endpoint.Endpoint{Kind: s.What}
}

// readSound finds a sound of the program by its name, and asks for any other.
func (c Casting) readSound(name string) (io.ReadCloser, error) {
	wav, err := assets.Files.ReadFile("sounds/" + scenario.SampleName(name) + ".wav")
	if err != nil && c.Read != nil {
		wav, err = c.Read(name)
	}
	return io.NopCloser(bytes.NewReader(wav)), err
}
