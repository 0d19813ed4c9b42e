package sip

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Config is what an agent needs to know. It does not change in its life.
type Config struct {
	AOR      string // address of record: "sip:alice@example.com"
	User     string // name for digest authentication; empty means the AOR's user
	Password string
	Display  string // display name, may be empty
	Server   string // "host:port" to connect to: registrar or edge proxy
	// Proxy is the URI of an outbound proxy, with lr, if Server is one: the first
	// Route of all requests outside of a dialog (RFC 3261 §8.1.2). "" is none.
	Proxy string
	// Transport is what carries the messages to the server; "" is TCP. TLS
	// wants the certificate of the host in Server.
	Transport Transport
	// Locate says that Server is a domain whose port nobody has chosen: its servers are
	// looked for in the DNS and, if Transport is "", what they speak (RFC 3263). Secure
	// takes none but those over TLS.
	Locate, Secure bool
	fixed          bool // somebody has chosen the transport
	datagrams      bool // it is UDP, where nobody has
	// Path is what a server of WebSocket is asked for; "" is "/".
	Path string
	// Instance is the +sip.instance of the device, "urn:uuid:..." (RFC 5626
	// §4.1). Outbound needs it.
	Instance  string
	UserAgent string        // User-Agent header field; empty means none
	Expires   time.Duration // of a registration to ask for; 0 means an hour
	// Outbound asks the server for RFC 5626: reg-id, ob, Flow-Timer.
	Outbound bool
	// PingMin and PingMax are the bounds of the time between two CRLF pings
	// of our own; zero means none, unless the server gives a Flow-Timer.
	PingMin, PingMax time.Duration
	// AcceptAny takes requests over UDP, and audio, from any address; else they
	// must come from the server, from a proxy that it has named, or from where
	// a call has agreed that they do.
	AcceptAny bool
	// ShowRedirects follows no 3xx: it ends the call, and says where it leads.
	ShowRedirects bool
	// Inside says that the server is a part of this program, which writes in
	// the Via behind its own where a caller is.
	Inside bool
	// Collector is the URI of who gets a report of each call's audio (RFC 6035); "" is
	// nobody.
	Collector string
	collector *sip.Uri
	// Reliable says when provisional responses are acknowledged (RFC 3262).
	Reliable Reliability
	// SessionTimer is asked for in each call (RFC 4028); 0 leaves it to the peer.
	// MinSE is the shortest that is accepted; 0 means 90 s. NoTimer does
	// without.
	SessionTimer, MinSE time.Duration
	NoTimer             bool
	// MaxCalls is how many calls there can be at one time; more callers hear
	// busy. 0 means 8.
	MaxCalls int
	// Rand gives tags, branches, Call-IDs, cnonces and waits.
	Rand *rand.Rand
	// NextSocket names a socket that this program has never used.
	NextSocket func() system.Socket
	// Flow is which of several flows of the account it is.
	Flow control.Flow
	// NextCall numbers a call, see [control.Env].
	NextCall func() int
}

// DefaultExpires is what a REGISTER asks for: 3600 s, as RFC 3261 §10.2
// suggests.
const DefaultExpires = time.Hour

// defaultMaxCalls is our own number: more than a person can talk in.
const defaultMaxCalls = 8

// check fills in what has a default and refuses what cannot work.
func (c *Config) check() (aor sip.Uri, err error) {
	if err := parseURI(c.AOR, &aor); err != nil {
		return aor, fmt.Errorf("address of record %q: %w", c.AOR, err)
	}
	switch {
	case aor.User == "":
		return aor, fmt.Errorf("address of record %q has no user; write it as sip:alice@example.com", c.AOR)
	case c.Rand == nil:
		return aor, errors.New("no source of randomness")
	case c.NextSocket == nil:
		return aor, errors.New("no source of socket names")
	case c.Outbound && !strings.HasPrefix(c.Instance, "urn:"):
		return aor, fmt.Errorf("outbound needs an instance such as urn:uuid:..., not %q", c.Instance)
	case c.SessionTimer != 0 && c.SessionTimer < c.leastSession():
		return aor, fmt.Errorf("session timer of %s: the least is %s", c.SessionTimer, c.leastSession())
	case c.MaxCalls < 0:
		return aor, fmt.Errorf("%d calls at a time", c.MaxCalls)
	case c.PingMin < 0 || c.PingMax < c.PingMin:
		return aor, fmt.Errorf("ping interval from %s to %s: the second must not be less than the first, nor either below 0", c.PingMin, c.PingMax)
	}
	if host, port, err := sip.ParseAddr(c.Server); err != nil || host == "" || port == 0 {
		return aor, fmt.Errorf("server %q is not host:port", c.Server)
	}
	if err := c.carry(); err != nil {
		return aor, err
	}
	c.Path = cmp.Or(c.Path, "/")
	if c.Proxy != "" {
		if err := parseURI(c.Proxy, new(sip.Uri)); err != nil {
			return aor, fmt.Errorf("outbound proxy %q: %w", c.Proxy, err)
		}
	}
	if c.Collector != "" {
		c.collector = new(sip.Uri)
		if err := parseURI(c.Collector, c.collector); err != nil {
			return aor, fmt.Errorf("collector of reports %q: %w", c.Collector, err)
		}
	}
	if c.Expires < 0 {
		return aor, fmt.Errorf("registration for %s", c.Expires)
	}
	if c.Expires == 0 {
		c.Expires = DefaultExpires
	}
	if c.User == "" {
		c.User = aor.User
	}
	if c.MaxCalls == 0 {
		c.MaxCalls = defaultMaxCalls
	}
	for i, s := range []string{c.Display, c.User, c.Instance, c.UserAgent} {
		if strings.ContainsFunc(s, unicode.IsControl) || i > 0 && strings.ContainsAny(s, `"\<>`) { // a display name is escaped
			return aor, fmt.Errorf("%q has a character that does not fit in a header field", s)
		}
	}
	return aor, nil
}

// carry settles what the messages go over, where nobody has chosen it.
func (c *Config) carry() error {
	transport, err := ParseTransport(string(c.Transport))
	c.fixed = c.Transport != ""
	switch {
	case c.fixed:
	case c.Secure:
		transport = TLS
	case c.datagrams:
		transport = UDP
	}
	c.Transport = transport
	return err
}
