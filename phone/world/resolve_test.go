package world

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

func zoneOf(t *testing.T, lines ...string) zone.Zone {
	t.Helper()
	z, err := zone.New(lines)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestQuery: an answer takes the way to the network and back; if the link is down it is
// asked for again, and then there is none.
func TestQuery(t *testing.T) {
	p := newPair(t, Config{Zone: zoneOf(t, "_sip._tcp.example.org SRV 1 0 5060 lab")}, oneWay)
	q := system.Query{Name: "_sip._tcp.example.org", Type: system.SRV}
	p.do(p.aliceNode, q)
	p.RunUntil(time.Second)
	p.alice.want(t, "20 ms SRV _sip._tcp.example.org: 1 records ")
	p.Cut(p.aliceNode)
	p.do(p.aliceNode, q)
	p.RunUntil(4 * time.Second)
	p.Restore(p.aliceNode)
	p.RunUntil(7 * time.Second)
	p.alice.want(t, "6020 ms SRV _sip._tcp.example.org: 1 records ")
	p.Cut(p.aliceNode)
	p.do(p.aliceNode, q)
	p.RunUntil(time.Minute)
	p.alice.want(t, "17000 ms SRV _sip._tcp.example.org: 0 records no answer")
}

// TestAddresses: each address of a host is tried, each for its share of ten seconds, but
// for those that are to be avoided.
func TestAddresses(t *testing.T) {
	names := zoneOf(t, "six A 192.0.2.91", "six A 192.0.2.92", "six A 192.0.2.93", "six A 192.0.2.94", "six A 192.0.2.95", "six A 192.0.2.96", "twice A 192.0.2.99", "twice A 10.0.0.1", "dead A 192.0.2.98", "dead A 192.0.2.99")
	p := newPair(t, Config{Zone: names}, oneWay)
	p.do(p.labNode, system.Listen{Socket: 1, Addr: ":5060"})
	p.do(p.aliceNode, system.Connect{Socket: 7, Target: "twice:5060"}, system.Connect{Socket: 8, Target: "dead:5060"})
	p.RunUntil(11 * time.Second)
	if said := strings.Join(p.alice.notes, "; "); !strings.Contains(said, "5040 ms connected 7") || strings.Contains(said, "connected 8") || !strings.Contains(said, "10000 ms failed 8") {
		t.Errorf("%s", said)
	}
	p.alice.notes = nil
	at := func(s string) []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort(s)} }
	p.do(p.aliceNode, system.Connect{Socket: 9, Target: "twice:5060", Avoid: at("192.0.2.99:5060")}, system.Connect{Socket: 10, Target: "twice:5060", Avoid: at("10.0.0.1:5060")})
	p.do(p.aliceNode, system.Connect{Socket: 11, Target: "six:5060"})
	p.RunUntil(10 * time.Minute)
	if said := strings.Join(p.alice.notes, "; "); !strings.Contains(said, "11040 ms connected 9") || !strings.Contains(said, "failed 10") || !strings.Contains(said, "21000 ms failed 11") {
		t.Errorf("%s", said)
	}
}

func answered(a system.Answered) string {
	return fmt.Sprintf("%s: %d records %s", a.Query, len(a.Records), a.Fault)
}

// TestLateAnswers: what comes late of the try at one address of a host, a SYN there or the
// answer to it, means nothing to the next one.
func TestLateAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		listens bool          // whether somebody does at the first address
		late    time.Duration // one way
	}{
		"refused":          {false, 2500 * time.Millisecond},
		"taken":            {true, 2500 * time.Millisecond},
		"the SYN, refused": {false, 5100 * time.Millisecond},
		"the SYN, taken":   {true, 5100 * time.Millisecond},
	} {
		p := newPair(t, Config{Zone: zoneOf(t, "both A 10.0.0.3", "both A 10.0.0.1")}, link.Path{Latency: 300 * time.Millisecond})
		other := &script{world: p.World}
		node := p.Add("other", netip.MustParseAddr("10.0.0.3"), other, link.Path{Latency: tc.late})
		p.do(p.labNode, system.Listen{Socket: 1, Addr: ":5060"})
		if tc.listens {
			p.do(node, system.Listen{Socket: 1, Addr: ":5060"})
		}
		p.do(p.aliceNode, system.Connect{Socket: 7, Target: "both:5060"})
		p.RunUntil(20 * time.Second)
		said, there := strings.Join(p.alice.notes, "; "), strings.Join(other.notes, "; ")
		if said != "6200 ms connected 7" || strings.Contains(there, "accepted") || p.conn == 0 {
			t.Errorf("%s: %s; the other %s", name, said, there)
		}
	}
}
