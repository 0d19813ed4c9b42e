package sip

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// A CANCEL is sent once, however many provisional responses come, and is over
// with a 2xx that has crossed it.
func TestInvitationIsCancelledOnce(t *testing.T) {
	r := newRig(t, Config{})
	s := newStep(r.now)
	c, err := r.a.calls.dial(s, "bob", []byte("v=0"))
	if err != nil {
		t.Fatal(err)
	}
	c.sendInvite(s)
	cancels := func() (n int) {
		for _, x := range r.a.client.exchanges {
			if x.purpose == toCancel {
				n++
			}
		}
		return n
	}
	i := &c.invite
	if i.cancel(s); cancels() != 0 || !i.cancelBy.IsZero() {
		t.Error("a CANCEL before any response")
	}
	if i.progress(s) || cancels() != 1 || i.cancelBy.Sub(r.now) != 32*time.Second {
		t.Errorf("%d CANCELs, until %s", cancels(), i.cancelBy)
	}
	if i.progress(s) || cancels() != 1 {
		t.Errorf("%d CANCELs after another response", cancels())
	}
	if i.accepted(); !i.cancelBy.IsZero() || i.offer != nil {
		t.Error("a 487 is awaited after a 2xx")
	}
}

// An INVITE that nobody answers after its CANCEL is over: a late answer finds
// nothing, and a program that was stopped waits a little longer for it.
func TestInvitationIsAbandoned(t *testing.T) {
	r := newRig(t, Config{})
	s := newStep(r.now)
	c, err := r.a.calls.dial(s, "bob", []byte("v=0"))
	if err != nil {
		t.Fatal(err)
	}
	c.sendInvite(s)
	c.invite.progress(s)
	c.invite.cancel(s)
	until := c.invite.cancelBy.Add(control.ThawGrace)
	if c.delay(until); !c.deadline().Equal(until) {
		t.Errorf("given up at %s, want %s", c.deadline(), until)
	}
	tx := c.invite.sent.tx
	c.invite.abandon()
	if tx.State() != StateTerminated || r.a.client.exchangeOf(tx) != nil || !c.deadline().IsZero() {
		t.Errorf("state %v, deadline %s", tx.State(), c.deadline())
	}
}
