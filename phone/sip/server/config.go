package server

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// Account is somebody who may register.
type Account struct{ User, Password string }

// Config says how a server is set up. What is zero has a default.
type Config struct {
	// Domain is the host of the addresses of record; "lab.test" if empty.
	Domain string
	// Addr is the "host:port" to listen on.
	Addr string
	// Host is the address that the server names in its messages; needed only
	// if Addr is not a specific one.
	Host netip.Addr
	// TLS has the certificate that the server shows; without one it speaks none.
	TLS      secure.Config
	Accounts []Account
	// Algorithms are the digest algorithms to offer, best first, of those of
	// [digest.Algorithms]. MD5 alone if empty, as some phones stumble over a
	// second challenge.
	Algorithms []string
	// QOP is the protections to offer, "auth" and "auth-int" (RFC 7616 §3.3);
	// auth alone if nil. If empty none is, as servers of RFC 2069 have it.
	QOP []string
	// UserHash offers phones to send their name as a hash (RFC 7616 §3.4.4).
	UserHash bool
	// Inform is what the registrar says of credentials that it has accepted.
	Inform Inform
	// NoAuth is a server that asks for credentials for a registration alone:
	// anybody may call by any name.
	NoAuth bool
	// NonceLife is how long a nonce is good for; 5 minutes if zero.
	NonceLife time.Duration
	// MinExpires and MaxExpires bound a registration; 10 s and an hour if
	// zero. A phone that can be pushed to may register for a day.
	MinExpires, MaxExpires time.Duration
	// PingEvery is how often the server pings each connection; zero is never.
	PingEvery time.Duration
	// FlowTimer is told to phones that register with outbound, as the time
	// within which they must ping (RFC 5626 §4.4.1); zero is not told.
	FlowTimer time.Duration
	// WakeWait is how long an INVITE waits after a [Waker] has woken its phone;
	// zero sends it at once.
	WakeWait time.Duration
	// PushWait is how long an INVITE is held for a phone that was pushed to;
	// 30 s if zero.
	PushWait time.Duration
	// PushTTL is how long the push service may try to deliver a push: as long
	// as the INVITE is held unless it is set; zero is a single try.
	PushTTL Optional
	// PushRefresh is how long before its end a binding is refreshed by a push:
	// 120 s unless it is set; zero is never.
	PushRefresh Optional
	// NoPush is a server that pushes to nobody.
	NoPush bool
	// PushCancel is a server that pushes again when a call that was pushed for
	// ends before its phone has registered.
	PushCancel bool
	// PushCancelBackground has it do so with a background push (APNs).
	PushCancelBackground bool
	// Settings is all this in the words of the scenario, KEY=VALUE each, for
	// the log.
	Settings []string
	// MaxConns bounds the connections at a time; 20000 if zero.
	MaxConns int
	// Watch is the phone as whose everything is logged that passes on the
	// connections of phones, as it sees it; empty is nobody's. It is for a
	// server that examines one phone.
	Watch string

	// maxPushExpires is MaxExpires for phones that can be pushed to.
	maxPushExpires time.Duration
}

// DefaultDomain is the domain of a server. RFC 6761 keeps .test for this.
const DefaultDomain = "lab.test"

// defaults of Config.
const (
	defaultNonceLife  = 5 * time.Minute
	defaultMinExpires = 10 * time.Second
	defaultMaxExpires = time.Hour // RFC 3261 §10.2 suggests 3600 s
	defaultMaxConns   = 20000
)

// fill gives what is not set its default.
func (c *Config) fill() {
	c.Domain = strings.ToLower(cmp.Or(c.Domain, DefaultDomain))
	c.NonceLife = cmp.Or(c.NonceLife, defaultNonceLife)
	c.MinExpires = cmp.Or(c.MinExpires, defaultMinExpires)
	c.maxPushExpires = cmp.Or(c.MaxExpires, defaultPushExpires)
	c.PushWait = cmp.Or(c.PushWait, defaultPushWait)
	c.PushTTL = Exactly(c.PushTTL.or(c.PushWait))
	c.PushRefresh = Exactly(c.PushRefresh.or(defaultPushRefresh))
	c.MaxExpires = cmp.Or(c.MaxExpires, defaultMaxExpires)
	c.MaxConns = cmp.Or(c.MaxConns, defaultMaxConns)
	if len(c.Algorithms) == 0 {
		c.Algorithms = []string{"MD5"}
	}
	if c.QOP == nil {
		c.QOP = []string{"auth"}
	}
}

// check refuses what cannot be served.
func (c *Config) check() error { return checkAlgorithms(c.Algorithms) }

func checkAlgorithms(all []string) error {
	for _, a := range all {
		if !slices.Contains(digest.Algorithms(), a) {
			return fmt.Errorf("digest algorithm %q: have %s", a, strings.Join(digest.Algorithms(), ", "))
		}
	}
	return nil
}

// An Optional is a duration that may be left to its default: the zero value is
// not set, so that a duration of zero can be.
type Optional struct {
	duration time.Duration
	set      bool
}

// Exactly is an Optional that is set.
func Exactly(d time.Duration) Optional { return Optional{d, true} }

func (o Optional) or(unset time.Duration) time.Duration {
	if o.set {
		return o.duration
	}
	return unset
}
