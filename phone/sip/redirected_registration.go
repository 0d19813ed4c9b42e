package sip

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A residence is where we register, if that is not where the account says: a
// registrar has sent us there (RFC 3261 §8.1.3.4). It lasts as long as the flow.
type residence struct {
	ways redirection
	at   *sip.Uri // the Request-URI of a REGISTER; nil is the domain
}

// home is where the next flow leads, as a reader is told; "" if we were not sent anywhere.
func (r *residence) home() string {
	if r.at == nil {
		return ""
	}
	return "the server of the account"
}

// redirected goes where a 3xx sends our registration. If that cannot be, or has no
// end, it is tried again later, from the beginning.
func (r *registration) redirected(s *step, x *exchange, res *sip.Response) {
	d := &detour{why: "redirects are shown"}
	if !r.cfg.ShowRedirects {
		d = r.residence.ways.add(x.tx.Request, res)
	}
	for d == nil {
		to, ok := r.residence.ways.next()
		if !ok {
			d = &detour{why: "there is no other"}
			break
		}
		if d = r.mayRegisterAt(&to); d == nil {
			s.Log(event.Registration{Phase: event.RegistrationRedirected, Status: res.StatusCode, Reason: res.Reason + ": to " + sentTo(res), Contact: "<" + to.String() + ">", Cause: causeOf(res).Cause})
			r.registerAt(s, to)
			return
		}
		if len(r.residence.ways.left) > 0 {
			d = nil
		}
	}
	why := d.describe(res)
	if !r.busy() {
		r.turnBack(s)
	}
	r.fail(s, d.rule(), res, why, "set the server, if the other is the right one; the phone tries again by itself, later and later")
	r.residence.ways = redirection{}
	r.conn.BackOff(&s.Step, 0, refusedBy(res))
}

// mayRegisterAt says why we do not register with another server; nil if we do. It
// is given an answer that the password can be guessed from, and our calls. So it
// must be on the host or in the domain of our own, or the flow must be secure: then
// at least it is our server that says so.
func (r *registration) mayRegisterAt(to *sip.Uri) *detour {
	transport, named := URIParam(to, "transport")
	host, home := hostname(to.Host), hostname(r.aor.Host)
	switch {
	case named && !strings.EqualFold(transport, r.cfg.Transport.Param()):
		return &detour{why: fmt.Sprintf("its transport is %.20s, and ours %s", transport, r.cfg.Transport)}
	case to.Scheme == "sips" && !r.cfg.Transport.Secure():
		return &detour{why: "it wants TLS, and ours is " + string(r.cfg.Transport)}
	case r.isHere(to) && r.cfg.Proxy == "", host == hostname(hostOf(r.cfg.Server)), host == home, strings.HasSuffix(host, "."+home), r.conn.Secure():
	default:
		return &detour{why: "it is neither on the host nor in the domain of the server, and without TLS nobody vouches for it"}
	}
	if !r.isHere(to) && r.busy() {
		return &detour{why: "a call is on the connection"}
	}
	return nil
}

// registerAt registers with another server, or in another name with this one.
func (r *registration) registerAt(s *step, to sip.Uri) {
	to.User, to.Password = "", "" // RFC 3261 §10.2
	if r.isHere(&to) {
		r.residence.at = &to
		r.sendRegister(s)
		return
	}
	ways := r.residence.ways
	r.depart(s, errDeparted{why: "by us: the registrar has sent us to " + serverOf(&to)})
	r.residence = residence{ways: ways, at: &to}
	r.settleAt(serverOf(&to))
	r.conn.Dial(&s.Step)
}

// isHere reports whether a URI is that of the server at the other end of the flow.
func (r *registration) isHere(to *sip.Uri) bool {
	if at := r.residence.at; at != nil {
		return r.leadsTo(to, serverOf(at))
	}
	return r.leadsTo(to, r.cfg.Server)
}

// leadsTo reports whether a URI leads to a server, or to the other end of the flow. An
// outbound proxy is on the way to everybody.
func (r *registration) leadsTo(to *sip.Uri, server string) bool {
	there := serverOf(to)
	return r.cfg.Proxy != "" || strings.EqualFold(there, server) || there == r.conn.Remote().String()
}

// turnBack leaves where we were sent to: the next try begins at the server of the
// account.
func (r *registration) turnBack(s *step) {
	if at := r.residence.at; at != nil && !r.leadsTo(at, r.cfg.Server) {
		r.depart(s, errDeparted{why: "by us: back to the server of the account"})
	}
	r.goHome()
}

// goHome has the next flow lead to the server of the account.
func (r *registration) goHome() {
	if r.residence.at != nil {
		r.residence = residence{}
		r.settleAt(r.cfg.Server)
	}
}

// settleAt has the next flow lead to that server, whose certificate it wants.
func (r *registration) settleAt(server string) {
	if server == r.cfg.Server && r.locator != nil {
		r.seek()
		return
	}
	r.conn.Serve(server, certificateOf(r.cfg.Transport, server))
	r.peers.server = hostname(hostOf(server))
}

// serverOf is the "host:port" that a URI leads to, without a look into the DNS for
// more than the address (RFC 3263 §4.2).
func serverOf(uri *sip.Uri) string {
	port := strconv.Itoa(uri.Port)
	if uri.Port <= 0 {
		port = transportOf(uri).Port()
	}
	return net.JoinHostPort(strings.Trim(uri.Host, "[]"), port)
}

// transportOf is what a URI asks for, as far as its default port goes.
func transportOf(uri *sip.Uri) Transport {
	over := Transport(strings.ToLower(paramOf(uri, "transport")))
	switch {
	case uri.Scheme == "sips" && over == WS:
		return WSS
	case uri.Scheme == "sips":
		return TLS
	}
	return over
}

func paramOf(uri *sip.Uri, name string) string {
	v, _ := URIParam(uri, name)
	return v
}

// hostOf is the host of a "host:port" that was checked.
func hostOf(server string) string {
	host, _, _ := sip.ParseAddr(server)
	return host
}
