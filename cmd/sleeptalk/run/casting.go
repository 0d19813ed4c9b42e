package run

import (
	"context"
	"fmt"
	"maps"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/account"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/lines"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/profile"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/protocol"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/sound"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// casting is who plays a script, as its stage has it: users of the built-in
// server, or of another.
func casting(ctx context.Context, p *cli.Program, o *options, s *piece) stage.Casting {
	c := stage.Casting{
		File: s.file, Flags: o.who.Choice.Flags, Numbers: o.numbers,
		Device: profile.Load, Protocol: protocol.Load, Read: s.Beside, Log: p.NewLog,
	}
	if o.elsewhere() || ownServer(s.file) {
		c.Account = func(name string) (stage.Role, error) { return accountOf(ctx, p, o, s.file, name) }
	}
	return c
}

// liveConfig is a live stage for a script.
func liveConfig(ctx context.Context, p *cli.Program, o *options, s *piece, t *sound.Tapes) stage.LiveConfig {
	cfg := stage.LiveConfig{
		Casting: casting(ctx, p, o, s), Seed: o.seed, Misbehave: o.misbehave, Rate: o.rate,
		Authorities: cli.Authorities, Instance: account.Instance, UserAgent: cli.UserAgent(), Version: cli.Build().Version,
		Sound: func(phone, mic, speaker string) (stage.Sound, error) {
			return stageSound(p, o, s, t, phone, mic, speaker)
		},
		Started: func(ctx context.Context, log *event.Log, stop context.CancelCauseFunc) {
			lines.EndUnreached(ctx, log, s.file.Phone, stop)
		},
	}
	if cfg.Account != nil && !o.seeded {
		cfg.Seed = stage.Chance()
	}
	if t != nil {
		cfg.Tap = t.Packet
	}
	return cfg
}

// stageSound opens the sound of a phone on a live stage, and keeps that of the
// phone under test.
func stageSound(p *cli.Program, o *options, s *piece, t *sound.Tapes, phone, mic, speaker string) (stage.Sound, error) {
	opened, err := sound.Open(p, mic, speaker, o.force)
	if err != nil {
		return stage.Sound{}, err
	}
	if phone == s.file.Phone && t != nil {
		t.Keep(opened)
	}
	ended := func() error { return opened.Close(false) } // what nobody spoke into leaves no file
	return stage.Sound{App: opened.App, Card: opened.Card, Close: ended}, nil
}

// accountOf finds an account at a real server.
func accountOf(ctx context.Context, p *cli.Program, o *options, f *scenario.File, name string) (stage.Role, error) {
	opts := &account.Who{Choice: config.Choice{Account: o.who.Choice.Account, Flags: maps.Clone(o.who.Choice.Flags)}}
	if name == f.Phone {
		chooseMain(&opts.Choice, f)
	} else {
		use := useOf(f, name)
		account, ok := use.Setting(setup.AccountKey)
		if !ok {
			account, ok = use.Setting(setup.ProfileKey)
		}
		if !ok {
			return stage.Role{}, fmt.Errorf("%s:%d: who is %s at this server? use phone %s account=NAME", use.File, use.Line, name, name)
		}
		opts.Choice = config.Choice{Account: account}
	}
	who, _, err := opts.Resolve(ctx, p)
	return stage.Role{Values: who.Values, Numbers: who.Device.Numbers, Called: who.Device.Name}, err
}

// chooseMain takes from the scenario what the flags leave open.
func chooseMain(c *config.Choice, f *scenario.File) {
	if use, ok := f.Use(scenario.UseAccount); ok && c.Account == "" && c.Flags["server"] == "" {
		c.Account = use.Name
	}
	use, ok := f.Use(scenario.UseServer)
	if !ok || c.Account != "" || c.Flags["server"] != "" {
		return
	}
	c.Flags["server"] = use.Name
	for _, s := range use.Settings {
		if c.Flags[s.Key] == "" {
			c.Flags[s.Key] = s.Value
		}
	}
}

// useOf is the "use phone" line about a phone; empty if there is none.
func useOf(f *scenario.File, name string) scenario.Use {
	for _, u := range f.Uses {
		if u.Kind == scenario.UsePhone && u.Name == name {
			return u
		}
	}
	return scenario.Use{}
}
