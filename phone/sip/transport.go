package sip

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Transport is what carries the messages of a flow.
type Transport string

// The transports.
const (
	TCP Transport = "tcp"
	UDP Transport = "udp"
	TLS Transport = "tls"
	WS  Transport = "ws"  // WebSocket (RFC 7118)
	WSS Transport = "wss" // the same over TLS
)

// Transports lists the names of all transports.
func Transports() []string {
	return []string{string(TCP), string(UDP), string(TLS), string(WS), string(WSS)}
}

// ParseTransport reads the name of a transport; "" is TCP.
func ParseTransport(s string) (Transport, error) {
	switch t := Transport(strings.ToLower(s)); t {
	case "":
		return TCP, nil
	case TCP, UDP, TLS, WS, WSS:
		return t, nil
	}
	return "", fmt.Errorf("transport %q: there are tcp, udp, tls, ws and wss", s)
}

// Reliable reports whether the transport sees to it that what is sent
// arrives. On one that does not, transactions repeat what they have sent (RFC
// 3261 §17).
func (t Transport) Reliable() bool { return t != UDP }

// Secure reports whether it goes over TLS.
func (t Transport) Secure() bool { return t == TLS || t == WSS }

// WebSocket reports whether it goes over WebSocket, which carries whole messages
// and not a stream (RFC 7118 §4.2).
func (t Transport) WebSocket() bool { return t == WS || t == WSS }

// Frame names a Ping or a Pong, where it is not CRLFs but a frame.
func (t Transport) Frame(kind string) string {
	if t.WebSocket() {
		return "WebSocket " + kind
	}
	return ""
}

// Param is the transport as a URI has it: that of WebSocket is ws over TLS, too
// (RFC 7118 §5.2.1).
func (t Transport) Param() string {
	if t == WSS {
		return string(WS)
	}
	return string(t)
}

// Name is the transport as a Via has it.
func (t Transport) Name() string { return strings.ToUpper(string(t)) }

// Port is the default port: of SIP 5060, over TLS 5061 (RFC 3261 §19.1.2), of
// WebSocket those of HTTP (RFC 7118 §5.4, RFC 6455 §3).
func (t Transport) Port() string {
	switch t {
	case TLS:
		return "5061"
	case WS:
		return "80"
	case WSS:
		return "443"
	}
	return "5060"
}

// maxRequest is the largest request to send over UDP when nobody knows what
// the path can carry: 200 bytes less than the MTU of Ethernet, as the response
// is larger (RFC 3261 §18.1.1).
const maxRequest = 1300

// defaultPort is that of SIP over TCP and UDP (RFC 3261 §19.1.2).
const defaultPort = 5060

// StampVia notes in the top Via of a request where it really came from
// (RFC 3261 §18.2.1, RFC 3581 §4). What the sender itself claims counts for
// nothing.
func StampVia(req *sip.Request, from netip.AddrPort) {
	if !from.IsValid() {
		return
	}
	via := req.Via()
	host := from.Addr().Unmap().String()
	rport := via.Params.Has("rport")
	if rport {
		via.Params.Add("rport", strconv.Itoa(int(from.Port())))
	}
	if rport || via.Host != host || via.Params.Has("received") {
		via.Params.Add("received", host)
	}
}

// ResponseTarget is where a response goes over UDP, by its top Via as
// [StampVia] has left it: the address that the request came from, and the port
// that it came from if its sender asked for that, else the one that the sender
// names (RFC 3261 §18.2.2, RFC 3581 §4). A maddr is not followed: it would let
// anybody send our responses to anybody.
func ResponseTarget(res *sip.Response) (netip.AddrPort, bool) {
	via := res.Via()
	if via == nil {
		return netip.AddrPort{}, false
	}
	host, stamped := via.Params.Get("received")
	if !stamped {
		host = via.Host
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return netip.AddrPort{}, false
	}
	port := uint64(defaultPort)
	if via.Port > 0 {
		port = uint64(via.Port)
	}
	if rport, _ := via.Params.Get("rport"); rport != "" {
		if port, err = strconv.ParseUint(rport, 10, 16); err != nil {
			return netip.AddrPort{}, false
		}
	}
	if port == 0 || port > 65535 {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(addr, uint16(port)), true
}
