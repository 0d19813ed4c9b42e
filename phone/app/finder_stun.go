package app

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/ice"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// server is the server of STUN, and whether its host is a name; the port is 0 if there is
// none.
func (f *finder) server() (host string, port uint16, named bool) {
	if f.all.stun == "" {
		return "", 0, false
	}
	host, port = stunAt(f.all.stun)
	_, err := netip.ParseAddr(host)
	return host, port, err != nil
}

// stunPort is that of STUN over UDP (RFC 8489 §18.6).
const stunPort = 3478

// stunAt reads "host" or "host:port".
func stunAt(server string) (host string, port uint16) {
	host, digits, err := net.SplitHostPort(server)
	n, bad := strconv.ParseUint(digits, 10, 16)
	if err != nil || bad != nil {
		return server, stunPort
	}
	return host, uint16(n)
}

// resolved goes on with the address of the server of STUN.
func (f *finder) resolved(now time.Time, s system.Resolved) {
	if f.named == "" || s.Host != f.named {
		return
	}
	f.named = ""
	_, port, _ := f.server()
	for _, a := range s.Addrs {
		if a.Unmap().Is4() == f.local.Addr().Unmap().Is4() {
			f.gather(now, netip.AddrPortFrom(a.Unmap(), port))
			return
		}
	}
	f.silent("has no address that can be reached from " + f.local.Addr().String())
	f.gather(now, netip.AddrPort{})
}

// silent warns that the server of STUN is of no use.
func (f *finder) silent(why string) {
	f.call.line.out.note(event.Warning{
		Rule: event.RuleStunSilent, Note: "the server of STUN " + f.all.stun + " " + why + ": the call goes on with " + f.local.String(),
		Hint: "stun=HOST:PORT of one that can be reached over UDP",
	})
}

// gather asks the server, if it has an address.
func (f *finder) gather(now time.Time, server netip.AddrPort) {
	if server.IsValid() && server.Addr().Is4() != f.local.Addr().Unmap().Is4() {
		f.silent("cannot be reached from " + f.local.Addr().String())
		server = netip.AddrPort{}
	}
	f.agent = ice.New(ice.Config{Bases: f.bases(), Server: server, Rand: f.all.rand()})
	f.carry(now, f.agent.Gather(now))
}

// gathered goes on with what has waited for our addresses.
func (f *finder) gathered(now time.Time, n ice.Gathered) {
	ours := f.agent.Local().Candidates
	if n.Silent.IsValid() {
		f.silent("does not answer")
	}
	v := &f.call.voice
	v.sdp.Addr, v.sdp.RTCP = defaults(f.local, ours)
	var names []string
	for _, c := range ours {
		if c.Component == ice.RTP {
			names = append(names, c.String())
		}
	}
	f.note(event.ICE{Phase: event.ICEGathered, Detail: strings.Join(names, ", ")})
	if !f.all.offers() {
		f.agent = nil // it was for the server alone
	}
	f.found(now)
}

// defaults are the addresses of RTP, and of RTCP where that is not the next port, for who
// does not speak ICE: those that a server of STUN has seen, if there are any.
func defaults(local netip.AddrPort, ours []ice.Candidate) (rtp, rtcp netip.AddrPort) {
	rtp = local
	for _, c := range ours {
		switch {
		case c.Type != ice.Reflexive:
		case c.Component == ice.RTP:
			rtp = c.At
		default:
			rtcp = c.At
		}
	}
	if rtcp.Port() == rtp.Port()+1 {
		rtcp = netip.AddrPort{}
	}
	return rtp, rtcp
}
