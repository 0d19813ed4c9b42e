package secure_test

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestClientCertificate: a server that demands a certificate of its clients has
// one, or says why not, to both.
func TestClientCertificate(t *testing.T) {
	alice, old := certificate(t, epoch, "alice"), certificate(t, epoch.AddDate(-3, 0, 0), "old")
	for _, test := range []struct {
		name           string
		own            *tls.Certificate
		version        uint16
		client, server string // the last that each hears
	}{
		{"shown", alice, 0, secured13 + ", shown alice", `secured by TLS 1.3, TLS_AES_128_GCM_SHA256, "alice" signed by "alice"`},
		{
			"none", nil, 0,
			"closed: TLS with lab.test: it refused: remote error: tls: certificate required; it asked for a certificate of this phone, which has none: --tls-cert FILE and --tls-key FILE",
			"closed: TLS with the client: tls: client didn't provide a certificate",
		},
		{
			"none, 1.2", nil, tls.VersionTLS12,
			"closed: TLS with lab.test: it refused: remote error: tls: handshake failure; it asked for a certificate of this phone, which has none: --tls-cert FILE and --tls-key FILE",
			"closed: TLS with the client: tls: client didn't provide a certificate",
		},
		{
			"unknown", certificate(t, epoch, "mallory"), 0,
			"closed: TLS with lab.test: it refused: remote error: tls: unknown certificate authority; it was shown the certificate of mallory, signed by mallory",
			"closed: TLS with the client: nobody whom this server trusts has signed its certificate (mallory, signed by mallory): --client-ca FILE trusts its authority",
		},
		{
			"expired", old, 0,
			"closed: TLS with lab.test: it refused: remote error: tls: expired certificate; it was shown the certificate of old, which ended on 2024-01-01 00:00 UTC",
			"closed: TLS with the client: its certificate ended on 2024-01-01 00:00 UTC, and it is 2026-01-01 00:00 UTC here: it has to be renewed",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			client, server := trusting(t)
			client.Certificate, client.MaxVersion = test.own, test.version
			server.ClientCA = secure.Trusting(alice, old)
			p := newPair(t, client, server)
			p.run()
			last := func(heard []string) string { return heard[len(heard)-1] }
			if got := last(p.client.heard); got != test.client {
				t.Errorf("the client hears\n  %s\nwant\n  %s", got, test.client)
			}
			if got := last(p.server.heard); got != test.server {
				t.Errorf("the server hears\n  %s\nwant\n  %s", got, test.server)
			}
		})
	}
	t.Run("not asked for", func(t *testing.T) {
		client, server := trusting(t)
		client.Certificate = alice
		p := newPair(t, client, server)
		p.run()
		p.client.want(t, secured13)
	})
}

// TestResumption: the next connection goes on with the session of the last one,
// unless the program has been started anew in between, or the certificate is not
// valid any more.
func TestResumption(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			client, server := trusting(t)
			client.MaxVersion = version
			p := newPair(t, client, server)
			again := func() bool {
				p.run()
				p.closes()
				p.client.heard, p.server.heard = nil, nil
				p.begin(system.StartTLS{Name: "lab.test"})
				p.run()
				resumed := strings.HasSuffix(p.client.heard[0], ", resumed")
				if atServer := strings.HasSuffix(p.server.heard[0], ", resumed"); atServer != resumed {
					t.Errorf("resumed at the client: %t, at the server: %t", resumed, atServer)
				}
				if !strings.Contains(p.client.heard[0], `"lab.test" signed by "lab.test"`) {
					t.Errorf("whose session? %s", p.client.heard[0])
				}
				return resumed
			}
			for range 2 {
				if !again() {
					t.Error("a reconnect does not resume the session")
				}
			}
			p.client.layer.Restart()
			if again() {
				t.Error("a program that was started anew resumes a session")
			}
			if !again() {
				t.Error("its own session is not resumed")
			}
		})
	}
}

var errFull = errors.New("no space left on device")

// A disk is a writer that can be full.
type disk struct {
	strings.Builder
	full bool
}

func (d *disk) Write(b []byte) (int, error) {
	if d.full {
		return 0, errFull
	}
	return d.Builder.Write(b)
}

// TestKeyLog: both ends write the secrets of a connection, as Wireshark reads
// them. A full disk costs no connection, and is said once.
func TestKeyLog(t *testing.T) {
	client, server := trusting(t)
	var file disk
	client.KeyLog, server.KeyLog = &secure.KeyLog{Name: "keys.log", W: &file}, &secure.KeyLog{Name: "keys.log", W: &file}
	p := newPair(t, client, server)
	p.run()
	for line := range strings.Lines(file.String()) {
		if f := strings.Fields(line); len(f) != 3 || len(f[1]) != 64 || !strings.Contains(f[0], "TRAFFIC_SECRET") {
			t.Errorf("a line is %q", line)
		}
	}
	if n := strings.Count(file.String(), "\n"); n != 8 {
		t.Errorf("%d lines, want 4 of each end", n)
	}
	if w := client.KeyLog.Warning(); w.Rule != event.RuleKeysWritten || !strings.Contains(w.Note, "keys.log") {
		t.Errorf("%+v", w)
	}

	file.full = true
	for _, want := range []int{1, 0} {
		p = newPair(t, client, server)
		p.run()
		p.client.want(t, secured13)
		for _, e := range p.client.logs {
			if e, ok := e.(event.Error); !ok || e.Rule != event.RuleKeysWritten || e.Err != errFull.Error() {
				t.Errorf("%+v", e)
			}
		}
		if len(p.client.logs) != want {
			t.Errorf("%d events, want %d", len(p.client.logs), want)
		}
	}
}

// TestKeyLogOfHandshakes: who writes nothing else says, too, that it could not be written, and
// of one file it is said once.
func TestKeyLogOfHandshakes(t *testing.T) {
	if (*secure.KeyLog)(nil).Taker() != nil {
		t.Error("somebody takes what there is no file for")
	}
	file := &disk{}
	take := (&secure.KeyLog{Name: "keys.log", W: file}).Taker()
	if said := take([]byte("a")); len(said) != 0 {
		t.Errorf("%+v", said)
	}
	file.full = true
	said := append(take([]byte("b")), take([]byte("c"))...)
	if len(said) != 1 || said[0].(system.Log).Event.(event.Error).Rule != event.RuleKeysWritten {
		t.Errorf("%+v", said)
	}
}
