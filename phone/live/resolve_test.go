package live

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// hosts is a resolver that knows hosts and the servers of domains.
func hosts(t *testing.T) string {
	t.Helper()
	lines := []string{
		"pbx.example.test A 192.0.2.1", "pbx.example.test A 192.0.2.2", "pbx.example.test AAAA 2001:db8::1",
		"_sip._udp.pbx.example.test SRV 0 0 5060 edge.example.test", "edge.example.test A 192.0.2.3",
	}
	for i := range 20 {
		lines = append(lines, fmt.Sprintf("many.example.test A 192.0.2.%d", i))
	}
	for i := range 10 {
		for _, service := range []string{"_sip._tcp", "_sip._udp"} {
			lines = append(lines, fmt.Sprintf("%s.many.example.test SRV %d 0 5060 many.example.test", service, i))
		}
	}
	return served(t, lines...).server
}

// TestResolve: a host has the addresses of its name, and those of the servers of the
// domain for the services that are asked for; no more than a bound, and none if nobody
// knows it.
func TestResolve(t *testing.T) {
	r := newRig(t, Config{Resolver: hosts(t)})
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
	if got := next[system.Resolved](r); len(got.Addrs) != system.MaxAddresses {
		t.Errorf("%d addresses, want %d at most", len(got.Addrs), system.MaxAddresses)
	}
}

// TestResolveWhileFrozen: the answer waits for the program.
func TestResolveWhileFrozen(t *testing.T) {
	r := newRig(t, Config{Resolver: hosts(t)})
	r.do(system.Resolve{Host: "edge.example.test"}, system.Freeze{})
	r.silent()
	r.do(system.Thaw{})
	if got := next[system.Resolved](r); len(got.Addrs) != 1 {
		t.Errorf("resolved %+v", got)
	}
}
