package xmpp

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Transport is what carries the stream to the server.
type Transport string

// The transports.
const (
	// TCP turns to TLS within the stream (STARTTLS, RFC 6120 §5), if the policy
	// wants that.
	TCP Transport = "tcp"
	// TLS is TLS from the start (XEP-0368).
	TLS Transport = "tls"
)

// Policy is whether the stream must be encrypted.
type Policy string

// The policies.
const (
	// Required gives a server up that has no TLS.
	Required Policy = "required"
	// Off does not ask for it.
	Off Policy = "off"
)

// Config is what an agent needs to know. It does not change in its life. It is
// a [control.Account].
type Config struct {
	// JID is the account, "alice@example.com". A resource, "/phone", is asked
	// of the server; without one it is [DefaultResource].
	JID      string
	Password string
	// Server is the "host:port" to connect to. Without a port it is 5222, or
	// 5223 with TLS from the start; without a host it is the JID's domain. SRV
	// records are not looked up.
	Server    string
	Transport Transport // "" is TCP
	// TLS is the policy; "" is [Required], unless the server is this machine.
	TLS Policy
	// PushService is the JID of the app's server that pushes to it (XEP-0357),
	// and PushSecret what it wants to hear from whoever publishes to it.
	PushService, PushSecret string
	// Clear says whether the password, and PushSecret, may be sent without TLS;
	// SCRAM needs to send neither.
	Clear control.Clear
	// MaxCalls is how many calls there can be at one time; more callers hear
	// busy. 0 means 8.
	MaxCalls int
	// Rand gives names of stanzas, nonces and waits.
	Rand *rand.Rand
	// NextSocket names a socket that this program has never used.
	NextSocket func() system.Socket
	// NextCall numbers a call, see [control.Env].
	NextCall func() int
}

const (
	// DefaultResource is what is asked of the server. It is the same each
	// time, so that a phone that starts anew takes the place of its dead self.
	DefaultResource = "sleeptalk"
	// defaultMaxCalls is our own number: more than a person can talk in.
	defaultMaxCalls = 8

	defaultPort    = 5222 // RFC 6120 §14.7
	defaultTLSPort = 5223 // by custom (XEP-0368 §2)
)

// Open makes the agent of an account.
func (c Config) Open(env control.Env) (control.Agent, error) {
	if env.Datagrams {
		return nil, errors.New("XMPP goes over TCP; a strategy that wants UDP for its signalling is for SIP")
	}
	c.Rand, c.NextSocket, c.NextCall = env.Rand, env.NextSocket, env.NextCall
	return New(c)
}

// Identity says who is called by the account, where.
func (c Config) Identity() control.Identity {
	who := control.Identity{Protocol: control.XMPP, Address: c.JID, Server: c.Server, Transport: string(c.Transport)}
	if account, err := c.check(); err == nil {
		who.Address, who.Server, who.Transport = account.Bare().String(), c.Server, string(c.Transport)
	}
	return who
}

// check fills in what has a default and refuses what cannot work.
func (c *Config) check() (account jid.JID, err error) {
	account, err = jid.Parse(c.JID)
	switch {
	case err != nil:
		return account, fmt.Errorf("JID %q: %w", c.JID, err)
	case account.Localpart() == "":
		return account, fmt.Errorf("JID %q has no user; write it as alice@example.com", c.JID)
	case c.MaxCalls < 0:
		return account, fmt.Errorf("%d calls at a time", c.MaxCalls)
	}
	if c.PushService != "" {
		if _, err := jid.Parse(c.PushService); err != nil {
			return account, fmt.Errorf("push service %q: %w", c.PushService, err)
		}
	}
	switch c.Transport = cmp.Or(c.Transport, TCP); c.Transport {
	case TCP, TLS:
	default:
		return account, fmt.Errorf("transport %q: XMPP goes over tcp or tls", c.Transport)
	}
	if c.Server, err = c.server(account.Domainpart()); err != nil {
		return account, err
	}
	switch c.TLS = cmp.Or(c.TLS, c.policy()); c.TLS {
	case Required, Off:
	default:
		return account, fmt.Errorf("TLS %q: there are required and off", c.TLS)
	}
	c.MaxCalls = cmp.Or(c.MaxCalls, defaultMaxCalls)
	if account.Resourcepart() == "" {
		account, err = account.WithResource(DefaultResource)
	}
	return account, err
}

// server is the "host:port" to connect to.
func (c *Config) server(domain string) (string, error) {
	port := defaultPort
	if c.Transport == TLS {
		port = defaultTLSPort
	}
	host := cmp.Or(c.Server, domain)
	if at := strings.LastIndexByte(host, ':'); at >= 0 && strings.Count(host[:at], ":") == 0 || strings.Contains(host, "]:") {
		n, err := strconv.ParseUint(host[at+1:], 10, 16)
		if err != nil || n == 0 {
			return "", fmt.Errorf("server %q: %q is no port", host, host[at+1:])
		}
		host, port = host[:at], int(n)
	}
	if host = strings.Trim(host, "[]"); host == "" || strings.ContainsAny(host, " /@") {
		return "", fmt.Errorf("server %q is not host:port", c.Server)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(port), nil
}

// policy is that of an account which names none: on this machine nobody
// listens in, and few test servers have a certificate.
func (c *Config) policy() Policy {
	host := strings.Trim(c.Server[:strings.LastIndexByte(c.Server, ':')], "[]")
	addr, err := netip.ParseAddr(host)
	if host == "localhost" || err == nil && addr.IsLoopback() {
		return Off
	}
	return Required
}
