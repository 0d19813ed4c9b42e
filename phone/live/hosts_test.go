package live

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// overTCP is a resolver whose server has those records, and answers over TCP alone what is
// asked: over UDP it says that the answer is cut.
func overTCP(t *testing.T, z zone.Zone) Resolver {
	t.Helper()
	return saying(t, replying(cut), z.Reply)
}

// saying is a resolver whose server says that over UDP, and that over TCP, until the test
// ends; if tcp is nil, nobody is there.
func saying(t *testing.T, udp, tcp func(*dns.Msg) *dns.Msg) Resolver {
	t.Helper()
	packets, streams, err := onePort(func() (net.PacketConn, error) { return net.ListenPacket("udp", "127.0.0.1:0") })
	if err != nil {
		t.Fatal(err)
	}
	serveDNS(t, &dns.Server{PacketConn: packets}, udp)
	if tcp == nil {
		streams.Close()
	} else {
		serveDNS(t, &dns.Server{Listener: streams}, tcp)
	}
	return NewResolver(packets.LocalAddr().String())
}

// replying replies without records, but for what it makes of that.
func replying(lie func(*dns.Msg)) func(*dns.Msg) *dns.Msg {
	return func(m *dns.Msg) *dns.Msg {
		reply := new(dns.Msg).SetReply(m)
		lie(reply)
		return reply
	}
}

func cut(m *dns.Msg) { m.Truncated = true }

func fail(m *dns.Msg) { m.Rcode = dns.RcodeServerFailure }

// refer names another server.
func refer(m *dns.Msg) {
	m.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: "test.", Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "ns.test."}}
}

// serveDNS answers what a server is asked, until the test ends.
func serveDNS(t *testing.T, s *dns.Server, reply func(*dns.Msg) *dns.Msg) {
	t.Helper()
	started, ended := make(chan struct{}), make(chan error, 1)
	s.NotifyStartedFunc = func() { close(started) }
	s.Handler = dns.HandlerFunc(func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(reply(m)) })
	go func() { ended <- s.ActivateAndServe() }()
	<-started
	t.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
		<-ended
	})
}

// TestHostsAreKept: the addresses of a host are kept for the least TTL of the answers,
// aliases and both families, over UDP and TCP; one of 0 is not kept.
func TestHostsAreKept(t *testing.T) {
	lines := []string{
		"pbx.example.test 300 A 192.0.2.1", "pbx.example.test 200 AAAA 2001:db8::1", "alias.example.test 100 CNAME pbx.example.test",
		"never.example.test 0 A 192.0.2.1", "odd.example.test 2147483648 A 192.0.2.1", "long.example.test 2147483647 A 192.0.2.1",
	}
	for over, r := range map[string]Resolver{"UDP": served(t, lines...), "TCP": overTCP(t, zoneOf(t, lines...))} {
		for host, want := range map[string]time.Duration{"PBX.example.test.": 200 * time.Second, "alias.example.test": 100 * time.Second, "never.example.test": 0, "odd.example.test": 0, "long.example.test": maxLife} {
			before := time.Now()
			if addrs, err := r.hostAddrs(t.Context(), host); err != nil || len(addrs) == 0 {
				t.Fatalf("%s: %v, %v", host, addrs, err)
			}
			_, kept := r.book.find(zone.Name(host), before.Add(want-1))
			if _, late := r.book.find(zone.Name(host), time.Now().Add(want)); kept != (want > 0) || late {
				t.Errorf("over %s: %s is kept %t, too long %t, want %s", over, host, kept, late, want)
			}
		}
	}
}

// TestHostsAreNotAskedAgain: within the TTL nobody is asked.
func TestHostsAreNotAskedAgain(t *testing.T) {
	n, err := ServeZone(zoneOf(t, "pbx.example.test 300 A 192.0.2.1", "pbx.example.test 300 A 192.0.2.2"))
	if err != nil {
		t.Fatal(err)
	}
	r := NewResolver(n.Addr)
	first := r.lookup(t.Context(), "pbx.example.test")
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if again := r.lookup(t.Context(), "pbx.example.test"); len(first) != 2 || !slices.Equal(first, again) {
		t.Errorf("%v, then %v", first, again)
	}
}

func zoneOf(t *testing.T, lines ...string) zone.Zone {
	t.Helper()
	z, err := zone.New(lines)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestHostBook: no more than a bound is kept, and what is over makes room.
func TestHostBook(t *testing.T) {
	var b hostBook
	now := time.Now()
	for i := range 2 * maxKept {
		b.keep("", fmt.Sprint(i), nil, now, time.Minute)
	}
	if len(b.hosts) != maxKept {
		t.Errorf("%d are kept", len(b.hosts))
	}
	b.keep("", "new", nil, now.Add(time.Minute), time.Minute)
	if _, ok := b.find("new", now.Add(time.Minute)); !ok || len(b.hosts) != 1 {
		t.Errorf("what is over makes no room: %d", len(b.hosts))
	}
}

// answering is a resolver whose server has those records, but for what it says to the
// questions of one type: over UDP, and over TCP.
func answering(t *testing.T, qtype uint16, udp, tcp func(*dns.Msg) *dns.Msg, lines ...string) Resolver {
	t.Helper()
	z := zoneOf(t, lines...)
	reply := func(otherwise func(*dns.Msg) *dns.Msg) func(*dns.Msg) *dns.Msg {
		return func(m *dns.Msg) *dns.Msg {
			reply := z.Reply(m)
			if m.Question[0].Qtype == qtype {
				reply = otherwise(m)
			}
			reply.RecursionAvailable = true // it is a resolver
			return reply
		}
	}
	return saying(t, reply(udp), reply(tcp))
}

// TestHalfAnAnswer: where one of the two questions has no answer, the addresses of the
// other are taken for now, and not kept; if there are none, the error is not that there is
// no such host.
func TestHalfAnAnswer(t *testing.T) {
	empty := func(*dns.Msg) {}
	for _, tc := range []struct {
		name     string
		udp, tcp func(*dns.Msg)
		why      string // "": it is an answer
	}{
		{"SERVFAIL", fail, fail, "SERVFAIL"},
		{"cut over TCP", cut, cut, string(system.CutOverTCP)},
		{"failed over TCP", cut, fail, "SERVFAIL"},
		{"a referral", refer, refer, string(system.Referral)},
		{"empty", empty, empty, ""},
		{"empty over TCP", cut, empty, ""},
	} {
		for _, lacks := range []uint16{dns.TypeA, dns.TypeAAAA} {
			r := answering(t, lacks, replying(tc.udp), replying(tc.tcp), "pbx.example.test 300 A 192.0.2.1", "pbx.example.test 300 AAAA 2001:db8::1", "none.example.test SRV 1 1 5060 x.example.test")
			addrs, err := r.hostAddrs(t.Context(), "pbx.example.test")
			if err != nil || len(addrs) != 1 {
				t.Fatalf("%s: %v, %v", tc.name, addrs, err)
			}
			if _, kept := r.book.find("pbx.example.test", time.Now()); kept != (tc.why == "") {
				t.Errorf("%s, no answer about %s: it is kept: %t", tc.name, dns.TypeToString[lacks], kept)
			}
			_, _, err = r.dial(t.Context(), "tcp", "none.example.test:5060", nil)
			if want := cmp.Or(tc.why, "the resolver has no such name"); !strings.Contains(err.Error(), want) || errors.Is(err, system.UnknownHost) != (tc.why == "") {
				t.Errorf("%s, no answer about %s: %v, want %s", tc.name, dns.TypeToString[lacks], err, want)
			}
		}
	}
}

// TestHearingNothing: a question that nobody answers is one without an answer, and where
// nobody is heard there is nothing to explain.
func TestHearingNothing(t *testing.T) {
	unknown := &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}
	h := &hearing{}
	if err := h.explain(unknown); err != unknown || h.life() != 0 {
		t.Errorf("%v, kept for %s", err, h.life())
	}
	wire, err := zoneOf(t, "x 300 A 192.0.2.1").Reply(new(dns.Msg).SetQuestion("x.", dns.TypeA)).Pack()
	if err != nil {
		t.Fatal(err)
	}
	h.hear(wire, system.CutOverUDP)
	if err := h.explain(unknown); !strings.Contains(err.Error(), string(system.NoAnswer)) || h.life() != 0 {
		t.Errorf("%v, kept for %s", err, h.life())
	}
	if refused := errors.New("refused"); h.explain(refused) != refused {
		t.Error("another error is explained")
	}
}

// TestHostsOfANetwork: in another network the addresses are asked for anew, and what was
// asked in the one before is not kept.
func TestHostsOfANetwork(t *testing.T) {
	r := served(t, "pbx.example.test 300 A 192.0.2.1")
	here := "home"
	r.network = func() string { return here }
	kept := func() bool {
		_, ok := r.book.find("pbx.example.test", time.Now())
		return ok
	}
	if r.lookup(t.Context(), "pbx.example.test"); !kept() {
		t.Fatal("it is not kept")
	}
	here = "away"
	if r.lookup(t.Context(), "other.example.test"); kept() {
		t.Error("it is kept in another network")
	}
	if r.book.keep("home", "pbx.example.test", nil, time.Now(), time.Minute); kept() {
		t.Error("what another network has said is kept")
	}
	if first := networkHere(); networkHere() != first {
		t.Error("the network has no name that stays")
	}
}
