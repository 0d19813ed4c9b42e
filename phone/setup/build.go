package setup

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

// DefaultDevice is what a phone is on where nobody says anything.
const DefaultDevice = "ios-voip-socket"

// A Kit is what a phone is given besides its settings.
type Kit struct {
	// Name is the phone's among others, which makes what it leaves to chance
	// its own; Seed is that of the run.
	Name string
	Seed uint64
	// Device is what the settings device and strict name, with its numbers.
	Device device.Profile
	// Sound is what the settings mic and speaker name, opened; Mic and Speaker
	// are their names for the log.
	Sound        app.Sound
	Mic, Speaker string
	// Instance names the handset at a registrar (RFC 5626 §4.1).
	Instance, UserAgent, Version string
	// Account is what the account is called where there are Others.
	Account string
	Others  []Login
	// Here says that the server is on this machine whatever its address, as in
	// virtual time.
	Here bool
	// Protocol finds a raw protocol; nil: only those of the program.
	Protocol func(name string) (*raw.Protocol, error)
	// Files opens the files that settings of TLS name. CA is whom the phone trusts
	// where ca is not set; nil: whom this machine trusts.
	Files Files
	CA    *x509.CertPool
}

// Files opens the files that settings of TLS name. The zero value is for a stage
// that has none.
type Files struct {
	// Authorities reads that of ca.
	Authorities func(name string) (*x509.CertPool, error)
	// Certificate reads those of tls-cert and tls-key.
	Certificate func(cert, key string) (*tls.Certificate, error)
	// KeyLog opens that of tls-keylog, or, without a name, that of the
	// environment; it is nil if there is none.
	KeyLog func(name string) (*secure.KeyLog, error)
}

// A draft is a phone while its settings are taken in.
type draft struct {
	server, hop             Server
	proxies                 []Server
	user, password, display string
	domain, transport       string
	maxCalls                int
	rawName                 string
	resolver                string
	// sip and xmpp have what only that protocol is told.
	sip  sip.Config
	xmpp xmpp.Config
	// The files of TLS.
	ca, cert, key, keylog string

	clear  control.Clear
	tls    secure.Config
	app    app.Config
	faults []link.Fault
	wifi   string
}

// Build makes a phone of its settings, which are complete: secrets are looked
// up, and a server is named. It is the same for a phone in virtual time and a
// live one.
func Build(v Values, kit Kit) (phone.Config, error) {
	d, err := drafted(v, kit)
	if err != nil {
		return phone.Config{}, err
	}
	if err := d.open(kit); err != nil {
		return phone.Config{}, err
	}
	if kit.Files.KeyLog != nil {
		if d.tls.KeyLog, err = kit.Files.KeyLog(d.keylog); err != nil {
			return phone.Config{}, err
		}
	}
	if err := d.accounts(v, kit); err != nil {
		return phone.Config{}, err
	}
	hello, err := lab.Hello()
	if err != nil {
		return phone.Config{}, err
	}
	d.app.Sound, d.app.Samples = kit.Sound, []*pcm.Reference{hello}
	cfg := phone.Config{
		Name: kit.Name, Seed: kit.Seed, Profile: kit.Device, App: d.app, TLS: d.tls, Faults: d.faults,
		WiFi: d.wifi, Version: kit.Version, Mic: kit.Mic, Speaker: kit.Speaker, Resolver: d.resolver, Change: change,
	}
	cfg.Settings = shown(cfg, func(Setting) bool { return true })
	return cfg, nil
}

// drafted takes settings in, and makes the account of them.
func drafted(v Values, kit Kit) (*draft, error) {
	if err := v.Check(); err != nil {
		return nil, err
	}
	if err := Misfit(v, v); err != nil {
		return nil, err
	}
	if v["background-modes"] != "" && !kit.Device.ReadsModes() {
		return nil, fmt.Errorf("background-modes: an app on %s has no UIBackgroundModes: that is iOS", kit.Device.Name)
	}
	d := &draft{clear: control.Clear{Here: kit.Here}}
	for _, s := range table() {
		if value := v[s.Key]; value != "" {
			if err := s.set(d, value); err != nil {
				return nil, fmt.Errorf("%s: %w", s.Key, err)
			}
		}
	}
	d.domain = cmp.Or(d.domain, d.server.Host)
	d.hop = hop(d.server, d.proxy(), d.transport)
	spoken, _ := FindProtocol(v.Control()) // checked
	var err error
	d.app.Account, err = spoken.account(d, kit)
	return d, err
}

// open reads the files of TLS that are the account's.
func (d *draft) open(kit Kit) (err error) {
	files := kit.Files
	d.tls.CA = kit.CA
	if d.ca != "" {
		if d.tls.CA, err = files.Authorities(d.ca); err != nil {
			return err
		}
	}
	switch {
	case d.cert != "":
		if d.tls.Certificate, err = files.Certificate(d.cert, cmp.Or(d.key, d.cert)); err != nil {
			return err
		}
	case d.key != "":
		return errors.New("tls-key: it is the key of a certificate: tls-cert names that")
	}
	return err
}
