package sip

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// TestReferralsAreBounded: whoever asks for more than so many transfers at a time
// is refused, and the next is taken when one is over.
func TestReferralsAreBounded(t *testing.T) {
	r := registered(t)
	refer := func(n int) int {
		data := fmt.Sprintf("REFER sip:alice@192.0.2.1:49152 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bK-%d\r\nMax-Forwards: 70\r\n"+
			"From: <sip:eve@example.com>;tag=%d\r\nTo: <sip:alice@example.com>\r\nCall-ID: %d\r\nCSeq: 1 REFER\r\nContact: <sip:eve@192.0.2.9>\r\n"+
			"Refer-To: <sip:carol@example.com>\r\nContent-Length: 0\r\n\r\n", n, n, n)
		delete(r.sent, "REFER final")
		r.receive([]byte(data))
		r.print(r.a.Consider(r.now, n))
		return r.sent["REFER final"].(*sip.Response).StatusCode
	}
	for n := range maxTransfers {
		if got := refer(n + 1); got != 202 {
			t.Fatalf("REFER %d: %d", n+1, got)
		}
	}
	if got := refer(100); got != 503 {
		t.Errorf("one too many: %d", got)
	}
	r.print(r.a.Refuse(r.now, 1, 603))
	r.plays("respond NOTIFY 200")
	if got := refer(maxTransfers + 1); got != 202 {
		t.Errorf("after one is over: %d", got)
	}
}

// TestReplacingMakesRoom: a call that takes the place of another is taken though
// there can be no more, and one that does not is busy.
func TestReplacingMakesRoom(t *testing.T) {
	r := registeredWith(t, Config{MaxCalls: 1})
	r.plays("peer INVITE sdp", "answer 1", "peer ACK",
		"peer INVITE as=carol sdp")
	if r.sent["INVITE 486"] == nil {
		t.Error("a second call is not busy")
	}
	replaced := 0
	r.seen = func(out control.Output, _ int) {
		for _, n := range out.Notices {
			if n, ok := n.(control.Replacing); ok {
				replaced = n.Call
			}
		}
	}
	r.plays("peer INVITE as=carol sdp Replaces: REPLACES")
	if replaced != 1 {
		t.Error("a call that replaces the first is not offered")
	}
}

// TestTransferOnAFlowThatFails is a REFER without an answer: it has failed, and
// the call goes on.
func TestTransferOnAFlowThatFails(t *testing.T) {
	r := registered(t)
	r.plays("peer INVITE sdp", "answer 1", "peer ACK", "transfer 1 carol", "closed")
	if got := r.w.String(); !strings.Contains(got, "transfer failed") || strings.Contains(got, "call ended") {
		t.Errorf("the REFER went with the flow:\n%s", got)
	}
	if len(r.a.transfers.ours) != 0 {
		t.Error("a transfer is waited for that has failed")
	}
}

// TestReportsAreKept: the answer to an older report is none to the last, which is
// sent again on the next flow; and no report is kept for longer than there may be any.
func TestReportsAreKept(t *testing.T) {
	r := registered(t)
	r.plays("peer INVITE sdp", "answer 1", "peer ACK", "peer REFER Refer-To: <sip:carol@example.com>", "follow 1")
	first := r.sent["NOTIFY"].(*sip.Request)
	r.plays("respond INVITE 486")
	r.receive(Encode(NewResponse(first, 200, "b0b")))
	r.plays("closed")
	delete(r.sent, "NOTIFY")
	r.plays("connected")
	if again, _ := r.sent["NOTIFY"].(*sip.Request); again == nil || !strings.Contains(string(again.Body()), "486") {
		t.Errorf("on the next flow: %v", again)
	}
	r.plays("closed", "advance 4m")
	if left := len(r.a.transfers.taken); left != 0 {
		t.Errorf("%d referrals are kept for ever", left)
	}
}

// TestTransferToNames: whom the peer is asked to call is the other by his whole
// address of record, in which a telephone number is one of our own domain's.
func TestTransferToNames(t *testing.T) {
	for remote, want := range map[string]string{
		"sip:carol@example.com:5070":           "<sip:carol@example.com:5070?Replaces=",
		"sip:+15550100@example.com;user=phone": "<sip:+15550100@example.com;user=phone?Replaces=",
		"sip:carol@example.com?Subject=x":      "<sip:carol@example.com?Replaces=",
		"tel:+1-555-0100":                      "<sip:+15550100@example.com;user=phone?Replaces=",
		"tel:0100;phone-context=example.com":   "<sip:0100;phone-context=example.com@example.com;user=phone?Replaces=",
		"tel:operator":                         "",
	} {
		r := registered(t)
		r.plays("peer INVITE sdp", "answer 1", "peer ACK", "peer INVITE as=carol sdp", "answer 2", "peer ACK as=carol")
		var uri sip.Uri
		if err := readURI(remote, &uri); err != nil {
			t.Fatal(err)
		}
		r.a.calls.byID(2).dialog.remote = uri
		r.plays("transferto 1 2")
		got := ""
		if req := r.sent["REFER"]; req != nil {
			got = Text(req, "refer-to")
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: Refer-To: %s, want %s", remote, got, want)
		}
	}
}

// TestReferTo reads whom a REFER names.
func TestReferTo(t *testing.T) {
	r := newRig(t, Config{})
	for value, want := range map[string]string{
		"<sip:carol@example.com>":                                       "sip:carol@example.com",
		"sip:carol@example.com;x=y":                                     "sip:carol@example.com",
		`"Carol, C." <sips:carol@example.com:5061>`:                     "sips:carol@example.com:5061",
		`"Bob <x>" <sip:carol@example.com>`:                             "sip:carol@example.com",
		`"Bob <x" sip:carol@example.com`:                                "sip:carol@example.com",
		"<sip:carol@example.com":                                        "400",
		"<sip:carol@example.com;method=invite>":                         "sip:carol@example.com",
		"<sip:carol@example.com;transport=tcp>":                         "sip:carol@example.com;transport=tcp",
		"<SIP:carol@example.com>":                                       "sip:carol@example.com",
		"<sip:carol@example.com;method=REFER>":                          "501",
		"<mailto:carol@example.com>":                                    "416",
		"<urn:service:sos>":                                             "416",
		"<>":                                                            "416",
		"<sip:>":                                                        "400",
		"<sip:carol@example.com?Replaces=a&Replaces=b>":                 "400",
		"<sip:carol@example.com?Replaces=a%0d%0aX:%20y>":                "400",
		"<sip:c@example.com?x=" + strings.Repeat("a", maxReferTo) + ">": "400",
	} {
		req := sip.NewRequest(sip.REFER, sip.Uri{Scheme: "sip", Host: "h"})
		req.AppendHeader(sip.NewHeader("Refer-To", value))
		to, no := r.a.author.readReferTo(req)
		got := to.uri.String()
		if no != nil {
			got = fmt.Sprint(no.status)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}

// TestNamedIn is who a Referred-By says has asked.
func TestNamedIn(t *testing.T) {
	for value, want := range map[string]string{
		`"Bob <x>" <sip:bob@example.com;user=phone?a=b>;cid=c`: "sip:bob@example.com",
		"sip:bob@example.com;cid=c":                            "sip:bob@example.com",
		"<tel:+15550100>":                                      "+15550100",
		"bob":                                                  "",
		"":                                                     "",
	} {
		if got := namedIn(value); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}

// TestParseReplaces reads which dialog is named.
func TestParseReplaces(t *testing.T) {
	for value, want := range map[string]replaces{
		"a@b;to-tag=1;from-tag=2":                       {"a@b", "1", "2", false},
		"a@b ; Early-Only; To-Tag = \"1;x\";from-tag=2": {"a@b", "1;x", "2", true},
		"a@b;to-tag=1":                                  {},
		";to-tag=1;from-tag=2":                          {},
		"a@b;to-tag=1;from-tag=2\r\nX: y":               {},
	} {
		got, err := parseReplaces(value)
		if (err != nil) != (want == replaces{}) || err == nil && got != want {
			t.Errorf("%q: %+v, %v", value, got, err)
		}
	}
}

// FuzzReferTo: whatever a Refer-To says, what is taken of it breaks no message.
func FuzzReferTo(f *testing.F) {
	for _, seed := range []string{
		"<sip:carol@example.com?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>", "sip:c@h;method=INVITE", `"x" <tel:+1>`, "<sip:a@b?%0d%0a=x>",
	} {
		f.Add(seed)
	}
	r := newRig(f, Config{})
	f.Fuzz(func(t *testing.T, value string) {
		req := sip.NewRequest(sip.REFER, sip.Uri{Scheme: "sip", Host: "h"})
		req.AppendHeader(sip.NewHeader("Refer-To", value))
		to, no := r.a.author.readReferTo(req)
		if no == nil && strings.ContainsAny(to.replaces+to.uri.String(), "\r\n") {
			t.Errorf("%q: %+v", value, to)
		}
	})
}
