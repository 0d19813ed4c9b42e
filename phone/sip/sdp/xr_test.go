package sdp

import (
	"strings"
	"testing"
)

const ourWish = "a=rtcp-xr:rcvr-rtt=all voip-metrics\r\n"

func TestXRPolicies(t *testing.T) {
	for _, name := range XRPolicies() {
		if p, err := ParseXRPolicy(name); err != nil || p.String() != name {
			t.Errorf("%s: %s, %v", name, p, err)
		}
	}
	if _, err := ParseXRPolicy("yes"); err == nil || err.Error() != `"yes" is none of accept, off, on` {
		t.Errorf("yes: %v", err)
	}
}

// What we send is what the peer wishes, and what we wish ourselves is said to those who do,
// or to everybody.
func TestExtendedReports(t *testing.T) {
	both := XR{Metrics: true, RoundTrip: true}
	for _, c := range []struct {
		name   string
		policy XRPolicy
		lines  []string // of the peer's section
		want   XR
		asks   bool // our answer has our wish
		untidy string
	}{
		{"nothing", XRAccept, nil, XR{}, false, ""},
		{"nothing, and we wish all", XROn, nil, both, true, ""},
		{"all", XRAccept, []string{"a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics"}, both, true, ""},
		{"all, switched off", XROff, []string{"a=rtcp-xr:rcvr-rtt=all voip-metrics"}, XR{}, false, ""},
		{"metrics alone", XRAccept, []string{"a=rtcp-xr:voip-metrics"}, XR{Metrics: true}, true, ""},
		{"the round trip of senders", XRAccept, []string{"a=rtcp-xr:rcvr-rtt=sender"}, XR{RoundTrip: true}, true, ""},
		{"in several lines", XRAccept, []string{"a=rtcp-xr:rcvr-rtt=all", "a=rtcp-xr:voip-metrics"}, both, true, ""},
		{"in capitals", XRAccept, []string{"a=rtcp-xr:RCVR-RTT=ALL VoIP-Metrics"}, both, true, ""},
		{"blocks that we do not have", XRAccept, []string{"a=rtcp-xr:pkt-loss-rle=400 pkt-rcpt-times future"}, XR{}, false, ""},
		{"no blocks at all", XRAccept, []string{"a=rtcp-xr:"}, XR{}, false, ""},
		{"no mode", XRAccept, []string{"a=rtcp-xr:rcvr-rtt voip-metrics"}, XR{Metrics: true}, true, "its a=rtcp-xr has a rcvr-rtt that is neither all nor sender"},
	} {
		l := alice()
		l.XR = c.policy
		offer := described("RTP/AVP", "", c.lines...)
		answer, n, err := l.Answer(offer)
		if err != nil || n.XR != c.want || strings.Contains(string(answer), ourWish) != c.asks || n.Untidy != c.untidy {
			t.Errorf("%s: %+v, untidy %q, %v, answered\n%s", c.name, n.XR, n.Untidy, err, answer)
		}
		if n, err := l.Accept(offer); err != nil || n.XR != c.want {
			t.Errorf("%s, as an answer: %+v, %v", c.name, n.XR, err)
		}
		if got := strings.Contains(string(l.Offer()), ourWish); got != (c.policy == XROn) {
			t.Errorf("%s: offered %t", c.name, got)
		}
	}
}

// A section has the wish of the session, unless it has one of its own.
func TestExtendedReportsOfTheSession(t *testing.T) {
	for section, want := range map[string]XR{"a=sendrecv": {Metrics: true}, "a=rtcp-xr:rcvr-rtt=all": {RoundTrip: true}} {
		offer := described("RTP/AVP", "a=rtcp-xr:voip-metrics", section)
		if _, n, err := alice().Answer(offer); err != nil || n.XR != want || n.Untidy != "" {
			t.Errorf("%s: %+v, %q, %v", section, n.XR, n.Untidy, err)
		}
	}
}
