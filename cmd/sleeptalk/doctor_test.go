package main

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// TestDoctorAsksOverUDP asks a real socket, and wants to know of the transport
// that the phone would use.
func TestDoctorAsksOverUDP(t *testing.T) {
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	go func() {
		request := make([]byte, 4096)
		n, from, err := socket.ReadFrom(request)
		if err == nil && strings.HasPrefix(string(request[:n]), "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:") {
			_, _ = socket.WriteTo([]byte("SIP/2.0 200 OK\r\n\r\n"), from) // if it is lost, so is the test
		}
	}()
	host, port, _ := net.SplitHostPort(socket.LocalAddr().String())
	if got := checkDatagrams(context.Background(), probe{Server: setup.Server{Host: host, Port: port}}, "bad"); got.Result != "ok" {
		t.Errorf("%+v", got)
	}
}

// TestDoctorShowsLines: a detail of several lines is shown below its first, where
// what a server says looks like no check of ours.
func TestDoctorShowsLines(t *testing.T) {
	var out strings.Builder
	p := &cli.Program{Env: os.Getenv, Out: cli.Stdout(&out)}
	detail := "a.yaml:1:1 unknown key \"sever\"\n1 | sever: x\n  | ^^^^^\x1b[2J\nok    server"
	if err := printFindings(p, []finding{{Check: "config", Result: "bad", Detail: detail}}, false); err != nil {
		t.Fatal(err)
	}
	want := `bad   config    a.yaml:1:1 unknown key "sever"
                1 | sever: x
                  | ^^^^^\x1b[2J
                ok    server
`
	if out.String() != want {
		t.Errorf("%s\nwant:\n%s", &out, want)
	}
}

func TestDoctorKnowsTheTransport(t *testing.T) {
	for _, c := range []struct {
		values setup.Values
		want   string
	}{
		{setup.Values{"server": "pbx"}, "tcp"},
		{setup.Values{"server": "pbx", "strategy": "wake-socket"}, "udp"},
		{setup.Values{"server": "pbx", "strategy": "wake-socket", "transport": "TCP"}, "tcp"},
		{setup.Values{"server": "sip:pbx;transport=udp"}, "udp"},
		{setup.Values{"server": "sip:pbx;transport=udp", "outbound-proxy": "sips:edge"}, "tls"},
		{setup.Values{"server": "sip:pbx;transport=udp", "outbound-proxy": "edge"}, "udp"},
	} {
		hop, err := c.values.Hop()
		if err != nil {
			t.Fatal(err)
		}
		if got := transportOf(hop, c.values); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// TestDoctorDomain: a certificate that names a host by a wildcard is good for a WebSocket,
// and noted for a SIP domain.
func TestDoctorDomain(t *testing.T) {
	cert, err := secure.SelfMade(time.Now(), "*.lab.test")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{*cert}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for conn, err := ln.Accept(); err == nil; conn, err = ln.Accept() {
			_ = conn.(*tls.Conn).Handshake() // the doctor says what came of it
			conn.Close()
		}
	}()
	host, port, _ := net.SplitHostPort(ln.Addr().String())
	for domain, want := range map[bool]string{true: "note", false: "ok"} {
		f := checkServer(t.Context(), probe{
			Server: setup.Server{Host: host, Port: port, Transport: "tls"}, name: "pbx.lab.test", resolver: live.NewResolver(""), sipDomain: domain,
		}, secure.Config{CA: secure.Trusting(cert)})
		if f.Result != want || strings.Contains(f.Detail, "by the wildcard *.lab.test alone") != domain {
			t.Errorf("of a domain %t: %+v", domain, f)
		}
	}
}
