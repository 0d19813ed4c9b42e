// Package phone is the command of that name, and the demo: a phone on real sockets,
// on the screen or with lines of text.
package phone

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/account"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/lines"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/profile"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/protocol"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/push"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/sound"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// Options are the flags of a phone.
type Options struct {
	who    account.Who
	seed   uint64
	push   push.Options
	Screen Screen
}

// Flags declares the flags.
func (o *Options) Flags(p *cli.Program, cmd *cobra.Command) {
	o.who.Flags(p, cmd)
	cmd.Flags().Uint64Var(&o.seed, "seed", 0, "seed of everything random; 0 takes one by chance")
	o.push.Flags(cmd, false)
	o.Screen.Flags(cmd)
	cli.CompleteFlag(cmd, "device", profile.Complete(p, 1))
	sound.CompleteFlags(cmd)
}

// Command is a phone at a server.
func Command(p *cli.Program) *cobra.Command {
	o := new(Options)
	cmd := &cobra.Command{
		Use: "phone", Short: "Be a phone at a server: SIP, XMPP, or a protocol of its own", Args: cobra.NoArgs,
		Long: "Be a phone at a SIP server, with --control xmpp at one of XMPP, or with --raw at one that\nspeaks a protocol of its own:\nin a terminal the screen, else lines of text.\n\nWith several accounts (--account work --account private) it is one phone that is all of\nthem: they fall asleep together, and share wakes, keepalive and banner. \"call bob as\nprivate\" calls by one, \"call bob\" by the first.\n\n" + lines.Help(),
		Example: `  sleeptalk phone --server 'sip:pbx.example.com;transport=tcp' --user alice --password-env PW \
    --device ios-voip-socket --mic tone:440 --speaker file:heard.wav
  printf 'background\nwait for suspended within 15s\n' | sleeptalk phone --json --account alice
  sleeptalk phone --account work --account private
  sleeptalk phone --control xmpp --server xmpp.example.com --domain example.com --user alice --password-env PW
  sleeptalk phone --raw lines --server chat.example.com:7000 --user alice --password-env PW`,
		RunE: func(cmd *cobra.Command, _ []string) error { return Run(cmd.Context(), p, o) },
	}
	o.Flags(p, cmd)
	return cmd
}

// Run is a phone, on the screen or with lines, until somebody is done with it.
func Run(ctx context.Context, p *cli.Program, o *Options) (err error) {
	who, file, err := o.who.Resolve(ctx, p)
	if err != nil {
		return err
	}
	p.KeepPrivate()
	p.Lasting()
	if err := cli.Writable(o.Screen.scenario()); err != nil {
		return err
	}
	opened, err := sound.Open(p, who.Values["mic"], who.Values["speaker"], o.Screen.force)
	if err != nil {
		return err
	}
	name, log := who.Values["user"], p.NewLog()
	log.FindLosses()
	defer func() { err = errors.Join(err, opened.Close(lines.Reached(log, name))) }()
	screen := o.Screen.with(file.UI)
	if screen.OnScreen(p) { // where somebody can save them
		screen.tapes = new(sound.Tapes)
		screen.tapes.Keep(opened)
	}
	fitKeepalive(p, &who, said(file, who.Account, o.who.Choice, p.Env))
	kit := setup.Kit{Name: name, Seed: cmp.Or(o.seed, stage.Chance()), Files: cli.Files(p.Env)}
	leave := account.Sign(p, who, &kit)
	defer func() { err = errors.Join(err, leave()) }()
	cfg, err := build(who, opened, kit)
	if err != nil {
		return err
	}
	screen.settings = settingsOf(p, o, &who, file, &cfg.Profile)
	reachable, unreachable := context.WithCancel(ctx)
	defer unreachable()
	pushes, err := o.push.Open(reachable, p, cfg.Seed, log)
	if err != nil {
		return err
	}
	cfg.Unpushed = cfg.Profile.PushService() != "" && !o.push.Reachable()
	ph, err := live.NewPhone(name, log, cfg, opened.Card, pushes)
	if err != nil {
		return cli.Invalid(err, "sleeptalk phone --help")
	}
	return show(ctx, p, ph, name, screen)
}

// said reports whether a config file says what the keepalive is: neither a flag nor the
// environment does.
func said(file config.File, account string, c config.Choice, env config.Env) bool {
	origin := file.Origin(account, "keepalive", c, env)
	return origin != "" && origin != "--keepalive" && origin != setup.EnvName("keepalive")
}

// fitKeepalive says what will become of a keepalive that is shorter than the device allows.
// The device refuses it, as the system did, unless the app is to round it up. One in a config
// file has always been rounded, and is unless the file says otherwise. Without strictness, the
// device is made to allow it, which it lists as unfaithful.
func fitKeepalive(p *cli.Program, who *config.Phone, inFile bool) {
	d, err := profile.Load(who.Device.Base, who.Values.Strict())
	asked := who.Values.KeepAlive()
	if err != nil || asked >= d.KeepAliveMin {
		return
	}
	const allow = "--strict off, which allows it and says so on every screen"
	least := fmt.Sprintf("%s allowed no less than %g s", d.Name, d.KeepAliveMin.Seconds())
	raised := fmt.Sprintf("keepalive %g s is raised to %g s: %s", asked.Seconds(), d.KeepAliveMin.Seconds(), least)
	switch round := who.Values["keepalive-round"]; {
	case !who.Values.Strict():
		who.Device.Numbers["keepalive-min"] = asked.String()
	case who.Values.RoundsKeepAlive():
	case d.Refuses(asked) == "":
		who.Values["keepalive"] = d.KeepAliveMin.String()
		p.Warn(raised, allow)
	case round == "" && inFile:
		who.Values["keepalive-round"] = "on"
		p.Warn(raised, allow)
	default:
		p.Warn(fmt.Sprintf("keepalive %g s will be refused: %s", asked.Seconds(), least), "--keepalive-round on, which raises it; or "+allow)
	}
}

// build makes a phone of its settings and its sound. The kit has what else
// is its own.
func build(who config.Phone, s *sound.Sound, kit setup.Kit) (phone.Config, error) {
	var err error
	if kit.Device, err = profile.Of(who.Device, who.Values.Strict()); err != nil {
		return phone.Config{}, err
	}
	kit.Sound, kit.Mic, kit.Speaker = s.App, s.Mic.String(), s.Speaker.String()
	kit.UserAgent, kit.Version = cli.UserAgent(), cli.Build().Version
	kit.Protocol = protocol.Load
	cfg, err := setup.Build(who.Values, kit)
	if _, said := errors.AsType[*cli.Failure](err); err != nil && !said {
		err = cli.Invalid(err, "")
	}
	return cfg, err
}
