package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// flows registers carol's phone over a number of flows, the last of which is asked
// first.
func (b *bench) flows(n int, more ...string) (flows []*wire) {
	b.t.Helper()
	for i := range n {
		c := b.wire()
		c.register("carol", "secret", fmt.Sprintf(`Contact: <sip:carol@%s;transport=tcp>;+sip.instance="<urn:uuid:1>";reg-id=%d%s`, c.local, i+1, strings.Join(more, "")))
		flows = append(flows, c)
	}
	return flows
}

// hangsUp closes the connection.
func (c *wire) hangsUp() {
	c.bench.w.Do(c.node, func(time.Time) []system.Effect { return []system.Effect{system.Close{Socket: 1}} })
	c.bench.run(100 * time.Millisecond)
}

// TestFlows: a request takes one flow of a phone, and the next one only if that has not
// led to the phone (RFC 5626 §7).
func TestFlows(t *testing.T) {
	answers := func(status string) func(*wire) {
		return func(c *wire) { c.answer(c.reqs[0], status) }
	}
	then := func(a, b func(*wire)) func(*wire) { return func(c *wire) { a(c); b(c) } }
	for _, tc := range []struct {
		name  string
		first func(flow *wire) // what the first flow does with the request
		next  bool             // whether the other has it then
		final int              // what the caller hears then
	}{
		{"430", answers("430 Flow Failed"), true, 0},
		{"408", answers("408 Request Timeout"), true, 0},
		{"408 after 100", then(answers("100 Trying"), answers("408 Request Timeout")), true, 0},
		{"408 after 180", then(answers("180 Ringing"), answers("408 Request Timeout")), false, 408},
		{"430 after 180", then(answers("180 Ringing"), answers("430 Flow Failed")), true, 0},
		{"gone", (*wire).hangsUp, true, 0},
		{"silence", func(c *wire) { c.bench.run(33 * time.Second) }, true, 0},
		{"not yet silence", func(c *wire) { c.bench.run(31 * time.Second) }, false, 0},
		{"busy", answers("486 Busy Here"), false, 486},
		{"declined", answers("603 Decline"), false, 603},
		{"answered", answers("200 OK"), false, 200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, nil)
			flows := b.flows(2)
			c := b.wire()
			c.ask("INVITE", carolURI, carolTo)
			if len(flows[0].reqs) != 0 || len(flows[1].reqs) != 1 {
				t.Fatalf("%d and %d INVITEs", len(flows[0].reqs), len(flows[1].reqs))
			}
			tc.first(flows[1])
			if got := len(flows[0].reqs); got > 0 != tc.next {
				t.Errorf("the other flow has %d requests", got)
			}
			if b.saw("lab", "next flow", "carol") != tc.next {
				t.Errorf("the lab says so: %t", !tc.next)
			}
			final := c.last().StatusCode
			if c.last().IsProvisional() {
				final = 0
			}
			if final != tc.final {
				t.Errorf("the last of %d responses is\n%s", len(c.resps), c.last())
			}
			if tc.next {
				flows[0].answer(flows[0].reqs[0], "486 Busy Here")
				if got := c.last().StatusCode; got != 486 {
					t.Errorf("the caller hears %d of the other", got)
				}
			}
		})
	}
}

// A flow that is refreshed while another is silent is taken all the same, over the
// connection that it has now; one that was given up is not.
func TestFlowsRefreshedMeanwhile(t *testing.T) {
	for name, tc := range map[string]struct {
		again func(flow *wire) *wire // refreshes the other flow
		want  int
	}{
		"refreshed":               {func(flow *wire) *wire { return flow.refresh("") }, 1},
		"over another connection": {func(flow *wire) *wire { flow.hangsUp(); return flow.bench.wire().refresh("") }, 1},
		"given up":                {func(flow *wire) *wire { return flow.refresh(";expires=0") }, 0},
	} {
		b := newBench(t, nil)
		flows := b.flows(2)
		c := b.wire()
		c.ask("INVITE", carolURI, carolTo)
		b.run(10 * time.Second)
		now := tc.again(flows[0])
		b.run(23 * time.Second)
		if got := len(now.reqs); got != tc.want || tc.want == 0 && c.last().StatusCode != 408 {
			t.Errorf("%s: the other flow has %d requests, want %d; the caller hears %d", name, got, tc.want, c.last().StatusCode)
		}
	}
}

// flow registers a phone of somebody: of an instance and by a flow, if there are any.
func (c *wire) flow(user, instance string, reg int) *wire {
	c.bench.t.Helper()
	contact := fmt.Sprintf("Contact: <sip:%s@%s;transport=tcp>", user, c.local)
	if instance != "" {
		contact += fmt.Sprintf(`;+sip.instance="<urn:uuid:%s>"`, instance)
	}
	if reg > 0 {
		contact += fmt.Sprintf(";reg-id=%d", reg)
	}
	if res := c.register(user, "secret", contact); res.StatusCode != 200 {
		c.bench.t.Fatal(res)
	}
	return c
}

// refresh registers carol's first flow again.
func (c *wire) refresh(more string) *wire {
	c.bench.t.Helper()
	c.register("carol", "secret", fmt.Sprintf(`Contact: <sip:carol@%s;transport=tcp>;+sip.instance="<urn:uuid:1>";reg-id=1%s`, c.local, more))
	return c
}

// When no flow leads to the phone, the caller hears of the last one's end.
func TestFlowsAllFail(t *testing.T) {
	b := newBench(t, nil)
	flows := b.flows(3)
	c := b.wire()
	c.ask("INVITE", carolURI, carolTo)
	for i := len(flows) - 1; i > 0; i-- {
		flows[i].answer(flows[i].reqs[0], "430 Flow Failed")
	}
	flows[0].hangsUp()
	if got := c.last().StatusCode; got != 480 {
		t.Errorf("the caller hears %d", got)
	}
}

// A flow that is gone by then is left out.
func TestFlowsGone(t *testing.T) {
	b := newBench(t, nil)
	flows := b.flows(3)
	b.wire().ask("INVITE", carolURI, carolTo)
	flows[1].hangsUp()
	flows[2].answer(flows[2].reqs[0], "430 Flow Failed")
	if len(flows[0].reqs) != 1 {
		t.Errorf("%d requests at the flow that is left", len(flows[0].reqs))
	}
}

// A request that another phone has answered is not carried on, either.
func TestFlowsAnswered(t *testing.T) {
	b := newBench(t, nil)
	flows := b.flows(2)
	other := b.wire()
	other.register("carol", "secret", "Contact: <sip:carol@"+other.local.String()+";transport=tcp>")
	b.wire().ask("MESSAGE", carolURI, carolTo)
	other.answer(other.reqs[0], "200 OK")
	flows[1].hangsUp()
	if len(flows[0].reqs) > 0 {
		t.Errorf("%d requests at the other flow", len(flows[0].reqs))
	}
}

// A caller who has given up is not carried on to another flow.
func TestFlowsCancelled(t *testing.T) {
	b := newBench(t, nil)
	flows := b.flows(2)
	c := b.wire()
	c.ask("INVITE", carolURI, carolTo)
	flows[1].answer(flows[1].reqs[0], "180 Ringing")
	c.send(strings.Replace(c.text("CANCEL", carolURI, carolTo), "CSeq: 2", "CSeq: 1", 1))
	flows[1].hangsUp()
	if len(flows[0].reqs) > 0 || c.last().StatusCode != 487 {
		t.Errorf("%d requests at the other flow, and the caller hears %d", len(flows[0].reqs), c.last().StatusCode)
	}
}

// Of the flows of a phone that can be pushed to, one that is open is taken before it is
// woken for another. They have one token, and do not replace each other.
func TestFlowsOfAPhoneThatIsPushedTo(t *testing.T) {
	e := newEdge(t, nil)
	e.signsOn("1", "t1")
	open := e.phone
	e.phone = e.wire()
	e.phone.register("alice", "secret", fmt.Sprintf(`Contact: <sip:alice@%s;transport=tcp;pn-provider=apns;pn-param=app;pn-prid=t1>;+sip.instance="<urn:uuid:1>";reg-id=2`, e.phone.local))
	if n := len(e.lab.sip.Bindings("alice")); n != 2 {
		t.Fatalf("%d bindings", n)
	}
	e.phone.hangsUp()
	e.do("bob calls alice")
	e.run(time.Second)
	if len(open.reqs) != 1 || e.saw("lab", "held") {
		t.Errorf("%d requests at the open flow", len(open.reqs))
		e.dump()
	}
}

// A request that is not worth a push ends with the last flow that is open, and the caller
// hears so.
func TestFlowsAllAsleep(t *testing.T) {
	e := newEdge(t, nil)
	e.signsOn("1", "t1")
	asleep := e.phone
	open := e.wire()
	open.register("alice", "secret", fmt.Sprintf(`Contact: <sip:alice@%s;transport=tcp;pn-provider=apns;pn-param=app;pn-prid=t1>;+sip.instance="<urn:uuid:1>";reg-id=2`, open.local))
	asleep.hangsUp()
	c := e.bench.wire()
	c.ask("MESSAGE", "sip:alice@lab.test", "<sip:alice@lab.test>")
	open.answer(open.reqs[0], "430 Flow Failed")
	if len(c.resps) != 1 || c.last().StatusCode != 480 {
		t.Errorf("the caller hears %d responses", len(c.resps))
		e.dump()
	}
}

// Another phone of the user is forked to, and one without flows is not taken for the same.
func TestFlowsOfSeveralPhones(t *testing.T) {
	b := newBench(t, nil)
	flows := b.flows(2)
	other := b.wire()
	other.register("carol", "secret", fmt.Sprintf(`Contact: <sip:carol@%s;transport=tcp>;+sip.instance="<urn:uuid:2>";reg-id=1`, other.local))
	var plain [2]*wire
	for i := range plain {
		plain[i] = b.wire()
		plain[i].register("carol", "secret", fmt.Sprintf(`Contact: <sip:carol@%s;transport=tcp>`, plain[i].local))
	}
	b.wire().ask("INVITE", carolURI, carolTo)
	for i, want := range []int{0, 1, 1, 1, 1} {
		if c := append(flows, other, plain[0], plain[1])[i]; len(c.reqs) != want {
			t.Errorf("phone %d has %d INVITEs, want %d", i, len(c.reqs), want)
		}
	}
}

// TestConnectionOfAFlow: a verb about a user's connections can be about one flow.
func TestConnectionOfAFlow(t *testing.T) {
	b := newBench(t, nil)
	b.flows(2)
	if all, one := b.lab.sip.ConnectionsOf("carol", ""), b.lab.sip.ConnectionsOf("carol", "2"); len(all) != 2 || len(one) != 1 || one[0] != all[1] {
		t.Errorf("%d connections, %d of flow 2", len(all), len(one))
	}
	if _, err := b.lab.connectionsOf("close", "carol", "flow3"); err == nil || err.Error() != "close carol: there is no connection of flow3" {
		t.Error(err)
	}
}
