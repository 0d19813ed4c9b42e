package lab

import (
	"strings"
	"testing"
	"time"
)

const contact = "Contact: <sip:alice@192.168.7.7:1234;transport=tcp>"

func TestRegister(t *testing.T) {
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		b := newBench(t, func(c *Config) { c.Algorithms = []string{algorithm} })
		c := b.wire()
		res := c.register("alice", "secret", contact+";expires=120")
		if got := text(res, "Contact"); res.StatusCode != 200 || !strings.Contains(got, "192.168.7.7:1234") || !strings.Contains(got, "expires=120") {
			t.Errorf("%s: %d, Contact %q", algorithm, res.StatusCode, got)
		}
		if via := res.Via(); !strings.Contains(via.Value(), "received=10.0.1.1") || !strings.Contains(via.Value(), "rport=49152") {
			t.Errorf("Via %q does not say where the request came from", via.Value())
		}
	}
}

func TestRegisterRefused(t *testing.T) {
	for _, tc := range []struct {
		name, user, password, contact string
		status                        int
	}{
		{"wrong password", "alice", "wrong", contact, 403},
		{"unknown user", "mallory", "secret", contact, 403},
		{"too brief", "alice", "secret", contact + ";expires=3", 423},
		{"star without zero", "alice", "secret", "Contact: *", 400},
	} {
		b := newBench(t, nil)
		if res := b.wire().register(tc.user, tc.password, tc.contact); res.StatusCode != tc.status {
			t.Errorf("%s: %d, want %d", tc.name, res.StatusCode, tc.status)
		}
		if len(b.lab.users["alice"].bindings) != 0 {
			t.Errorf("%s: bound all the same", tc.name)
		}
	}
}

func TestRegisterForSomebodyElse(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	res := c.request("REGISTER", "sip:lab.test", "<sip:carol@lab.test>", contact)
	if res = c.request("REGISTER", "sip:lab.test", "<sip:carol@lab.test>", contact, credentials(t, res, "alice", "secret")); res.StatusCode != 403 {
		t.Errorf("alice registered carol: %d", res.StatusCode)
	}
}

func TestStaleNonce(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	first := c.request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact)
	b.run(defaultNonceLife)
	again := c.request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact, credentials(t, first, "alice", "secret"))
	if v := text(again, "WWW-Authenticate"); again.StatusCode != 401 || !strings.Contains(v, "stale=true") {
		t.Fatalf("%d %q, want a stale challenge", again.StatusCode, v)
	}
	if res := c.request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact, credentials(t, again, "alice", "secret")); res.StatusCode != 200 {
		t.Errorf("%d with a fresh nonce", res.StatusCode)
	}
}

func TestUnregister(t *testing.T) {
	for _, how := range [][]string{{contact + ";expires=0"}, {contact, "Expires: 0"}, {"Contact: *", "Expires: 0"}} {
		b := newBench(t, nil)
		c := b.wire()
		c.register("alice", "secret", contact)
		if n := len(b.lab.users["alice"].bindings); n != 1 {
			t.Fatalf("%d bindings", n)
		}
		res := c.register("alice", "secret", how...)
		if res.StatusCode != 200 || len(b.lab.users["alice"].bindings) != 0 || text(res, "Contact") != "" {
			t.Errorf("%q: %d, %d bindings left", how, res.StatusCode, len(b.lab.users["alice"].bindings))
		}
	}
}

func TestRegistrationExpires(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.register("alice", "secret", contact+";expires=60")
	b.run(59 * time.Second)
	if len(b.lab.users["alice"].bindings) != 1 {
		t.Error("gone too early")
	}
	b.run(2 * time.Second)
	if len(b.lab.users["alice"].bindings) != 0 {
		t.Error("still bound")
	}
}

func TestInstanceReplacesItsOldBinding(t *testing.T) {
	b := newBench(t, nil)
	const instance = `;reg-id=1;+sip.instance="<urn:uuid:1>"`
	b.wire().register("alice", "secret", "Contact: <sip:alice@10.1.1.1:1>"+instance)
	res := b.wire().register("alice", "secret", "Contact: <sip:alice@10.1.1.1:2>"+instance, "Supported: outbound, path")
	if u := b.lab.users["alice"]; len(u.bindings) != 1 || u.bindings[0].uri.Port != 2 {
		t.Errorf("%d bindings", len(u.bindings))
	}
	if text(res, "Require") != "outbound" {
		t.Error("the registrar does not say that it did outbound")
	}
}

func TestBindingsAreBounded(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	for i := range maxBindings + 5 {
		c.register("alice", "secret", "Contact: <sip:alice@10.1.1.1:"+strings.Repeat("1", 1+i%3)+";n="+string(rune('a'+i))+">;+sip.instance=\"<urn:x:"+string(rune('a'+i))+">\"")
	}
	if n := len(b.lab.users["alice"].bindings); n != maxBindings {
		t.Errorf("%d bindings, the limit is %d", n, maxBindings)
	}
}
