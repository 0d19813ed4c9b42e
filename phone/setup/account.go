package setup

import (
	"fmt"
	"net/netip"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

// The kinds of a secret: in plain text, by environment variable, by command.
var (
	passwordKeys   = []string{"password", "password-env", "password-command"}
	pushSecretKeys = []string{"push-secret", "push-secret-env"}
)

// accountRows say who the phone is, and where. Who has fetched a secret sets it
// in plain text: see cmd/sleeptalk/config.
func accountRows() []Setting {
	return []Setting{
		{
			Key: "server", Of: EachAccount, Value: "HOST[:PORT]", Account: true, Guard: Way, Example: "pbx.example.com:5060",
			Help:  "SIP server: host, host:port, 'sip:host;transport=udp', sips:host or wss://host:port/path; a domain without a port is looked for in the DNS (NAPTR, SRV)",
			check: parsed(ParseServer), set: func(d *draft, v string) (err error) { d.server, err = ParseServer(v); return err },
		},
		{
			Key: "outbound-proxy", Of: EachAccount, In: []string{control.SIP}, Value: "SERVER[,SERVER]", Account: true, Script: true, Guard: Way, Example: "sip:edge.example.com:5060;transport=tcp;lr",
			Help:  "proxy that everything is sent to on its way to the server: host, host:port, sip:host;transport=udp, sips:host or wss://host:port/path; up to 4, with commas between them, are as many flows (RFC 5626), named flow1, flow2 and so on, of one of several accounts ACCOUNT.flow1",
			check: parsed(ParseProxies), set: func(d *draft, v string) (err error) { d.proxies, err = ParseProxies(v); return err },
		},
		{
			Key: "resolver", Of: ThePhone, Value: "ADDRESS:PORT", Account: true, Guard: Way, Example: "192.0.2.53:53",
			Help:  "server of the DNS to ask, instead of those of this machine: where a server without a port is looked for by NAPTR and SRV, and all names",
			check: isResolver, set: func(d *draft, v string) error { d.resolver = v; return nil },
			show: func(c phone.Config) string { return c.Resolver },
		},
		{
			Key: "user", Of: EachAccount, Value: "NAME", Account: true, Guard: Way, Example: "alice", Help: "user name at the server",
			check: noPassword, set: func(d *draft, v string) error { d.user = v; return noPassword(v) },
		},
		{
			Key: "domain", Of: EachAccount, Value: "NAME", Account: true, Guard: Way, Example: "example.com", Help: "domain of the address, where it is not the server",
			set: func(d *draft, v string) error { d.domain = v; return nil },
		},
		{
			Key: "password", Of: EachAccount, Value: "TEXT", Account: true, Example: "secret", Secret: true, Script: true,
			Help: "password in plain text: works in a config file, and warns; in a scenario it is that at the lab, to have it wrong on purpose",
			set:  func(d *draft, v string) error { d.password = v; return nil },
		},
		{Key: "password-env", Of: EachAccount, Value: "VARIABLE", Account: true, Guard: Source, Example: "ALICE_PASSWORD", Help: "environment variable with the password", set: notFetched},
		{Key: "password-command", Of: EachAccount, Value: "COMMAND", Account: true, Guard: Source, Example: "pass show pbx/alice", Help: "command that prints the password", set: notFetched},
		{
			Key: "ca", Of: EachAccount, Value: "FILE", Account: true, Guard: Way, Example: "/etc/ssl/example-ca.pem",
			Help: "PEM file with the authorities to trust over tls, instead of those of this machine; each account has its own",
			set:  func(d *draft, v string) error { d.ca = v; return nil },
		},
		{
			Key: "tls-insecure", Of: EachAccount, Value: "on|off", Account: true, Guard: Way, Example: "off", Help: "on trusts any certificate of the server; off by default",
			check: onOff, set: func(d *draft, v string) error { d.tls.Insecure = on(v); return nil },
		},
		{
			Key: "tls-cert", Of: EachAccount, Value: "FILE", Account: true, Guard: Source, Example: "/home/me/alice.pem",
			Help: "PEM file with the certificate, and its chain, that the phone shows to a server that asks for one",
			set:  func(d *draft, v string) error { d.cert = v; return nil },
		},
		{
			Key: "tls-key", Of: EachAccount, Value: "FILE", Account: true, Guard: Source, Example: "/home/me/alice.key",
			Help: "PEM file with the key of tls-cert; that file itself by default",
			set:  func(d *draft, v string) error { d.key = v; return nil },
		},
		{
			Key: "tls-keylog", Of: ThePhone, Value: "FILE", Account: true, Guard: Reach, reaches: writesKeys, Example: "/tmp/keys.log",
			Help: "file to which the secrets of TLS and DTLS are added, for Wireshark; SSLKEYLOGFILE by default; whoever has it can read what was captured",
			set:  func(d *draft, v string) error { d.keylog = v; return nil },
		},
		{
			Key: "tls", Of: EachAccount, In: []string{control.XMPP}, Value: "required|off", Account: true, Guard: Way, Example: "required",
			Help:  "whether XMPP must go over TLS: required, off; required unless the server is this machine",
			check: OneOf(string(xmpp.Required), string(xmpp.Off)), set: func(d *draft, v string) error { d.xmpp.TLS = xmpp.Policy(v); return nil },
		},
		{
			Key: "clear-password", Of: EachAccount, In: []string{control.Raw, control.XMPP}, Value: "on|off", Account: true, Guard: Way, Example: "off",
			Help:  "on sends a password in clear where the protocol has it so and there is no TLS (a raw protocol, XMPP with PLAIN); off by default, unless the server is this machine",
			check: onOff, set: func(d *draft, v string) error { d.clear.Consent = on(v); return nil },
		},
		{
			Key: "wake-server", Of: ThePhone, Value: "HOST:PORT", Account: true, Guard: Way, Example: "wake.example.com:5071",
			Help:  "server of the wake socket, for the strategy wake-socket, or of the provider of local-push: host:port",
			check: isHostPort, set: func(d *draft, v string) error { d.app.WakeServer = v; return nil },
		},
		{
			Key: "push-jid", Of: EachAccount, In: []string{control.XMPP}, Value: "JID", Account: true, Guard: Way, Example: "push.example.com", Help: "JID of the app's server that pushes (XEP-0357)",
			set: func(d *draft, v string) error { d.xmpp.PushService = v; return nil },
		},
		{
			Key: "push-secret", Of: EachAccount, In: []string{control.XMPP}, Value: "TEXT", Account: true, Example: "secret", Secret: true,
			Help: "what that server wants to hear from whoever publishes to it, in plain text: works, and warns",
			set:  func(d *draft, v string) error { d.xmpp.PushSecret = v; return nil },
		},
		{Key: "push-secret-env", Of: EachAccount, In: []string{control.XMPP}, Value: "VARIABLE", Account: true, Guard: Source, Example: "PUSH_SECRET", Help: "environment variable with what that server wants to hear from whoever publishes to it", set: notFetched},
	}
}

// isResolver wants an address: a name would need a resolver.
func isResolver(v string) error {
	if at, err := netip.ParseAddrPort(v); err != nil || at.Port() == 0 {
		return fmt.Errorf("%q is no ADDRESS:PORT, such as 192.0.2.53:53", v)
	}
	return nil
}

// writesKeys says why nobody else may name the file of the secrets of TLS.
func writesKeys(Values) string {
	return "only a file that you trust may have secrets written to a file"
}

// notFetched refuses a secret that is still where it is kept.
func notFetched(_ *draft, v string) error {
	return fmt.Errorf("nobody has looked up %s", v)
}
