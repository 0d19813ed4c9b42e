package sip

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/elsewhere"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// maxHosts bounds how many proxies of one list are taken in (our own number:
	// a request crosses a few).
	maxHosts = 16
	// maxNames bounds the names whose addresses are remembered.
	maxNames = 64
	// lookupRest is how often, at most, one name is looked up because somebody
	// unknown has sent something.
	lookupRest = 30 * time.Second
	// maxSuspects bounds what waits for a look-up.
	maxSuspects = 16
)

// The peers of an agent are whom it takes requests from. Over UDP anybody who
// reaches the socket can send one; over a stream only the server can.
//
//   - The server: the address that the flow leads to, the one from which the
//     registrar has answered (it may have several), and all that its name resolves
//     to, and those of the other servers of its domain: they are looked up when
//     somebody unknown sends something, where no answer is known whose TTL lasts.
//   - The proxies that it has named when we registered: Path (RFC 3327) and
//     Service-Route (RFC 3608).
//   - In a dialog the proxies of its route set or, if there are none, the peer
//     itself (RFC 3261 §12.2.1.1): see [calls.admits].
//
// Addresses are compared, not ports. A response is recognised by its branch, which
// nobody else can guess.
//
// What comes from elsewhere is dropped without an answer. RFC 3261 §21.4.4 would
// allow a 403, but the source of a datagram is whatever its sender writes there: an
// answer would go to a victim, or tell a scanner that somebody is here. The log says
// so, within bounds: see phone/internal/elsewhere.
type peers struct {
	any      bool // everybody is one
	server   string
	pool     []string   // hosts that records have named as the servers of its domain
	flow     netip.Addr // that the flow leads to
	answered netip.Addr // from which the registrar has answered
	proxies  []string   // hosts of Path and Service-Route
	names    map[string]lookup
	suspects []suspect
	refused  elsewhere.Ledger
}

// A lookup is what is known of a name.
type lookup struct {
	addrs []netip.Addr
	asked time.Time // the last time
	open  bool      // there is no answer to that yet
}

// rests reports whether the name was asked for just now. An answer that has not come
// by the end of that never comes.
func (l lookup) rests(now time.Time) bool { return !l.asked.IsZero() && now.Sub(l.asked) < lookupRest }

// A suspect is a datagram that was dropped while its source was being looked up. If
// it matters, its sender repeats it.
type suspect struct {
	what string
	from netip.AddrPort
}

// open begins a new flow, which leads to that address.
func (p *peers) open(s *step, flow netip.Addr) {
	p.flow, p.answered, p.names = elsewhere.Plain(flow), netip.Addr{}, nil
	p.lookUp(s, p.server)
}

// registered takes in a 2xx to our REGISTER.
func (p *peers) registered(s *step, res *sip.Response) {
	p.answered = elsewhere.Plain(s.from.Addr())
	p.proxies = hostsOf(append(Values(res, "path"), Values(res, "service-route")...))
	p.lookUp(s, p.proxies...)
}

// knows reports whether requests from an address are taken in, and named whether it
// is the server's or a proxy's.
func (p *peers) knows(a netip.Addr) bool { return p.any || p.named(a) }

func (p *peers) named(a netip.Addr) bool {
	return a == p.flow || a == p.answered || p.isOf(a, p.hosts())
}

// hosts returns the server and its proxies, as they were named.
func (p *peers) hosts() []string { return append(p.servers(), p.proxies...) }

// servers returns the server, and the others of its domain.
func (p *peers) servers() []string {
	all := []string{p.server}
	for _, host := range p.pool {
		if host != p.server {
			all = append(all, host)
		}
	}
	return all
}

// isOf reports whether an address belongs to one of the hosts.
func (p *peers) isOf(a netip.Addr, hosts []string) bool {
	return slices.ContainsFunc(hosts, func(host string) bool {
		if literal, err := netip.ParseAddr(host); err == nil {
			return elsewhere.Plain(literal) == a
		}
		return slices.Contains(p.names[host].addrs, a)
	})
}

// lookUp asks for the addresses of the hosts that are names.
func (p *peers) lookUp(s *step, hosts ...string) {
	for _, host := range hosts {
		_, err := netip.ParseAddr(host)
		name, known := p.names[host]
		if err == nil || !known && len(p.names) >= maxNames {
			continue
		}
		if p.names == nil {
			p.names = map[string]lookup{}
		}
		p.names[host] = lookup{addrs: name.addrs, asked: s.Now, open: true}
		s.Do(system.Resolve{Host: host, Services: p.servicesOf(host)})
	}
}

// servicesOf are the services for which a name may have servers of its own: none, if
// records have named it as a server (RFC 3263 §4.2).
func (p *peers) servicesOf(host string) []string {
	if !strings.Contains(host, ".") || slices.Contains(p.pool, host) {
		return nil
	}
	return srvNames()
}

// renew looks up those hosts that were not looked up just now.
func (p *peers) renew(s *step, hosts ...string) {
	for _, host := range hosts {
		if !p.names[host].rests(s.Now) {
			p.lookUp(s, host)
		}
	}
}

// awaits reports whether a look-up may still be answered.
func (p *peers) awaits(now time.Time) bool {
	for _, name := range p.names {
		if name.open && name.rests(now) {
			return true
		}
	}
	return false
}

// resolved takes in the addresses of a host. If there are none, the host keeps those
// that it had.
func (p *peers) resolved(s *step, r system.Resolved) {
	name, ours := p.names[r.Host]
	if !ours {
		return // an earlier flow asked
	}
	if name.open = false; len(r.Addrs) > 0 {
		name.addrs = make([]netip.Addr, len(r.Addrs))
		for i, a := range r.Addrs {
			name.addrs[i] = elsewhere.Plain(a)
		}
	}
	p.names[r.Host] = name
	if !p.awaits(s.Now) {
		p.judge(s)
	}
}

// refuse drops a datagram from elsewhere. The addresses of names may have changed: if
// they are being looked up, nothing is said of the datagram before that is done.
func (p *peers) refuse(s *step, what string, hosts []string) {
	p.renew(s, hosts...)
	if p.awaits(s.Now) && len(p.suspects) < maxSuspects {
		p.suspects = append(p.suspects, suspect{what, s.from})
		return
	}
	p.say(s, p.refused.Refuse(what, s.from))
}

// judge reports the suspects that have turned out not to be peers.
func (p *peers) judge(s *step) {
	suspects := p.suspects
	p.suspects = nil
	for _, one := range suspects {
		if !p.heard(elsewhere.Plain(one.from.Addr())) {
			p.say(s, p.refused.Refuse(one.what, one.from))
		}
	}
}

// heard reports whether an address belongs to any name that was looked up.
func (p *peers) heard(a netip.Addr) bool {
	for _, name := range p.names {
		if slices.Contains(name.addrs, a) {
			return true
		}
	}
	return false
}

// left says, at the end, how many were refused.
func (p *peers) left(s *step) {
	p.judge(s)
	p.say(s, p.refused.Rest())
}

func (p *peers) say(s *step, note string) {
	if note != "" {
		s.Log(event.Warning{
			Rule: event.RuleUnknownSender, Note: note + ": neither the server " + p.server + " nor a proxy that it named",
			Hint: "--accept-from any, if they are to reach the phone",
		})
	}
}

// hostsOf returns the hosts of route header field values, in order.
func hostsOf(routes []string) (hosts []string) {
	for _, route := range routes[:min(len(routes), maxHosts)] {
		if _, uri, _, err := ParseAddress(route); err == nil {
			hosts = append(hosts, hostname(uri.Host))
		}
	}
	return hosts
}

// hostname returns a host in the form in which names and addresses are compared.
func hostname(host string) string { return strings.ToLower(strings.Trim(host, "[]")) }

// admits reports whether a datagram may be taken in. One that may not is dropped.
func (cs *calls) admits(s *step, f Frame, data []byte) bool {
	from := elsewhere.Plain(s.from.Addr())
	if cs.peers.knows(from) {
		return true
	}
	hosts := cs.peers.hosts()
	m, _ := f.(Message)
	switch msg := m.SIP.(type) {
	case *sip.Response:
		if cs.txs.Awaits(msg) {
			return true
		}
	case *sip.Request:
		way, of := cs.wayOf(msg)
		if cs.peers.isOf(from, way) || of.peers.isOf(from, way) {
			return true
		}
		hosts = append(hosts, way...)
	}
	cs.peers.refuse(s, nameOf(data), hosts)
	return false
}

// wayOf is the way of the dialog that a request is in, and the calls that it is of: these,
// or those of another flow of the account.
func (cs *calls) wayOf(req *sip.Request) (way []string, of *calls) {
	if c, d, _ := cs.dialogOf(req); c != nil {
		return d.way(), cs
	}
	for _, other := range cs.cfg.beside() {
		if c, d, _ := other.calls.dialogOf(req); c != nil {
			return d.way(), &other.calls
		}
	}
	return nil, cs
}

// anyNames reports whether an address is that of the server or a proxy of any flow of the
// account.
func (cl *client) anyNames(addr netip.Addr) bool {
	return cl.peers.named(addr) || slices.ContainsFunc(cl.cfg.beside(), func(a *Agent) bool { return a.peers.named(addr) })
}

// entered looks up the way of a dialog that has just been made, so that its requests
// are taken in as soon as they come.
func (cl *client) entered(s *step, d *dialog) {
	if !cl.cfg.Transport.Reliable() && !cl.peers.any {
		cl.peers.renew(s, d.way()...)
	}
}

// nameOf names a datagram of unknown origin: by its method, if it begins with one.
func nameOf(data []byte) string {
	if name := control.NameLine(data, control.Method); name != control.Unnamed {
		return name
	}
	return "a datagram"
}

// TakeSpare returns how many bytes of audio may go to a host before the ACK, and counts
// them as sent: of what it may be sent for what has come from there, what is left when our
// 200 has been repeated once. A host that has shown that it receives may yet want no audio,
// and gets as much as its INVITE allows.
// Over a connection there is no bound, for it answers for its callers.
func (a *Agent) TakeSpare(host netip.Addr) (bytes int, free bool) {
	if a.cfg.Transport.Reliable() {
		return 0, !a.cfg.Inside
	}
	if r := a.wire.reaches[elsewhere.Plain(host)]; r != nil {
		return r.TakeSpare(), false
	}
	return 0, false
}

// Knows reports whether an address is the server's or a proxy's: audio may come
// from there, whatever a call has agreed on.
func (a *Agent) Knows(addr netip.Addr) bool { return a.peers.knows(elsewhere.Plain(addr)) }
