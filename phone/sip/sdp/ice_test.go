package sdp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/ice"
)

// iceAlice is a side that speaks ICE, at the address of alice.
func iceAlice() Local {
	l := alice()
	l.Mux = true
	at := func(port uint16) netip.AddrPort { return netip.AddrPortFrom(l.Addr.Addr(), port) }
	l.ICE = &ice.Description{Ufrag: "alic", Pwd: "a password of 24 letters", Candidates: []ice.Candidate{
		{Foundation: "1", Component: 1, Priority: 2130706431, At: at(l.Addr.Port()), Type: ice.Host},
		{Foundation: "1", Component: 2, Priority: 2130706430, At: at(l.Addr.Port() + 1), Type: ice.Host},
		{Foundation: "2", Component: 1, Priority: 1694498815, At: netip.MustParseAddrPort("198.51.100.7:4000"), Type: ice.Reflexive, Related: at(l.Addr.Port())},
	}}
	return l
}

// bobsICE is what a peer says, at 192.0.2.2:5000.
var bobsICE = []string{
	"m=audio 5000 RTP/AVP 0", "a=ice-ufrag:8hhY", "a=ice-pwd:asd88fgpdd777uzjYhagZg",
	"a=candidate:1 1 UDP 2130706431 192.0.2.2 5000 typ host",
	"a=candidate:2 1 UDP 1694498815 198.51.100.2 45664 typ srflx raddr 192.0.2.2 rport 5000",
}

func TestOfferICE(t *testing.T) {
	text := string(iceAlice().Offer())
	for _, line := range []string{
		"a=rtcp-mux", "a=ice-ufrag:alic", "a=ice-pwd:a password of 24 letters", "a=ice-options:ice2",
		"a=candidate:1 1 UDP 2130706431 192.0.2.1 40000 typ host", "a=candidate:1 2 UDP 2130706430 192.0.2.1 40001 typ host",
		"a=candidate:2 1 UDP 1694498815 198.51.100.7 4000 typ srflx raddr 192.0.2.1 rport 40000",
	} {
		if !strings.Contains(text, line+"\r\n") {
			t.Errorf("%q is missing in\n%s", line, text)
		}
	}
	for _, word := range []string{"ice-lite", "remote-candidates"} {
		if strings.Contains(text, word) {
			t.Errorf("%s is in\n%s", word, text)
		}
	}
	l := iceAlice()
	l.ICE.Lite, l.ICE.Chosen = true, []netip.AddrPort{netip.MustParseAddrPort("192.0.2.2:5000")}
	text = string(l.Following(Negotiated{Mux: true}).Offer())
	if head, _, _ := strings.Cut(text, "m="); !strings.Contains(head, "a=ice-lite\r\n") {
		t.Errorf("ice-lite is not of the session:\n%s", text)
	}
	if !strings.Contains(text, "a=remote-candidates:1 192.0.2.2 5000\r\n") || strings.Contains(text, "a=candidate:1 2 ") {
		t.Errorf("after rtcp-mux was agreed on:\n%s", text)
	}
}

// TestAnswerICE: an offer of ICE is answered with ICE by who speaks it, and by nobody else.
func TestAnswerICE(t *testing.T) {
	answer, n, err := iceAlice().Answer(offer(bobsICE...))
	if err != nil || n.ICE == nil || n.ICE.Ufrag != "8hhY" || n.ICE.Pwd != "asd88fgpdd777uzjYhagZg" || n.ICE.Mux || n.ICE.Lite || n.Untidy != "" || n.ICEFault != "" {
		t.Fatalf("%+v, %v", n, err)
	}
	want := []ice.Candidate{
		{Foundation: "1", Component: 1, Priority: 2130706431, At: netip.MustParseAddrPort("192.0.2.2:5000"), Type: ice.Host},
		{Foundation: "2", Component: 1, Priority: 1694498815, At: netip.MustParseAddrPort("198.51.100.2:45664"), Type: ice.Reflexive, Related: netip.MustParseAddrPort("192.0.2.2:5000")},
	}
	if !slices.Equal(n.ICE.Candidates, want) {
		t.Errorf("candidates: %+v", n.ICE.Candidates)
	}
	if !strings.Contains(string(answer), "a=ice-ufrag:alic") || strings.Contains(string(answer), "rtcp-mux") {
		t.Errorf("answered\n%s", answer)
	}
	answer, n, err = iceAlice().Answer(offer(append(slices.Clone(bobsICE), "a=rtcp-mux")...))
	if err != nil || !n.ICE.Mux || strings.Contains(string(answer), "a=candidate:1 2 ") || !strings.Contains(string(answer), "a=rtcp-mux") {
		t.Errorf("with rtcp-mux: %+v, %v\n%s", n.ICE, err, answer)
	}
	answer, n, err = alice().Answer(offer(bobsICE...))
	if err != nil || n.ICE != nil || strings.Contains(string(answer), "a=ice") {
		t.Errorf("by one who does not speak it: %+v, %v\n%s", n.ICE, err, answer)
	}
	answer, n, err = iceAlice().Answer(offer("m=audio 5000 RTP/AVP 0"))
	if err != nil || n.ICE != nil || n.ICEFault != "" || strings.Contains(string(answer), "a=ice") {
		t.Errorf("to one who does not speak it: %+v, %v\n%s", n.ICE, err, answer)
	}
}

// TestICEUntidy: what is not as it should be is understood or left out, and said.
func TestICEUntidy(t *testing.T) {
	good := bobsICE[3]
	for _, tt := range []struct {
		name   string
		edit   func(lines []string) []string
		count  int // of the candidates; -1: there is no ICE
		untidy string
		fault  string
	}{
		{"the default address is none of them", func(l []string) []string { l[0] = "m=audio 6000 RTP/AVP 0"; return l }, -1, "", "none of its candidates"},
		{"a default address that is none", func(l []string) []string { l[0] = "m=audio 9 RTP/AVP 0"; return append(l, "c=IN IP4 0.0.0.0") }, 2, "out of order", ""},
		{"mismatch", func(l []string) []string { return append(l, "a=ice-mismatch") }, -1, "", "ice-mismatch"},
		{"no password", func(l []string) []string { return slices.Delete(l, 2, 3) }, -1, "", "no ice-pwd"},
		{"no name", func(l []string) []string { return slices.Delete(l, 1, 2) }, -1, "", "no ice-ufrag"},
		{"a short password", func(l []string) []string { l[2] = "a=ice-pwd:short"; return l }, 2, "shorter", ""},
		{"a name that would break a name", func(l []string) []string { l[1] = "a=ice-ufrag:a:bcd"; return l }, -1, "", "cannot be used"},
		{"a password of a page", func(l []string) []string { l[2] = "a=ice-pwd:" + strings.Repeat("x", 257); return l }, -1, "", "cannot be used"},
		{"an empty name", func(l []string) []string { l[1] = "a=ice-ufrag:"; return l }, -1, "shorter", "cannot be used"},
		{"small letters", func(l []string) []string {
			l[3] = "a=candidate:1 1 udp 2130706431 192.0.2.2 5000 TYP HOST generation 0"
			return l
		}, 2, "", ""},
		{"of TCP, of a name, of another kind", func(l []string) []string {
			return append(l, strings.Replace(good, "UDP", "TCP", 1), strings.Replace(good, "192.0.2.2", "a.local", 1), strings.Replace(good, "host", "other", 1))
		}, 2, "", ""},
		{"too few words", func(l []string) []string { return append(l, "a=candidate:1 1 UDP 1") }, 2, "too few words", ""},
		{"no numbers", func(l []string) []string { return append(l, "a=candidate:1 x UDP 1 192.0.2.2 5000 typ host") }, 2, "no numbers", ""},
		{"component 0", func(l []string) []string { return append(l, "a=candidate:1 0 UDP 1 192.0.2.2 5000 typ host") }, 2, "no numbers", ""},
		{"everybody", func(l []string) []string {
			return append(l, "a=candidate:3 1 UDP 1 255.255.255.255 5 typ host", "a=candidate:3 1 UDP 1 224.0.0.1 5 typ host", "a=candidate:3 1 UDP 1 0.0.0.0 5 typ host", "a=candidate:3 1 UDP 1 192.0.2.2 0 typ host")
		}, 2, "none", ""},
		{"too many", func(l []string) []string {
			for i := range 100 {
				l = append(l, fmt.Sprintf("a=candidate:1 1 UDP 1 192.0.2.3 %d typ host", 5000+i))
			}
			return l
		}, maxCandidates, "more candidates", ""},
		{"of the session", func(l []string) []string { return append([]string{l[1], l[2], "a=ice-lite", l[0]}, l[3:]...) }, 2, "", ""},
	} {
		n, err := iceAlice().Judge(offer(tt.edit(slices.Clone(bobsICE))...))
		count := -1
		if n.ICE != nil {
			count = len(n.ICE.Candidates)
		}
		if err != nil || count != tt.count || !strings.Contains(n.Untidy, tt.untidy) || tt.untidy == "" && n.Untidy != "" || !strings.Contains(n.ICEFault, tt.fault) || tt.fault == "" && n.ICEFault != "" {
			t.Errorf("%s: %d candidates, %q, %q, %v", tt.name, count, n.Untidy, n.ICEFault, err)
		}
		if n.ICE != nil && n.ICE.Lite != (tt.name == "of the session") {
			t.Errorf("%s: lite is %t", tt.name, n.ICE.Lite)
		}
	}
	answer, _, _ := iceAlice().Answer(offer(append([]string{"m=audio 6000 RTP/AVP 0"}, bobsICE[1:]...)...))
	if text := string(answer); !strings.Contains(text, "a=ice-mismatch\r\n") || strings.Contains(text, "a=ice-ufrag") {
		t.Errorf("a default address that is none of the candidates is answered\n%s", text)
	}
	l := iceAlice()
	l.RequireICE = true
	if _, err := l.Judge(offer("m=audio 5000 RTP/AVP 0")); Refusal(err).Warning != 399 || !strings.Contains(err.Error(), "ice=required") {
		t.Errorf("required, and not there: %v", err)
	}
}

// TestAcceptICE: the answer to our offer.
func TestAcceptICE(t *testing.T) {
	muxed := append(slices.Clone(bobsICE), "a=rtcp-mux")
	n, err := iceAlice().Accept(offer(muxed...))
	if err != nil || n.ICE == nil || !n.Mux || !n.ICE.Mux || n.RemoteRTCP != n.Remote {
		t.Errorf("%+v, %v", n, err)
	}
	if n, err = iceAlice().Accept(offer(bobsICE...)); err != nil || n.Mux || n.ICE.Mux || n.RemoteRTCP.Port() != 5001 {
		t.Errorf("without rtcp-mux: %+v, %v", n, err)
	}
	l := iceAlice()
	l.Mux = false
	if n, err = l.Accept(offer(muxed...)); err != nil || n.Mux || n.ICE.Mux || n.RemoteRTCP.Port() != 5001 {
		t.Errorf("rtcp-mux that was not offered: %+v, %v", n, err)
	}
	l = alice()
	l.Mux = true
	if n, err = l.Accept(offer("m=audio 5000 RTP/AVP 0", "a=rtcp-mux")); err != nil || !n.Mux || n.RemoteRTCP != n.Remote {
		t.Errorf("rtcp-mux alone: %+v, %v", n, err)
	}
}

// TestMappedRTCP: where a NAT has not kept the ports beside each other, a=rtcp says where
// RTCP is (RFC 3605).
func TestMappedRTCP(t *testing.T) {
	l := alice()
	l.RTCP = netip.MustParseAddrPort("192.0.2.1:61002")
	if text := string(l.Offer()); !strings.Contains(text, "a=rtcp:61002\r\n") {
		t.Error(text)
	}
}

// FuzzICE: whatever stands in the lines of ICE, what comes of it is bounded, and what we
// write of it is read alike.
func FuzzICE(f *testing.F) {
	for _, line := range bobsICE[1:] {
		f.Add(strings.TrimPrefix(line, "a="), "a=ice-ufrag:8hhY")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		n, err := iceAlice().Judge(offer(append(slices.Clone(bobsICE), "a="+one, "a="+two)...))
		if err != nil || n.ICE == nil {
			return
		}
		if len(n.ICE.Candidates) > maxCandidates || len(n.ICE.Ufrag) > maxWord || len(n.ICE.Pwd) > maxWord {
			t.Fatalf("%+v", n.ICE)
		}
		for _, c := range n.ICE.Candidates {
			again, fault := parseCandidate(candidateLine(c))
			if fault != "" || again != c {
				t.Fatalf("%+v became %+v: %s", c, again, fault)
			}
		}
	})
}
