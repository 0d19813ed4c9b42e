package run

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

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
		c.Account = func(name string) (stage.Role, error) { return accountOf(ctx, p, o, s, name) }
	}
	return c
}

// liveConfig is a live stage for a script.
func liveConfig(ctx context.Context, p *cli.Program, o *options, s *piece, t *sound.Tapes) stage.LiveConfig {
	cfg := stage.LiveConfig{
		Casting: casting(ctx, p, o, s), Seed: o.seed, Misbehave: o.misbehave, Rate: o.rate,
		Files: cli.Files(p.Env), Instance: func(aor string) (string, func() error) { return account.Instance(p, aor) }, UserAgent: cli.UserAgent(), Version: cli.Build().Version,
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
func accountOf(ctx context.Context, p *cli.Program, o *options, s *piece, name string) (stage.Role, error) {
	trust, err := p.Trusted()
	if err != nil {
		return stage.Role{}, cli.InvalidConfig(err)
	}
	choice, err := choiceOf(trust, o, s, name)
	if err != nil {
		return stage.Role{}, err
	}
	who, _, err := (&account.Who{Choice: choice}).Resolve(ctx, p)
	role := stage.Role{Login: stage.Login{Account: who.Account, Values: who.Values}, Numbers: who.Device.Numbers, Called: who.Device.Name}
	for _, l := range who.Others {
		role.Others = append(role.Others, stage.Login{Account: l.Account, Values: l.Values})
	}
	return role, err
}

// choiceOf is what flags and scenario say about a phone at a real server.
func choiceOf(trust config.Trust, o *options, s *piece, name string) (config.Choice, error) {
	l := layers{s, trust}
	use := useOf(s.file, name)
	c := config.Choice{Usual: stage.Usual(), Line: l.of(use, use.Settings)}
	chosen, ok := use.Setting(setup.AccountKey)
	if !ok {
		chosen, ok = use.Setting(setup.ProfileKey)
	}
	if name == s.file.Phone {
		c.Account, c.Flags = o.who.Choice.Account, o.who.Choice.Flags
		if strings.Contains(chosen, ",") {
			c.Scenario = append(c.Scenario, l.of(use, []scenario.Setting{{Key: setup.AccountKey, Value: chosen}}))
		}
		c.Scenario = append(c.Scenario, l.server(o)...)
		return c, nil
	}
	if !ok {
		return c, fmt.Errorf("%s:%d: who is %s at this server? use phone %s account=NAME", use.File, use.Line, name, name)
	}
	c.Scenario = []setup.Layer{l.of(use, []scenario.Setting{{Key: setup.AccountKey, Value: chosen}})}
	return c, nil
}

// layers makes settings of the lines of a scenario, and knows which of its files
// are trusted.
type layers struct {
	s     *piece
	trust config.Trust
}

// of is what a line says.
func (l layers) of(use scenario.Use, settings []scenario.Setting) setup.Layer {
	layer := setup.Layer{Values: setup.Values{}, Where: func(string) string { return fmt.Sprintf("%s:%d", use.File, use.Line) }}
	for _, s := range settings {
		layer.Values[s.Key] = s.Value
	}
	if ok, _ := l.trust.Covers(filepath.FromSlash(use.File)); !ok && l.s.Dir != "" {
		layer.File = use.File
	}
	return layer
}

// server is what the scenario says of the server, where the flags leave it open.
func (l layers) server(o *options) (list []setup.Layer) {
	if o.elsewhere() {
		return nil
	}
	if use, ok := l.s.file.Use(scenario.UseAccount); ok {
		list = append(list, l.of(use, []scenario.Setting{{Key: setup.AccountKey, Value: use.Name}}))
	}
	if use, ok := l.s.file.Use(scenario.UseServer); ok {
		list = append(list, l.of(use, append([]scenario.Setting{{Key: "server", Value: use.Name}}, use.Settings...)))
	}
	return list
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
