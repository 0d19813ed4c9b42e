package setup

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/locate"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// maxServer bounds the text of a server.
const maxServer = 512

// ErrTransport says that a server was asked for over a transport that is not
// spoken.
var ErrTransport = errors.New("tcp, udp, tls, ws and wss are all that this tool speaks")

// ErrUserinfo says that a server was given as an address with a user. It does
// not repeat it: the password may stand there.
var ErrUserinfo = errors.New("a server has no user and no password: give them as user, and as password-env or password-command")

// ErrLinkLocal says that a server was given as an address of one link, with its zone
// or without.
var ErrLinkLocal = errors.New("a link-local address means nothing without its zone, which SIP cannot write (RFC 4007 §6, RFC 3261 §25.1): give another address of the server, or its name")

// ErrUserPassword says that a user was given with a password. It does not repeat it.
var ErrUserPassword = errors.New("a user has no password in it: give that as password-env or password-command")

// noPassword refuses a user that is an address with a password, which every screen
// would show.
func noPassword(user string) error {
	if _, after, ok := cutScheme(user); ok {
		user = after
	}
	if name, _, ok := strings.Cut(user, "@"); ok && strings.Contains(name, ":") {
		return ErrUserPassword
	}
	return nil
}

// A Server is where to connect to.
type Server struct {
	Host, Port string // Port is "" for that of the transport
	Transport  string // tcp, udp, tls, ws or wss; "" where nobody has said
	Path       string // what a server of WebSocket is asked for; "" is "/"
	Secure     bool   // it is asked for by sips, over whatever carries TLS
}

// Domain reports whether it is a domain whose servers are looked for in the DNS: a name
// without a port (RFC 3263 §4). One of a single label is that of a host. There are no
// SRV records for WebSocket.
func (s Server) Domain() bool {
	_, err := netip.ParseAddr(s.Host)
	return err != nil && s.Port == "" && strings.Contains(s.Host, ".") && !sip.Transport(s.Transport).WebSocket()
}

// Target is "host:port".
func (s Server) Target() string {
	return net.JoinHostPort(s.Host, cmp.Or(s.Port, sip.Transport(s.Transport).Port()))
}

// Address is "host" or "host:port", as it was written.
func (s Server) Address() string {
	if s.Port == "" {
		return s.Host
	}
	return net.JoinHostPort(s.Host, s.Port)
}

// hop is the first of a server and the proxy that is on the way to it, if there is
// one. The proxy says how it is reached, or else the server, or else the setting.
func hop(server, proxy Server, transport string) Server {
	first := server
	if proxy.Host != "" {
		first = proxy
	}
	first.Transport = cmp.Or(proxy.Transport, server.Transport, transport)
	return first
}

// ParseServer reads a server: "host", "host:port" or a SIP URI without a
// user, such as "sip:pbx.example.com;transport=udp" or "sips:pbx.example.com",
// which is over TLS whatever carries that (RFC 3261 §26.2.2), or the URL of a
// WebSocket, such as "wss://pbx.example.com/ws" (RFC 6455 §3).
func ParseServer(text string) (Server, error) {
	if len(text) > maxServer {
		return Server{}, fmt.Errorf("a server of more than %d bytes", maxServer)
	}
	rest := strings.TrimSpace(text)
	if scheme, after, ok := strings.Cut(rest, "://"); ok {
		return parseURL(strings.ToLower(scheme), after)
	}
	scheme, after, ok := cutScheme(rest)
	if ok {
		rest = after
	}
	if strings.Contains(rest, "@") {
		return Server{}, ErrUserinfo
	}
	rest, params, _ := strings.Cut(rest, ";")
	transport := ""
	for p := range strings.SplitSeq(params, ";") {
		named, err := param(p)
		if err != nil {
			return Server{}, fmt.Errorf("%s: %w", text, err)
		}
		transport = cmp.Or(named, transport)
	}
	server, err := parseHostPort(text, rest)
	server.Transport = transport
	if ok && scheme == "sips" {
		if transport == "udp" {
			return Server{}, fmt.Errorf("%s: sips is TLS, which is not carried by udp", text)
		}
		server.Secure, server.Transport = true, "tls"
		if transport == "ws" || transport == "wss" {
			server.Transport = "wss"
		}
	}
	return server, err
}

// parseURL reads the rest of a URL of a WebSocket. What stands in its path goes into
// the line of a request, so it must not break that. No error repeats the path, whose
// query may have a secret.
func parseURL(scheme, rest string) (Server, error) {
	authority, path, _ := strings.Cut(rest, "/")
	switch {
	case strings.Contains(authority, "@"):
		return Server{}, ErrUserinfo
	case scheme != "ws" && scheme != "wss":
		return Server{}, fmt.Errorf("%s://%s: %w", scheme, authority, ErrTransport)
	case strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r > '~' || r == '#' }):
		return Server{}, fmt.Errorf("%s://%s: the path of a WebSocket is ASCII, without spaces and #", scheme, authority)
	}
	server, err := parseHostPort(authority, authority)
	server.Transport, server.Path = scheme, "/"+path
	return server, err
}

func cutScheme(text string) (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(text, ":")
	scheme = strings.ToLower(scheme)
	return scheme, rest, ok && (scheme == "sip" || scheme == "sips")
}

// param reads a parameter of the URI: the transport, if it is one.
func param(text string) (transport string, err error) {
	name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), "=")
	switch name {
	case "", "lr":
		return "", nil
	case "transport":
		return value, checkTransport(value)
	}
	return "", fmt.Errorf("unknown parameter %q", name)
}

func checkTransport(name string) error {
	if _, err := sip.ParseTransport(name); err != nil {
		return fmt.Errorf("%w, not %s", ErrTransport, name)
	}
	return nil
}

// checkBoth refuses a server and a setting that say different transports.
func checkBoth(server Server, transport string) error {
	if server.Transport != "" && transport != "" && !strings.EqualFold(server.Transport, transport) {
		return fmt.Errorf("the server says transport=%s, and transport is %s", server.Transport, transport)
	}
	return nil
}

func parseHostPort(text, rest string) (Server, error) {
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(rest, "["), "]"), ""
	}
	if at, err := netip.ParseAddr(host); err == nil && at.Is6() && at.IsLinkLocalUnicast() {
		return Server{}, fmt.Errorf("%s: %w", text, ErrLinkLocal)
	}
	if _, err := netip.ParseAddr(host); err != nil && !locate.IsHost(host) {
		return Server{}, fmt.Errorf("%q is no server; such as pbx.example.com or 192.0.2.5:5060", text)
	}
	if n, err := strconv.ParseUint(port, 10, 16); (err != nil || n == 0) && (port != "" || strings.HasSuffix(rest, ":")) {
		return Server{}, fmt.Errorf("%s: %q is no port", text, port)
	}
	return Server{Host: host, Port: port}, nil
}
