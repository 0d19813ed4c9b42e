package config

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/link"
)

// passwordTimeout is how long the password command may take: long enough to
// touch a key, short enough for CI.
const passwordTimeout = 30 * time.Second

// ErrCredentials says that a password was promised and is not there.
var ErrCredentials = errors.New("no password")

// ErrNoAccount says that nobody named a server, or a user at it.
var ErrNoAccount = errors.New("no server or no user")

// A Phone is everything that is to be known about a phone before it is
// switched on.
type Phone struct {
	Profile string // "" without one
	Server  Server
	Control string // what is spoken there, as phone/control has it; "" is SIP
	Raw     string // the profile of a raw protocol: a name, or a file
	TLS     string // whether XMPP must go over TLS; "" is not said
	// PushJID is who pushes for XMPP, and PushSecret what it wants to hear.
	PushJID, PushSecret string
	User                string
	Display             string
	Domain              string
	Password            string
	// CA is a file with the authorities to trust; "" is those of the machine.
	CA          string
	TLSInsecure bool
	Expires     time.Duration
	// Device is a profile's name, or a file with one.
	Device string
	// Called is what the config calls the device, if it is one of the
	// user's own.
	Called   string
	Strategy string
	// WakeServer is the "host:port" of the wake socket; may be empty.
	WakeServer string
	// Keepalive is the keepalive timeout that the app asks of the device.
	Keepalive time.Duration
	// StayAwakeBy is what the strategy stay-awake asks for; may be empty.
	StayAwakeBy string
	// PushProvider and PushParam are told to the server (RFC 8599).
	PushProvider, PushParam string
	// Overrides are numbers of the device that differ from its profile's.
	Overrides map[string]string
	Strict    bool
	// Faults are on from the start.
	Faults       []link.Fault
	Mic, Speaker string
}

// AOR is the phone's address of record.
func (p Phone) AOR() string { return "sip:" + p.User + "@" + p.Domain }

// Choice is what the command line says about the phone.
type Choice struct {
	Profile string
	Flags   Profile
}

// Layer is the profile that the choice, the environment and the files make
// together, before any of it is looked at closely; and its name.
func (f File) Layer(paths Paths, c Choice, env Env) (string, Profile, error) {
	name, p, err := f.Choose(first(c.Profile, env("SLEEPTALK_PROFILE")), paths.User)
	if err != nil {
		return "", Profile{}, err
	}
	return name, p.under(FromEnv(env)).under(c.Flags), nil
}

// Resolve makes a phone of the choice, the environment and the files. A
// password is fetched from where it is kept.
func (f File) Resolve(ctx context.Context, paths Paths, c Choice, env Env) (Phone, error) {
	name, p, err := f.Layer(paths, c, env)
	if err != nil {
		return Phone{}, err
	}
	p = p.withDefaults()
	if err := p.check(); err != nil {
		return Phone{}, err
	}
	if p.Server == "" || p.User == "" {
		return Phone{}, ErrNoAccount
	}
	server, err := ParseServer(p.Server)
	if err != nil {
		return Phone{}, err
	}
	server.Transport = strings.ToLower(first(server.Transport, p.Transport))
	password, err := p.password(ctx, env)
	if err != nil {
		return Phone{}, err
	}
	expires, _ := duration(p.Expires) // checked
	keepalive, _ := duration(p.Keepalive)
	faults, _ := link.ParseList(p.Fault)
	device := f.Device(p.Device)
	return Phone{
		Profile: name, Server: server, Control: p.control(), Raw: p.Raw, TLS: p.TLS, User: p.User, Display: p.Display, Domain: first(p.Domain, server.Host),
		Password: password, CA: p.CA, TLSInsecure: p.Insecure(), Expires: expires, Device: device.Base, Called: device.Name, Strategy: p.Strategy, WakeServer: p.WakeServer, StayAwakeBy: p.StayAwakeBy, Keepalive: keepalive,
		PushProvider: p.PushProvider, PushParam: p.PushParam, PushJID: p.PushJID, PushSecret: env(p.PushSecretEnv),
		Overrides: device.Numbers, Strict: p.Strict != "off" && p.Strict != "false", Faults: faults, Mic: p.Mic, Speaker: p.Speaker,
	}, nil
}

// password fetches the password from where it is kept; an account without any
// has none.
func (p Profile) password(ctx context.Context, env Env) (string, error) {
	switch {
	case p.PasswordEnv != "":
		password := env(p.PasswordEnv)
		if password == "" {
			return "", fmt.Errorf("%w: the environment variable %s is empty", ErrCredentials, p.PasswordEnv)
		}
		return password, nil
	case p.PasswordCommand != "":
		return runPassword(ctx, p.PasswordCommand)
	}
	return p.Password, nil
}

func runPassword(ctx context.Context, command string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, passwordTimeout)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	out, err := exec.CommandContext(ctx, shell[0], shell[1], command).Output()
	if ctx.Err() != nil {
		return "", fmt.Errorf("%w: the password command took more than %s", ErrCredentials, passwordTimeout)
	}
	if err != nil {
		return "", fmt.Errorf("%w: the password command failed: %w", ErrCredentials, err)
	}
	password, _, _ := strings.Cut(string(out), "\n")
	password = strings.TrimRight(password, "\r")
	if password == "" {
		return "", fmt.Errorf("%w: the password command printed nothing", ErrCredentials)
	}
	return password, nil
}
