package lab

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

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
	last := c.last()
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

// A user of another protocol is found by the address in any form, too.
func TestEscapedUsersThroughADoor(t *testing.T) {
	b := newRawBench(t, "lines")
	b.rawPhone("lines", "alice", app.Manual)
	c := b.wire()
	c.request("INVITE", "sip:%61lice@lab.test", "<sip:%61lice@lab.test>", "Contact: <sip:load@10.9.9.9:9>")
	b.run(time.Second)
	if last := c.last(); last.StatusCode != 180 {
		t.Errorf("the phone does not ring: %d", last.StatusCode)
	}
}

// offers sends an INVITE with a body to alice, and gives back the last response.
func (c *wire) offers(toTag, kind, body string) *grammar.Response {
	c.cseq++
	c.send(carrying(c.text("INVITE", "sip:alice@lab.test", "<sip:alice@lab.test>"+toTag, "Contact: <sip:load@10.9.9.9:9>"), kind, body))
	return c.last()
}

// TestSessionsThroughADoor: the lab reads bodies as leniently as the phone, and
// refuses the rest as it would.
func TestSessionsThroughADoor(t *testing.T) {
	const untidy = "v=0\nm=audio 5000 RTP/AVP 0\nc=IN IP4 10.0.1.1"
	for _, tt := range []struct {
		kind, body  string
		status      int
		field, says string
		logged      string
	}{
		{"application/sdp", untidy, 180, "", "", "untidy-sdp"},
		{"application/sdp", strings.Replace(untidy, "AVP", "SAVP", 1), 488, "Warning", `302 10.0.0.1:5060 "the transport`, "untidy-sdp"},
		{"application/xml", "<x/>", 415, "Accept", "application/sdp", "body-refused"},
		{"multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\n" + untidy, 180, "", "", "untidy-body"},
	} {
		b := newRawBench(t, "lines")
		b.rawPhone("lines", "alice", app.Manual)
		c := b.wire()
		c.offers("", tt.kind, tt.body)
		b.run(time.Second)
		if res := c.last(); res.StatusCode != tt.status || !strings.HasPrefix(text(res, tt.field), tt.says) {
			t.Errorf("%s: %d, %s: %s", tt.kind, res.StatusCode, tt.field, text(res, tt.field))
		}
		if !b.saw("lab", "warning: "+tt.logged) {
			t.Errorf("%s: the lab does not say %s", tt.kind, tt.logged)
		}
	}
}

// TestDescriptionsThroughADoorHaveVersions: the same offer has the same answer, and
// one that is new a higher version (RFC 3264 §8).
func TestDescriptionsThroughADoorHaveVersions(t *testing.T) {
	b := newRawBench(t, "lines")
	b.rawPhone("lines", "alice", app.Accept)
	c := b.wire()
	first, second := offer(netip.MustParseAddr("10.0.1.1")), strings.Replace(offer(netip.MustParseAddr("10.0.1.1")), "AVP 0", "AVP 8", 1)
	c.offers("", "application/sdp", first)
	b.run(time.Second)
	res := c.last()
	tag, _ := res.To().Params.Get("tag")
	answer := string(res.Body())
	c.send(c.text("ACK", "sip:alice@lab.test", "<sip:alice@lab.test>;tag="+tag))
	if got := string(c.offers(";tag="+tag, "application/sdp", first).Body()); got != answer || got == "" {
		t.Errorf("the same offer is answered\n%s\nafter\n%s", got, answer)
	}
	if got := string(c.offers(";tag="+tag, "application/sdp", second).Body()); !strings.Contains(answer, " 1 IN IP4") || !strings.Contains(got, " 2 IN IP4") {
		t.Errorf("another offer is answered\n%s\nafter\n%s", got, answer)
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
