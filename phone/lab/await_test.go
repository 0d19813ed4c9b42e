package lab

import (
	"fmt"
	"testing"
	"time"
)

// TestRequestsWaitForThePhone: a change of a call and its end wait for the phone's next
// connection, whether its flow goes before the request comes or takes it along, and for as
// long as its sender waits for an answer.
func TestRequestsWaitForThePhone(t *testing.T) {
	back := func(instance string, reg int) func(b *bench) *wire {
		return func(b *bench) *wire { return b.wire().flow("carol", instance, reg) }
	}
	for name, tc := range map[string]struct {
		comes func(b *bench) *wire
		after time.Duration
		has   bool
	}{
		"at once":                  {back("1", 1), 0, true},
		"at last":                  {back("1", 1), 30 * time.Second, true},
		"too late":                 {back("1", 1), 32 * time.Second, false},
		"by another flow":          {back("1", 2), 0, true},
		"another phone":            {back("2", 1), 0, false},
		"a phone without a name":   {back("", 0), 0, false},
		"the phone of another":     {func(b *bench) *wire { return b.wire().flow("alice", "1", 1) }, 0, false},
		"a connection of nobody's": {(*bench).wire, 0, false},
	} {
		for _, method := range []string{"INVITE", "BYE", "UPDATE"} {
			for _, forwarded := range []bool{false, true} {
				b := newBench(t, nil)
				caller, callee, _ := b.inCall(1)
				n := len(caller.resps)
				if forwarded {
					caller.tell(method)
					callee.hangsUp()
				} else {
					callee.hangsUp()
					caller.tell(method)
				}
				what := fmt.Sprintf("%s %s, forwarded: %t", method, name, forwarded)
				if method == "UPDATE" {
					if last := caller.last(); last.StatusCode != 480 {
						t.Errorf("%s: %s", what, last)
					}
					continue
				}
				if got := len(caller.resps) - n; got != map[string]int{"INVITE": 1}[method] || got == 1 && caller.last().StatusCode != 100 {
					t.Errorf("%s: meanwhile the caller has %d responses, %s", what, got, caller.last())
				}
				b.run(tc.after)
				next := tc.comes(b)
				if has := len(next.reqs) > 0; has != tc.has {
					t.Errorf("%s: it has the request: %t", what, has)
					continue
				}
				want := 480
				if tc.has {
					want = 200
					next.say(next.reqs[0], "200 OK", "")
					if next.reqs[0].Recipient.String() != callee.reqs[0].Recipient.String() {
						t.Errorf("%s: it does not know %s", what, next.reqs[0].Recipient.String())
					}
				}
				b.run(32 * time.Second)
				if last := caller.last(); last.StatusCode != want {
					t.Errorf("%s: want %d: %s", what, want, last)
				}
				if caller.tell("ACK"); want == 200 && method == "INVITE" && next.reqs[len(next.reqs)-1].Method != "ACK" {
					t.Errorf("%s: %s", what, next.reqs[len(next.reqs)-1])
				}
				b.run(time.Minute)
				if load := b.lab.sip.Load(); load.Requests+load.Transactions+load.Held != 0 {
					t.Errorf("%s: left of it: %+v", what, load)
				}
			}
		}
	}
}

// What waits is bounded, of one call and of all, and one too many is refused at once.
func TestWaitingIsBounded(t *testing.T) {
	b := newBench(t, nil)
	phone := b.wire().flow("carol", "1", 1)
	calls := make([]*side, maxHeld/maxHeldOfCall+1)
	for i := range calls {
		calls[i] = b.calls(phone)
	}
	phone.hangsUp()
	for i, caller := range calls {
		fits := maxHeldOfCall
		if i == len(calls)-1 {
			fits = 0
		}
		n := len(caller.resps)
		for range fits {
			caller.tell("BYE")
		}
		if len(caller.resps) != n {
			t.Errorf("call %d: %s", i, caller.last())
		}
		if caller.tell("BYE"); len(caller.resps) != n+1 || caller.last().StatusCode != 480 {
			t.Errorf("call %d, one too many: %s", i, caller.last())
		}
	}
	if load := b.lab.sip.Load(); load.Held != maxHeld {
		t.Errorf("%+v", load)
	}
	if next := b.wire().flow("carol", "1", 1); len(next.reqs) != maxHeld {
		t.Errorf("%d requests", len(next.reqs))
	}
}

// calls has a guest call carol's phone, and gives back the guest's side of the call.
func (b *bench) calls(phone *wire) *side {
	b.t.Helper()
	c := b.wire()
	c.ask("INVITE", carolURI, carolTo, "Contact: <sip:guest@"+c.local.String()+";transport=tcp>")
	invite := phone.reqs[len(phone.reqs)-1]
	phone.say(invite, "200 OK", "carol")
	caller, _ := sides(c, phone, c.last(), invite)
	caller.tell("ACK")
	return caller
}

// The time to wait is counted from when the request came.
func TestWaitingIsFromTheRequest(t *testing.T) {
	for _, method := range []string{"INVITE", "BYE"} {
		b := newBench(t, nil)
		caller, callee, _ := b.inCall(1)
		caller.tell(method)
		b.run(20 * time.Second)
		callee.hangsUp()
		if b.run(11 * time.Second); caller.last().StatusCode == 480 {
			t.Errorf("%s: too early", method)
		}
		if b.run(time.Second); caller.last().StatusCode != 480 {
			t.Errorf("%s: %s", method, caller.last())
		}
	}
}

// A phone whose Contact in the call is not the one that it has registered is known by the
// connection.
func TestWaitingForAnotherContact(t *testing.T) {
	for _, method := range []string{"INVITE", "BYE"} {
		b := newBench(t, nil)
		caller, callee, _ := b.inCall(1)
		caller.target = "sip:carol@10.9.9.9:7"
		caller.tell(method)
		callee.hangsUp()
		if next := b.wire().flow("carol", "1", 1); len(next.reqs) != 1 {
			t.Errorf("%s: %s", method, caller.last())
		}
	}
}

// Nobody else's request waits: who is at no end of the call hears 480 at once.
func TestNobodyElseWaits(t *testing.T) {
	b := newBench(t, nil)
	caller, callee, _ := b.inCall(1)
	callee.hangsUp()
	stranger := b.wire()
	stranger.from = "<sip:guest@lab.test>"
	contact := caller.target
	if res := stranger.ask("BYE", contact, carolTo+";tag=carol"); res == nil || res.StatusCode != 481 {
		t.Errorf("%v", res)
	}
	other := b.wire().flow("alice", "9", 1)
	other.hangsUp() // its contact is known, and it has no end of the call
	caller.target = "sip:alice@" + other.local.String() + ";transport=tcp"
	if caller.tell("BYE"); caller.last().StatusCode != 480 {
		t.Errorf("%s", caller.last())
	}
}

// A request for a contact of before goes to the phone that had it, by a flow that is open,
// and by another if that breaks.
func TestContactOfBefore(t *testing.T) {
	const pushed = ";pn-provider=apns;pn-param=app;pn-prid=t1"
	b := newBench(t, nil)
	caller, callee, _ := b.inCall(1)
	callee.hangsUp()
	first := b.wire().flow("carol", "1", 1)
	another := b.wire().flow("carol", "2", 1)
	if caller.tell("INFO"); len(first.reqs) != 1 || len(another.reqs) != 0 {
		t.Errorf("the phone has %d requests, another one of its user %d", len(first.reqs), len(another.reqs))
	}
	asleep := b.wire()
	asleep.register("carol", "secret", fmt.Sprintf(`Contact: <sip:carol@%s;transport=tcp%s>;+sip.instance="<urn:uuid:1>";reg-id=2`, asleep.local, pushed))
	asleep.hangsUp()
	if caller.tell("INFO"); len(first.reqs) != 2 {
		t.Errorf("the flow that is open has %d requests: %s", len(first.reqs), caller.last())
	}
	second := b.wire().flow("carol", "1", 3)
	caller.tell("INFO")
	if len(second.reqs) != 1 {
		t.Errorf("the newest flow has %d requests", len(second.reqs))
	}
	if second.hangsUp(); len(first.reqs) != 3 {
		t.Errorf("when that is gone, the other has %d requests", len(first.reqs))
	}
}
