package sip

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// referredByOne is a call on flow 1 whose peer has asked for another, which flow 1 makes,
// and how that is made again.
func referredByOne(t *testing.T) (p *twoFlows, offered func() control.Again) {
	p = inCall(t, TCP)
	var last control.Again
	refer := p.one.peerRequest("REFER", "")
	refer.AppendHeader(sip.NewHeader("Refer-To", "<sip:carol@example.com?Replaces=abc%3Bto-tag%3D1%3Bfrom-tag%3D2>"))
	refer.AppendHeader(sip.NewHeader("Referred-By", "<sip:bob@example.com>"))
	p.one.receive(Encode(refer))
	p.one.plays("follow 1", "respond NOTIFY 200")
	pass := func(out control.Output, _ int) {
		p.pass(out.Notices)
		for _, n := range out.Notices {
			if n, ok := n.(control.Again); ok {
				last = n
			}
		}
	}
	p.one.seen, p.two.seen = pass, pass
	return p, func() control.Again { return last }
}

// byTheOther makes the call again by flow 2, as the program does.
func (p *twoFlows) byTheOther(t *testing.T, again control.Again) {
	t.Helper()
	_, out, err := again.Follow(p.two.now, p.two.a, []byte(testSDP))
	if p.two.print(out); err != nil {
		t.Fatal(err)
	}
	first, second := p.one.sent["INVITE"].(*sip.Request), p.two.sent["INVITE"].(*sip.Request)
	for _, name := range []string{"Referred-By", "Replaces", "Require"} {
		if was, is := Text(first, name), Text(second, name); is != was || was == "" {
			t.Errorf("%s: %q, and %q by the other flow", name, was, is)
		}
	}
}

// lastReport is the body of the last NOTIFY of a flow; "" if it has sent none.
func lastReport(r *rig) string {
	_, body, _ := strings.Cut(r.raw["NOTIFY"], "\r\n\r\n")
	return strings.TrimSpace(body)
}

// TestReferralOutlivesItsFlow: a call that a REFER has asked for is made again by another
// flow if its own breaks, as the same call, and who has asked hears of that alone (RFC
// 3515 §2.4.5).
func TestReferralOutlivesItsFlow(t *testing.T) {
	p, offered := referredByOne(t)
	p.one.plays("closed")
	again := offered()
	if again.Follow == nil || strings.Contains(lastReport(p.one), "503") {
		t.Fatalf("not to be made again, and reported %q", lastReport(p.one))
	}
	p.takeOver()
	p.byTheOther(t, again)
	p.two.plays("respond INVITE 200 sdp Contact: <sip:carol@192.0.2.8>")
	if got := lastReport(p.two); got != "SIP/2.0 200 OK" {
		t.Errorf("reported %q", got)
	}
	if said := p.one.w.String() + p.two.w.String(); strings.Contains(said, "transfer failed") || strings.Contains(said, "transfer-failed") {
		t.Errorf("it is said to have failed:\n%s", said)
	}
}

// TestReferralBesideItsFlow: what the server of one flow has answered 503 is made by
// another, and reported by the first, which stands, however it ends.
func TestReferralBesideItsFlow(t *testing.T) {
	for answer, want := range map[string]string{"200 sdp Contact: <sip:carol@192.0.2.8>": "SIP/2.0 200 OK", "486": "SIP/2.0 486 Busy Here", "503": "SIP/2.0 503 Service Unavailable"} {
		p, offered := referredByOne(t)
		p.one.plays("respond INVITE 503")
		if offered().Follow == nil || strings.Contains(lastReport(p.one), "503") {
			t.Fatalf("not to be made again, and reported %q", lastReport(p.one))
		}
		p.byTheOther(t, offered())
		p.two.plays("respond INVITE " + answer)
		if again := offered(); answer == "503" {
			p.one.print(again.GiveUp(p.one.now))
		}
		if got := lastReport(p.one); got != want || lastReport(p.two) != "" {
			t.Errorf("%s: reported %q, and by the other flow %q", answer, got, lastReport(p.two))
		}
	}
}
