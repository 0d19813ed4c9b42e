package lab

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
)

// calls sends an INVITE, or another request of the one call that a wire makes, to
// alice.
func (c *wire) calls(method, toTag string, more ...string) int {
	c.bench.t.Helper()
	return c.request(method, "sip:alice@lab.test", "<sip:alice@lab.test>"+toTag, append(more, "Contact: <sip:load@10.9.9.9:9>")...).StatusCode
}

// TestCallsThroughADoorAreToldApart by Call-ID and tag: a second INVITE of the
// same call is refused (RFC 3261 §8.2.2.2), and a BYE with another tag ends
// nothing.
func TestCallsThroughADoorAreToldApart(t *testing.T) {
	b := newRawBench(t, "lines")
	b.rawPhone("lines", "alice", app.Manual)
	c := b.wire()
	c.calls("INVITE", "")
	b.run(time.Second)
	last := c.resps[len(c.resps)-1]
	if last.StatusCode != 180 {
		t.Fatalf("the phone does not ring: %d", last.StatusCode)
	}
	if status := c.calls("INVITE", ""); status != 482 {
		t.Errorf("a second INVITE of the call: %d", status)
	}
	if status := c.calls("BYE", ";tag=other"); status < 400 || b.lab.sip.Load().Calls != 1 {
		t.Errorf("a BYE with another tag: %d, %d calls are left", status, b.lab.sip.Load().Calls)
	}
	tag, _ := last.To().Params.Get("tag")
	if status := c.calls("BYE", ";tag="+tag); status != 200 || b.lab.sip.Load().Calls != 0 {
		t.Errorf("the BYE: %d, %d calls are left", status, b.lab.sip.Load().Calls)
	}
}

func TestTextsThroughADoorArePlain(t *testing.T) {
	for kind, status := range map[string]int{"text/plain": 200, "Text/Plain; charset=utf-8": 200, "text/html": 415, "": 415} {
		b := newRawBench(t, "lines")
		b.rawPhone("lines", "alice", app.Manual)
		var more []string
		if kind != "" {
			more = append(more, "Content-Type: "+kind)
		}
		if got := b.wire().calls("MESSAGE", "", more...); got != status || b.saw("lab", "text", "alice") != (status == 200) {
			t.Errorf("%q: %d, want %d", kind, got, status)
		}
	}
}
