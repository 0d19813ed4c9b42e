package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/words"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

// A Profile is one phone as it is written down. Every value is text here, as
// in its file, in a flag or in the environment; [Resolve] makes sense of it.
type Profile struct {
	Server          string `yaml:"server"`
	Transport       string `yaml:"transport"`
	CA              string `yaml:"ca"`
	TLSInsecure     string `yaml:"tls-insecure"`
	Control         string `yaml:"control"`
	Raw             string `yaml:"raw"`
	TLS             string `yaml:"tls"`
	PushJID         string `yaml:"push-jid"`
	PushSecretEnv   string `yaml:"push-secret-env"`
	WakeServer      string `yaml:"wake-server"`
	User            string `yaml:"user"`
	Display         string `yaml:"display"`
	Domain          string `yaml:"domain"`
	Password        string `yaml:"password"`
	PasswordEnv     string `yaml:"password-env"`
	PasswordCommand string `yaml:"password-command"`
	Expires         string `yaml:"expires"`
	Device          string `yaml:"device"`
	Strategy        string `yaml:"strategy"`
	StayAwakeBy     string `yaml:"stay-awake-by"`
	Keepalive       string `yaml:"keepalive"`
	PushProvider    string `yaml:"push-provider"`
	PushParam       string `yaml:"push-param"`
	Strict          string `yaml:"strict"`
	Fault           string `yaml:"fault"`
	Mic             string `yaml:"mic"`
	Speaker         string `yaml:"speaker"`
}

// A Setting is one key of a profile: it has the same name in the file, as a
// flag, and in the environment.
type Setting struct {
	Key, Default, Help string
	// NoFlag keeps a secret off the command line, where everybody on the
	// machine can read it.
	NoFlag bool
	// List says that it is a list, with commas.
	List bool
	at   func(*Profile) *string
}

var settings = []Setting{
	{Key: "server", Help: "SIP server: host, host:port, 'sip:host;transport=udp' or sips:host", at: func(p *Profile) *string { return &p.Server }},
	{Key: "transport", Help: "transport to the server: tcp, udp, tls; tcp unless the strategy is wake-socket", at: func(p *Profile) *string { return &p.Transport }},
	{Key: "ca", Help: "PEM file with the authorities to trust over tls, instead of those of this machine", at: func(p *Profile) *string { return &p.CA }},
	{Key: "tls-insecure", Default: "off", Help: "on trusts any certificate of the server", at: func(p *Profile) *string { return &p.TLSInsecure }},
	{Key: "control", Help: "what is spoken on the control connection: sip, raw, xmpp; sip unless raw is set", at: func(p *Profile) *string { return &p.Control }},
	{Key: "raw", Help: "profile of a raw protocol: " + raw.List() + ", or FILE.yaml", at: func(p *Profile) *string { return &p.Raw }},
	{Key: "tls", Help: "whether XMPP must go over TLS: required, off; required unless the server is this machine", at: func(p *Profile) *string { return &p.TLS }},
	{Key: "user", Help: "user name at the server", at: func(p *Profile) *string { return &p.User }},
	{Key: "display", Help: "name shown to those who are called", at: func(p *Profile) *string { return &p.Display }},
	{Key: "domain", Help: "domain of the address, where it is not the server", at: func(p *Profile) *string { return &p.Domain }},
	{Key: "password", NoFlag: true, Help: "password in plain text: works, and warns", at: func(p *Profile) *string { return &p.Password }},
	{Key: "password-env", Help: "environment variable with the password", at: func(p *Profile) *string { return &p.PasswordEnv }},
	{Key: "password-command", Help: "command that prints the password", at: func(p *Profile) *string { return &p.PasswordCommand }},
	{Key: "expires", Default: "1h", Help: "for how long to register", at: func(p *Profile) *string { return &p.Expires }},
	{Key: "device", Default: "ios-voip-socket", Help: "emulated device: ios-voip-socket, ios-pushkit, android-doze, desktop, one with a release such as ios-voip-socket@ios4, or FILE.yaml", at: func(p *Profile) *string { return &p.Device }},
	{Key: "strategy", Default: "voip-socket", Help: "how the app stays reachable asleep: " + strings.Join(app.StrategyNames(), ", "), at: func(p *Profile) *string { return &p.Strategy }},
	{Key: "wake-server", Help: "server of the wake socket, for the strategy wake-socket: host:port", at: func(p *Profile) *string { return &p.WakeServer }},
	{Key: "stay-awake-by", Help: "what the strategy stay-awake asks the server for, a ping if not said: " + strings.Join(app.AwakeByNames(), ", "), at: func(p *Profile) *string { return &p.StayAwakeBy }},
	{Key: "keepalive", Default: "600s", Help: "keepalive timeout that the app asks of the device", at: func(p *Profile) *string { return &p.Keepalive }},
	{Key: "push-provider", Help: "push service that the server is told (RFC 8599), that of the device if not said: apns, fcm, webpush", at: func(p *Profile) *string { return &p.PushProvider }},
	{Key: "push-param", Help: "app that the server is told, such as TEAMID.org.example.app.voip", at: func(p *Profile) *string { return &p.PushParam }},
	{Key: "push-jid", Help: "JID of the app's server that pushes, for XMPP (XEP-0357)", at: func(p *Profile) *string { return &p.PushJID }},
	{Key: "push-secret-env", Help: "environment variable with what that server wants to hear from whoever publishes to it", at: func(p *Profile) *string { return &p.PushSecretEnv }},
	{Key: "strict", Default: "on", Help: "off allows numbers that no real device allowed", at: func(p *Profile) *string { return &p.Strict }},
	{Key: "fault", List: true, Help: "what is broken on the way to the server from the start, such as 'nat short, latency 200ms': sleeptalk help faults", at: func(p *Profile) *string { return &p.Fault }},
	{Key: "mic", Help: "microphone, the sound card if there is one: device[:NAME], file:PATH, tone:HZ, silence, none", at: func(p *Profile) *string { return &p.Mic }},
	{Key: "speaker", Help: "speaker, the sound card if there is one: device[:NAME], file:PATH, none", at: func(p *Profile) *string { return &p.Speaker }},
}

// Settings lists the keys of a profile.
func Settings() []Setting { return slices.Clone(settings) }

// Set sets the key of s in p.
func (s Setting) Set(p *Profile, value string) { *s.at(p) = value }

// Add sets the key of s in p, or adds to it if it is a list.
func (s Setting) Add(p *Profile, value string) {
	if before := *s.at(p); s.List && before != "" {
		value = before + ", " + value
	}
	s.Set(p, value)
}

// Env is the name of the environment variable of s.
func (s Setting) Env() string {
	return "SLEEPTALK_" + strings.ToUpper(strings.ReplaceAll(s.Key, "-", "_"))
}

// FromEnv is the profile that stands in the environment.
func FromEnv(env Env) Profile {
	var p Profile
	for _, s := range settings {
		s.Set(&p, env(s.Env()))
	}
	return p
}

// under lays over on top of p: what over says counts. A password of one kind
// in over hides those of other kinds in p.
func (p Profile) under(over Profile) Profile {
	if over.Password != "" || over.PasswordEnv != "" || over.PasswordCommand != "" {
		p.Password, p.PasswordEnv, p.PasswordCommand = "", "", ""
	}
	for _, s := range settings {
		if v := *s.at(&over); v != "" {
			s.Set(&p, v)
		}
	}
	return p
}

// withDefaults fills what nobody said.
func (p Profile) withDefaults() Profile {
	for _, s := range settings {
		if *s.at(&p) == "" {
			s.Set(&p, s.Default)
		}
	}
	return p
}

// check refuses values that can never be right, whatever else is set.
func (p Profile) check() error {
	if err := p.checkServers(); err != nil {
		return err
	}
	if err := p.checkControl(); err != nil {
		return err
	}
	if err := oneOf(p.Strict, "on", "off", "true", "false"); err != nil {
		return fmt.Errorf("strict: %w", err)
	}
	if err := oneOf(p.StayAwakeBy, app.AwakeByNames()...); err != nil {
		return fmt.Errorf("stay-awake-by: %w", err)
	}
	if err := oneOf(p.TLSInsecure, "on", "off", "true", "false"); err != nil {
		return fmt.Errorf("tls-insecure: %w", err)
	}
	if _, err := link.ParseList(p.Fault); err != nil {
		return fmt.Errorf("fault: %w", err)
	}
	if _, err := duration(p.Expires); err != nil {
		return fmt.Errorf("expires: %w", err)
	}
	if _, err := duration(p.Keepalive); err != nil {
		return fmt.Errorf("keepalive: %w", err)
	}
	return nil
}

// Insecure reports whether any certificate of the server is trusted.
func (p Profile) Insecure() bool { return p.TLSInsecure == "on" || p.TLSInsecure == "true" }

// checkServers looks at who the phone talks to, and over what.
func (p Profile) checkServers() error {
	var server Server
	var err error
	if p.Server != "" {
		if server, err = ParseServer(p.Server); err != nil {
			return fmt.Errorf("server: %w", err)
		}
	}
	if err := errors.Join(checkTransport(p.Transport), checkBoth(server, p.Transport)); err != nil {
		return fmt.Errorf("transport: %w", err)
	}
	if p.WakeServer != "" {
		if _, _, err := net.SplitHostPort(p.WakeServer); err != nil {
			return fmt.Errorf("wake-server: %q is not host:port", p.WakeServer)
		}
	}
	return nil
}

// checkControl looks at what the phone speaks.
func (p Profile) checkControl() error {
	if p.Control != "" {
		if err := oneOf(p.Control, control.SIP, control.Raw, control.XMPP); err != nil {
			return fmt.Errorf("control: %w", err)
		}
	}
	if p.TLS != "" {
		if err := oneOf(p.TLS, string(xmpp.Required), string(xmpp.Off)); err != nil {
			return fmt.Errorf("tls: %w", err)
		}
	}
	if p.control() == control.XMPP && strings.EqualFold(p.Transport, "udp") {
		return errors.New("transport: XMPP goes over tcp or tls")
	}
	if p.control() != control.Raw {
		return nil
	}
	switch _, _, err := net.SplitHostPort(p.Server); {
	case p.Raw == "":
		return fmt.Errorf("control: raw needs a profile of the protocol: raw: %s, or FILE.yaml", strings.ReplaceAll(raw.List(), ", ", "|"))
	case p.Server != "" && err != nil:
		return fmt.Errorf("server: %s has no port, which a raw protocol needs: host:port", p.Server)
	case p.Transport != "" && !strings.EqualFold(p.Transport, "tcp"):
		return errors.New("transport: a raw protocol goes over tcp; for TLS its profile says tls: direct")
	}
	return nil
}

// control is what the phone speaks.
func (p Profile) control() string {
	switch {
	case p.Control != "":
		return p.Control
	case p.Raw != "":
		return control.Raw
	}
	return control.SIP
}

// duration reads a time of at least a second; nothing is zero.
func duration(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second {
		return 0, fmt.Errorf("%q is no duration such as 600s or 1h", text)
	}
	return d, nil
}

// A NoProfileError says that a profile was named that does not exist.
type NoProfileError struct {
	Name string
	File string
	Have []string
}

func (e *NoProfileError) Error() string {
	message := fmt.Sprintf("no profile %q in %s%s", e.Name, e.File, words.DidYouMean(e.Name, e.Have))
	if len(e.Have) == 0 {
		return message
	}
	return message + "   have: " + strings.Join(e.Have, ", ")
}

// Choose is the profile called name, or, if name is empty, the one that the
// file makes the default, or its only one; its name is "" if there is none to
// choose.
func (f File) Choose(name, file string) (string, Profile, error) {
	have := slices.Sorted(maps.Keys(f.Profiles))
	name = first(name, f.Profile)
	if name == "" && len(have) == 1 {
		name = have[0]
	}
	if name == "" {
		return "", Profile{}, nil
	}
	p, ok := f.Profiles[name]
	if !ok {
		return "", Profile{}, &NoProfileError{Name: name, File: first(file, "the configuration"), Have: have}
	}
	return name, p, nil
}
