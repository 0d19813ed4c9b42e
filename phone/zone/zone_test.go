package zone

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

func zoneOf(t testing.TB, lines ...string) Zone {
	t.Helper()
	z, err := New(lines)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestAnswer: a zone answers with its records, through aliases, and says why there are
// none.
func TestAnswer(t *testing.T) {
	z := zoneOf(t,
		"_sip._tcp.Example.org 60 IN SRV 10 60 5060 SIP1.example.org.", "_sip._tcp.example.org 120 SRV 20 0 5062 sip2.example.org",
		"example.org NAPTR 10 20 'S' 'sip+d2t' '' _sip._tcp.example.org", "alias.example.org CNAME example.org", "far.example.org CNAME alias.example.org",
		"loop.example.org CNAME pool.example.org", "pool.example.org CNAME loop.example.org", "none.example.org SRV 0 0 0 .",
		"sip1.example.org A 192.0.2.7", "sip1.example.org AAAA 2001:db8::7",
	)
	for q, want := range map[system.Query]string{
		{Name: "_sip._tcp.example.org", Type: system.SRV}: "10 60 5060 sip1.example.org 1m0s, 20 0 5062 sip2.example.org 2m0s",
		{Name: "_SIP._tcp.EXAMPLE.org", Type: system.SRV}: "10 60 5060 sip1.example.org 1m0s, 20 0 5062 sip2.example.org 2m0s",
		{Name: "example.org", Type: system.NAPTR}:         `10 20 "s" "SIP+D2T" _sip._tcp.example.org 5m0s`,
		{Name: "far.example.org", Type: system.NAPTR}:     `10 20 "s" "SIP+D2T" _sip._tcp.example.org 5m0s`,
		{Name: "example.org", Type: system.SRV}:           "no such record",
		{Name: "other.example.org", Type: system.SRV}:     "NXDOMAIN",
		{Name: "loop.example.org", Type: system.SRV}:      "more than 8 aliases",
		{Name: "none.example.org", Type: system.SRV}:      "0 0 0 . 5m0s",
	} {
		a := z.Answer(q)
		var got []string
		for _, r := range a.Records {
			got = append(got, r.Text(q.Type)+" "+r.TTL.String())
		}
		if a.Fault != "" {
			got = append(got, string(a.Fault))
		}
		if strings.Join(got, ", ") != want || a.Query != q {
			t.Errorf("%s: %q, want %q", q, got, want)
		}
	}
	if got := fmt.Sprint(z.Addresses("SIP1.example.org."), z.Addresses("loop.example.org"), z.Addresses("nobody")); got != "[192.0.2.7 2001:db8::7] [] []" {
		t.Errorf("addresses %s", got)
	}
}

// TestRead: a message of a resolver is not believed further than it goes.
func TestRead(t *testing.T) {
	q := system.Query{Name: "_sip._tcp.example.org", Type: system.SRV}
	record := func(name string, ttl uint32) dns.RR {
		return &dns.SRV{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeSRV, Ttl: ttl}, Port: 5060, Target: "sip."}
	}
	many := slices.Repeat([]dns.RR{record("_sip._tcp.example.org.", 1)}, 1000)
	for i := range 40 { // the best come last in the message
		best := record("_sip._tcp.example.org.", 1).(*dns.SRV)
		best.Priority, best.Weight = 0, uint16(i)
		many[i] = &dns.SRV{Hdr: best.Hdr, Priority: 9, Port: 5060, Target: "last."}
		many = append(many, best)
	}
	for i := range many[40:1000] {
		many[40+i].(*dns.SRV).Priority = 1
	}
	a := Read(q, dns.RcodeSuccess, many)
	if len(a.Records) != maxRecords || a.Left != 1040-maxRecords || a.Records[39].Weight != 39 || a.Records[63].Priority != 1 {
		t.Errorf("%d records, %d left, %+v", len(a.Records), a.Left, a.Records)
	}
	if a := Read(q, dns.RcodeSuccess, many[:maxRecords]); len(a.Records) != maxRecords || a.Left != 0 {
		t.Errorf("%d records, %d left", len(a.Records), a.Left)
	}
	if a := Read(q, dns.RcodeSuccess, []dns.RR{record("_sip._tcp.evil.org.", 1)}); len(a.Records) != 0 || a.Fault != system.NoSuchRecord {
		t.Errorf("records of another name: %+v", a)
	}
	if a := Read(q, dns.RcodeSuccess, []dns.RR{record("_sip._tcp.example.org.", 1<<31)}); a.Records[0].TTL != 0 {
		t.Errorf("TTL %s", a.Records[0].TTL)
	}
	for code, want := range map[int]system.DNSFault{dns.RcodeServerFailure: system.ServerFailed, dns.RcodeRefused: "REFUSED", dns.RcodeNameError: system.NoSuchName, 77: "response code 77"} {
		if a := Read(q, code, many); a.Fault != want || len(a.Records) != 0 {
			t.Errorf("code %d: %q, %d records", code, a.Fault, len(a.Records))
		}
	}
	var chain []dns.RR
	for i := range maxAliases {
		chain = append(chain, &dns.CNAME{Hdr: dns.RR_Header{Name: fmt.Sprintf("n%d.", i), Rrtype: dns.TypeCNAME, Ttl: 300}, Target: fmt.Sprintf("n%d.", i+1)})
	}
	end := record(fmt.Sprintf("n%d.", maxAliases), 60)
	if a := Read(system.Query{Name: "n0", Type: system.SRV}, 0, append(chain, end)); len(a.Records) != 1 || a.Records[0].TTL != time.Minute {
		t.Errorf("eight aliases: %+v", a)
	}
	chain[3].Header().Ttl = 7
	if a := Read(system.Query{Name: "n0", Type: system.SRV}, 0, append(chain, end)); a.Records[0].TTL != 7*time.Second {
		t.Errorf("through an alias of 7 s: %s", a.Records[0].TTL)
	}
	longer := append(slices.Clone(chain), &dns.CNAME{Hdr: dns.RR_Header{Name: "start.", Rrtype: dns.TypeCNAME}, Target: "n0."}, end)
	if a := Read(system.Query{Name: "start", Type: system.SRV}, 0, longer); a.Fault != "more than 8 aliases" {
		t.Errorf("nine aliases: %+v", a)
	}
}

// TestReply: a message is answered as the zone says, also after a host has moved.
func TestReply(t *testing.T) {
	z := zoneOf(t, "_sip._tcp.example.org SRV 1 0 5060 lab", "_sip._tcp.example.org SRV 2 0 5061 lab", "sip.example.org CNAME lab", "other SRV 1 0 5060 x").
		Moved("lab", netip.MustParseAddrPort("127.0.0.1:4444"), 5060)
	for q, want := range map[string]string{
		"SRV _sip._tcp.example.org.": "1 0 4444 lab. 2 0 5061 lab.", "SRV other.": "1 0 5060 x.", "A sip.example.org.": "lab. 127.0.0.1",
		"AAAA lab.": "", "A nobody.": "NXDOMAIN",
	} {
		kind, name, _ := strings.Cut(q, " ")
		reply := z.Reply(new(dns.Msg).SetQuestion(name, dns.StringToType[kind]))
		var got []string
		for _, rr := range reply.Answer {
			got = append(got, strings.TrimPrefix(rr.String(), rr.Header().String()))
		}
		if reply.Rcode != 0 {
			got = append(got, dns.RcodeToString[reply.Rcode])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", q, got, want)
		}
	}
	if z.Reply(new(dns.Msg)).Rcode != dns.RcodeFormatError {
		t.Error("a message without a question")
	}
}

// TestParse: what is no record, or of no use, says so.
func TestParse(t *testing.T) {
	for line, want := range map[string]string{
		"":                                      "is no record",
		"example.org SRV 1 2":                   "is no record: ",
		"example.org TXT hello":                 "TXT records are not asked for",
		"a A 192.0.2.1\nb A 192.0.2.2":          "more than a record",
		"$GENERATE 1-9 a$ A 192.0.2.1":          "more than a record",
		"$INCLUDE /etc/passwd":                  "more than a record",
		"example.org NAPTR 1 1 s SIP+D2T x y":   "is no record: ",
		"a.example.org 99999999999 A 192.0.2.1": "is no record: ",
	} {
		if _, err := New([]string{line}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}

// FuzzRead: whatever a resolver sends is read within the bounds.
func FuzzRead(f *testing.F) {
	m := new(dns.Msg)
	m.SetQuestion("_sip._tcp.example.org.", dns.TypeSRV)
	for _, line := range []string{
		"_sip._tcp.example.org. 60 IN SRV 10 60 5060 sip1.example.org.", "_sip._tcp.example.org. CNAME x.", "x. CNAME _sip._tcp.example.org.",
		`_sip._tcp.example.org. NAPTR 1 1 "s" "SIP+D2T" "" y.`, "_sip._tcp.example.org. A 192.0.2.1",
	} {
		rr, err := Parse(line)
		if err != nil {
			f.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
		wire, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		var m dns.Msg
		if m.Unpack(wire) != nil {
			return
		}
		for _, kind := range []system.RecordType{system.SRV, system.NAPTR} {
			q := system.Query{Name: "_sip._tcp.example.org", Type: kind}
			a := Read(q, m.Rcode, m.Answer)
			if len(a.Records) > maxRecords || (len(a.Records) == 0) != (a.Fault != "") {
				t.Errorf("%d records, %q", len(a.Records), a.Fault)
			}
			for _, r := range a.Records {
				if len(r.Target) > 1024 || r.TTL < 0 {
					t.Errorf("%+v", r)
				}
			}
		}
	})
}
