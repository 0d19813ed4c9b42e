package live

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// served is a resolver whose only server has those records.
func served(t *testing.T, lines ...string) Resolver {
	t.Helper()
	n, err := ServeZone(zoneOf(t, lines...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return NewResolver(n.Addr)
}

// TestAsk: over UDP what fits there, over TCP what does not; and hosts by the same
// server.
func TestAsk(t *testing.T) {
	lines := []string{"_sip._tcp.example.test SRV 1 2 5060 sip1.example.test", "sip1.example.test A 192.0.2.7", "alias.example.test CNAME _sip._tcp.example.test"}
	for i := range 30 {
		lines = append(lines, fmt.Sprintf("many.example.test SRV 1 2 5060 a-host-with-a-long-name-%d.example.test", i))
	}
	r := served(t, lines...)
	for name, want := range map[string]string{
		"_sip._tcp.example.test": "1 ", "alias.example.test": "1 ", "many.example.test": "30 ", "sip1.example.test": "0 no such record", "none.example.test": "0 NXDOMAIN",
	} {
		a := r.Ask(t.Context(), system.Query{Name: name, Type: system.SRV})
		if got := fmt.Sprintf("%d %s", len(a.Records), a.Fault); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if addrs := r.lookup(t.Context(), "sip1.example.test"); len(addrs) != 1 || addrs[0].Unmap().String() != "192.0.2.7" {
		t.Errorf("addresses %v", addrs)
	}
}

// TestAskHost: the answer to a query reaches the machine.
func TestAskHost(t *testing.T) {
	r := newRig(t, Config{Resolver: served(t, "_sip._tcp.example.test SRV 1 2 5060 sip1.example.test").server})
	q := system.Query{Name: "_sip._tcp.example.test", Type: system.SRV}
	r.do(q)
	if got := next[system.Answered](r); got.Query != q || len(got.Records) != 1 {
		t.Errorf("%+v", got)
	}
}

// TestBlame: who has not answered is who was asked.
func TestBlame(t *testing.T) {
	err := error(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: "x", Server: "192.0.2.53:53"}})
	if got := NewResolver("127.0.0.1:5353").blame(err).Error(); !strings.Contains(got, "on 127.0.0.1:5353:") {
		t.Errorf("%s", got)
	}
	silent := udp(t)
	server := silent.LocalAddr().String()
	silent.Close()
	r := newRig(t, Config{Resolver: server})
	r.do(system.Connect{Socket: 1, Target: "pbx.example.test:5060"}, system.Bind{RTP: 2, Target: "pbx.example.test:5060"})
	for range 2 {
		if got := next[system.Failed](r).Err.Error(); !strings.Contains(got, "on "+server+":") {
			t.Errorf("%s", got)
		}
	}
}

// TestAskLiars: what is no answer to the question is none, a failure has its name, and so
// has what is cut where there is no reason for it.
func TestAskLiars(t *testing.T) {
	q := system.Query{Name: "_sip._tcp.example.test", Type: system.SRV}
	for name, c := range map[string]struct {
		udp, tcp func(m *dns.Msg) // tcp nil: nobody is there
		want     system.DNSFault
	}{
		"SERVFAIL":           {fail, nil, system.ServerFailed},
		"another question":   {func(m *dns.Msg) { m.Question[0].Name = "evil.test." }, nil, system.OtherQuestion},
		"another type":       {func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeA }, nil, system.OtherQuestion},
		"no question":        {func(m *dns.Msg) { m.Question = nil }, nil, system.OtherQuestion},
		"another ID":         {cut, func(m *dns.Msg) { m.Id++ }, system.OtherQuestion},
		"the question":       {func(m *dns.Msg) { m.Response = false }, nil, system.Unreadable},
		"cut":                {cut, cut, system.CutOverTCP},
		"cut, no TCP":        {cut, nil, system.CutOverUDP},
		"a referral":         {refer, nil, system.Referral},
		"a reply of its own": {func(m *dns.Msg) { refer(m); m.Authoritative = true }, nil, system.NoSuchRecord},
		"no records":         {func(*dns.Msg) {}, nil, system.NoSuchRecord},
	} {
		asked := make(chan bool, 10)
		lying := func(lie func(*dns.Msg)) func(*dns.Msg) *dns.Msg {
			if lie == nil {
				return nil
			}
			return replying(func(m *dns.Msg) { lie(m); asked <- true })
		}
		a := saying(t, lying(c.udp), lying(c.tcp)).Ask(t.Context(), q)
		want := system.DNSTries
		if c.want.Empty() {
			want = 1
		}
		if c.tcp != nil {
			want *= 2
		}
		if a.Fault != c.want || len(a.Records) > 0 || len(asked) != want {
			t.Errorf("%s: %q, %d records, asked %d times", name, a.Fault, len(a.Records), len(asked))
		}
	}
}

// TestAskGarbage: what is no message is no answer, and said to be none that can be read.
func TestAskGarbage(t *testing.T) {
	server := udp(t)
	defer server.Close()
	go func() {
		b := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(append(b[:2:2], b[2:n/2]...), from)
		}
	}()
	if a := NewResolver(server.LocalAddr().String()).Ask(t.Context(), system.Query{Name: "example.test", Type: system.SRV}); a.Fault != system.Unreadable {
		t.Errorf("%q", a.Fault)
	}
}

// TestAskMachine: where no file names the resolvers, nobody is asked for NAPTR records,
// which is no failure of theirs.
func TestAskMachine(t *testing.T) {
	a := NewResolver("").askMachine(t.Context(), system.Query{Name: "example.test", Type: system.NAPTR})
	if a.Fault != system.NotAsked {
		t.Errorf("%q", a.Fault)
	}
}

// TestAskNobody: a server that says nothing is no answer, when the time is over.
func TestAskNobody(t *testing.T) {
	silent := udp(t)
	defer silent.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	a := NewResolver(silent.LocalAddr().String()).Ask(ctx, system.Query{Name: "example.test", Type: system.NAPTR})
	if a.Fault != system.NoAnswer || strings.Contains(string(a.Fault), "NXDOMAIN") {
		t.Errorf("%q", a.Fault)
	}
}
