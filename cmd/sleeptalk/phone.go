package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

type flag = pflag.Flag

// errNobody says that neither a flag nor an account says whose phone this is.
var errNobody = cannot(errors.New("whose phone? there is neither an account nor --server and --user"),
	"sleeptalk demo   or   sleeptalk init   or   sleeptalk phone --server HOST --user NAME --password-env VARIABLE")

// phoneOptions are the flags of a phone.
type phoneOptions struct {
	choice  config.Choice
	set     []string
	seed    uint64
	service pushOptions
	screen  screenOptions
}

// flags declares the flags.
func (o *phoneOptions) flags(p *program, cmd *cobra.Command) {
	o.who(p, cmd)
	f := cmd.Flags()
	f.Uint64Var(&o.seed, "seed", 0, "seed of everything random; 0 takes one by chance")
	o.service.flags(cmd, false)
	o.screen.flags(cmd)
	o.screen.recordFlag(cmd)
}

// who declares the flags that say whose phone it is, and on what device. Those
// of a phone come from the table of its settings.
func (o *phoneOptions) who(p *program, cmd *cobra.Command) {
	p.accountFlags(cmd, &o.choice)
	settingFlags(cmd, &o.choice)
	cmd.Flags().StringArrayVar(&o.set, "set", nil, "override a number of the device: KEY=VALUE, such as wake-window=5s")
}

func (o *phoneOptions) headless(p *program) bool { return o.screen.headless(p) }

func (p *program) phoneCommand() *cobra.Command {
	o := new(phoneOptions)
	cmd := &cobra.Command{
		Use: "phone", Short: "Be a phone at a server: SIP, XMPP, or a protocol of its own", Args: cobra.NoArgs,
		Long: "Be a phone at a SIP server, with --control xmpp at one of XMPP, or with --raw at one that\nspeaks a protocol of its own:\nin a terminal the screen, else lines of text.\n\n" + driveHelp(),
		Example: `  sleeptalk phone --server 'sip:pbx.example.com;transport=tcp' --user alice --password-env PW \
    --device ios-voip-socket --mic tone:440 --speaker file:heard.wav
  printf 'background\nwait for suspended within 15s\n' | sleeptalk phone --json --account alice
  sleeptalk phone --control xmpp --server xmpp.example.com --domain example.com --user alice --password-env PW
  sleeptalk phone --raw lines --server chat.example.com:7000 --user alice --password-env PW`,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runPhone(cmd, o) },
	}
	o.flags(p, cmd)
	completeFlag(cmd, "device", p.completeDevices(1))
	return cmd
}

func (p *program) runPhone(cmd *cobra.Command, o *phoneOptions) (err error) {
	ctx := cmd.Context()
	who, file, err := p.resolve(ctx, o)
	if err != nil {
		return err
	}
	sound, err := p.openSound(who.Values["mic"], who.Values["speaker"])
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
	name := who.Values["user"]
	cfg, err := buildPhone(who, sound, setup.Kit{Name: name, Seed: cmp.Or(o.seed, stage.Chance())})
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
	ph, err := live.NewPhone(name, log, cfg, sound.card, pushes)
	if err != nil {
		return invalid(err, "sleeptalk phone --help")
	}
	return p.show(ctx, ph, name, screen)
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
	var noAccount *config.NoAccountError
	switch {
	case errors.Is(err, config.ErrNoAccount):
		return who, file, errNobody
	case err != nil && !errors.As(err, &noAccount) && !errors.Is(err, config.ErrCredentials):
		return who, file, invalidConfig(err)
	case err != nil:
		return who, file, err
	}
	if err := knownDevice(file, who.Device.Base); err != nil {
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
	if errors.Is(err, setup.ErrTransport) {
		return err // has a hint of its own
	}
	return invalid(err, "")
}

// override adds what --set says to the numbers of the file.
func (o *phoneOptions) override(who *config.Phone) error {
	numbers, err := o.numbers()
	if err != nil {
		return err
	}
	merged := map[string]string{}
	maps.Copy(merged, who.Device.Numbers)
	maps.Copy(merged, numbers)
	who.Device.Numbers = merged
	return nil
}

// numbers are what --set says of the device.
func (o *phoneOptions) numbers() (map[string]string, error) {
	numbers := map[string]string{}
	for _, pair := range o.set {
		k, v, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, usage("--set %s: write it as KEY=VALUE, such as wake-window=5s", pair)
		}
		numbers[k] = v
	}
	return numbers, nil
}

// raiseKeepalive asks for the shortest keepalive that the device allows where
// less was wanted, and says so. Without strictness, the device is made to
// allow it instead, which it lists as unfaithful.
func (p *program) raiseKeepalive(who *config.Phone) {
	profile, err := loadDevice(who.Device.Base, who.Values.Strict())
	asked := who.Values.KeepAlive()
	if err != nil || asked >= profile.KeepAliveMin {
		return
	}
	if !who.Values.Strict() {
		who.Device.Numbers["keepalive-min"] = asked.String()
		return
	}
	p.warn(fmt.Sprintf("keepalive %g s raised to %g s: %s allowed no less", asked.Seconds(), profile.KeepAliveMin.Seconds(), profile.Name),
		"--strict off, which allows it and says so on every screen")
	who.Values["keepalive"] = profile.KeepAliveMin.String()
}

// buildPhone makes a phone of its settings and its sound. The kit has what else
// is its own.
func buildPhone(who config.Phone, sound *sound, kit setup.Kit) (phone.Config, error) {
	var err error
	if kit.Device, err = deviceOf(who.Device, who.Values.Strict()); err != nil {
		return phone.Config{}, err
	}
	kit.Sound, kit.Mic, kit.Speaker = sound.app, sound.mic.String(), sound.speaker.String()
	kit.Instance, kit.UserAgent, kit.Version = instance(who.Values.Address()), userAgent(), build().Version
	kit.Protocol, kit.Authorities = loadRaw, authorities
	cfg, err := setup.Build(who.Values, kit)
	if _, said := errors.AsType[*failure](err); err != nil && !said {
		err = invalid(err, "")
	}
	return cfg, err
}

// userAgent is how the program calls itself on the wire.
func userAgent() string { return "sleeptalk/" + build().Version }

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
