package sip

import (
	"cmp"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/locate"
)

// services are the ways in which SIP is spoken, best first where nobody says another
// order: what a phone on a mobile system can be woken by, then UDP, then what must be
// asked for. RFC 3263 §4.1 has the names, RFC 7118 §6 those of WebSocket, which has no
// SRV records of its own but those that a NAPTR record names.
func services() []locate.Service {
	return []locate.Service{
		{Transport: string(TCP), NAPTR: "SIP+D2T", SRV: "_sip._tcp", Port: TCP.Port()},
		{Transport: string(UDP), NAPTR: "SIP+D2U", SRV: "_sip._udp", Port: UDP.Port()},
		{Transport: string(TLS), NAPTR: "SIPS+D2T", SRV: "_sips._tcp", Port: TLS.Port()},
		{Transport: string(WS), NAPTR: "SIP+D2W", Port: WS.Port()},
		{Transport: string(WSS), NAPTR: "SIPS+D2W", Port: WSS.Port()},
	}
}

// srvNames are the services that have SRV records.
func srvNames() (all []string) {
	for _, s := range services() {
		if s.SRV != "" {
			all = append(all, s.SRV)
		}
	}
	return all
}

// Locator is what looks for the servers of an account, as its agent does; nil if it has
// the one server alone.
func (c Config) Locator(env control.Env) (*locate.Locator, error) {
	c.Rand, c.datagrams = env.Rand, env.Datagrams
	err := c.carry()
	return locatorOf(&c), err
}

// locatorOf looks for the servers of the domain that an agent is configured with; nil
// if it has the one server alone (RFC 3263 §4.1, §4.2).
func locatorOf(cfg *Config) *locate.Locator {
	if !cfg.Locate {
		return nil
	}
	all := slices.DeleteFunc(services(), func(s locate.Service) bool {
		over := Transport(s.Transport)
		return cfg.fixed && over != cfg.Transport || cfg.Secure && !over.Secure()
	})
	slices.SortStableFunc(all, func(a, b locate.Service) int { // what is usual here comes first
		return cmp.Compare(btoi(Transport(b.Transport) == cfg.Transport), btoi(Transport(a.Transport) == cfg.Transport))
	})
	return locate.New(locate.Config{Domain: hostname(hostOf(cfg.Server)), Services: all, ByNAPTR: !cfg.fixed, Rand: cfg.Rand})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// adopt has the agent speak with a server of the domain. Over TLS it wants the
// certificate of the domain, not of the host that the DNS has named: anybody could
// have written that (RFC 5922 §7.3, RFC 3263 §4.1).
func (a *Agent) adopt(t locate.Target) {
	if over := Transport(t.Transport); over != a.cfg.Transport {
		a.cfg.Transport, a.inlet.over = over, over
		a.author.hidden = a.author.anonymousHost()
	}
	a.conn.Lead(t.Server, certificateOf(a.cfg.Transport, a.cfg.Server), a.cfg.Transport == UDP, websocketOf(&a.cfg))
	server := hostname(hostOf(t.Server))
	if server != a.peers.server {
		a.author.routes, a.peers.proxies = nil, nil // they are those of the other one
	}
	a.peers.server, a.peers.pool = server, a.reg.locator.Hosts()
}

// move goes on to another address of the server or to the next server of the domain, if
// there is one, and no call hangs on the flow but c: what failed is asked anew there (RFC
// 3263 §4.3). Who failed rests for as long as it wants. From where a registrar has sent us
// it goes home.
func (a *Agent) move(s *step, c *call, rest time.Duration, why error) bool {
	if !a.conn.Another(s.Now) || a.calls.hold(c) || !a.conn.LeavesFor(&s.Step, a.reg.residence.home(), rest, why) {
		return false
	}
	if c != nil {
		c.state, c.invite.moving, c.invite.provisional = callWaiting, !a.conn.Up(), false
	}
	if a.conn.Up() {
		a.depart(s, errDeparted{why: "by us: on to " + a.conn.Onto(), onward: true})
		a.conn.Dial(&s.Step)
	}
	return true
}

// hold reports whether a call besides c needs the flow as it is.
func (cs *calls) hold(c *call) bool {
	return slices.ContainsFunc(cs.list, func(o *call) bool { return o != c && o.state != callWaiting && !o.over })
}

// moves goes on to the next server after a 503 to our INVITE, or no answer at all. It
// reports false if the call ends here.
func (i *invitation) moves(s *step, rest time.Duration, why error) bool {
	c := i.call
	if c.state != callCalling || c.over || i.cancelled || i.moved >= maxMoves || !c.move(s, c, rest, why) {
		return false
	}
	i.moved++
	return true
}

// turnedAway takes a 503 to our INVITE to the next server.
func (i *invitation) turnedAway(s *step, res *sip.Response) bool {
	rest, why := unavailable(res)
	return res.StatusCode == sip.StatusServiceUnavailable && i.moves(s, rest, why)
}

// moves goes on to the next server after a 503 to our REGISTER.
func (r *registration) moves(s *step, res *sip.Response) bool {
	rest, why := unavailable(res)
	return r.move(s, nil, rest, why)
}

// unavailable is a 503 as an error, and how long its server wants to be left alone
// (RFC 3261 §21.5.4).
func unavailable(res *sip.Response) (rest time.Duration, why error) {
	rest, _ = retryAfter(res)
	return rest, putOffBy(res)
}
