package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// vias reads a Via, which is a list, into a message.
func (r *reading) vias(m sip.Message, s string) error {
	for {
		via, rest, err := r.via(s)
		if err != nil {
			return err
		}
		m.AppendHeader(via)
		if rest == "" {
			return nil
		}
		s = rest[1:]
	}
}

// via reads one via-parm (RFC 3261 §25.1): white space may be around each of its
// signs.
func (r *reading) via(s string) (via *sip.ViaHeader, rest string, err error) {
	via = &sip.ViaHeader{}
	name, s, ok1 := strings.Cut(s, "/")
	number, s, ok2 := strings.Cut(s, "/")
	if s = trimLeft(s); !ok1 || !ok2 {
		return nil, "", errors.New("no protocol and transport")
	}
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return nil, "", errors.New("no host")
	}
	via.ProtocolName, via.ProtocolVersion, via.Transport = trim(name), trim(number), s[:i]
	if !isToken(via.ProtocolName) || !isToken(via.ProtocolVersion) || !isToken(via.Transport) {
		return nil, "", errors.New("the protocol or the transport is not a token")
	}
	if s, err = r.sentBy(via, trimLeft(s[i:])); err != nil {
		return nil, "", err
	}
	if rest, err = r.parameters(s, true, &via.Params); err != nil {
		return nil, "", err
	}
	return via, rest, nil
}

// sentBy reads host [COLON port].
func (r *reading) sentBy(via *sip.ViaHeader, s string) (rest string, err error) {
	host, rest := s, ""
	if i := strings.IndexAny(s, ";,"); i >= 0 {
		host, rest = s[:i], s[i:]
	}
	host, port := r.splitPort(trim(host))
	if via.Host = host; host == "" || strings.ContainsAny(host, " \t/[]@") || strings.Contains(host, ":") && !isIPv6(host) {
		return "", fmt.Errorf("%.40q is not a host", s)
	}
	if port == "" {
		return rest, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "", fmt.Errorf("port %q", port)
	}
	via.Port = int(n)
	return rest, nil
}

// splitPort cuts host and port apart. An IPv6 address is kept without its
// brackets, as it is compared; one that came without them is understood, too.
func (r *reading) splitPort(s string) (host, port string) {
	if strings.HasPrefix(s, "[") {
		host, after, closed := strings.Cut(s[1:], "]")
		before, port, _ := strings.Cut(trim(after), ":")
		if before = trim(before); before != "" || !closed {
			return s, "" // which is not a host
		}
		return trim(host), trim(port)
	}
	if isIPv6(s) {
		r.note(bareIPv6)
		return s, ""
	}
	host, port, _ = strings.Cut(s, ":")
	return trim(host), trim(port)
}

// isIPv6 reports whether a host is an IPv6 address: each has two colons at least.
func isIPv6(host string) bool {
	if strings.Count(host, ":") < 2 {
		return false
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}
