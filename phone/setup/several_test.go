package setup

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

func TestAccounts(t *testing.T) {
	for list, want := range map[string]string{
		"": "", "work": "", "work,private": "work private", " work , private ": "work private",
		"work,": "without a name", "work,work": "twice", "a,b,c,d,e,f,g,h,i": "at most 8",
		"work,work.flow1": "the account work.flow1: one of several has no dot in its name, as that of a flow has; call it work-flow1", "a.b": "",
	} {
		names, err := Accounts(list)
		got := strings.Join(names, " ")
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%q: %s, want %s", list, got, want)
		}
	}
}

// TestOwners: each setting says whose it is, for a new one that says nothing would be the
// phone's in silence.
func TestOwners(t *testing.T) {
	for _, s := range Settings() {
		if s.Of < ThePhone || s.Of > EachAccount {
			t.Errorf("%s: whose is it?", s.Key)
		}
	}
	for key, want := range map[string]bool{"device": true, "resolver": true, "ca": false, "push-param": true, "server": false, "expires": false, "nothing": false} {
		if OfPhone(key) != want {
			t.Errorf("%s is the phone's: %v", key, !want)
		}
	}
}

// TestOthers: each account has what is its own, and what is the phone's is said once or
// alike.
func TestOthers(t *testing.T) {
	profile, err := device.Load(DefaultDevice)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ first, other, want string }{
		{"", "", ""},
		{"device=desktop", "", ""},
		{"", "transport=tls,expires=60s,100rel=off,domain=example.org,redirects=show", ""},
		{"", "device=desktop", "account private: device: it is desktop here and not set in the account work, and the phone has one"},
		{"mic=silence", "mic=none", "account private: mic: it is none here and silence in"},
		{"tls-insecure=on", "", ""},
		{"", "tls-key=a.key", "account private: tls-key: it is the key of a certificate"},
		{"push-param=TEAM.app", "", ""},
		{"push-param=TEAM.app", "push-param=TEAM.other", "account private: push-param: it is TEAM.other here and TEAM.app in the account work, and the phone has one"},
		{"", "push-provider=fcm", "account private: push-provider: it is fcm here and not set in the account work, and the phone has one"},
		{"resolver=192.0.2.53:53", "", ""},
		{"", "resolver=192.0.2.53:53", "account private: resolver: it is 192.0.2.53:53 here and not set in"},
		{"outbound-proxy=192.0.2.1", "outbound-proxy=192.0.2.2", ""},
		{"", "expires=soon", "account private: expires: "},
	} {
		values := func(user, set string) Values {
			v := Values{"server": "127.0.0.1:5060", "user": user}
			for pair := range strings.SplitSeq(set, ",") {
				if key, value, ok := strings.Cut(pair, "="); ok {
					v[key] = value
				}
			}
			return v
		}
		kit := Kit{
			Device: profile, Account: "work", Instance: "urn:uuid:1",
			Others: []Login{{Name: "private", Values: values("bob", c.other), Instance: "urn:uuid:2"}},
		}
		cfg, err := Build(values("alice", c.first), kit)
		if c.want != "" {
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%s and %s: %v, want %s", c.first, c.other, err, c.want)
			}
			continue
		}
		if err != nil || len(cfg.App.Others) != 1 {
			t.Errorf("%s and %s: %v", c.first, c.other, err)
			continue
		}
		own := cfg.App.Others[0]
		if who := own.Account.Identity(); own.Name != "private" || !strings.HasPrefix(who.Address, "sip:bob@") || cfg.App.Name != "work" {
			t.Errorf("%+v, %+v", own, who)
		}
		if c.other != "" && !slices.Equal(own.Settings, []string{"redirects=show", "100rel=off"}) && strings.Contains(c.other, "100rel") {
			t.Errorf("the log shows %q", own.Settings)
		}
	}
}

// TestTrustIsEachAccounts: whom an account trusts over TLS, and what it shows, is its own;
// one that says nothing trusts whom this machine trusts, as by itself. Its flows are as it
// is, and the file of secrets is the phone's.
func TestTrustIsEachAccounts(t *testing.T) {
	profile, err := device.Load(DefaultDevice)
	if err != nil {
		t.Fatal(err)
	}
	pools, keys := map[string]*x509.CertPool{"a.pem": x509.NewCertPool(), "b.pem": x509.NewCertPool()}, new(secure.KeyLog)
	cert := new(tls.Certificate)
	login := func(name string, v Values) Login {
		v["server"], v["user"] = "127.0.0.1:5060", name
		return Login{Name: name, Values: v, Instance: "urn:uuid:" + name}
	}
	kit := Kit{
		Device: profile, Account: "work", Instance: "urn:uuid:1",
		Others: []Login{
			login("private", Values{"ca": "b.pem", "tls-insecure": "on", "outbound-proxy": "192.0.2.1:5060,192.0.2.2:5060"}),
			login("club", Values{"tls-cert": "c.pem"}),
		},
		Files: Files{
			Authorities: func(name string) (*x509.CertPool, error) { return pools[name], nil },
			Certificate: func(string, string) (*tls.Certificate, error) { return cert, nil },
			KeyLog:      func(string) (*secure.KeyLog, error) { return keys, nil },
		},
	}
	cfg, err := Build(Values{"server": "127.0.0.1:5060", "user": "alice", "ca": "a.pem"}, kit)
	if err != nil {
		t.Fatal(err)
	}
	is := func(name string, got, want secure.Config) {
		t.Helper()
		if got.CA != want.CA || got.Insecure != want.Insecure || got.Certificate != want.Certificate || got.KeyLog != keys {
			t.Errorf("%s trusts %+v, want %+v", name, got, want)
		}
	}
	is("work", cfg.TLS, secure.Config{CA: pools["a.pem"]})
	for _, flow := range []string{"private.flow1", "private.flow2"} {
		is(flow, cfg.TLS.Accounts[flow], secure.Config{CA: pools["b.pem"], Insecure: true})
	}
	is("club", cfg.TLS.Accounts["club"], secure.Config{Certificate: cert})
}

// TestSettingsThatNobodyUses: an account that has no use for a setting, for it speaks
// another protocol, is refused with it, of one account as of several. What a setting
// changes of the account says where it is used.
func TestSettingsThatNobodyUses(t *testing.T) {
	profile, err := device.Load(DefaultDevice)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]Values{control.SIP: {}, control.XMPP: {"control": "xmpp"}, control.Raw: {"raw": "lines", "server": "127.0.0.1:7000"}}
	values := map[string]string{
		"outbound-proxy": "192.0.2.1", "accept-from": "any", "redirects": "show", "expires": "60s", "100rel": "off", "session-timer": "off", "min-se": "2m", "vq-report": "sip:collector@example.com",
		"max-calls": "2", "display": "Alice", "tls": "off", "push-jid": "push.test", "push-secret": "x", "clear-password": "on",
	}
	kit := func(others ...Login) Kit {
		return Kit{Device: profile, Account: "work", Instance: "urn:uuid:1", Others: others}
	}
	for _, s := range Settings() {
		if s.Of == EachAccount && len(s.In) == 0 {
			d := draft{}
			if s.set(&d, cmp.Or(values[s.Key], s.Example)); !reflect.DeepEqual(d.sip, sip.Config{}) || !reflect.DeepEqual(d.xmpp, xmpp.Config{}) {
				t.Errorf("%s is not said to be of one protocol", s.Key)
			}
		}
		for protocol, v := range given {
			if len(s.In) == 0 || s.Key == "push-secret-env" { // it is push-secret by then
				continue
			}
			value, known := values[s.Key]
			if !known {
				t.Fatalf("%s: what value can it have?", s.Key)
			}
			own := Values{"server": "127.0.0.1:5060", "user": "bob", s.Key: value}.Over(v)
			_, err := Build(own, kit())
			_, second := Build(Values{"server": "127.0.0.1:5060", "user": "alice"}, kit(Login{Name: "private", Values: own, Instance: "urn:uuid:2"}))
			if slices.Contains(s.In, protocol) {
				if err != nil || second != nil {
					t.Errorf("%s with %s: %v, %v", s.Key, protocol, err, second)
				}
				continue
			}
			want := s.Key + ": there is one with "
			if err == nil || !strings.HasPrefix(err.Error(), want) || second == nil || !strings.HasPrefix(second.Error(), "account private: "+want) || !strings.HasSuffix(second.Error(), "; leave it out") {
				t.Errorf("%s with %s: %v, %v", s.Key, protocol, err, second)
			}
		}
	}
}

// TestSettingsThatChangeNothing: what an account has for itself changes it, in each protocol
// that there is such a setting in; and the help says which those are.
func TestSettingsThatChangeNothing(t *testing.T) {
	given := map[string]Values{control.SIP: {}, control.XMPP: {"control": "xmpp"}, control.Raw: {"control": "raw", "raw": "lines"}}
	elsewhere := []string{"control", "raw", "password-env", "password-command", "push-secret-env"} // who the account is, and where its secrets are
	values := map[string]string{
		"server": "192.0.2.1:7001", "accept-from": "any", "redirects": "show", "transport": "tls", "expires": "60s", "100rel": "off", "session-timer": "off",
		"min-se": "2m", "max-calls": "2", "tls-insecure": "on", "clear-password": "on", "tls": "off",
	}
	for _, s := range Settings() {
		if alone := "; with " + s.titles() + " alone"; strings.HasSuffix(s.Help, alone) != (len(s.In) > 0) {
			t.Errorf("%s: the help is %q", s.Key, s.Help)
		}
		for protocol, v := range given {
			if s.Of != EachAccount || slices.Contains(elsewhere, s.Key) || !s.spoken(protocol) {
				continue
			}
			v = v.Over(Values{"server": "192.0.2.1:7000", "user": "bob", "password": "pw"})
			with, err := drafted(Values{s.Key: cmp.Or(values[s.Key], s.Example)}.Over(v), Kit{})
			without, second := drafted(v, Kit{})
			if err != nil && s.Key == "transport" { // a raw protocol has one, and refuses others
				continue
			}
			if err != nil || second != nil {
				t.Fatalf("%s of %s: %v, %v", s.Key, protocol, err, second)
			}
			said := func(d *draft) []any { return []any{d.app.Account, d.hop, d.tls, d.ca, d.cert, d.key} }
			if reflect.DeepEqual(said(with), said(without)) {
				t.Errorf("%s changes nothing of %s", s.Key, protocol)
			}
		}
	}
}
