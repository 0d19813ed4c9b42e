package live

import (
	"context"
	"errors"
	"net"
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
		reply, err := exchange(ctx, m, servers[i%len(servers)])
		if err != nil {
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

// errOther is an answer to something else than the question.
var errOther = errors.New("the answer is to another question")

// exchange asks one server once.
func exchange(ctx context.Context, m *dns.Msg, server string) (*dns.Msg, error) {
	var reply *dns.Msg
	for _, network := range []string{"udp", "tcp"} {
		c := dns.Client{Net: network, Timeout: system.DNSTry}
		var err error
		if reply, _, err = c.ExchangeContext(ctx, m, server); err != nil {
			return nil, err
		}
		if !reply.Truncated {
			break
		}
	}
	if len(reply.Question) != 1 || !strings.EqualFold(reply.Question[0].Name, m.Question[0].Name) || reply.Question[0].Qtype != m.Question[0].Qtype {
		return nil, errOther
	}
	return reply, nil
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
