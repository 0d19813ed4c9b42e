// Package zone reads what the DNS says about servers: the records of a message, and
// those of a zone that is written down as data (RFC 1035 §5.1). Both go through the
// same reader, [Read], so that a phone in virtual time is told what a live one is.
//
// All of it is from strangers: Read takes [maxRecords] records, the best of them, says how
// many more there were, and follows [maxAliases] aliases.
package zone

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// maxRecords bounds the records of one answer (our own number: the largest pools
	// of servers have a few dozen).
	maxRecords = 64
	// maxAliases bounds a chain of CNAME records (our own number; resolvers follow
	// about as many).
	maxAliases = 8
)

// Read takes the records of the answer to a question out of a message's, through
// aliases (RFC 1034 §3.6.2). Others are left out.
func Read(q system.Query, code int, answer []dns.RR) system.Answered {
	a := system.Answered{Query: q}
	switch code {
	case dns.RcodeSuccess:
	case dns.RcodeNameError:
		a.Fault = system.NoSuchName
		return a
	default:
		a.Fault = system.DNSFault(codeName(code))
		return a
	}
	aliases, records, ok := followed(q.Name, answer)
	if !ok {
		a.Fault = system.DNSFault("more than 8 aliases")
		return a
	}
	for _, rr := range records {
		if r, ok := record(q.Type, rr); ok {
			a.Records = append(a.Records, r)
		}
	}
	for i := range a.Records { // what is found through an alias is known for no longer than that
		for _, alias := range aliases {
			a.Records[i].TTL = min(a.Records[i].TTL, TTL(alias))
		}
	}
	if len(a.Records) == 0 {
		a.Fault = system.NoSuchRecord
	}
	return bounded(a)
}

// bounded leaves out what is too many, and of that what would be tried last.
func bounded(a system.Answered) system.Answered {
	if a.Left = len(a.Records) - maxRecords; a.Left <= 0 {
		a.Left = 0
		return a
	}
	slices.SortStableFunc(a.Records, func(r, o system.Record) int {
		return cmp.Or(cmp.Compare(r.Priority, o.Priority), cmp.Compare(r.Order, o.Order), cmp.Compare(r.Preference, o.Preference))
	})
	a.Records = slices.Clone(a.Records[:maxRecords])
	return a
}

// codeName is a response code, as tools for the DNS write it (RFC 6895 §2.3).
func codeName(code int) string {
	if name, ok := dns.RcodeToString[code]; ok {
		return name
	}
	return fmt.Sprintf("response code %d", code)
}

// Name is a name as it is compared: in small letters, without the dot at its end. The
// root is ".".
func Name(name string) string {
	name = strings.ToLower(name)
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}

// followed are the aliases of a name, and the records of the name that they lead to; ok
// is false if they have no end.
func followed(name string, all []dns.RR) (aliases, records []dns.RR, ok bool) {
	for range maxAliases + 1 {
		records = of(name, all)
		i := slices.IndexFunc(records, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeCNAME })
		if i < 0 {
			return aliases, records, true
		}
		aliases = append(aliases, records[i])
		name = records[i].(*dns.CNAME).Target
	}
	return nil, nil, false
}

// of are the records of a name.
func of(name string, all []dns.RR) (records []dns.RR) {
	name = Name(name)
	for _, rr := range all {
		if Name(rr.Header().Name) == name {
			records = append(records, rr)
		}
	}
	return records
}

// TTL is how long a record may be kept. One with the highest bit set is to be taken for 0
// (RFC 2181 §8).
func TTL(rr dns.RR) time.Duration {
	if rr.Header().Ttl > 1<<31-1 {
		return 0
	}
	return time.Duration(rr.Header().Ttl) * time.Second
}

// record is a record of a type that was asked for.
func record(t system.RecordType, rr dns.RR) (r system.Record, ok bool) {
	r.TTL = TTL(rr)
	switch rr := rr.(type) {
	case *dns.SRV:
		r.Priority, r.Weight, r.Port, r.Target = rr.Priority, rr.Weight, rr.Port, Name(rr.Target)
		return r, t == system.SRV
	case *dns.NAPTR:
		r.Order, r.Preference, r.Target = rr.Order, rr.Preference, Name(rr.Replacement)
		r.Flags, r.Service = strings.ToLower(rr.Flags), strings.ToUpper(rr.Service)
		return r, t == system.NAPTR
	}
	return r, false
}

// A Zone is records as data.
type Zone struct{ all []dns.RR }

// zoneTTL is that of a record that gives none (our own number).
const zoneTTL = 5 * time.Minute

// Parse reads one record, such as "_sip._tcp.example.org 300 SRV 10 60 5060
// sip1.example.org". Its quotes may also be single ones: a line of a scenario has double
// ones around it.
func Parse(line string) (dns.RR, error) {
	if strings.ContainsAny(line, "\n\r$") {
		return nil, fmt.Errorf("%q is more than a record", line)
	}
	p := dns.NewZoneParser(strings.NewReader(strings.ReplaceAll(line, `'`, `"`)), ".", "")
	p.SetDefaultTTL(uint32(zoneTTL / time.Second))
	rr, ok := p.Next()
	switch err := p.Err(); {
	case err != nil:
		return nil, fmt.Errorf("%q is no record: %s; write it as \"_sip._tcp.example.org 300 SRV 10 60 5060 sip1.example.org\"", line, strings.TrimPrefix(err.Error(), "dns: "))
	case !ok:
		return nil, fmt.Errorf("%q is no record", line)
	}
	switch rr.Header().Rrtype {
	case dns.TypeNAPTR, dns.TypeSRV, dns.TypeA, dns.TypeAAAA, dns.TypeCNAME:
		return rr, nil
	}
	return nil, fmt.Errorf("%s records are not asked for: there are NAPTR, SRV, A, AAAA and CNAME", dns.TypeToString[rr.Header().Rrtype])
}

// New makes a zone of records, one a line.
func New(lines []string) (z Zone, err error) {
	for _, line := range lines {
		rr, err := Parse(line)
		if err != nil {
			return Zone{}, err
		}
		z.all = append(z.all, rr)
	}
	return z, nil
}

// Has reports whether there is anything of a name.
func (z Zone) Has(name string) bool { return len(of(name, z.all)) > 0 }

// Answer answers a question, as a server with the zone does.
func (z Zone) Answer(q system.Query) system.Answered {
	code := dns.RcodeNameError
	if z.Has(q.Name) {
		code = dns.RcodeSuccess
	}
	return Read(q, code, z.all)
}

// Reply answers a message, as a server with the zone does.
func (z Zone) Reply(m *dns.Msg) *dns.Msg {
	reply := new(dns.Msg).SetReply(m)
	if len(m.Question) != 1 {
		reply.Rcode = dns.RcodeFormatError
		return reply
	}
	q := m.Question[0]
	if !z.Has(q.Name) {
		reply.Rcode = dns.RcodeNameError
	}
	aliases, records, _ := followed(q.Name, z.all)
	reply.Answer = aliases
	for _, rr := range records {
		if rr.Header().Rrtype == q.Qtype {
			reply.Answer = append(reply.Answer, rr)
		}
	}
	return reply
}

// Moved is the zone where a host is elsewhere: it has that address, and what SRV records
// say of one of its ports they say of another.
func (z Zone) Moved(host string, to netip.AddrPort, port uint16) Zone {
	kind := "A"
	if to.Addr().Is6() {
		kind = "AAAA"
	}
	at, _ := Parse(fmt.Sprintf("%s %s %s", host, kind, to.Addr()))
	moved := Zone{all: []dns.RR{at}}
	for _, rr := range z.all {
		rr = dns.Copy(rr)
		if srv, ok := rr.(*dns.SRV); ok && Name(srv.Target) == Name(host) && srv.Port == port {
			srv.Port = to.Port()
		}
		moved.all = append(moved.all, rr)
	}
	return moved
}

// Addresses are those of a host, in the order of the zone.
func (z Zone) Addresses(host string) (all []netip.Addr) {
	_, records, _ := followed(host, z.all)
	for _, rr := range records {
		switch rr := rr.(type) {
		case *dns.A:
			all = append(all, addr(rr.A))
		case *dns.AAAA:
			all = append(all, addr(rr.AAAA))
		}
	}
	return all
}

func addr(ip []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(ip)
	return a.Unmap()
}
