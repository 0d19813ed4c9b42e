//go:build peers

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestSIPpAsks: what comes to a phone that sleeps, outside of calls, is told or refused,
// and a call ends with its Expires.
func TestSIPpAsks(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port)
	p.registered()
	p.asleep()
	done := sippBeside(t, "t1", address(port), "-sf", "asks.xml", "-s", "alice")
	if text := expect(p, "a text", func(event.Text) bool { return true }); !strings.HasPrefix(text.Body, "hello from SIPp") {
		t.Errorf("text %q", text.Body)
	}
	if mail := expect(p, "voice messages", func(event.MessageWaiting) bool { return true }); mail.Tally == nil || *mail.Tally != (event.Tally{New: 2, Old: 5, UrgentNew: 1}) {
		t.Errorf("voice messages %s, want 2 new of which 1 is urgent, 5 old", mail.Counts())
	}
	expect(p, "an unknown package", func(e event.Warning) bool { return e.Rule == event.RuleUnknownPackage })
	p.call("incoming")
	p.call("ended")
	done()
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestSIPpIsIntroduced: who calls, by which way, and that it asks to be answered at once, is
// told, as are its digits and why it hangs up.
func TestSIPpIsIntroduced(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--auto-answer-header", "on", "--mic", "silence", "--speaker", "none")
	p.registered()
	done := sippBeside(t, "t1", address(port), "-sf", "introduced.xml", "-s", "alice")
	if e := p.call("incoming"); !strings.Contains(fmt.Sprint(e.Asserted), "sip:bob@example.org") || !strings.Contains(fmt.Sprint(e.Diverted), "sip:boss@example.org") {
		t.Errorf("a call of %v, diverted by %v", e.Asserted, e.Diverted)
	}
	p.call("up")
	if e := expect(p, "a digit", func(e event.DTMF) bool { return !e.Out }); e.Digit != "5" || e.By != event.DTMFByInfo {
		t.Errorf("digit %q by %q, want 5 by INFO", e.Digit, e.By)
	}
	if e := p.call("ended"); e.By != "peer" || !strings.Contains(e.Reason, "Normal, unspecified") {
		t.Errorf("ended by %s: %s", e.By, e.Reason)
	}
	done()
	p.quit()
}

// TestWeWriteToSIPp writes to SIPp, with a header field of one's own.
func TestWeWriteToSIPp(t *testing.T) {
	t.Parallel()
	port, callee := freePort(t), freePort(t)
	kamailio(t, port)
	called := sippAt(t, "t1", callee, "-sf", "texted.xml", "-m", "1")
	p := alice(t, port)
	p.registered()
	p.say("header MESSAGE X-Tenant: blue", fmt.Sprintf(`text sip:service@%s;transport=tcp "hello SIPp"`, address(callee)))
	expect(p, "that it has arrived", func(e event.Text) bool { return e.Out && e.Status == 200 })
	endsWell(t, called)
	p.quit()
}

// TestWeSubscribeToSIPp subscribes to SIPp's presence, hears of it, and has heard enough.
func TestWeSubscribeToSIPp(t *testing.T) {
	t.Parallel()
	port, callee := freePort(t), freePort(t)
	kamailio(t, port)
	called := sippAt(t, "t1", callee, "-sf", "notifier.xml", "-m", "1")
	p := alice(t, port)
	p.registered()
	whom := fmt.Sprintf("presence sip:service@%s;transport=tcp", address(callee))
	p.say("subscribe " + whom + " for 10m")
	if told := expect(p, "its presence", func(event.Notify) bool { return true }); told.State != "active" || !strings.HasPrefix(told.Body, "open") {
		t.Errorf("told %+v", told)
	}
	p.say("unsubscribe " + whom)
	expect(p, "the end", func(e event.Subscription) bool { return e.Phase == event.SubscriptionEnded })
	endsWell(t, called)
	p.quit()
}

// TestSIPpEndsSubscriptions: a notifier that moves away is subscribed to again at once, the
// second time later; what is wrong with its answers is named.
func TestSIPpEndsSubscriptions(t *testing.T) {
	t.Parallel()
	port, callee := freePort(t), freePort(t)
	kamailio(t, port)
	notifier := sippAt(t, "t1", callee, "-sf", "mover.xml", "-m", "2")
	p := alice(t, port)
	p.registered()
	p.say(fmt.Sprintf("subscribe presence sip:service@%s;transport=tcp for 10m", address(callee)))
	expect(p, "a time that was not asked for", func(e event.Warning) bool { return e.Rule == event.RuleOddExpiry })
	expect(p, "no Contact", func(e event.Warning) bool { return e.Rule == event.RuleIncompleteGrant })
	if e := expect(p, "granted", func(e event.Subscription) bool { return true }); e.Expires.D().Minutes() != 10 || !strings.Contains(e.Said(), "moves soon") {
		t.Errorf("granted %+v", e)
	}
	for _, when := range []string{"at once", "in 30.0 s"} {
		if e := expect(p, "the end", func(e event.Subscription) bool { return e.Phase == event.SubscriptionEnded }); !strings.HasSuffix(e.Reason, "deactivated; the phone subscribes again "+when) {
			t.Errorf("ended %+v, want again %s", e, when)
		}
	}
	expect(p, "a loop", func(e event.Warning) bool { return e.Rule == event.RuleServerLoop })
	endsWell(t, notifier)
	p.quit()
}

// TestSIPpIsRefusedByForce calls a phone that is told what to answer.
func TestSIPpIsRefusedByForce(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port)
	p.registered()
	p.say("respond 486 to INVITE after 500ms once retry after 30s") // Kamailio makes a 500 of a 503 (RFC 3261 §16.7)
	sipp(t, address(port), "-sf", "forced.xml", "-s", "alice", "-m", "1")
	p.quit()
}

// TestSIPpWantsMoreTime registers where a binding must live longer than the phone asks.
func TestSIPpWantsMoreTime(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	registrar := sippAt(t, "t1", port, "-sf", "brief.xml", "-m", "1")
	p := alice(t, port)
	if e := expect(p, "registered", func(e event.Registration) bool { return e.Phase == "active" }); e.Expires.D().Minutes() != 90 {
		t.Errorf("registered for %s, want 90 min", e.Expires)
	}
	p.quit()
	endsWell(t, registrar)
}

// TestKamailioForks: of two phones of alice that ring, baresip is answered. Ours, which was
// woken for it, hears by the Reason of Kamailio's CANCEL that it has missed nothing.
func TestKamailioForks(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port)
	p.registered()
	desk := baresipOf(t, fmt.Sprintf("<sip:alice@%s;transport=tcp>;auth_user=alice;auth_pass=secret;regint=600;audio_codecs=pcmu\n", address(port)))
	p.asleep()
	bob := caller(t, port)
	expect(p, "a notification", func(e event.Notification) bool { return e.Phase == "posted" })
	desk.expect("CALL_INCOMING")
	desk.do("accept", "")
	bob.call("up")
	if e := p.call("ended"); !strings.Contains(e.Reason, "elsewhere") {
		t.Errorf("ended: %+v", e)
	}
	if e := expect(p, "the end of the notification", func(e event.Notification) bool { return e.Phase != "posted" }); e.Phase != "withdrawn" {
		t.Errorf("the notification is %s, want withdrawn", e.Phase)
	}
	bob.say("hang up")
	desk.expect("CALL_CLOSED")
	for _, phone := range []*tester{bob, p} {
		if code := phone.quit(); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
	}
}
