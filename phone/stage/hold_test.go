package stage

import (
	"fmt"
	"strings"
	"testing"
)

// TestHoldOutlivesItsFlow: a call that is put on hold is held at both ends whenever the
// flow of the callee dies, with another flow or with one that is formed again, and it is
// taken back. Its packets take half a second.
func TestHoldOutlivesItsFlow(t *testing.T) {
	const two, one = "outbound-proxy=a.lab.test,b.lab.test", "outbound-proxy=a.lab.test"
	for _, flows := range []string{two, one} {
		for _, holder := range []string{"alice", "bob"} {
			for _, after := range []int{1, 300, 600, 900, 1100, 1550, 2000} {
				t.Run(fmt.Sprintf("%s, %s, %d ms", flows, holder, after), func(t *testing.T) {
					t.Parallel()
					r, log := playFile(t, parse(t, holding(flows, holder, after)), 1)
					if got := outcome(r); got != "passed" {
						t.Error(got)
						explain(t, r, log)
					}
				})
			}
		}
	}
}

// holding has one of two put the other on hold, and the connection of the callee, bob,
// close meanwhile.
func holding(flows, holder string, after int) string {
	flow := ""
	if strings.Contains(flows, ",") {
		flow = " flow1"
	}
	peer := map[string]string{"alice": "bob", "bob": "alice"}[holder]
	return "use record \"_sip._tcp.a.lab.test 300 SRV 10 0 5060 lab\"\nuse record \"_sip._tcp.b.lab.test 300 SRV 10 0 5060 lab\"\n" +
		"use phone alice outbound-proxy=a.lab.test\nuse phone bob device=desktop auto=answer " + flows + "\n" +
		"register\nexpect registered within 5s\nbob: expect registered within 5s\nwait 1s\ncall bob\nexpect call up within 5s\nbob: expect call up within 5s\nwait 2s\n" +
		"bob: fault latency 500ms\nwait 1ms\n" +
		holder + ": hold\n" + fmt.Sprintf("wait %dms\nlab: close bob%s\nwait 60s\n", after, flow) +
		holder + ": expect call held by us within 5s\n" + peer + ": expect call held by peer within 5s\n" +
		holder + ": resume\n" + holder + ": expect call resumed by us within 5s\n" + peer + ": expect call resumed by peer within 5s\n"
}

// TestHoldThatNobodyHears: a callee that does not come back while the hold waits for it
// does not lose the call, which goes on as it was, and is held later.
func TestHoldThatNobodyHears(t *testing.T) {
	text := strings.Replace(holding("outbound-proxy=a.lab.test", "alice", 1), "alice: hold\nwait 1ms\nlab: close bob\nwait 60s\n",
		"lab: respond 500 to REGISTER\nlab: close bob\nalice: hold\nexpect no error change-refused for 30s\nexpect error change-refused within 5s\nlab: respond normally\nbob: expect registered within 300s\nexpect call up\nalice: hold\nwait 2s\n", 1)
	r, log := playFile(t, parse(t, text), 1)
	if got := outcome(r); got != "passed" {
		t.Error(got)
		explain(t, r, log)
	}
}
