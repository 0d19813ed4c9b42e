package grade

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

func TestReliable(t *testing.T) {
	const required = "Require: 100rel"
	rang := func(more ...string) *records {
		return new(records).message(1, false, "INVITE", 0, required).message(2, true, "INVITE", 183, more...)
	}
	judged(t, "no answer", judgeReliable(new(records).message(1, false, "INVITE", 0, required).view(9)), Untold)
	judged(t, "420", judgeReliable(new(records).message(1, false, "INVITE", 0, required).message(2, true, "INVITE", 420).view(9)), Untold)
	judged(t, "rings all the same", judgeReliable(rang().view(9)), Fail)
	judged(t, "no PRACK", judgeReliable(rang(required, "RSeq: 1").view(9)), Untold)
	for field, want := range map[string]Verdict{"Require: timer, 100REL": Pass, "Require: timer": Fail} {
		judged(t, field, judgeReliable(rang(field, "RSeq: 1").message(3, false, "PRACK", 0).message(4, true, "PRACK", 200).view(9)), want)
	}
	for number, want := range map[string]Verdict{"0": Fail, "1": Pass, "2147483647": Pass, "2147483648": Fail, "x": Fail, "": Fail} {
		judged(t, "RSeq "+number, judgeReliable(rang(required, "RSeq: "+number).message(3, false, "PRACK", 0).message(4, true, "PRACK", 200).view(9)), want)
	}
	for status, want := range map[int]Verdict{0: Fail, 200: Pass, 299: Pass, 300: Fail, 481: Fail} {
		p := rang(required, "RSeq: 1").message(3, false, "PRACK", 0)
		if status != 0 {
			p.message(4, true, "PRACK", status)
		}
		judged(t, fmt.Sprint("PRACK: ", status), judgeReliable(p.view(9)), want)
	}
}

func TestTimer(t *testing.T) {
	for _, tt := range []struct {
		offer, answer string
		want          Verdict
	}{
		{"Supported: timer", "Server: x", Untold},
		{"Supported: timer", "Session-Expires: 90;refresher=uac", Pass},
		{"Supported: timer", "Session-Expires: 1800 ; Refresher = UAS", Pass},
		{"Supported: timer", "Session-Expires: 89;refresher=uac", Fail},
		{"Supported: timer", "Session-Expires: soon;refresher=uac", Fail},
		{"Supported: timer", "Session-Expires: 90", Fail},
		{"Supported: timer", "Session-Expires: 90;x-refresher=uac", Fail},
		{"Supported: timer", "Session-Expires: 90;refresher=uacs", Fail},
		{"Supported: timer", `Session-Expires: 90;note="refresher=uas"`, Fail},
		{"Supported: 100rel", "Session-Expires: 90;note=1;refresher=uas;x=\"refresher=uac\"", Pass},
		{"Supported: 100rel", "Session-Expires: 90;refresher=uac", Fail},
		{"Supported: 100rel", "Session-Expires: 90;refresher=uas", Pass},
		{"Session-Expires: 90", "Session-Expires: 90;refresher=uas", Pass},
		{"Session-Expires: 90", "Session-Expires: 91;refresher=uas", Fail}, // it may only grow less
		{"Session-Expires: 1800", "Session-Expires: 91;refresher=uas", Pass},
	} {
		p := new(records).message(1, false, "INVITE", 0, tt.offer).message(2, true, "INVITE", 200, tt.answer)
		judged(t, tt.offer+", "+tt.answer, judgeTimer(p.view(9)), tt.want)
	}
}

// TestTimerOfLaterAnswers: what an answer to a re-INVITE or an UPDATE says of the session
// timer counts as that of the first does.
func TestTimerOfLaterAnswers(t *testing.T) {
	for _, tt := range []struct {
		first, method, asked, later string
		want                        Verdict
	}{
		{"Session-Expires: 90;refresher=uas", "INVITE", "Session-Expires: 90", "Session-Expires: 90;refresher=uas", Pass},
		{"Session-Expires: 90;refresher=uas", "INVITE", "Session-Expires: 90", "Session-Expires: 7200;refresher=uas", Fail},
		{"Session-Expires: 90;refresher=uas", "UPDATE", "Session-Expires: 90", "Session-Expires: 7200;refresher=uas", Fail},
		{"Session-Expires: 90;refresher=uas", "UPDATE", "Session-Expires: 90", "Session-Expires: 30", Fail},
		{"Session-Expires: 90;refresher=uas", "UPDATE", "Supported: timer", "Session-Expires: 90", Fail},
		{"Session-Expires: 90;refresher=uas", "UPDATE", "Supported: timer", "Server: x", Pass},
		{"Server: x", "UPDATE", "Supported: timer", "Session-Expires: 90;refresher=uac", Pass},
		{"Server: x", "UPDATE", "Supported: 100rel", "Session-Expires: 90;refresher=uac", Fail},
		{"Server: x", "UPDATE", "Supported: timer", "Session-Expires: 30", Fail},
	} {
		p := new(records).message(1, false, "INVITE", 0, "Session-Expires: 1800").message(2, true, "INVITE", 200, tt.first).
			message(3, false, tt.method, 0, tt.asked).message(4, true, tt.method, 200, tt.later)
		judged(t, fmt.Sprintf("%s, %s: %s, %s", tt.first, tt.method, tt.asked, tt.later), judgeTimer(p.view(9)), tt.want)
	}
}

func TestPlaced(t *testing.T) {
	const cred = "Proxy-Authorization: Digest x"
	asked := func() *records { return new(records).message(1, true, "INVITE", 0).message(2, false, "INVITE", 407) }
	judged(t, "no call", judgePlaced(new(records).view(9)), Untold)
	judged(t, "not asked", judgePlaced(new(records).message(1, true, "INVITE", 0).message(2, false, "INVITE", 200).view(9)), Untold)
	judged(t, "gave up", judgePlaced(asked().view(9)), Fail)
	again := func(fields ...string) *records { return asked().message(3, true, "INVITE", 0, fields...).again(2) }
	judged(t, "a copy", judgePlaced(asked().message(3, true, "INVITE", 0).view(9)), Fail)
	judged(t, "again, without", judgePlaced(again().view(9)), Fail)
	judged(t, "again, no answer", judgePlaced(again(cred).view(9)), Untold)
	judged(t, "again, and the answer to a copy", judgePlaced(again(cred).message(4, false, "INVITE", 407).view(9)), Untold)
	for status, want := range map[int]Verdict{100: Pass, 200: Pass, 399: Pass, 400: Fail, 403: Fail, 407: Fail, 408: Pass, 404: Pass, 486: Pass} {
		judged(t, fmt.Sprint("again, ", status), judgePlaced(again(cred).message(4, false, "INVITE", status).again(2).view(9)), want)
		crossed := asked().message(2.1, true, "INVITE", 0).message(3, true, "INVITE", 0, cred).again(2).message(4, false, "INVITE", status).again(2)
		judged(t, fmt.Sprint("a copy, and again, ", status), judgePlaced(crossed.view(9)), want)
	}
}

func TestTidy(t *testing.T) {
	judged(t, "nothing sent", judgeTidy(new(records).message(1, false, "OPTIONS", 0).view(9)), Untold)
	judged(t, "what the lab sent", judgeTidy(new(records).message(1, false, "OPTIONS", 0, "Contact: <sip:a@b>;;").message(2, true, "OPTIONS", 200).view(9)), Pass)
	p := new(records).message(1, true, "OPTIONS", 0)
	for range 2 {
		p.message(2, true, "OPTIONS", 200, "Contact: <sip:a@b>;;")
	}
	f := judgeTidy(p.view(9))
	if want := `Contact: a ";" without a parameter (RFC 3261 §25.1)`; f.verdict != Fail || f.why != want || len(f.evidence) != 1 || !strings.HasSuffix(f.evidence[0].Text, "  Contact: <sip:a@b>;;") {
		t.Errorf("%+v, want %s", f, want)
	}
	if f = judgeTidy(p.message(3, true, "OPTIONS", 200, "Contact: Bob B. (x) <sip:a@b>").view(9)); !strings.HasSuffix(f.why, "; and 1 more") || len(f.evidence) != 2 {
		t.Errorf("%+v", f)
	}
	p = new(records).message(1, true, "OPTIONS", 200, "m: <sip:a@b>;;")
	if f = judgeTidy(p.view(9)); len(f.evidence) != 1 || !strings.HasSuffix(f.evidence[0].Text, "  Contact: <sip:a@b>") {
		t.Errorf("%+v", f)
	}
	bad := event.Error{Op: "read from x", Err: "no From header field", Rule: event.RuleMalformedMessage}
	unread := func(who string, e event.Event) *records {
		return new(records).message(1, true, "OPTIONS", 200).note(2, who, e).note(3, who, e)
	}
	if f := judgeTidy(unread("alice", bad).view(9)); f.verdict != Fail || f.why != "2 of its messages could not be read: no From header field" || len(f.evidence) != 1 {
		t.Errorf("%+v", f)
	}
	foreign := event.Warning{Rule: event.RuleForeignResponse, Note: "486 to INVITE is for another Call-ID"}
	if f := judgeTidy(unread("lab", foreign).view(9)); f.verdict != Fail || f.why != foreign.Note || len(f.evidence) != 1 {
		t.Errorf("a response astray: %+v", f)
	}
	judged(t, "one to the phone", judgeTidy(unread("alice", foreign).view(9)), Pass)
	judged(t, "somebody else's response", judgeTidy(unread("lab", event.Warning{Rule: event.RuleStrayResponse}).view(9)), Pass)
	judged(t, "another warning", judgeTidy(unread("lab", event.Warning{Rule: event.RuleUntidyBody}).view(9)), Pass)
	judged(t, "nothing but that", judgeTidy(new(records).note(2, "alice", bad).view(9)), Fail)
	judged(t, "somebody else's", judgeTidy(unread("bob", bad).view(9)), Pass)
	judged(t, "another error", judgeTidy(unread("alice", event.Error{Rule: event.RuleFlowBroken}).view(9)), Pass)
	for via, want := range map[string]Verdict{"TCP": Fail, "TLS": Fail, "UDP": Pass, "WS": Pass} { // without a Content-Length
		p := new(records).message(1, true, "OPTIONS", 0).but(func(m *event.Message) {
			m.Raw = strings.NewReplacer("Content-Length: 0\r\n", "", "/TCP", "/"+via).Replace(m.Raw)
		})
		judged(t, via, judgeTidy(p.view(9)), want)
	}
}
