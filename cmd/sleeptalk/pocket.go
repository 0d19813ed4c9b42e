package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/profile"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/sound"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
	"github.com/sleeptalk/sleeptalk/phone/world"
)

// What happens to a phone in a pocket.
const (
	callEvery  = time.Hour
	pickUp     = 3 * time.Second  // from the banner to the answer
	talk       = 20 * time.Second // a short call
	pocketLate = 2 * time.Second  // a step that takes longer has failed
)

// pocketUser is whose phone it is.
const pocketUser = "alice"

// pocketPath is a good mobile network: one way, without loss.
var pocketPath = link.Path{Latency: 20 * time.Millisecond, Jitter: 5 * time.Millisecond}

type pocketOptions struct {
	hours float64
	seed  uint64
	out   cli.Output
}

func pocketCommand(p *cli.Program) *cobra.Command {
	o := new(pocketOptions)
	cmd := &cobra.Command{
		Use: "pocket", Short: "A phone's hours in a pocket, in virtual time: the same for the same seed", Args: cobra.NoArgs,
		Long: `A phone lies in a pocket, asleep but for its keepalives; once an hour somebody
calls it, and it is answered from the notification. All of it happens in virtual
time, on a network in memory. The same seed gives the same output, byte for byte.`,
		Example: "  sleeptalk pocket --hours 8 --seed 7 --json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runPocket(cmd.Context(), p, o) },
	}
	f := cmd.Flags()
	f.Float64Var(&o.hours, "hours", 8, "how long")
	f.Uint64Var(&o.seed, "seed", 1, "seed of everything random")
	f.BoolVar(&o.out.Plain, "plain", false, "a line of text for each event")
	f.BoolVar(&o.out.JSON, "json", false, "a JSON line for each event")
	f.BoolVarP(&o.out.Verbose, "verbose", "v", false, "with --plain: SIP messages in full, and the audio every second")
	cmd.MarkFlagsMutuallyExclusive("plain", "json")
	return cmd
}

// maxHours keeps a slip of the keyboard from taking all day.
const maxHours = 24 * 31

func runPocket(ctx context.Context, p *cli.Program, o *pocketOptions) error {
	if o.hours <= 0 || o.hours > maxHours {
		return cli.Usage("--hours %g: more than 0, at most %d", o.hours, maxHours)
	}
	k, err := newPocket(p, o.seed)
	if err != nil {
		return err
	}
	k.print = func(event.Record) error { return nil }
	if o.out.Plain || o.out.JSON {
		k.print = o.out.Printer(p.Out)
	}
	if err := k.live(ctx, time.Duration(o.hours*float64(time.Hour))); err != nil {
		return err
	}
	if o.out.JSON {
		return nil
	}
	_, err = fmt.Fprintf(p.Out, "PASS  %g h in a pocket: %d keepalives, %d calls, all answered; awake for %s\n",
		o.hours, k.ticks, k.calls, event.Round(k.awake))
	return err
}

// A pocket is a world with a lab and alice's phone in it.
type pocket struct {
	world *world.World
	log   *event.Log
	phone *phone.Handset
	alice *world.Node
	lab   *lab.Lab
	bob   *world.Node

	print        func(event.Record) error
	seen         uint64
	ticks, calls int
	awake        time.Duration
}

func newPocket(p *cli.Program, seed uint64) (*pocket, error) {
	log := p.NewLog()
	log.FindLosses()
	k := &pocket{log: log, world: world.New(world.Config{Seed: seed, Log: log})}
	var err error
	labAddr := netip.MustParseAddr("192.0.2.1") // RFC 5737: for documentation
	k.lab, err = lab.New(lab.Config{
		Config: server.Config{Addr: netip.AddrPortFrom(labAddr, 5060).String(), Accounts: []lab.Account{{User: pocketUser, Password: "pocket"}}},
		Robots: lab.Robots()[:1], Rand: rand.New(rand.NewPCG(seed, 1)),
	})
	if err != nil {
		return nil, err
	}
	cfg, err := pocketPhone(p, seed, labAddr.String())
	if err != nil {
		return nil, err
	}
	if k.phone, err = phone.New(cfg); err != nil {
		return nil, err
	}
	k.bob = k.world.Add(scenario.LabActor, labAddr, k.lab, link.Path{})
	k.alice = k.world.Add(pocketUser, netip.MustParseAddr("192.0.2.10"), k.phone, pocketPath)
	return k, nil
}

// pocketPhone is the same on every machine and in every version.
func pocketPhone(p *cli.Program, seed uint64, server string) (phone.Config, error) {
	opened, err := sound.Open(p, "tone:440", "none", false)
	if err != nil {
		return phone.Config{}, err
	}
	device, err := profile.Load(setup.DefaultDevice, true)
	if err != nil {
		return phone.Config{}, err
	}
	return setup.Build(setup.Values{"server": server, "user": pocketUser, "domain": "lab.test", "password": "pocket", "expires": "1h"}, setup.Kit{
		Seed: max(seed, 1), Device: device, Sound: opened.App, Mic: opened.Mic.String(), Speaker: opened.Speaker.String(),
		UserAgent: "sleeptalk", Instance: "urn:uuid:00000000-0000-8000-8000-00000000a11c",
	})
}

// live lets the hours pass.
func (k *pocket) live(ctx context.Context, d time.Duration) error {
	k.world.Do(k.bob, k.lab.Start)
	k.world.Do(k.alice, k.phone.Start)
	if err := k.until("registered", pocketLate); err != nil {
		return err
	}
	for at := callEvery / 2; at < d; at += callEvery {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := k.verb("background"); err != nil {
			return err
		}
		k.world.RunUntil(at)
		if err := k.call(); err != nil {
			return err
		}
	}
	if err := k.verb("background"); err != nil {
		return err
	}
	k.world.RunUntil(d)
	return k.flush()
}

// call is bob's call to a phone that sleeps.
func (k *pocket) call() error {
	if err := k.flush(); err != nil {
		return err
	}
	if err := k.do(k.bob, func(now time.Time) ([]system.Effect, error) { return k.lab.Do(now, "bob calls "+pocketUser) }); err != nil {
		return err
	}
	if err := k.until("notification from bob", pocketLate); err != nil {
		return err
	}
	k.pass(pickUp)
	if err := k.verb("answer from notification"); err != nil {
		return err
	}
	if err := k.until("call up", pocketLate); err != nil {
		return err
	}
	k.pass(talk)
	if err := k.verb("hang up"); err != nil {
		return err
	}
	k.calls++
	return k.until("call ended by us", pocketLate)
}

func (k *pocket) pass(d time.Duration) { k.world.RunUntil(k.world.Elapsed() + d) }

func (k *pocket) verb(line string) error {
	v, err := verb.ParsePhone(line)
	if err != nil {
		return err
	}
	return k.do(k.alice, func(now time.Time) ([]system.Effect, error) {
		effects, err := k.phone.Do(now, v)
		return append([]system.Effect{system.Log{Event: event.Verb{Line: line, By: "script"}}}, effects...), err
	})
}

func (k *pocket) do(n *world.Node, f func(time.Time) ([]system.Effect, error)) (err error) {
	k.world.Do(n, func(now time.Time) (effects []system.Effect) {
		effects, err = f(now)
		return effects
	})
	if err != nil {
		return cli.Fail(cli.ExitFailed, err, "")
	}
	return nil
}

// until lets time pass until alice's phone does what is expected of it, since
// the last look.
func (k *pocket) until(what string, limit time.Duration) error {
	want, err := scenario.Parse(what)
	if err != nil {
		return err
	}
	looked := k.seen
	happened := func() bool {
		for r := range k.log.From(looked) {
			looked = r.Seq
			if r.Phone == pocketUser && want.Match(r.Event) {
				return true
			}
		}
		return false
	}
	ok := k.world.Run(happened, limit)
	if err := k.flush(); err != nil {
		return err
	}
	if !ok {
		return cli.Fail(cli.ExitFailed, fmt.Errorf("no %s within %s, at %s of virtual time", want, limit, event.Clock(k.world.Elapsed())), "the same with --plain -v")
	}
	return nil
}

// flush writes what has happened, and counts.
func (k *pocket) flush() error {
	for r := range k.log.From(k.seen) {
		k.seen = r.Seq
		if r.Phone == pocketUser {
			k.count(r.Event)
		}
		if err := k.print(r); err != nil {
			return err
		}
	}
	return nil
}

func (k *pocket) count(e event.Event) {
	switch e := e.(type) {
	case event.Tick:
		k.ticks++
	case event.WakeEnd:
		k.awake += e.Ran.D()
	}
}
