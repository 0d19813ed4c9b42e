package stage

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

// A cast is who plays: the lab, and the handsets, the one under test first.
type cast struct {
	lab    lab.Config
	push   push.Config
	phones []player
}

type player struct {
	name   string
	config phone.Config
}

// Password is the password of all phones at the lab.
const Password = "secret"

// DefaultDevice is what phones are where nothing else is said.
const DefaultDevice = "ios-voip-socket"

// What the phones of a world are made of where the scenario does not say.
const (
	defaultDomain = "lab.test"
	micHz         = 440 // what phones say: a tone
)

// castOf reads the "use" lines.
func castOf(cfg Config) (cast, error) {
	var c cast
	var err error
	if c.lab, err = Lab(cfg.File, cfg.Read); err != nil {
		return c, err
	}
	c.push = Pushes(cfg.File)
	for _, name := range Phones(cfg.File) {
		p, err := newPlayer(cfg, name, c.lab.Domain)
		if err != nil {
			return c, err
		}
		c.phones = append(c.phones, p)
	}
	return c, nil
}

// Lab is the lab that a scenario asks for, without an address: with accounts
// for its phones, and the robots; a phone with the name of a robot takes its
// place. Where a phone speaks another protocol than SIP the lab has a door for
// it. read reads a file beside the scenario.
func Lab(f *scenario.File, read func(name string) ([]byte, error)) (cfg lab.Config, err error) {
	cfg.Domain = defaultDomain
	if cfg.Doors, err = doors(f, read); err != nil {
		return cfg, err
	}
	for _, name := range Phones(f) {
		cfg.Accounts = append(cfg.Accounts, lab.Account{User: name, Password: Password})
	}
	for _, r := range lab.Robots() {
		if !slices.Contains(Phones(f), r.Name) {
			cfg.Robots = append(cfg.Robots, r)
		}
	}
	use, ok := f.Use(scenario.UseLab)
	if !ok {
		return cfg, nil
	}
	return cfg, setLab(&cfg, use)
}

// Phones lists the handsets of a scenario, the one under test first.
func Phones(f *scenario.File) []string {
	list := []string{f.Phone}
	for _, u := range f.Uses {
		if u.Kind == scenario.UsePhone && !slices.Contains(list, u.Name) {
			list = append(list, u.Name)
		}
	}
	return list
}

// newPlayer makes a handset of what the scenario says about it.
func newPlayer(cfg Config, name, domain string) (player, error) {
	h, err := handsetOf(cfg.File, name)
	if name == cfg.File.Phone && h.faults == nil {
		h.faults = cfg.Faults
	}
	if err != nil {
		return player{}, err
	}
	speech, err := lab.Hello()
	if err != nil {
		return player{}, err
	}
	mic, sound := fmt.Sprintf("tone:%d", micHz), app.Sound{Mic: func() pcm.Source { return pcm.Tone(micHz, toneLevel) }}
	if h.noMic {
		mic, sound.Mic = "none", nil
	}
	if name == cfg.File.Phone {
		sound.Speaker, sound.Sent = cfg.Heard, cfg.Sent
	}
	u := digestOf(name)
	seed := cfg.Seed ^ binary.BigEndian.Uint64(u[16:]) // no two phones draw the same Call-ID
	account, err := accountOf(cfg, h, name, domain)
	if err != nil {
		return player{}, err
	}
	return player{name, phone.Config{
		Profile: h.device, Seed: seed, Faults: h.faults, Mic: mic, Speaker: "none",
		App: app.Config{
			Account:  account,
			Strategy: h.strategy, WakeServer: fmt.Sprintf("%s:%d", labAddr, wakePort), KeepAlive: h.keepalive, StayAwakeBy: h.awakeBy, Push: h.push, Auto: h.auto,
			Sound: sound, Samples: []*pcm.Reference{speech},
		},
	}}, nil
}

func digestOf(name string) [sha256.Size]byte { return sha256.Sum256([]byte(name)) }

// accountOf is a phone's account at the lab, in the protocol that it speaks.
func accountOf(cfg Config, h settings, name, domain string) (control.Account, error) {
	u := digestOf(name)
	// A UUID of the name (RFC 9562 §5.8): the same in every run.
	instance := fmt.Sprintf("urn:uuid:%x-%x-8000-8000-%x", u[:4], u[4:6], u[6:12])
	switch protocol, profile := Control(cfg.File, name); protocol {
	case control.Raw:
		p, err := LoadRaw(profile, cfg.Read)
		return raw.Config{
			Profile: p, Server: doorAddr(control.Raw), Domain: domain, User: name, Password: h.password, Display: h.display, Instance: instance,
		}, err
	case control.XMPP:
		return xmpp.Config{
			JID: name + "@" + domain, Password: h.password, Server: doorAddr(control.XMPP), TLS: xmpp.Off, PushService: domain,
		}, nil
	}
	return sip.Config{
		AOR: "sip:" + name + "@" + domain, Password: h.password, Display: h.display,
		Server: fmt.Sprintf("%s:%d", labAddr, sipPort), Transport: h.transport, UserAgent: "sleeptalk",
		Instance: instance, Expires: h.expires, Outbound: true,
	}, nil
}

// settings are what a scenario may say about a handset.
type settings struct {
	device            device.Profile
	password, display string
	expires           time.Duration
	keepalive         time.Duration
	strategy          app.Strategy
	transport         sip.Transport
	push              app.Pushing
	auto              app.Behaviour
	noMic             bool
	awakeBy           app.AwakeBy
	faults            []link.Fault
}

// handsetOf collects what the "use device" and "use phone" lines say.
func handsetOf(f *scenario.File, name string) (settings, error) {
	s := settings{password: Password, strategy: app.VoIPSocket}
	dev, numbers, strict := DefaultDevice, map[string]string{}, true
	if use, ok := f.Use(scenario.UseDevice); ok {
		dev = use.Name
		for _, kv := range use.Settings {
			if kv.Key == "strict" {
				strict = kv.Value != "off"
				continue
			}
			numbers[kv.Key] = kv.Value
		}
	}
	for _, use := range f.Uses {
		if use.Kind != scenario.UsePhone || use.Name != name {
			continue
		}
		if own, ok := use.Setting("device"); ok {
			dev, numbers = own, nil
		}
		if v, ok := use.Setting("strict"); ok {
			strict = v != "off"
		}
		for _, kv := range use.Settings {
			if err := s.set(kv.Key, kv.Value); err != nil {
				return s, fmt.Errorf("%s:%d: %s: %w", use.File, use.Line, kv.Key, err)
			}
		}
	}
	profile, err := device.Load(dev)
	if err != nil {
		return s, err
	}
	s.device, err = profile.With(numbers, strict)
	return s, err
}

// set takes one KEY=VALUE of a "use phone" line.
func (s *settings) set(key, value string) (err error) {
	switch key {
	case "device", "strict", "profile", "control", "raw":
		// Device and protocol are seen to; an account of the config means
		// nothing to a lab of this process.
	case "display":
		s.display = value
	case "password":
		s.password = value
	case "strategy":
		s.strategy, err = app.ParseStrategy(value)
	case "stay-awake-by":
		s.awakeBy = app.AwakeBy(value)
	case "transport":
		s.transport, err = sip.ParseTransport(value)
	case "mic":
		s.noMic = value == "none"
	case "auto":
		s.auto = app.Behaviour(value)
	case "fault":
		s.faults, err = link.ParseList(value)
	case "expires":
		s.expires, err = time.ParseDuration(value)
	case "keepalive":
		s.keepalive, err = time.ParseDuration(value)
	default:
		var known bool
		if known, err = SetPush(&s.push, key, value); !known {
			err = fmt.Errorf("a phone in virtual time has no such setting")
		}
	}
	return err
}

// SetPush takes one KEY=VALUE of a "use phone" line that is about pushes, and
// reports whether it is.
func SetPush(p *app.Pushing, key, value string) (known bool, err error) {
	switch key {
	case "push-provider":
		p.Provider = value
	case "push-param":
		p.Param = value
	case "refresh":
		p.Timer = value == "timer"
	case "report":
		p.Report = app.Report(value)
	case "early-audio":
		p.EarlyAudio = value == "on"
	case "invite-wait":
		p.InviteWait, err = time.ParseDuration(value)
	default:
		return false, nil
	}
	return true, err
}

// Pushes is the push service of a scenario. The parser has seen to the values.
func Pushes(f *scenario.File) push.Config {
	var cfg push.Config
	use, _ := f.Use(scenario.UseLab)
	for _, r := range push.Rules {
		if v, ok := use.Setting(scenario.PushRule + r.Key); ok {
			_ = cfg.Set(r.Key, v)
		}
	}
	return cfg
}

// isPushRule reports whether a setting of the lab is the push service's: see
// [Pushes].
func isPushRule(key string) bool {
	rule, ok := strings.CutPrefix(key, scenario.PushRule)
	return ok && slices.ContainsFunc(push.Rules, func(r push.Rule) bool { return r.Key == rule })
}

// setLab takes the settings of a "use lab" line.
func setLab(cfg *lab.Config, use scenario.Use) error {
	for _, kv := range use.Settings {
		if isPushRule(kv.Key) {
			continue
		}
		var err error
		if kv.Key != "domain" { // which the log has anyway
			cfg.Settings = append(cfg.Settings, kv.Key+"="+kv.Value)
		}
		switch kv.Key {
		case "domain":
			cfg.Domain = kv.Value
		case "algorithm":
			cfg.Algorithms = []string{kv.Value}
		case "flow-timer":
			cfg.FlowTimer, err = time.ParseDuration(kv.Value)
		case "ping-every":
			cfg.PingEvery, err = time.ParseDuration(kv.Value)
		case "min-expires":
			cfg.MinExpires, err = time.ParseDuration(kv.Value)
		case "max-expires":
			cfg.MaxExpires, err = time.ParseDuration(kv.Value)
		case "wake-wait":
			cfg.WakeWait, err = time.ParseDuration(kv.Value)
		case "nonce-life":
			cfg.NonceLife, err = time.ParseDuration(kv.Value)
		case "push":
			cfg.NoPush = kv.Value == "off"
		case "push-wait":
			cfg.PushWait, err = time.ParseDuration(kv.Value)
		case "push-ttl":
			cfg.PushTTL, err = optional(kv.Value)
		case "push-refresh":
			cfg.PushRefresh, err = optional(kv.Value)
		default:
			err = fmt.Errorf("the lab has no such setting")
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %s: %w", use.File, use.Line, kv.Key, err)
		}
	}
	return nil
}

// optional reads a duration that may be zero.
func optional(value string) (lab.Optional, error) {
	d, err := time.ParseDuration(value)
	return lab.Exactly(d), err
}
