//go:build peers

package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/secure"
)

// An xmppServer is a Prosody with the users alice and bob of example.org, and
// a certificate of its own making.
type xmppServer struct {
	t             *testing.T
	dir           string
	port, tlsPort int
	ca            *x509.CertPool
	cmd           *exec.Cmd
	out           *output
}

func newProsody(t *testing.T) *xmppServer {
	t.Helper()
	need(t, "prosody", "prosody")
	v := &xmppServer{t: t, dir: t.TempDir(), port: freePort(t), tlsPort: freePort(t)}
	v.certify()
	for _, user := range []string{"alice", "bob"} {
		cmd := exec.Command("prosodyctl", "--config", v.config(), "register", user, "example.org", "secret")
		v.settings(cmd)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("prosodyctl register %s: %v\n%s", user, err, out)
		}
	}
	return v
}

// settings are what the configuration reads of the environment.
func (v *xmppServer) settings(cmd *exec.Cmd) {
	cmd.Env = append(os.Environ(), "DIR="+v.dir, fmt.Sprintf("PORT=%d", v.port), fmt.Sprintf("TLS_PORT=%d", v.tlsPort))
}

func (v *xmppServer) config() string {
	path, err := filepath.Abs("testdata/peers/prosody.cfg.lua")
	if err != nil {
		v.t.Fatal(err)
	}
	return path
}

// certify writes the server's certificate and key.
func (v *xmppServer) certify() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		v.t.Fatal(err)
	}
	cert, err := secure.SelfSigned(key, time.Now(), "example.org")
	if err != nil {
		v.t.Fatal(err)
	}
	v.ca = secure.Trusting(cert)
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		v.t.Fatal(err)
	}
	v.write("cert.pem", "CERTIFICATE", cert.Certificate[0])
	v.write("key.pem", "EC PRIVATE KEY", der)
}

func (v *xmppServer) write(name, kind string, der []byte) {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(filepath.Join(v.dir, name), text, 0o600); err != nil {
		v.t.Fatal(err)
	}
}

// start runs the server until the test's end, or until it is stopped.
func (v *xmppServer) start() {
	v.t.Helper()
	v.cmd, v.out = spawnWith(v.t, v.dir, v.settings, "prosody", "--config", v.config(), "-F")
	dialUntil(v.t, fmt.Sprintf("127.0.0.1:%d", v.port))
}

// alice is a phone at the server.
func (v *xmppServer) alice(flags ...string) *tester {
	return start(v.t, append([]string{
		"phone", "--json", "--control", "xmpp", "--server", fmt.Sprintf("127.0.0.1:%d", v.port), "--domain", "example.org", "--user", "alice",
		"--password-env", "SLEEPTALK_TEST_PASSWORD", "--tls", "required", "--ca", filepath.Join(v.dir, "cert.pem"),
		"--device", "ios-voip-socket", "--set", "grace=1s",
	}, flags...)...)
}

// A chatter is bob, signed on with a few lines of XMPP of the test's own.
type chatter struct {
	t    *testing.T
	conn *tls.Conn
	in   *bufio.Reader
}

func (v *xmppServer) bob() *chatter {
	v.t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", v.tlsPort))
	if err != nil {
		v.t.Fatal(err)
	}
	c := &chatter{t: v.t, conn: tls.Client(conn, &tls.Config{ServerName: "example.org", RootCAs: v.ca})}
	v.t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(2 * patience)); err != nil {
		v.t.Fatal(err)
	}
	c.in = bufio.NewReader(c.conn)
	const open = "<stream:stream to='example.org' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
	c.say(open, "</stream:features>")
	c.say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"+base64.StdEncoding.EncodeToString([]byte("\x00bob\x00secret"))+"</auth>", "<success")
	c.say(open, "</stream:features>")
	c.say("<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>test</resource></bind></iq>", "</iq>")
	c.say("<presence/>", "<presence")
	return c
}

// say sends XML, and reads until want has come.
func (c *chatter) say(xml, want string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(xml)); err != nil {
		c.t.Fatal(err)
	}
	c.hear(want)
}

func (c *chatter) hear(want string) {
	c.t.Helper()
	var heard strings.Builder
	for want != "" && !strings.Contains(heard.String(), want) {
		b, err := c.in.ReadByte()
		if err != nil {
			c.t.Fatalf("no %q in %q: %v", want, heard.String(), err)
		}
		heard.WriteByte(b)
	}
}

func data(what string, out bool) func(event.Data) bool {
	return func(e event.Data) bool { return e.What == what && e.Out == out }
}

// TestProsodyMessage has a phone that sleeps be woken by a message and by a
// call, and ping.
func TestProsodyMessage(t *testing.T) {
	t.Parallel()
	v := newProsody(t)
	v.start()
	p := v.alice()
	expect(p, "STARTTLS", data("starttls", true))
	expect(p, "TLS", func(e event.Socket) bool { return e.Phase == "open" && strings.HasPrefix(e.Security, "TLS 1.3") })
	expect(p, "SCRAM", func(e event.Data) bool { return e.What == "auth" && strings.Contains(e.Raw, "SCRAM-SHA-256") })
	p.registered()
	expect(p, "stream management", data("sm enabled", false))
	p.asleep()
	v.out.wait(t, "Received[c2s]: <inactive ")

	bob := v.bob()
	bob.say("<message type='chat' to='alice@example.org'><body>are you there?</body></message>", "")
	expect(p, "wake by socket", func(e event.Wake) bool { return e.Cause == event.BySocket })
	expect(p, "the message", data("message", false))
	expect(p, "text", func(e event.Text) bool { return e.From == "bob@example.org" && e.Body == "are you there?" })
	expect(p, "notification", func(e event.Notification) bool { return e.Phase == "posted" && e.Body == "are you there?" })
	expect(p, "suspended again", func(e event.State) bool { return e.To == event.Suspended })

	bob.say("<message type='chat' to='alice@example.org'><propose xmlns='urn:xmpp:jingle-message:0' id='call-1'>"+
		"<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose><store xmlns='urn:xmpp:hints'/></message>", "<ringing")
	p.call("ringing")
	p.say("answer")
	bob.hear("<proceed")
	bob.say("<message type='chat' to='alice@example.org'><finish xmlns='urn:xmpp:jingle-message:0' id='call-1'>"+
		"<reason xmlns='urn:xmpp:jingle:1'><success/></reason></finish></message>", "<finish")
	p.call("ended")

	p.asleep()
	p.say("clock x3600")
	expect(p, "wake by keepalive", func(e event.Wake) bool { return e.Cause == event.ByKeepalive })
	expect(p, "ping", func(e event.Ping) bool { return e.Out })
	expect(p, "pong", func(e event.Pong) bool { return !e.Out })
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestProsodyResumes breaks the connection while the phone sleeps. What comes
// meanwhile is there when the session goes on.
func TestProsodyResumes(t *testing.T) {
	t.Parallel()
	v := newProsody(t)
	v.start()
	p := v.alice()
	p.registered()
	expect(p, "stream management", data("sm enabled", false))
	p.asleep()
	p.say("fault nat drop", "clock x3600")
	bob := v.bob()
	bob.say("<message type='chat' to='alice@example.org'><body>are you there?</body></message>", "")
	expect(p, "lost", func(e event.Registration) bool { return e.Phase == "lost" })
	expect(p, "resumed", data("sm resumed", false))
	expect(p, "client state", data("csi inactive", true))
	expect(p, "text", func(e event.Text) bool { return e.Body == "are you there?" })
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestProsodyRestart restarts the server, which forgets all sessions, while
// the phone sleeps.
func TestProsodyRestart(t *testing.T) {
	t.Parallel()
	v := newProsody(t)
	v.start()
	p := v.alice()
	p.registered()
	expect(p, "stream management", data("sm enabled", false))
	p.asleep()
	stop(t, v.cmd)
	expect(p, "wake by socket", func(e event.Wake) bool { return e.Cause == event.BySocket })
	expect(p, "lost", func(e event.Registration) bool { return e.Phase == "lost" })
	v.start()
	p.registered()
	expect(p, "suspended again", func(e event.State) bool { return e.To == event.Suspended })
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestProsodyRefuses has a phone with the wrong password, and one that trusts
// nobody who has signed the certificate, over TLS from the start.
func TestProsodyRefuses(t *testing.T) {
	t.Parallel()
	v := newProsody(t)
	v.start()
	p := v.alice("--password-env", "SLEEPTALK_TEST_WRONG_PASSWORD")
	failed := expect(p, "refusal", func(e event.Registration) bool { return e.Phase == "failed" })
	if failed.Status != 401 || failed.Hint == "" {
		t.Errorf("refusal %+v: want status 401 and a hint", failed)
	}
	p.quit()

	direct := []string{"--server", fmt.Sprintf("127.0.0.1:%d", v.tlsPort), "--transport", "tls"}
	p = v.alice(direct...)
	p.registered()
	p.quit()

	other := newProsody(t)
	p = v.alice(append(direct, "--ca", filepath.Join(other.dir, "cert.pem"))...)
	expect(p, "an unknown authority", func(e event.Socket) bool { return e.Phase == "broken" && strings.Contains(e.Error, "certificate") })
	p.quit()
}
