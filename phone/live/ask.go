package live

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/sleeptalk/sleeptalk/phone/locate"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// resolvConf names the resolvers of this machine, where there is such a file.
const resolvConf = "/etc/resolv.conf"

// Ask asks the DNS one question: over UDP, and over TCP what does not fit there (RFC
// 7766 §5). A question without an answer is repeated, to the next server if there are
// several, until ctx is done.
func (r Resolver) Ask(ctx context.Context, q system.Query) system.Answered {
	servers := r.servers()
	if len(servers) == 0 {
		return r.askMachine(ctx, q)
	}
	m := new(dns.Msg).SetQuestion(dns.Fqdn(q.Name), dns.StringToType[string(q.Type)])
	said := system.Answered{Query: q, Fault: system.NoAnswer}
	for i := range max(system.DNSTries, len(servers)) {
		if ctx.Err() != nil {
			break
		}
		reply, fault := exchange(ctx, m, servers[i%len(servers)])
		if fault != "" {
			said = system.Answered{Query: q, Fault: fault}
			continue
		}
		if said = zone.Read(q, reply.Rcode, reply.Answer); said.Fault == "" || said.Fault.Empty() {
			break
		}
	}
	return said
}

// Search has a locator find what there is, and returns what was said.
func (r Resolver) Search(ctx context.Context, l *locate.Locator) (said []system.Answered) {
	now := time.Now()
	for queue := l.Start(now); len(queue) > 0; queue = queue[1:] {
		asking, cancel := context.WithTimeout(ctx, dialTimeout)
		a := r.Ask(asking, queue[0])
		cancel()
		said = append(said, a)
		next, _ := l.Answered(now, a)
		queue = append(queue, next...)
	}
	return said
}

// servers are those to ask, "address:port" each; none if nobody knows any.
func (r Resolver) servers() (all []string) {
	if r.server != "" {
		return []string{r.server}
	}
	conf, err := dns.ClientConfigFromFile(resolvConf)
	if err != nil {
		return nil
	}
	for _, server := range conf.Servers {
		all = append(all, net.JoinHostPort(server, conf.Port))
	}
	return all
}

// exchange asks one server once.
func exchange(ctx context.Context, m *dns.Msg, server string) (reply *dns.Msg, fault system.DNSFault) {
	reply, fault = over(ctx, "udp", m, server)
	if fault != "" || !reply.Truncated {
		return reply, fault
	}
	if reply, fault = over(ctx, "tcp", m, server); fault == system.NoAnswer {
		return nil, system.CutOverUDP
	}
	if fault == "" && reply.Truncated {
		return nil, system.CutOverTCP
	}
	return reply, fault
}

// over asks one server over UDP or TCP. Over UDP an answer with another ID may be one to a
// question of before, and the right one is waited for.
func over(ctx context.Context, network string, m *dns.Msg, server string) (*dns.Msg, system.DNSFault) {
	c := dns.Client{Net: network, Timeout: system.DNSTry, UDPSize: dns.DefaultMsgSize}
	reply, _, err := c.ExchangeContext(ctx, m, server)
	_, unreadable := errors.AsType[*dns.Error](err)
	switch {
	case errors.Is(err, dns.ErrId):
		return nil, system.OtherQuestion
	case unreadable:
		return nil, system.Unreadable
	case err != nil:
		return nil, system.NoAnswer
	case !reply.Response:
		return nil, system.Unreadable
	case len(reply.Question) != 1 || !strings.EqualFold(reply.Question[0].Name, m.Question[0].Name) || reply.Question[0].Qtype != m.Question[0].Qtype:
		return nil, system.OtherQuestion
	case refers(reply):
		return nil, system.Referral
	}
	return reply, ""
}

// refers reports whether a message names other servers, and says nothing itself (RFC 2308
// §2.2).
func refers(m *dns.Msg) bool {
	has := func(t uint16) bool {
		return slices.ContainsFunc(m.Ns, func(rr dns.RR) bool { return rr.Header().Rrtype == t })
	}
	return m.Rcode == dns.RcodeSuccess && len(m.Answer) == 0 && !m.Authoritative && has(dns.TypeNS) && !has(dns.TypeSOA)
}

// askMachine asks as the standard library does, which knows where the resolvers are: for
// SRV records, not for NAPTR.
func (r Resolver) askMachine(ctx context.Context, q system.Query) system.Answered {
	if q.Type != system.SRV {
		return system.Answered{Query: q, Fault: system.NotAsked}
	}
	_, records, err := r.LookupSRV(ctx, "", "", q.Name)
	var all []dns.RR
	for _, rec := range records {
		all = append(all, &dns.SRV{
			Hdr:      dns.RR_Header{Name: dns.Fqdn(q.Name), Rrtype: dns.TypeSRV, Ttl: uint32(machineTTL / time.Second)},
			Priority: rec.Priority, Weight: rec.Weight, Port: rec.Port, Target: rec.Target,
		})
	}
	code := dns.RcodeSuccess
	if e, ok := errors.AsType[*net.DNSError](err); ok && e.IsNotFound {
		code = dns.RcodeNameError
	} else if err != nil {
		return system.Answered{Query: q, Fault: system.NoAnswer}
	}
	return zone.Read(q, code, all)
}

// machineTTL is how long an answer is good for that came without its TTL (our own
// number).
const machineTTL = 5 * time.Minute
