package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// DefaultPort is the port of SIP over TCP (RFC 3261 §19.1.2).
const DefaultPort = "5060"

// maxServer bounds the text of a server.
const maxServer = 512

// ErrTransport says that a server was asked for over a transport that is not
// spoken.
var ErrTransport = errors.New("tcp is all this tool speaks")

// A Server is where to connect to.
type Server struct{ Host, Port string }

// Target is "host:port".
func (s Server) Target() string { return net.JoinHostPort(s.Host, s.Port) }

// ParseServer reads a server: "host", "host:port" or a SIP URI without a
// user, such as "sip:pbx.example.com;transport=tcp".
func ParseServer(text string) (Server, error) {
	if len(text) > maxServer {
		return Server{}, fmt.Errorf("a server of more than %d bytes", maxServer)
	}
	rest := strings.TrimSpace(text)
	if scheme, after, ok := cutScheme(rest); ok {
		if scheme != "sip" {
			return Server{}, fmt.Errorf("%s: %w", text, ErrTransport)
		}
		rest = after
	}
	rest, params, _ := strings.Cut(rest, ";")
	for p := range strings.SplitSeq(params, ";") {
		if err := checkParam(p); err != nil {
			return Server{}, fmt.Errorf("%s: %w", text, err)
		}
	}
	if strings.Contains(rest, "@") {
		return Server{}, fmt.Errorf("%s: a server has no user; give it as user", text)
	}
	return parseHostPort(text, rest)
}

func cutScheme(text string) (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(text, ":")
	scheme = strings.ToLower(scheme)
	return scheme, rest, ok && (scheme == "sip" || scheme == "sips")
}

func checkParam(param string) error {
	name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(param)), "=")
	switch name {
	case "", "lr":
		return nil
	case "transport":
		return checkTransport(value)
	}
	return fmt.Errorf("unknown parameter %q", name)
}

func checkTransport(name string) error {
	if name == "" || strings.EqualFold(name, "tcp") {
		return nil
	}
	return fmt.Errorf("%w, not %s", ErrTransport, name)
}

func parseHostPort(text, rest string) (Server, error) {
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(rest, "["), "]"), DefaultPort
	}
	if !isHost(host) {
		return Server{}, fmt.Errorf("%q is no server; such as pbx.example.com or 192.0.2.5:5060", text)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return Server{}, fmt.Errorf("%s: %q is no port", text, port)
	}
	return Server{Host: host, Port: port}, nil
}

// isHost reports whether host is an address, or made of the letters of a host
// name (RFC 1123 §2.1, and the underscore that people use).
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	odd := func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	return host != "" && !strings.ContainsFunc(host, odd)
}
