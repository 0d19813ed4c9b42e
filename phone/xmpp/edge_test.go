package xmpp

import (
	"fmt"
	"testing"
	"time"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The numbers of the agent, at their edges.

// signedOn is a rig whose agent has a session at a server.
func signedOn(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	for _, line := range []string{"serve", "register", "connected"} {
		if err := r.do(line); err != nil {
			t.Fatal(err)
		}
	}
	if !r.a.stream.isUp() || !r.a.outbox.sm.on {
		t.Fatal("no session")
	}
	return r
}

// A ping without an answer fails the connection at 10 s.
func TestPongTimeout(t *testing.T) {
	r := signedOn(t)
	r.a.Ping(r.now)
	if out := r.a.Advance(r.now.Add(10*time.Second - 1)); len(out.Effects) > 0 {
		t.Errorf("%v before 10 s", out.Effects)
	}
	out := r.a.Advance(r.now.Add(10 * time.Second))
	if len(out.Effects) == 0 || len(out.Notices) == 0 {
		t.Fatal("nothing at 10 s")
	}
	if _, closes := out.Effects[0].(system.Close); !closes {
		t.Errorf("%v", out.Effects)
	}
	if _, failed := out.Notices[0].(control.FlowFailed); !failed {
		t.Errorf("%v", out.Notices)
	}
}

// Of the stanzas that the server has not acknowledged 100 are kept; the server
// is asked when there are more than 50.
func TestUnackedAreBounded(t *testing.T) {
	r := signedOn(t)
	r.a.outbox.sm.unacked, r.a.outbox.sm.asked = nil, false
	send := func() { r.a.outbox.send(newStep(r.now), element(nsClient, "message")) }
	for n := 1; n <= 101; n++ {
		send()
		switch m := &r.a.outbox.sm; {
		case m.asked != (n > 50):
			t.Fatalf("asked %v after %d stanzas", m.asked, n)
		case n <= 100 && (len(m.unacked) != n || !m.on):
			t.Fatalf("%d kept of %d", len(m.unacked), n)
		case n > 100 && (m.on || m.id != "" || m.unacked != nil):
			t.Fatalf("after %d the session could still be resumed", n)
		}
	}
}

// Of the stanzas that wait for a stream the last 20 are kept.
func TestWaitingAreBounded(t *testing.T) {
	r := newRig(t)
	for i := range 21 {
		r.a.outbox.send(newStep(r.now), element(nsClient, "message", "id", fmt.Sprint(i)))
	}
	if w := r.a.outbox.waiting; len(w) != 20 || w[0].attr("id") != "1" || w[19].attr("id") != "20" {
		t.Errorf("%d wait", len(r.a.outbox.waiting))
	}
}

// The ninth call hears busy.
func TestDefaultMaxCalls(t *testing.T) {
	r := signedOn(t)
	bob := jid.MustParse("bob@example.com/phone")
	for i := range 9 {
		propose := element(nsInvite, "propose", "id", fmt.Sprint(i))
		r.a.calls.proposed(newStep(r.now), propose, bob, element(nsClient, "message"))
		if got := len(r.a.calls.list); got != min(i+1, 8) {
			t.Errorf("%d calls after %d", got, i+1)
		}
	}
}

// Whoever has no name that can be read ends nobody's call.
func TestJingleFromNobody(t *testing.T) {
	r := signedOn(t)
	r.a.calls.proposed(newStep(r.now), element(nsInvite, "propose", "id", "1"), jid.MustParse("bob@example.com/phone"), element(nsClient, "message"))
	end := func(from string) int {
		r.a.service.iq(newStep(r.now), element(nsClient, "iq", "type", "set", "id", "x", "from", from).with(
			element(nsJingle, "jingle", "action", "session-terminate", "sid", "1")))
		return len(r.a.calls.list)
	}
	for _, from := range []string{"@/", "carol@example.com"} {
		if end(from) != 1 {
			t.Errorf("%q has ended another's call", from)
		}
	}
	if end("bob@example.com/other") != 0 {
		t.Error("the caller cannot end the call")
	}
}
