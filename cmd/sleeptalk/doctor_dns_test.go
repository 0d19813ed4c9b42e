package main

import (
	"net"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// TestDoctorLooksInTheDNS: doctor says what it was told, and asks the servers in their
// order; one with a port is asked alone.
func TestDoctorLooksInTheDNS(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	names, err := zone.New([]string{
		"_sip._tcp.example.test SRV 10 0 " + port + " one.example.test", "_sip._tcp.example.test SRV 20 0 9 one.example.test",
		"one.example.test A 127.0.0.1", "_sip._tcp.none.example.test SRV 0 0 0 .",
		"_sip._tcp.odd.example.test SRV 0 0 5060 one.example.test", "_sip._tcp.odd.example.test SRV 1 0 0 two.example.test",
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := live.ServeZone(names)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	r := live.NewResolver(n.Addr)
	for server, want := range map[string]string{
		"sip:example.test;transport=tcp": "ok SRV _sip._tcp.example.test: 10 0 " + port + " one.example.test; 20 0 9 one.example.test\n" +
			"1. one.example.test:" + port + " over TCP (SRV)\n2. one.example.test:9 over TCP (SRV)",
		"other.example.test": "ok NAPTR other.example.test: NXDOMAIN\nSRV _sip._tcp.other.example.test: NXDOMAIN\nSRV _sip._udp.other.example.test: NXDOMAIN\n" +
			"SRV _sips._tcp.other.example.test: NXDOMAIN\n1. other.example.test:5060 over TCP (the domain itself)",
		"sip:odd.example.test;transport=tcp": "ok SRV _sip._tcp.odd.example.test: 0 0 5060 one.example.test; 1 0 0 two.example.test\n1. one.example.test:5060 over TCP (SRV)\n" +
			"left out: SRV _sip._tcp.odd.example.test: 1 of 2 records, which name no host or no port",
		"sip:none.example.test;transport=tcp": "bad SRV _sip._tcp.none.example.test: 0 0 0 .",
		"example.test:5060":                   "", "127.0.0.1": "", "wss://example.test": "",
	} {
		found, looked := lookFor(t.Context(), setup.Values{"server": server}, r)
		if want == "" {
			if looked {
				t.Errorf("%s is looked for", server)
			}
			continue
		}
		if f := found.finding(); f.Result+" "+f.Detail != want {
			t.Errorf("%s: %s %s\nwant %s", server, f.Result, f.Detail, want)
		}
		if strings.HasPrefix(server, "sip:example") {
			all := found.check(t.Context(), setup.Values{}, r)
			if len(all) < 2 || all[0].Result != "ok" || all[len(all)-2].Result != "note" {
				t.Errorf("%+v", all)
			}
		}
	}
}

// TestDoctorBlamesTheResolver: a name that is looked up in vain is the matter of the
// resolver that was asked, as a phone says it, over TCP and UDP.
func TestDoctorBlamesTheResolver(t *testing.T) {
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	resolver := silent.LocalAddr().String()
	silent.Close()
	server := probe{Server: setup.Server{Host: "pbx.example.test", Port: "5060", Transport: "tcp"}, resolver: live.NewResolver(resolver)}
	for _, f := range []finding{checkServer(t.Context(), server, secure.Config{}), checkDatagrams(t.Context(), server, "bad")} {
		if f.Result != "bad" || !strings.Contains(f.Detail, "cannot look up pbx.example.test") || !strings.Contains(f.Detail, "on "+resolver) {
			t.Errorf("%+v", f)
		}
	}
}
