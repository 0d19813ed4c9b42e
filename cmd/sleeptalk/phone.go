package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

type flag = pflag.Flag

// errNobody says that neither a flag nor a profile says whose phone this is.
var errNobody = cannot(errors.New("whose phone? there is neither a profile nor --server and --user"),
	"sleeptalk demo   or   sleeptalk init   or   sleeptalk phone --server HOST --user NAME --password-env VARIABLE")

// phoneOptions are the flags of a phone.
type phoneOptions struct {
	choice   config.Choice
	set      []string
	auto     string
	maxCalls int
	seed     uint64
	push     app.Pushing
	service  pushOptions
	screen   screenOptions
}

// flags declares the flags.
func (o *phoneOptions) flags(cmd *cobra.Command) {
	o.who(cmd)
	f := cmd.Flags()
	f.StringVar(&o.auto, "auto", "", "what to do with a call by itself: answer, echo, busy, ring")
	f.IntVar(&o.maxCalls, "max-calls", 0, "calls at a time; the next caller hears busy; 0 means 8")
	f.Uint64Var(&o.seed, "seed", 0, "seed of everything random; 0 takes one by chance")
	o.service.flags(cmd, false)
	o.screen.flags(cmd)
	o.screen.recordFlag(cmd)
}

// who declares the flags that say whose phone it is, and on what device. Those
// of a profile come from its table of settings.
func (o *phoneOptions) who(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.choice.Profile, "profile", "", "profile of the config file")
	for _, s := range config.Settings() {
		if !s.NoFlag {
			f.Var(settingFlag{s, &o.choice.Flags}, s.Key, s.Help)
		}
	}
	f.StringArrayVar(&o.set, "set", nil, "override a number of the device: KEY=VALUE, such as wake-window=5s")
}

// settingFlag makes a flag of a profile's setting.
type settingFlag struct {
	setting config.Setting
	profile *config.Profile
}

func (s settingFlag) Set(v string) error { s.setting.Add(s.profile, v); return nil }
func (s settingFlag) Type() string       { return "string" }
func (s settingFlag) String() string     { return s.setting.Default }

func (o *phoneOptions) headless(p *program) bool { return o.screen.headless(p) }

func (p *program) phoneCommand() *cobra.Command {
	o := new(phoneOptions)
	cmd := &cobra.Command{
		Use: "phone", Short: "Be a phone at a server: SIP, XMPP, or a protocol of its own", Args: cobra.NoArgs,
		Long: "Be a phone at a SIP server, with --control xmpp at one of XMPP, or with --raw at one that\nspeaks a protocol of its own:\nin a terminal the screen, else lines of text.\n\n" + driveHelp(),
		Example: `  sleeptalk phone --server 'sip:pbx.example.com;transport=tcp' --user alice --password-env PW \
    --device ios-voip-socket --mic tone:440 --speaker file:heard.wav
  printf 'background\nwait for suspended within 15s\n' | sleeptalk phone --json --profile alice
  sleeptalk phone --control xmpp --server xmpp.example.com --domain example.com --user alice --password-env PW
  sleeptalk phone --raw lines --server chat.example.com:7000 --user alice --password-env PW`,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runPhone(cmd, o) },
	}
	o.flags(cmd)
	completeFlag(cmd, "device", p.completeDevices(1))
	return cmd
}

func (p *program) runPhone(cmd *cobra.Command, o *phoneOptions) (err error) {
	ctx := cmd.Context()
	who, file, err := p.resolve(ctx, o)
	if err != nil {
		return err
	}
	sound, err := p.openSound(who.Mic, who.Speaker)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sound.close()) }()
	screen := o.screen.with(file.UI, p)
	if !screen.headless(p) && p.terminal() { // where somebody can save them
		screen.tapes = new(tapes)
		screen.tapes.keep(sound)
	}
	p.raiseKeepalive(&who)
	cfg, err := o.handset(who, sound)
	if err != nil {
		return err
	}
	log := new(event.Log)
	reachable, unreachable := context.WithCancel(ctx)
	defer unreachable()
	pushes, err := p.openPushes(reachable, o.service, cfg.Seed, log)
	if err != nil {
		return err
	}
	ph, err := live.NewPhone(who.User, log, cfg, sound.card, pushes)
	if err != nil {
		return invalid(err, "sleeptalk phone --help")
	}
	return p.show(ctx, ph, who.User, screen)
}

// resolve finds out whose phone this is.
func (p *program) resolve(ctx context.Context, o *phoneOptions) (config.Phone, config.File, error) {
	file, warnings, err := config.Read(p.paths())
	if err != nil {
		return config.Phone{}, config.File{}, invalidConfig(err)
	}
	for _, w := range warnings {
		p.warn(w.Text, w.Hint)
	}
	who, err := file.Resolve(ctx, p.paths(), o.choice, p.env)
	var noProfile *config.NoProfileError
	switch {
	case errors.Is(err, config.ErrNoAccount):
		return who, file, errNobody
	case err != nil && !errors.As(err, &noProfile) && !errors.Is(err, config.ErrCredentials):
		return who, file, invalidConfig(err)
	case err != nil:
		return who, file, err
	}
	if err := knownDevice(file, who.Device); err != nil {
		return who, file, err
	}
	return who, file, o.override(&who)
}

// invalidConfig makes an error of the config exit with 3, unless a file could
// not be read at all.
func invalidConfig(err error) error {
	if _, unreadable := errors.AsType[*os.PathError](err); unreadable {
		return cannot(err, "")
	}
	if errors.Is(err, config.ErrTransport) {
		return err // has a hint of its own
	}
	return invalid(err, "")
}

// override adds what --set says to the overrides of the file.
func (o *phoneOptions) override(who *config.Phone) error {
	merged := make(map[string]string, len(who.Overrides)+len(o.set))
	for k, v := range who.Overrides {
		merged[k] = v
	}
	for _, pair := range o.set {
		k, v, ok := strings.Cut(pair, "=")
		if !ok {
			return usage("--set %s: write it as KEY=VALUE, such as wake-window=5s", pair)
		}
		merged[k] = v
	}
	who.Overrides = merged
	return nil
}

// raiseKeepalive asks for the shortest keepalive that the device allows where
// less was wanted, and says so. Without strictness, the device is made to
// allow it instead, which it lists as unfaithful.
func (p *program) raiseKeepalive(who *config.Phone) {
	profile, err := loadDevice(who.Device, who.Strict)
	if err != nil || who.Keepalive >= profile.KeepAliveMin {
		return
	}
	if !who.Strict {
		who.Overrides["keepalive-min"] = who.Keepalive.String()
		return
	}
	p.warn(fmt.Sprintf("keepalive %g s raised to %g s: %s allowed no less", who.Keepalive.Seconds(), profile.KeepAliveMin.Seconds(), profile.Name),
		"--strict off, which allows it and says so on every screen")
	who.Keepalive = profile.KeepAliveMin
}

// handset is what the phone is made of.
func (o *phoneOptions) handset(who config.Phone, sound *sound) (phone.Config, error) {
	profile, err := deviceOf(who)
	if err != nil {
		return phone.Config{}, err
	}
	strategy, err := app.ParseStrategy(who.Strategy)
	if err != nil {
		return phone.Config{}, invalid(err, "")
	}
	auto, err := parseAuto(o.auto)
	if err != nil {
		return phone.Config{}, err
	}
	account, err := o.account(who)
	if err != nil {
		return phone.Config{}, err
	}
	pushing := o.push
	pushing.Provider, pushing.Param = cmp.Or(pushing.Provider, who.PushProvider), cmp.Or(pushing.Param, who.PushParam)
	trust, err := trustOf(who)
	if err != nil {
		return phone.Config{}, err
	}
	seed := o.seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	return phone.Config{
		Profile: profile, Seed: seed, TLS: trust, Faults: who.Faults, Version: build().Version, Mic: sound.mic.String(), Speaker: sound.speaker.String(),
		App: app.Config{
			Account:  account,
			Strategy: strategy, WakeServer: who.WakeServer, StayAwakeBy: app.AwakeBy(who.StayAwakeBy), KeepAlive: who.Keepalive, Push: pushing, Auto: auto,
			Sound: sound.app, Samples: sound.samples,
		},
	}, nil
}

// account is who the phone is, in the protocol that it speaks.
func (o *phoneOptions) account(who config.Phone) (control.Account, error) {
	switch who.Control {
	case control.XMPP:
		return o.xmppAccount(who), nil
	case control.Raw:
		return o.rawAccount(who)
	}
	return o.userAgent(who), nil
}

// xmppAccount is a client of XMPP. Its ports are its own to know.
func (o *phoneOptions) xmppAccount(who config.Phone) xmpp.Config {
	server := who.Server.Host
	if who.Server.Port != "" {
		server = who.Server.Target()
	}
	return xmpp.Config{
		JID: who.User + "@" + who.Domain, Password: who.Password, Server: server, Transport: xmpp.Transport(who.Server.Transport),
		TLS: xmpp.Policy(who.TLS), PushService: who.PushJID, PushSecret: who.PushSecret, MaxCalls: o.maxCalls,
	}
}

// rawAccount is a client of a raw protocol.
func (o *phoneOptions) rawAccount(who config.Phone) (control.Account, error) {
	p, err := loadRaw(who.Raw)
	return raw.Config{
		Profile: p, Server: who.Server.Target(), Domain: who.Domain, User: who.User, Password: who.Password, Display: who.Display,
		Instance: instance(who.AOR()),
	}, err
}

func (o *phoneOptions) userAgent(who config.Phone) sip.Config {
	return sip.Config{
		AOR: who.AOR(), Password: who.Password, Display: who.Display, Server: who.Server.Target(), Transport: sip.Transport(who.Server.Transport),
		Instance: instance(who.AOR()), UserAgent: "github.com/sleeptalk/sleeptalk/" + build().Version, Expires: who.Expires, Outbound: true, MaxCalls: o.maxCalls,
	}
}

// instance is the name of this handset at the registrar, the same at every
// start (RFC 5626 §4.1), so that a new registration replaces the old one: a
// UUID of the address and this machine (RFC 9562 §5.8).
func instance(aor string) string {
	host, _ := os.Hostname() // a machine without a name is a machine, too
	u := sha256.Sum256([]byte(host + " " + aor))
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}

func parseAuto(s string) (app.Behaviour, error) {
	switch b := app.Behaviour(s); b {
	case app.Manual, app.Accept, app.Echo, app.Busy, app.Ring:
		return b, nil
	}
	return "", usage("--auto %s: have answer, echo, busy, ring", s)
}
