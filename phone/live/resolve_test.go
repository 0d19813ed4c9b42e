package live

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// answersOf answers a question as a small DNS server does.
func answersOf(q dnsmessage.Question) (answers []dnsmessage.Resource) {
	add := func(body dnsmessage.ResourceBody) {
		answers = append(answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}, Body: body})
	}
	switch name := q.Name.String(); {
	case name == "pbx.example.test." && q.Type == dnsmessage.TypeA:
		add(&dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}})
		add(&dnsmessage.AResource{A: [4]byte{192, 0, 2, 2}})
	case name == "pbx.example.test." && q.Type == dnsmessage.TypeAAAA:
		add(&dnsmessage.AAAAResource{AAAA: netip.MustParseAddr("2001:db8::1").As16()})
	case name == "_sip._udp.pbx.example.test." && q.Type == dnsmessage.TypeSRV:
		add(&dnsmessage.SRVResource{Port: 5060, Target: dnsmessage.MustNewName("edge.example.test.")})
	case name == "edge.example.test." && q.Type == dnsmessage.TypeA:
		add(&dnsmessage.AResource{A: [4]byte{192, 0, 2, 3}})
	case name == "many.example.test." && q.Type == dnsmessage.TypeA:
		for i := range 20 {
			add(&dnsmessage.AResource{A: [4]byte{192, 0, 2, byte(i)}})
		}
	case strings.HasSuffix(name, "many.example.test.") && q.Type == dnsmessage.TypeSRV:
		for range 10 {
			add(&dnsmessage.SRVResource{Port: 5060, Target: dnsmessage.MustNewName("many.example.test.")})
		}
	}
	return answers
}

// zoned returns a resolver whose only server answers as answersOf does.
func zoned(t *testing.T) string {
	c := udp(t)
	done := make(chan struct{})
	t.Cleanup(func() { c.Close(); <-done })
	go func() {
		defer close(done)
		p := make([]byte, 512)
		for {
			n, from, err := c.ReadFromUDPAddrPort(p)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(p[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			answers := answersOf(m.Questions[0])
			m.Header = dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}
			m.Answers, m.Additionals = answers, nil
			if reply, err := m.Pack(); err == nil {
				_, _ = c.WriteToUDPAddrPort(reply, from)
			}
		}
	}()
	return c.LocalAddr().String()
}

// TestResolve: a host has the addresses of its name, and those of the servers of the
// domain for the services that are asked for; no more than a bound, and none if nobody
// knows it.
func TestResolve(t *testing.T) {
	r := newRig(t, Config{Resolver: zoned(t)})
	all := []string{"_sip._tcp", "_sip._udp"}
	for _, c := range []struct {
		host     string
		services []string
		want     []string
	}{
		{"pbx.example.test", all, []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1"}},
		{"pbx.example.test", nil, []string{"192.0.2.1", "192.0.2.2", "2001:db8::1"}},
		{"none.example.test", all, nil},
	} {
		host, want := c.host, c.want
		r.do(system.Resolve{Host: host, Services: c.services})
		got := next[system.Resolved](r)
		var addrs []string
		for _, a := range got.Addrs {
			addrs = append(addrs, a.Unmap().String())
		}
		slices.Sort(addrs)
		if got.Host != host || !slices.Equal(addrs, want) {
			t.Errorf("%s: %v, want %v", got.Host, addrs, want)
		}
	}
	r.do(system.Resolve{Host: "many.example.test", Services: all})
	if got := next[system.Resolved](r); len(got.Addrs) != maxAddresses {
		t.Errorf("%d addresses, want %d at most", len(got.Addrs), maxAddresses)
	}
}

// TestResolveWhileFrozen: the answer waits for the program.
func TestResolveWhileFrozen(t *testing.T) {
	r := newRig(t, Config{Resolver: zoned(t)})
	r.do(system.Resolve{Host: "edge.example.test"}, system.Freeze{})
	r.silent()
	r.do(system.Thaw{})
	if got := next[system.Resolved](r); len(got.Addrs) != 1 {
		t.Errorf("resolved %+v", got)
	}
}
