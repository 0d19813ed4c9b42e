package locate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func sip() []Service {
	return []Service{
		{"tcp", "SIP+D2T", "_sip._tcp", "5060"},
		{"udp", "SIP+D2U", "_sip._udp", "5060"},
		{"tls", "SIPS+D2T", "_sips._tcp", "5061"},
		{"ws", "SIP+D2W", "", "80"},
	}
}

func newLocator(byNAPTR bool, services ...Service) *Locator {
	return New(Config{Domain: "example.org", Services: services, ByNAPTR: byNAPTR, Rand: rand.New(rand.NewPCG(1, 2))})
}

func srv(priority, weight, port uint16, target string, ttl time.Duration) system.Record {
	return system.Record{Priority: priority, Weight: weight, Port: port, Target: target, TTL: ttl}
}

func naptr(order, preference uint16, flags, service, target string, ttl time.Duration) system.Record {
	return system.Record{Order: order, Preference: preference, Flags: flags, Service: service, Target: target, TTL: ttl}
}

// A dns is what is known, by question: "SRV _sip._tcp.example.org". A fault is a record
// without a target, whose Service is its name.
type dns map[string][]system.Record

func (d dns) answer(q system.Query) system.Answered {
	a := system.Answered{Query: q, Records: d[q.String()]}
	switch {
	case len(a.Records) == 0:
		a.Fault = system.NoSuchName
	case a.Records[0].Target == "":
		a.Records, a.Fault = nil, system.DNSFault(a.Records[0].Service)
	}
	return a
}

// search has a locator find what there is, and says what was asked.
func search(l *Locator, now time.Time, d dns) (asked []string) {
	queue := l.Start(now)
	for len(queue) > 0 {
		q := queue[0]
		asked = append(asked, q.String())
		next, ours := l.Answered(now, d.answer(q))
		if !ours {
			asked = append(asked, "not ours")
		}
		queue = append(queue[1:], next...)
	}
	return asked
}

func list(l *Locator) string {
	var all []string
	for _, f := range l.targets {
		all = append(all, strings.TrimSpace(f.Transport+" "+f.Server+" "+f.By))
	}
	return strings.Join(all, ", ")
}

// TestSearch: what is asked, and what comes of it.
func TestSearch(t *testing.T) {
	const minute = time.Minute
	tcp, udp, tls := "SRV _sip._tcp.example.org", "SRV _sip._udp.example.org", "SRV _sips._tcp.example.org"
	all := "NAPTR example.org, " + strings.Join([]string{tcp, udp, tls}, ", ")
	fault := func(name system.DNSFault) []system.Record { return []system.Record{{Service: string(name)}} }
	for name, c := range map[string]struct {
		services []Service
		given    bool // somebody has chosen the transport
		dns      dns
		asked    string
		want     string
		faults   int
		refused  bool
	}{
		"nothing at all": {asked: all, want: "tcp example.org:5060"},
		"SRV alone": {
			dns:   dns{tcp: {srv(20, 0, 5062, "b.example.org", minute), srv(10, 0, 5060, "a.example.org", minute)}, udp: {srv(10, 0, 5060, "a.example.org", minute)}},
			asked: all, want: "tcp a.example.org:5060 SRV, tcp b.example.org:5062 SRV, udp a.example.org:5060 SRV",
		},
		"NAPTR says which is best": {
			dns: dns{
				"NAPTR example.org":       {naptr(10, 50, "s", "SIP+D2U", "_sip._udp.example.org", minute), naptr(10, 20, "s", "SIPS+D2T", "_sips._tcp.else.org", minute)},
				"SRV _sips._tcp.else.org": {srv(0, 0, 5061, "tls.else.org", minute)}, udp: {srv(0, 0, 5060, "udp.example.org", minute)},
			},
			asked: "NAPTR example.org, SRV _sips._tcp.else.org, " + udp, want: "tls tls.else.org:5061 NAPTR, SRV, udp udp.example.org:5060 NAPTR, SRV",
		},
		"a higher order is not considered": {
			dns: dns{
				"NAPTR example.org": {naptr(20, 1, "s", "SIP+D2T", "_sip._tcp.example.org", minute), naptr(10, 50, "s", "SIP+D2U", "_sip._udp.example.org", minute)},
				udp:                 {srv(0, 0, 5060, "udp.example.org", minute)},
			},
			asked: "NAPTR example.org, " + udp, want: "udp udp.example.org:5060 NAPTR, SRV",
		},
		"a host by NAPTR": {
			dns:   dns{"NAPTR example.org": {naptr(10, 1, "a", "SIP+D2W", "ws.example.org", minute)}},
			asked: "NAPTR example.org", want: "ws ws.example.org:80 NAPTR",
		},
		"services that are not ours, and what is no host": {
			dns: dns{
				"NAPTR example.org": {naptr(1, 1, "s", "E2U+SIP", "x", minute), naptr(1, 1, "u", "SIP+D2T", "x", minute), naptr(1, 2, "s", "SIP+D2T", "a b", minute)},
				tcp:                 {srv(0, 0, 5060, "a\x1bb", minute), srv(0, 0, 0, "c", minute), srv(0, 0, 5060, strings.Repeat("x", 254), minute), srv(1, 0, 5060, "ok", minute)},
			},
			asked: all, want: "tcp ok:5060 SRV",
		},
		"a transport that was chosen": {
			services: []Service{{"tls", "SIPS+D2T", "_sips._tcp", "5061"}}, given: true,
			dns: dns{tls: {srv(0, 0, 5061, "a", minute)}}, asked: tls, want: "tls a:5061 SRV",
		},
		"no such service": {
			services: sip()[:1], given: true, dns: dns{tcp: {srv(0, 0, 0, ".", minute)}}, asked: tcp, refused: true,
		},
		"one service that is not there": {
			dns: dns{tcp: {srv(0, 0, 0, ".", minute)}, udp: {srv(0, 0, 5060, "u", minute)}}, asked: all, want: "udp u:5060 SRV",
		},
		"a resolver that fails": {
			dns: dns{"NAPTR example.org": fault("SERVFAIL"), tcp: fault(system.NoAnswer)}, asked: all, want: "tcp example.org:5060", faults: 2,
		},
	} {
		if c.services == nil {
			c.services = sip()
		}
		l := newLocator(!c.given, c.services...)
		asked := search(l, epoch, c.dns)
		if got := strings.Join(asked, ", "); got != c.asked || list(l) != c.want || len(l.Faults()) != c.faults || l.Refused() != c.refused || l.Searching() {
			t.Errorf("%s:\nasked %s\nwant  %s\nfound %s\nwant  %s\nfaults %q, refused %t", name, got, c.asked, list(l), c.want, l.Faults(), l.Refused())
		}
	}
}

// TestBounds: however much a resolver says, little is asked and little kept.
func TestBounds(t *testing.T) {
	d := dns{}
	for i := range 100 {
		target := fmt.Sprintf("_sip._tcp.n%d.example.org", i)
		d["NAPTR example.org"] = append(d["NAPTR example.org"], naptr(1, uint16(i), "s", "SIP+D2T", target, time.Minute))
		for j := range 100 {
			d["SRV "+target] = append(d["SRV "+target], srv(0, 0, 5060, fmt.Sprintf("h%d-%d", i, j), time.Minute))
		}
	}
	l := newLocator(true, sip()...)
	if asked := search(l, epoch, d); len(asked) != 1+maxQueries || len(l.targets) != maxTargets {
		t.Errorf("asked %d questions, kept %d targets", len(asked), len(l.targets))
	}
	if got, want := strings.Join(l.LeftOut(), ", "), "NAPTR example.org: 92 records, as 8 are followed, 736 of 800 servers"; got != want {
		t.Errorf("left out: %s, want %s", got, want)
	}
	if _, ours := l.Answered(epoch, system.Answered{Query: system.Query{Name: "example.org", Type: system.NAPTR}}); ours {
		t.Error("an answer that nobody has asked for is taken")
	}
	if hosts := l.Hosts(); len(hosts) != maxTargets || hosts[0] != host(l.targets[0].Server) {
		t.Errorf("hosts %q", hosts)
	}
}

// TestLeftOut: what is not used is said, and is neither the best of an answer nor all of a
// service.
func TestLeftOut(t *testing.T) {
	tcp, udp := "SRV _sip._tcp.example.org", "SRV _sip._udp.example.org"
	all := func(n int, host string) (records []system.Record) {
		for i := range n {
			records = append(records, srv(uint16(n-i), 0, 5060, fmt.Sprintf("%s%d", host, n-i), time.Minute))
		}
		return records
	}
	for name, c := range map[string]struct {
		dns  dns
		want string
		kept int
	}{
		"61 servers":           {dns{tcp: all(61, "t")}, "", 61},
		"two services":         {dns{tcp: all(61, "t"), udp: all(61, "u")}, "58 of 122 servers", 64},
		"one much the larger":  {dns{tcp: all(64, "t"), udp: all(3, "u")}, "3 of 67 servers", 64},
		"no hosts and no port": {dns{tcp: append(all(2, "t"), srv(1, 0, 0, "a", 0), srv(1, 0, 5060, "a b", 0))}, tcp + ": 2 of 4 records, which name no host or no port", 2},
		"the service is away":  {dns{tcp: {srv(0, 0, 0, ".", 0)}}, "", 0},
	} {
		l := newLocator(false, sip()[:2]...)
		search(l, epoch, c.dns)
		if got := strings.Join(l.LeftOut(), ", "); got != c.want || len(l.targets) != c.kept {
			t.Errorf("%s: left out %q, want %q; %d kept", name, got, c.want, len(l.targets))
		}
		for _, service := range []string{"t", "u"} {
			if len(c.dns) == 2 && !strings.Contains(list(l), " "+service+"1:5060") {
				t.Errorf("%s: without the best of %s: %s", name, service, list(l))
			}
		}
		if search(l, epoch.Add(time.Hour), dns{}); len(l.LeftOut()) > 0 {
			t.Errorf("%s: %q stays", name, l.LeftOut())
		}
	}
	l := newLocator(false, sip()[0])
	l.Start(epoch)
	l.Answered(epoch, system.Answered{Query: system.Query{Name: "_sip._tcp.example.org", Type: system.SRV}, Records: all(2, "t"), Left: 936})
	if got := strings.Join(l.LeftOut(), ", "); got != tcp+": 936 of 938 records" {
		t.Errorf("left out %q", got)
	}
}

func host(server string) string { return strings.TrimSuffix(server, ":5060") }

// TestLife: what was found is good for its TTL, within bounds, and longer if the
// resolver fails then.
func TestLife(t *testing.T) {
	const q = "SRV _sip._tcp.example.org"
	for ttl, want := range map[time.Duration]time.Duration{0: minLife, time.Second: minLife, time.Minute: time.Minute, 30 * 24 * time.Hour: maxLife} {
		l := newLocator(false, sip()[0])
		search(l, epoch, dns{q: {srv(1, 0, 5060, "a", ttl), srv(2, 0, 5060, "b", max(ttl, time.Hour))}})
		if early, late := l.Start(epoch.Add(want-1)), l.Start(epoch.Add(want)); len(early) != 0 || len(late) != 1 {
			t.Errorf("TTL %s: %v just before %s, %v then", ttl, early, want, late)
		}
	}
	l := newLocator(false, sip()[0])
	search(l, epoch, dns{q: {srv(1, 0, 5060, "a", time.Minute)}})
	later := epoch.Add(time.Minute)
	if search(l, later, dns{q: {{Service: "SERVFAIL"}}}); list(l) != "tcp a:5060 SRV" || len(l.Faults()) != 1 {
		t.Errorf("a resolver that fails: %s, %q", list(l), l.Faults())
	}
	if search(l, later.Add(minLife), dns{q: {srv(1, 0, 5060, "b", time.Minute)}}); list(l) != "tcp b:5060 SRV" {
		t.Errorf("when it works again: %s", list(l))
	}
	if search(l, later.Add(2*time.Hour), dns{}); list(l) != "tcp example.org:5060" {
		t.Errorf("when the records are gone: %s", list(l))
	}
	byNAPTR := newLocator(true, sip()...)
	search(byNAPTR, epoch, dns{"NAPTR example.org": {naptr(1, 1, "s", "SIP+D2T", "_sip._tcp.example.org", time.Minute)}, q: {srv(1, 0, 5060, "a", time.Hour)}})
	if len(byNAPTR.Start(epoch.Add(time.Minute))) == 0 {
		t.Error("the TTL of the NAPTR record does not count")
	}
}

// TestWeights: of one priority, each server is first as often as its share of the
// weights says, one of weight 0 seldom, and none is left out (RFC 2782).
func TestWeights(t *testing.T) {
	records := []system.Record{srv(1, 60, 1, "a", 0), srv(1, 30, 1, "b", 0), srv(1, 10, 1, "c", 0), srv(1, 0, 1, "z", 0), srv(2, 100, 1, "later", 0)}
	rng := rand.New(rand.NewPCG(3, 4))
	first := map[string]int{}
	const rounds = 20000
	for range rounds {
		all := ordered(records, rng)
		if len(all) != len(records) || all[4].Target != "later" {
			t.Fatalf("%+v", all)
		}
		first[all[0].Target]++
	}
	for target, share := range map[string]float64{"a": 60. / 101, "b": 30. / 101, "c": 10. / 101, "z": 1. / 101} {
		if got := float64(first[target]) / rounds; got < share-0.015 || got > share+0.015 {
			t.Errorf("%s is first in %.3f, want %.3f", target, got, share)
		}
	}
	if !slices.Equal(ordered(records, rand.New(rand.NewPCG(9, 9))), ordered(records, rand.New(rand.NewPCG(9, 9)))) {
		t.Error("the same seed, another order")
	}
}

// TestFailover: a target that has failed rests, for a minute or for as long as it wants,
// and the next has its turn; if all rest, it is that of the one whose rest ends first, and
// the others rest on (RFC 3261 §21.5.4).
func TestFailover(t *testing.T) {
	l := newLocator(false, sip()[0])
	search(l, epoch, dns{"SRV _sip._tcp.example.org": {srv(1, 0, 1, "a", time.Hour), srv(2, 0, 1, "b", time.Hour), srv(3, 0, 1, "c", time.Hour)}})
	next := func(after time.Duration, want string, place int) Target {
		t.Helper()
		got, n, of := l.Next(epoch.Add(after))
		if got.Server != want+":1" || n != place || of != 3 {
			t.Errorf("after %s: %s, %d of %d", after, got.Server, n, of)
		}
		return got
	}
	a := next(0, "a", 1)
	if !l.Another(epoch, a) || !l.Failed(epoch, a, Rest) {
		t.Error("there are two more")
	}
	b := next(0, "b", 2)
	if !l.Failed(epoch, b, 5*time.Minute) {
		t.Error("there is one more")
	}
	l.Failed(epoch, b, Rest) // what it has asked for is not cut short
	c := next(Rest-1, "c", 3)
	if l.Another(epoch.Add(Rest-1), c) || !l.Another(epoch.Add(Rest), c) {
		t.Error("the first rests for a minute")
	}
	next(Rest, "a", 1)
	l.Failed(epoch.Add(Rest), a, time.Hour)
	if next(Rest, "c", 3); l.Failed(epoch.Add(Rest), c, 10*time.Minute) {
		t.Error("all have failed")
	}
	next(Rest, "b", 2)
	if l.Another(epoch.Add(5*time.Minute-1), b) {
		t.Error("when all have failed, one rests no more")
	}
}

// TestNotAsked: a machine that cannot ask for NAPTR records says so once, and no resolver
// is to blame: what it knew is forgotten when the SRV records are gone.
func TestNotAsked(t *testing.T) {
	l := newLocator(true, sip()[0])
	tcp := "SRV _sip._tcp.example.org"
	not := []system.Record{{Service: string(system.NotAsked)}}
	first := search(l, epoch, dns{"NAPTR example.org": not, tcp: {srv(1, 0, 5060, "a", time.Minute)}})
	if got := list(l); got != "tcp a:5060 SRV" || len(l.Faults()) > 0 || len(first) != 2 {
		t.Errorf("asked %q, found %s, faults %q", first, got, l.Faults())
	}
	again := search(l, epoch.Add(time.Minute), dns{})
	if got := list(l); got != "tcp example.org:5060" || !slices.Equal(again, []string{tcp}) {
		t.Errorf("asked %q, found %s", again, got)
	}
}

// TestHosts: those that records have named, once each.
func TestHosts(t *testing.T) {
	l := newLocator(false, sip()[:2]...)
	search(l, epoch, dns{"SRV _sip._tcp.example.org": {srv(1, 0, 5060, "a", 0), srv(2, 0, 5061, "a", 0)}, "SRV _sip._udp.example.org": {srv(1, 0, 5060, "b", 0)}})
	if got := l.Hosts(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%q", got)
	}
	l = newLocator(false, sip()[0])
	if search(l, epoch, dns{}); len(l.Hosts()) > 0 {
		t.Errorf("%q, which no record has named", l.Hosts())
	}
}
