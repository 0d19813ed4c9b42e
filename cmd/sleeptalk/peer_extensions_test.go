//go:build peers

package main

import (
	"fmt"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestSIPpRequiresExtensions is called by one who requires 100rel and timer.
func TestSIPpRequiresExtensions(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--mic", "tone:440")
	p.registered()
	done := sippBeside(t, "t1", address(port), "-sf", "extensions-uac.xml", "-s", "alice")
	p.call("ringing")
	expect(p, "PRACK", func(e event.Message) bool { return !e.Out && e.Method == "PRACK" && e.Status == 0 })
	p.say("answer")
	if up := p.call("up"); up.Expires.D().Seconds() != 90 || up.Refresher != "peer" {
		t.Errorf("session timer %s, refreshed by %q, want 90 s by the peer", up.Expires, up.Refresher)
	}
	if again := p.call("refreshed"); again.By != "peer" || again.Expires.D().Seconds() != 120 {
		t.Errorf("refreshed by %s, for %s, want by the peer, for 120 s", again.By, again.Expires)
	}
	p.call("ended")
	done()
	p.quit()
}

// TestSIPpCalleeWithExtensions calls one who describes its session in a reliable
// 183, changes it by UPDATE before it answers, and grants a short session timer.
func TestSIPpCalleeWithExtensions(t *testing.T) {
	t.Parallel()
	port, callee := freePort(t), freePort(t)
	kamailio(t, port)
	called := sippAt(t, "t1", callee, "-sf", "extensions-uas.xml", "-m", "1")
	p := alice(t, port, "--mic", "tone:440")
	p.registered()
	p.say(fmt.Sprintf("call sip:service@%s;transport=tcp", address(callee)))
	p.call("early")
	expect(p, "the 200 to our UPDATE", func(e event.Message) bool { return e.Out && e.Method == "UPDATE" && e.Status == 200 && e.SDP })
	expect(p, "a session timer that is too short", func(e event.Warning) bool { return e.Rule == event.RuleSessionTimer })
	if up := p.call("up"); up.Refresher != "us" {
		t.Errorf("refreshed by %q, want us", up.Refresher)
	}
	if again := p.call("refreshed"); again.By != "us" || again.Expires.D().Minutes() != 30 {
		t.Errorf("refreshed by %s, for %s, want by us, for 30 min", again.By, again.Expires)
	}
	p.say("hang up")
	p.call("ended")
	endsWell(t, called)
	p.quit()
}
