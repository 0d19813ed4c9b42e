package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// inCall is a call to carol's phone over the last of its flows.
func (b *bench) inCall(flows int) (caller, callee *side, all []*wire) {
	b.t.Helper()
	all = b.flows(flows)
	phone, c := all[flows-1], b.wire()
	c.ask("INVITE", carolURI, carolTo, "Contact: <sip:guest@"+c.local.String()+";transport=tcp>")
	phone.say(phone.reqs[0], "200 OK", "carol")
	caller, callee = sides(c, phone, c.last(), phone.reqs[0])
	caller.tell("ACK")
	return caller, callee, all
}

// TestChangeTakesAnotherFlow: a request in a call whose flow is gone before it has its
// answer takes another flow of the phone, as it was (RFC 5626 §7).
func TestChangeTakesAnotherFlow(t *testing.T) {
	b := newBench(t, nil)
	caller, callee, all := b.inCall(2)
	caller.tell("INVITE")
	invite := callee.reqs[len(callee.reqs)-1]
	callee.say(invite, "100 Trying", "")
	callee.hangsUp()
	other := all[0]
	if len(other.reqs) != 1 || other.reqs[0].Recipient.String() != invite.Recipient.String() || other.reqs[0].CSeq().SeqNo != invite.CSeq().SeqNo {
		t.Fatalf("the other flow has %v", other.reqs)
	}
	other.say(other.reqs[0], "200 OK", "")
	if last := caller.last(); last.StatusCode != 200 {
		t.Error(last)
	}
}

// TestChangeOutlivesTheConnection: a phone with one flow may answer by the next connection,
// as long as it repeats its 2xx.
func TestChangeOutlivesTheConnection(t *testing.T) {
	for _, answers := range []bool{true, false} {
		b := newBench(t, nil)
		caller, callee, _ := b.inCall(1)
		caller.tell("INVITE")
		invite := callee.reqs[len(callee.reqs)-1]
		callee.hangsUp()
		b.expect("lab", "answer awaited", "carol", "by its next connection, for 31.")
		b.run(30 * time.Second)
		if last := caller.last(); last.StatusCode != 100 {
			t.Errorf("too early: %s", last)
		}
		want := 480
		if answers {
			want = 200
			b.wire().refresh("").say(invite, "200 OK", "")
		}
		b.run(2 * time.Second)
		if last := caller.last(); last.StatusCode != want {
			t.Errorf("want %d: %s", want, last)
		}
		caller.tell("ACK")
		b.run(time.Minute)
		if load := b.lab.sip.Load(); load.Requests+load.Transactions != 0 {
			t.Errorf("left of it: %+v", load)
		}
		if answers {
			continue
		}
		// The call is known, and its phone is not there (RFC 5057 §5.1).
		caller.tell("UPDATE")
		if last := caller.last(); last.StatusCode != 480 {
			t.Errorf("%s", last)
		}
	}
}

// TestLateChangeFails: a phone that is back so late that the time for an answer is over, or
// gives none, leaves the call as it was, however the change has waited for it.
func TestLateChangeFails(t *testing.T) {
	for _, forwarded := range []bool{true, false} {
		b := newBench(t, nil)
		caller, callee, _ := b.inCall(1)
		if forwarded {
			caller.tell("INVITE")
		}
		callee.hangsUp()
		if !forwarded {
			caller.tell("INVITE")
		}
		b.run(30 * time.Second)
		b.wire().refresh("")
		b.run(35 * time.Second)
		if last := caller.last(); last.StatusCode != 480 {
			t.Errorf("forwarded %t: %s", forwarded, last)
		}
	}
}

// TestWaitingIsBoundedForAFlappingPhone: each connection that is gone again takes no more
// time than is left from when the request came.
func TestWaitingIsBoundedForAFlappingPhone(t *testing.T) {
	for _, method := range []string{"INVITE", "BYE"} {
		b := newBench(t, nil)
		caller, callee, _ := b.inCall(1)
		phone := callee.wire
		caller.tell(method)
		for range 3 {
			b.run(9 * time.Second)
			phone.hangsUp()
			phone = b.wire().flow("carol", "1", 1)
			if len(phone.reqs) != 1 {
				t.Fatalf("%s: the phone has %d requests", method, len(phone.reqs))
			}
		}
		phone.hangsUp()
		b.run(5 * time.Second)
		if last := caller.last(); last.StatusCode != 480 {
			t.Errorf("%s: %s", method, last)
		}
		b.run(time.Minute)
		if load := b.lab.sip.Load(); load.Requests+load.Transactions+load.Held != 0 {
			t.Errorf("%s: left of it: %+v", method, load)
		}
	}
}

// TestChangeOfAnotherPhone: what is in a call with one phone of a user never goes to another,
// and a change that was taken back waits for nobody.
func TestChangeOfAnotherPhone(t *testing.T) {
	for cancelled, want := range map[bool]int{true: 487, false: 100} {
		b := newBench(t, nil)
		caller, callee, _ := b.inCall(1)
		another := b.wire()
		another.register("carol", "secret", fmt.Sprintf(`Contact: <sip:carol@%s;transport=tcp>;+sip.instance="<urn:uuid:2>";reg-id=1`, another.local))
		caller.tell("INVITE")
		callee.say(callee.reqs[len(callee.reqs)-1], "100 Trying", "")
		if cancelled {
			caller.cseq--
			caller.tell("CANCEL")
		}
		callee.hangsUp()
		if last := caller.last(); last.StatusCode != want || len(another.reqs) != 0 {
			t.Errorf("cancelled %t: the other phone has %v; %s", cancelled, another.reqs, last)
		}
	}
}

// TestChangeIsTakenBackMeanwhile: a CANCEL has nowhere to go while the phone is not there,
// and its caller does not wait for it.
func TestChangeIsTakenBackMeanwhile(t *testing.T) {
	for _, tries := range []bool{false, true} {
		b := newBench(t, nil)
		caller, callee, _ := b.inCall(1)
		caller.tell("INVITE")
		invite := callee.reqs[len(callee.reqs)-1]
		if tries {
			callee.say(invite, "100 Trying", "")
		}
		callee.hangsUp()
		caller.cseq--
		caller.tell("CANCEL")
		if last := caller.last(); last.StatusCode != 487 {
			t.Errorf("tries %t: %s", tries, last)
		}
		caller.tell("ACK")
		b.run(time.Minute)
		if load := b.lab.sip.Load(); load.Requests+load.Transactions != 0 {
			t.Errorf("left of it: %+v", load)
		}
	}
}

// TestChangeGoesOnOverAnotherConnection: the phone has it there once more, as it was, and
// what follows: the CANCEL, and the ACK of a refusal.
func TestChangeGoesOnOverAnotherConnection(t *testing.T) {
	methods := func(c *wire) (all []string) {
		for _, req := range c.reqs {
			all = append(all, string(req.Method))
		}
		return all
	}
	for _, tc := range []struct {
		name  string
		says  string // over that connection, first
		after func(b *bench, caller *side)
		then  string // the answer of the phone
		has   []string
	}{
		{"taken back", "183 Session Progress", func(_ *bench, caller *side) { caller.cseq--; caller.tell("CANCEL") }, "487 Request Terminated", []string{"INVITE", "CANCEL", "ACK"}},
		{"refused", "183 Session Progress", func(*bench, *side) {}, "488 Not Acceptable Here", []string{"INVITE", "ACK"}},
		{"for long", "183 Session Progress", func(b *bench, _ *side) { b.run(5*time.Minute + time.Second) }, "487 Request Terminated", []string{"INVITE", "CANCEL", "ACK"}},
		{"once more tried", "100 Trying", func(b *bench, _ *side) { b.run(40 * time.Second) }, "488 Not Acceptable Here", []string{"INVITE", "ACK"}},
		{"not so long", "183 Session Progress", func(b *bench, _ *side) { b.run(4 * time.Minute) }, "488 Not Acceptable Here", []string{"INVITE", "ACK"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, nil)
			caller, callee, _ := b.inCall(1)
			caller.tell("INVITE")
			invite := callee.reqs[len(callee.reqs)-1]
			callee.hangsUp()
			next := b.wire().refresh("")
			next.say(invite, tc.says, "")
			tc.after(b, caller)
			next.say(invite, tc.then, "")
			if got := methods(next); !slices.Equal(got, tc.has) {
				t.Errorf("it had %v, want %v", got, tc.has)
			}
			if last := caller.last(); !strings.HasPrefix(tc.then, strconv.Itoa(last.StatusCode)) {
				t.Errorf("want %s: %s", tc.then, last)
			}
			next.hangsUp()
			b.run(time.Minute)
			if load := b.lab.sip.Load(); load.Transactions != 0 {
				t.Errorf("left of it: %+v", load)
			}
		})
	}
}
