//go:build peers

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// redirects is a SIPp that answers 302 with an address.
func redirects(t *testing.T, scenario, target string) (port int) {
	t.Helper()
	port = freePort(t)
	sippAt(t, "t1", port, "-sf", scenario, "-key", "target", target)
	return port
}

// TestSIPpRedirectsACall calls somebody who has moved, and hangs up.
func TestSIPpRedirectsACall(t *testing.T) {
	t.Parallel()
	port, callee := freePort(t), freePort(t)
	kamailio(t, port)
	sippAt(t, "t1", callee, "-sn", "uas", "-rtp_echo")
	moved := redirects(t, "redirect.xml", address(callee))
	p := alice(t, port, "--mic", "tone:440")
	p.registered()
	p.say(fmt.Sprintf("call sip:service@%s;transport=tcp", address(moved)))
	if e := p.call("redirected"); e.Status != 302 || !strings.Contains(e.To, address(callee)) {
		t.Errorf("redirected by %d to %s, want 302 to %s", e.Status, e.To, address(callee))
	}
	p.call("up")
	expect(p, "audio sent", func(e event.RTP) bool { return e.Sent > 50 })
	p.say("hang up")
	if ended := p.call("ended"); ended.By != "us" || !strings.Contains(ended.To, address(callee)) {
		t.Errorf("ended by %s, with %s", ended.By, ended.To)
	}
	p.quit()
}

// TestSIPpRedirectsARegistration has a registrar send the phone to another one.
func TestSIPpRedirectsARegistration(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, redirects(t, "redirect-register.xml", address(port)))
	if e := expect(p, "sent elsewhere", func(e event.Registration) bool { return e.Phase == "redirected" }); !strings.Contains(e.Contact, address(port)) {
		t.Errorf("sent to %s, want %s", e.Contact, address(port))
	}
	p.registered()
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}
