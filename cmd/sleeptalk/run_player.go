package main

import (
	"context"
	"fmt"
	"maps"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// casting is who plays a script, as its stage has it: users of the built-in
// server, or of another.
func (p *program) casting(ctx context.Context, o *runOptions, s *script) stage.Casting {
	c := stage.Casting{
		File: s.file, Flags: o.phone.choice.Flags, Numbers: o.numbers,
		Device: loadDevice, Protocol: loadRaw, Read: s.beside,
	}
	if o.elsewhere() || ownServer(s.file) {
		c.Account = func(name string) (stage.Role, error) { return p.account(ctx, o, s.file, name) }
	}
	return c
}

// liveConfig is a live stage for a script.
func (p *program) liveConfig(ctx context.Context, o *runOptions, s *script, t *tapes) stage.LiveConfig {
	cfg := stage.LiveConfig{
		Casting: p.casting(ctx, o, s), Seed: o.seed, Misbehave: o.misbehave, Rate: o.rate,
		Authorities: authorities, Instance: instance, UserAgent: userAgent(), Version: build().Version,
		Sound: func(phone, mic, speaker string) (stage.Sound, error) { return p.stageSound(s, t, phone, mic, speaker) },
		Started: func(ctx context.Context, log *event.Log, stop context.CancelCauseFunc) {
			unreachable(ctx, log, s.file.Phone, stop)
		},
	}
	if cfg.Account != nil && !o.seeded {
		cfg.Seed = stage.Chance()
	}
	if t != nil {
		cfg.Tap = t.packet
	}
	return cfg
}

// stageSound opens the sound of a phone on a live stage, and keeps that of the
// phone under test.
func (p *program) stageSound(s *script, t *tapes, phone, mic, speaker string) (stage.Sound, error) {
	sound, err := p.openSound(mic, speaker)
	if err != nil {
		return stage.Sound{}, err
	}
	if phone == s.file.Phone && t != nil {
		t.keep(sound)
	}
	return stage.Sound{App: sound.app, Card: sound.card, Close: sound.close}, nil
}

// account finds an account at a real server.
func (p *program) account(ctx context.Context, o *runOptions, f *scenario.File, name string) (stage.Role, error) {
	opts := &phoneOptions{choice: config.Choice{Account: o.phone.choice.Account, Flags: maps.Clone(o.phone.choice.Flags)}}
	if name == f.Phone {
		chooseMain(&opts.choice, f)
	} else {
		use := useOf(f, name)
		account, ok := use.Setting(setup.AccountKey)
		if !ok {
			account, ok = use.Setting(setup.ProfileKey)
		}
		if !ok {
			return stage.Role{}, fmt.Errorf("%s:%d: who is %s at this server? use phone %s account=NAME", use.File, use.Line, name, name)
		}
		opts.choice = config.Choice{Account: account}
	}
	who, _, err := p.resolve(ctx, opts)
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
