//go:build peers

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/secure"
)

// pemOf writes a certificate of its own for a host into two files.
func pemOf(t *testing.T, host string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	made, err := secure.SelfSigned(private, time.Now(), host)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, content := range map[string][]byte{
		cert: secure.PEM(made), key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// kamailioTLS starts a registrar and proxy with TLS, and gives back its port
// for that, that for the others, and its authority's file.
func kamailioTLS(t *testing.T, defines ...string) (tls, plain int, ca string) {
	t.Helper()
	if found, _ := filepath.Glob("/usr/lib/*/kamailio/modules/tls.so"); len(found) == 0 {
		t.Fatal("this test needs Kamailio's module tls: apt-get install kamailio-tls-modules (as .ci/run does)")
	}
	ca, private := pemOf(t, "127.0.0.1")
	tls, plain = freePort(t), freePort(t)
	kamailio(t, plain, append(defines, fmt.Sprintf("TLSPORT=%d", tls), fmt.Sprintf("CERTIFICATE=%q", ca), fmt.Sprintf("KEY=%q", private))...)
	dialUntil(t, address(tls))
	return tls, plain, ca
}

// TestKamailioOverTLS registers over TLS, sleeps, and is woken by an INVITE on
// that connection.
func TestKamailioOverTLS(t *testing.T) {
	t.Parallel()
	tls, plain, ca := kamailioTLS(t)
	p := alice(t, tls, "--transport", "tls", "--ca", ca, "--auto", "answer", "--mic", "silence")
	open := expect(p, "TLS", func(e event.Socket) bool { return e.Phase == "open" })
	if !strings.Contains(open.Security, "certificate of 127.0.0.1, signed by 127.0.0.1") {
		t.Errorf("secured by %q", open.Security)
	}
	p.registered()
	p.asleep()
	sipp(t, address(plain), "-sf", "uac.xml", "-s", "alice", "-m", "1")
	expect(p, "wake by socket", func(e event.Wake) bool { return e.Cause == event.BySocket })
	expect(p, "INVITE", func(e event.Frame) bool { return e.What == "INVITE" })
	p.call("up")
	if ended := p.call("ended"); ended.By != "peer" {
		t.Errorf("ended by %s, want peer", ended.By)
	}
	p.say("unregister")
	expect(p, "unregistered", func(e event.Registration) bool { return e.Phase == "removed" })
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// Nobody has told the phone to trust that server.
func TestKamailioUntrusted(t *testing.T) {
	t.Parallel()
	tls, _, _ := kamailioTLS(t)
	p := alice(t, tls, "--transport", "tls")
	broken := expect(p, "refusal", func(e event.Socket) bool { return e.Phase == "broken" })
	if !strings.Contains(broken.Error, "--ca FILE") {
		t.Errorf("the error is %q", broken.Error)
	}
	p.quit()
}

// TestKamailioWantsACertificate: the phone shows its own, also when its process is
// started anew, and says what is missing without one.
func TestKamailioWantsACertificate(t *testing.T) {
	t.Parallel()
	cert, key := pemOf(t, "alice")
	tls, _, ca := kamailioTLS(t, fmt.Sprintf("CLIENTS=%q", cert))
	p := alice(t, tls, "--transport", "tls", "--ca", ca, "--tls-cert", cert, "--tls-key", key)
	open := expect(p, "TLS", func(e event.Socket) bool { return e.Phase == "open" })
	if !strings.HasSuffix(open.Security, "ours, of alice, was shown") || open.Resumed {
		t.Errorf("secured by %q, resumed %t", open.Security, open.Resumed)
	}
	p.registered()
	p.say("kill", "foreground")
	if open := expect(p, "TLS", func(e event.Socket) bool { return e.Phase == "open" }); open.Resumed {
		t.Error("a process that was started anew resumes a session")
	}
	p.quit()

	p = alice(t, tls, "--transport", "tls", "--ca", ca)
	broken := expect(p, "refusal", func(e event.Socket) bool { return e.Phase == "broken" })
	if !strings.Contains(broken.Error, "it asked for a certificate of this phone, which has none: --tls-cert FILE") {
		t.Errorf("the error is %q", broken.Error)
	}
	p.quit()
}
