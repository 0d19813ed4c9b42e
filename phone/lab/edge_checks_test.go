package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"
)

// signsOn registers alice over a new connection, as the phone of an instance, to
// be pushed to by a token.
func (e *edgeRig) signsOn(instance, token string, more ...string) *grammar.Response {
	e.phone, e.reqs = e.wire(), 0
	if e.first == nil {
		e.first = e.phone
		e.open("t1")
	}
	contact := fmt.Sprintf("Contact: <sip:alice@%s;transport=tcp;pn-provider=apns;pn-param=app;pn-prid=%s>", e.phone.local, token)
	if instance != "" {
		contact += fmt.Sprintf(`;+sip.instance="<urn:uuid:%s>";reg-id=1`, instance)
	}
	return e.phone.register("alice", "secret", append(more, contact)...)
}

// TestAPhoneIsItsInstanceOrItsToken has a phone come back after a push: what was
// held for it is its, if it has the same instance or the same token, and its new
// binding replaces the old one. Another phone of the same user gets nothing.
func TestAPhoneIsItsInstanceOrItsToken(t *testing.T) {
	for _, tc := range []struct {
		name, instance, token string
		reqs, bindings        int
	}{
		{"the same phone", "1", "t1", 1, 1},
		{"with another token", "1", "t2", 1, 1},
		{"installed anew", "2", "t1", 1, 1},
		{"without an instance", "", "t1", 1, 1},
		{"another phone", "2", "t2", 0, 2},
	} {
		e := newEdge(t, nil)
		e.signsOn("1", "t1")
		e.command("closes", "")
		e.do("bob calls alice")
		e.signsOn(tc.instance, tc.token)
		if n := len(e.phone.reqs); n != tc.reqs {
			t.Errorf("%s: %d requests", tc.name, n)
		}
		if n := len(e.lab.sip.Bindings("alice")); n != tc.bindings {
			t.Errorf("%s: %d bindings", tc.name, n)
		}
	}
}

// A phone without an instance is known by its token, and what was held for it is no other's.
func TestAPhoneWithoutAnInstanceIsItsToken(t *testing.T) {
	for token, want := range map[string]int{"t1": 1, "t2": 0} {
		e := newEdge(t, nil)
		e.signsOn("", "t1")
		e.command("closes", "")
		e.do("bob calls alice")
		e.signsOn("", token)
		if n := len(e.phone.reqs); n != want {
			t.Errorf("%s: %d requests", token, n)
		}
	}
}

// TestExpiresOfPhonesThatArePushedTo: they may register for a day, unless the lab
// says less, and for no less than a push for their refresh needs.
func TestExpiresOfPhonesThatArePushedTo(t *testing.T) {
	for _, tc := range []struct {
		max     time.Duration
		refresh Optional
		asks    string
		status  int
		granted string
	}{
		{0, Optional{}, "86400", 200, "86400"},
		{0, Optional{}, "86401", 200, "86400"},
		{2 * time.Hour, Optional{}, "86400", 200, "7200"},
		{0, Exactly(0), "86400", 200, "86400"},
		{0, Optional{}, "129", 423, "130"},
		{0, Optional{}, "130", 200, "130"},
		{0, Exactly(10 * time.Minute), "609", 423, "610"},
		{0, Exactly(0), "10", 200, "10"},
		{0, Exactly(0), "9", 423, "10"},
	} {
		e := newEdge(t, func(c *Config) { c.MaxExpires, c.PushRefresh = tc.max, tc.refresh })
		res := e.signsOn("1", "t1", "Expires: "+tc.asks)
		granted := text(res, "Min-Expires")
		if res.StatusCode == 200 {
			_, granted, _ = strings.Cut(text(res, "Contact"), ">;expires=")
			granted, _, _ = strings.Cut(granted, ";")
		}
		if res.StatusCode != tc.status || granted != tc.granted {
			t.Errorf("%s of at most %s: %d %s, want %d %s", tc.asks, tc.max, res.StatusCode, granted, tc.status, tc.granted)
		}
	}
}

// inACall has alice answer bob's call with her PURR in the Contact.
func (e *edgeRig) inACall() {
	e.registers("apns")
	e.do("bob calls alice")
	e.run(time.Second)
	e.command("answers", "200 OK")
	e.run(time.Second)
}

// TestARequestInACallIsHeldForLessThanTimerF: its sender must hear from the lab
// before it gives up by itself, however long INVITEs are held.
func TestARequestInACallIsHeldForLessThanTimerF(t *testing.T) {
	e := newEdge(t, func(c *Config) { c.PushWait = time.Minute })
	e.inACall()
	e.command("closes", "")
	e.do("bob hangs up")
	e.run(29 * time.Second)
	if e.count("bob", "(BYE)") != 0 {
		t.Error("the BYE was answered too early")
	}
	e.run(2 * time.Second)
	if e.count("bob", "<-- 504") != 1 {
		t.Error("the BYE was not answered before its sender gives up")
	}
	e.idle()
}

// TestNamesOfOldConnectionsAreBounded: a call finds its phone by the name that it
// had 31 connections ago, and not by older ones.
func TestNamesOfOldConnectionsAreBounded(t *testing.T) {
	for n, found := range map[int]bool{31: true, 32: false} {
		e := newEdge(t, nil)
		e.inACall()
		for range n {
			e.registers("apns")
		}
		e.command("closes", "")
		e.do("bob hangs up")
		if held := e.lab.sip.Load().Held == 1; held != found {
			t.Errorf("after %d connections: held is %t", n, held)
		}
	}
}

// TestANameIsOnePhones has two phones of one user: what is for the one that sleeps
// in a call is not sent to the other, which has been there for longer.
func TestANameIsOnePhones(t *testing.T) {
	e := newEdge(t, nil)
	e.signsOn("2", "t2")
	other := e.phone
	e.inACall()
	e.command("closes", "")
	had := len(other.reqs)
	e.do("bob hangs up")
	e.run(time.Second)
	if n := len(other.reqs) - had; n != 0 || e.lab.sip.Load().Held != 1 {
		t.Errorf("the other phone has %d requests, %d are held", n, e.lab.sip.Load().Held)
	}
}

// TestACallThatCrossesTheEnd closes the phone's connection while an INVITE is on
// its way over it: it is held if the phone has not heard of it, and nobody has
// cancelled it.
func TestACallThatCrossesTheEnd(t *testing.T) {
	for _, tc := range []struct {
		name  string
		first func(*edgeRig)
		held  int
	}{
		{"nothing has come", func(*edgeRig) {}, 1},
		{"it has said 100", func(e *edgeRig) { e.phone.answer(e.phone.reqs[0], "100 Trying") }, 0},
		{"it is cancelled", func(e *edgeRig) { e.do("bob hangs up") }, 0},
	} {
		e := newEdge(t, nil)
		e.registers("apns")
		e.do("bob calls alice")
		e.run(100 * time.Millisecond)
		tc.first(e)
		e.command("closes", "")
		if n := e.lab.sip.Load().Held; n != tc.held {
			t.Errorf("%s: %d are held, want %d", tc.name, n, tc.held)
		}
	}
}

// TestALabThatDoesNotPushPromisesNothing asks it what it can do with pushes.
func TestALabThatDoesNotPushPromisesNothing(t *testing.T) {
	e := newEdge(t, func(c *Config) { c.NoPush = true })
	for _, asks := range []string{"apns", "apns token=", `"" token=`} {
		e.registers(asks)
	}
	if strings.Contains(e.out.String(), "pns") {
		t.Errorf("it says that it pushes: %s", e.out.String())
	}
}
