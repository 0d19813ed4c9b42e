package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/stage"
)

// playerOf finds out who one of a scenario's phones is: a user of the lab, if
// that has an address, else one of the config and the flags.
func (p *program) playerOf(ctx context.Context, o *runOptions, script *script, name, labAddr string) (config.Phone, *phoneOptions, error) {
	f := script.file
	opts := &phoneOptions{choice: config.Choice{Profile: o.phone.choice.Profile, Flags: o.phone.choice.Flags}, set: o.phone.set, seed: o.seed}
	var who config.Phone
	var err error
	if labAddr != "" {
		who, err = labPlayer(script, name, labAddr)
		if name == f.Phone {
			who.Faults = o.faults
		}
	} else {
		who, err = p.account(ctx, opts, f, name)
	}
	if err != nil {
		return who, opts, err
	}
	if err := setPlayer(&who, opts, script, name); err != nil {
		return who, opts, err
	}
	return who, opts, opts.override(&who)
}

// labPlayer is a user of the built-in server.
func labPlayer(s *script, name, addr string) (config.Phone, error) {
	cfg, err := stage.Lab(s.file, s.beside)
	if err != nil {
		return config.Phone{}, err
	}
	server, err := config.ParseServer(addr)
	return config.Phone{
		Server: server, User: name, Domain: cfg.Domain, Password: stage.Password, Expires: time.Hour,
		Device: stage.DefaultDevice, Strategy: "voip-socket", Strict: true,
	}, err
}

// account finds an account at a real server.
func (p *program) account(ctx context.Context, opts *phoneOptions, f *scenario.File, name string) (config.Phone, error) {
	use := useOf(f, name)
	if name != f.Phone {
		profile, ok := use.Setting("profile")
		if !ok {
			return config.Phone{}, fmt.Errorf("%s:%d: who is %s at this server? use phone %s profile=NAME", use.File, use.Line, name, name)
		}
		opts.choice = config.Choice{Profile: profile}
	} else {
		chooseMain(&opts.choice, f)
	}
	who, _, err := p.resolve(ctx, opts)
	return who, err
}

// chooseMain takes from the scenario what the flags leave open.
func chooseMain(c *config.Choice, f *scenario.File) {
	if use, ok := f.Use(scenario.UseProfile); ok && c.Profile == "" && c.Flags.Server == "" {
		c.Profile = use.Name
	}
	use, ok := f.Use(scenario.UseServer)
	if !ok || c.Profile != "" || c.Flags.Server != "" {
		return
	}
	c.Flags.Server = use.Name
	for key, to := range map[string]*string{"user": &c.Flags.User, "domain": &c.Flags.Domain, "password-env": &c.Flags.PasswordEnv} {
		if v, ok := use.Setting(key); ok && *to == "" {
			*to = v
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

// setPlayer applies the "use device" and "use phone" lines.
func setPlayer(who *config.Phone, opts *phoneOptions, script *script, name string) error {
	f := script.file
	if use, ok := f.Use(scenario.UseDevice); ok {
		who.Device, who.Called, who.Overrides = use.Name, "", maps.Clone(who.Overrides)
		if who.Overrides == nil {
			who.Overrides = map[string]string{}
		}
		for _, s := range use.Settings {
			if s.Key == "strict" {
				who.Strict = s.Value != "off"
				continue
			}
			who.Overrides[s.Key] = s.Value
		}
	}
	if protocol, profile := stage.Control(f, name); profile != "" || protocol != control.SIP {
		who.Control, who.Raw = protocol, profile
		if raw.IsFile(profile) {
			who.Raw = filepath.Join(script.dir, filepath.FromSlash(profile))
		}
	}
	use := useOf(f, name)
	if own, ok := use.Setting("device"); ok {
		who.Device, who.Called, who.Overrides = own, "", nil
	}
	for _, s := range use.Settings {
		var err error
		switch s.Key {
		case "control", "raw": // above
		case "auto":
			opts.auto = s.Value
		case "display":
			who.Display = s.Value
		case "password":
			who.Password = s.Value
		case "strategy":
			who.Strategy = s.Value
		case "stay-awake-by":
			who.StayAwakeBy = s.Value
		case "transport":
			who.Server.Transport = s.Value
		case "strict":
			who.Strict = s.Value != "off"
		case "fault":
			who.Faults, err = link.ParseList(s.Value)
		case "mic":
			who.Mic = s.Value
		case "expires":
			who.Expires, err = time.ParseDuration(s.Value)
		case "keepalive":
			who.Keepalive, err = time.ParseDuration(s.Value)
		default:
			_, err = stage.SetPush(&opts.push, s.Key, s.Value)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %s: %w", use.File, use.Line, s.Key, err)
		}
	}
	return nil
}

// clocks reads the device clocks off the log: an actor's last record says what
// the clock showed then, and the last change of its rate how fast it has run
// since. Of those who have said nothing, it is zero when the run begins.
type clocks struct {
	log   *event.Log
	began time.Time
	seen  uint64
	last  map[string]reading
}

func (c *clocks) read(actor string) reading {
	for _, r := range c.log.After(c.seen) {
		c.seen = r.Seq
		now, ok := c.last[r.Phone]
		if !ok {
			now.rate = 1
		}
		now.wall, now.device = r.Wall, r.Device
		if e, ok := r.Event.(event.ClockRate); ok && e.Rate > 0 {
			now.rate = e.Rate
		}
		c.last[r.Phone] = now
	}
	now, ok := c.last[actor]
	if !ok {
		now = reading{wall: c.began, rate: 1}
	}
	return now.at(time.Now())
}
