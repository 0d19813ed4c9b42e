package xmpp

import (
	"slices"
	"testing"
	"time"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// The parts of the agent, where no transcript shows what they do.

// lines carries out command lines.
func (r *rig) lines(lines ...string) {
	r.t.Helper()
	for _, line := range lines {
		if err := r.do(line); err != nil {
			r.t.Fatalf("%s: %v", line, err)
		}
	}
}

// A refusal is followed by its remedy.
func TestRefusals(t *testing.T) {
	tests := []struct {
		then                    remedy
		wanted, retries, failed bool
	}{
		{giveUp, false, false, false},
		{tryLater, true, true, false},
		{reconnect, true, true, true},
	}
	for _, test := range tests {
		r := newRig(t)
		r.lines("register", "connected")
		s := newStep(r.now)
		r.a.refused(s, &refusal{then: test.then, reason: "no"})
		failed := slices.ContainsFunc(s.Out.Notices, func(n control.Notice) bool { _, ok := n.(control.FlowFailed); return ok })
		if !r.a.conn.Gone() || r.a.reg.wanted != test.wanted || !r.a.Deadline().IsZero() != test.retries || failed != test.failed {
			t.Errorf("remedy %d: gone %v, wanted %v, next %s, failed %v", test.then, r.a.conn.Gone(), r.a.reg.wanted, r.a.Deadline(), failed)
		}
	}
}

// A ping that is asked for without a stream goes out on the next one.
func TestPingWaitsForTheStream(t *testing.T) {
	r := newRig(t)
	r.lines("serve", "breaks "+control.NoPong, "ping")
	if r.a.AwaitsPong() {
		t.Fatal("a ping went out without a stream")
	}
	if r.lines("connected"); !r.a.AwaitsPong() {
		t.Error("no ping on the new stream")
	}
}

// A session forgets the failures before it: the next wait is the first again.
func TestSessionForgetsFailures(t *testing.T) {
	r := newRig(t)
	r.lines("serve", "register")
	for range 4 {
		r.lines("failed refused")
		r.now = r.a.Deadline()
		r.print(r.a.Advance(r.now))
	}
	r.lines("connected")
	r.now = r.now.Add(control.RecoveryQuiet)
	r.lines("closed reset", "failed refused")
	if wait := r.a.Deadline().Sub(r.now); wait > time.Minute {
		t.Errorf("the next try is in %s", wait)
	}
}

// A program that was stopped gives up no call before it has read what came.
func TestThawedCall(t *testing.T) {
	r := signedOn(t)
	r.a.calls.proposed(newStep(r.now), element(nsInvite, "propose", "id", "1"), jid.MustParse("bob@example.com/phone"), element(nsClient, "message"))
	r.now = r.now.Add(maxRing + 2*time.Second)
	if r.a.Advance(r.now); len(r.a.calls.list) != 1 {
		t.Error("given up at once")
	}
	if r.a.Advance(r.now.Add(control.ThawGrace)); len(r.a.calls.list) != 0 {
		t.Error("never given up")
	}
}

func TestManagementOverConnections(t *testing.T) {
	sent := []*Element{element(nsClient, "message"), element(nsClient, "iq"), element(nsClient, "message")}
	before := management{on: true, counting: true, asked: true, id: "s", handled: 5, unacked: sent}
	before.flowFailed()
	if before.on || before.counting || before.id != "s" || len(before.unacked) != 3 {
		t.Errorf("after the connection: %+v", before)
	}
	if before.received(); before.handled != 5 {
		t.Error("a stanza was counted without a session")
	}

	m := before
	if err := m.resumed(element(nsSM, "resumed", "h", "1")); err != nil || !m.on || !m.counting || m.asked || len(m.unacked) != 2 {
		t.Errorf("resumed: %+v, %v", m, err)
	}
	m = before
	if left, err := m.lost(element(nsSM, "failed", "h", "2")); err != nil || len(left) != 1 || m.id != "" || m.on {
		t.Errorf("lost: %d left, %+v, %v", len(left), m, err)
	}
	m = before
	if left, err := m.lost(element(nsSM, "failed")); err != nil || len(left) != 3 {
		t.Errorf("lost: %d left, %v", len(left), err)
	}
	m = before
	if _, err := m.lost(element(nsSM, "failed", "h", "4")); err == nil {
		t.Error("the server has handled more than was sent")
	}
}

// Whoever ends the stream, or leaves, keeps nothing for the next session.
func TestEndForgets(t *testing.T) {
	r := signedOn(t)
	r.a.outbox.sm.unacked = []*Element{element(nsClient, "message")}
	if r.a.outbox.end(newStep(r.now)); r.a.outbox.sm.id != "" || r.a.outbox.sm.unacked != nil {
		t.Error("a session that was ended can be resumed")
	}
	r = newRig(t)
	r.a.outbox.send(newStep(r.now), element(nsClient, "message"))
	if r.a.Shutdown(r.now); r.a.outbox.waiting != nil {
		t.Error("a stanza waits after the shutdown")
	}
}

// A token that changes while the server is told of another is sent too.
func TestPushTokenChangesOnTheWay(t *testing.T) {
	r := newRig(t)
	r.lines("config push=x", "serve", "register", "connected")
	reg := &r.a.reg
	reg.push.params = push.Params{Provider: "apns", PRID: "one"}
	reg.refresh(newStep(r.now))
	first := reg.push.request
	reg.push.params.PRID = "two"
	reg.pushAnswered(newStep(r.now), element(nsClient, "iq", "type", "result", "id", first))
	if reg.push.request == "" || reg.push.request == first || reg.push.asked.PRID != "two" {
		t.Errorf("%+v", reg.push.asked)
	}
	if reg.push.flowFailed(); reg.push.request != "" || reg.push.asked.PRID != "" || reg.push.settled() {
		t.Error("what was on its way is taken for arrived")
	}
}

// The connection is being opened until it can be used.
func TestOpening(t *testing.T) {
	r := newRig(t)
	if r.lines("serve", "register"); !r.a.Opening() {
		t.Error("it connects, and says that it does not")
	}
	if r.lines("connected"); r.a.Opening() {
		t.Error("it is open, and said to be opened")
	}
}
