package sip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// One fault of one peer is said once in a while; of many there is an end.
func TestTidiness(t *testing.T) {
	m := ParseDatagram([]byte(optionsWith(`From: <sip:bob@b>;;tag="x"`))).(Message)
	at := func(n int) netip.AddrPort { return netip.MustParseAddrPort(fmt.Sprintf("192.0.2.%d:5060", n)) }
	var known Tidiness
	count := func(d time.Duration, peer int) int { return len(known.Warnings(epoch.Add(d), m, at(peer))) }
	for _, test := range []struct {
		d          time.Duration
		peer, want int
	}{{0, 1, 2}, {time.Second, 1, 0}, {time.Second, 2, 2}, {10*time.Minute - 1, 1, 0}, {10 * time.Minute, 1, 2}, {10 * time.Minute, 2, 0}} {
		if got := count(test.d, test.peer); got != test.want {
			t.Errorf("after %s from %d: %d warnings, want %d", test.d, test.peer, got, test.want)
		}
	}
	known = Tidiness{}
	said := 0
	for peer := range 200 {
		said += count(0, peer)
	}
	if said != maxFaults || len(known.said) != maxFaults {
		t.Errorf("%d warnings, %d faults are remembered", said, len(known.said))
	}
	if count(10*time.Minute, 201) != 2 {
		t.Error("those of before are not forgotten")
	}
}

// TestTidinessOfSenders: two senders behind one host do not hide each other's faults: the
// From of a request counts, and the To of a response. A name has an end.
func TestTidinessOfSenders(t *testing.T) {
	var known Tidiness
	host := netip.MustParseAddrPort("192.0.2.1:5060")
	warnings := func(m Message) int { return len(known.Warnings(epoch, m, host)) }
	request := func(who string) Message {
		return ParseDatagram([]byte(optionsWith(`From: <sip:` + who + `@b>;;tag="x"`))).(Message)
	}
	response := func(to string) Message {
		m := request("alice")
		res := NewResponse(m.SIP.(*sip.Request), 200, "t")
		res.To().Address.User = to
		return Message{SIP: res, Untidy: m.Untidy}
	}
	for _, test := range []struct {
		what string
		m    Message
		want int
	}{
		{"bob", request("bob"), 2},
		{"carol", request("carol"), 2},
		{"bob again", request("bob"), 0},
		{"to dave", response("dave"), 2},
		{"to erin", response("erin"), 2},
		{"to dave again", response("dave"), 0},
		{"of a long name", request(strings.Repeat("x", 400) + "1"), 2},
		{"of one that begins like it", request(strings.Repeat("x", 400) + "2"), 0},
	} {
		if got := warnings(test.m); got != test.want {
			t.Errorf("%s: %d warnings, want %d", test.what, got, test.want)
		}
	}
}

// TestUntidyRequest: a request whose Via has no branch, or without a Max-Forwards from 0 to
// 255, is taken and named; the Vias below are those of others.
func TestUntidyRequest(t *testing.T) {
	good := optionsWith("")
	field := "Max-Forwards: "
	for _, test := range []struct{ name, from, to, want string }{
		{"as it is", "", "", ""},
		{"no branch", ";branch=z9hG4bK", ";x=z9hG4bK", "Via: " + noBranch},
		{"an empty one", ";branch=z9hG4bK1", ";branch=", "Via: " + noBranch},
		{"one of RFC 2543", ";branch=z9hG4bK", ";branch=", ""}, // RFC 4475 §3.1.1.1 has one in a message that is valid
		{"no Max-Forwards", field + "70\r\n", "", field + noHops},
		{"the least", field + "70", field + "0", ""},
		{"the most", field + "70", field + "255", ""},
		{"one more", field + "70", field + "256", field + numberTooLarge},
		{"a word", field + "70", field + "abc", field + oddHops},
		{"nothing", field + "70", field, field + oddHops},
		{"less than none", field + "70", field + "-1", field + oddHops},
		{"more than a number", field + "70", field + "99999999999999999999", field + oddHops},
		{"a word, and another", field + "70", field + "abc\r\n" + field + "7", field + oddHops + ", " + field + fieldTwice},
		{"below", "Max-Forwards:", "Via: SIP/2.0/TCP 192.0.2.9\r\nMax-Forwards:", ""},
	} {
		m, ok := ParseDatagram([]byte(strings.Replace(good, test.from, test.to, 1))).(Message)
		var got []string
		for _, u := range m.Untidy {
			got = append(got, u.Field+": "+u.Fault)
		}
		if !ok || strings.Join(got, ", ") != test.want {
			t.Errorf("%s: taken %t, %q, want %q", test.name, ok, got, test.want)
		}
	}
}
