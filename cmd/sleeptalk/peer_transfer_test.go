//go:build peers

package main

import (
	"fmt"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// aliceAndCarol are two phones of ours at Kamailio. Carol answers by herself.
func aliceAndCarol(t *testing.T, port int) (p, carol *tester) {
	t.Helper()
	kamailio(t, port)
	p = alice(t, port, "--mic", "tone:440", "--speaker", "none")
	p.registered()
	carol = phoneAt(t, "carol", address(port), "--mic", "tone:620", "--speaker", "none", "--auto", "answer")
	carol.registered()
	return p, carol
}

// withBaresip is alice in a call with baresip, and carol.
func withBaresip(t *testing.T, port int) (p, carol *tester, bob *baresipPhone) {
	t.Helper()
	p, carol = aliceAndCarol(t, port)
	bob = baresip(t, port)
	p.say("call bob")
	p.call("up")
	bob.expect("CALL_ESTABLISHED")
	return p, carol, bob
}

// transferred waits for a step of a transfer.
func transferred(p *tester, role event.TransferRole, phase event.TransferPhase) event.Transfer {
	p.t.Helper()
	return expect(p, string(phase)+" as "+string(role), func(e event.Transfer) bool { return e.Role == role && e.Phase == phase })
}

// TestBaresipTransfersUs: baresip has the phone call carol, hears of it and hangs up,
// through Kamailio.
func TestBaresipTransfersUs(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p, carol, bob := withBaresip(t, port)

	bob.do("transfer", fmt.Sprintf("sip:carol@127.0.0.1:%d", port))
	if asked := transferred(p, event.RoleTransferee, event.TransferAsked); asked.Call != 1 {
		t.Errorf("asked in %+v, want call 1", asked)
	}
	transferred(p, event.RoleTransferee, event.TransferCompleted)
	expect(carol, "a call of alice", func(e event.Call) bool { return e.Phase == event.CallUp })
	bob.expect("CALL_CLOSED")
	hearsTone(p, 620)
	p.say("hang up")
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestWeTransferBaresip: baresip calls carol because we ask it to, and its
// reports end our call.
func TestWeTransferBaresip(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p, carol, _ := withBaresip(t, port)

	p.say(fmt.Sprintf("transfer sip:carol@127.0.0.1:%d;transport=tcp", port)) // baresip has no other way to the proxy
	transferred(p, event.RoleTransferor, event.TransferAccepted)
	expect(carol, "a call of bob", func(e event.Call) bool { return e.Phase == event.CallUp })
	if done := transferred(p, event.RoleTransferor, event.TransferCompleted); done.Status != 200 {
		t.Errorf("completed with %+v, want 200", done)
	}
	if ended := p.call("ended"); ended.Reason != "transferred" {
		t.Errorf("our call ended as %+v", ended)
	}
	hearsTone(carol, 1000)
}
