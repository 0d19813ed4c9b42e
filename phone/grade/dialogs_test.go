package grade

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

func TestLifetimes(t *testing.T) {
	for value, want := range map[string]Verdict{"0": Pass, "3600": Pass, "4294967295": Pass, "4294967296": Fail, "-1": Fail, "abc": Fail, "1e99": Fail, "": Fail, "60;x": Fail} {
		for _, field := range []string{"Expires: " + value, `Contact: <sip:a@b>;expires="` + value + `"`} {
			for method, counts := range map[string]bool{"REGISTER": true, "SUBSCRIBE": true, "PUBLISH": true, "INVITE": false} {
				want := want
				if !counts {
					want = Untold
				}
				judged(t, method+" "+field, judgeLifetimes(new(records).message(1, true, method, 0, field).message(2, true, "REGISTER", 0).view(9)), want)
			}
		}
	}
	judged(t, "none", judgeLifetimes(new(records).message(1, true, "REGISTER", 0).message(2, false, "SUBSCRIBE", 0, "Expires: x").view(9)), Untold)
}

func TestReplaces(t *testing.T) {
	invited := func() *records { return new(records).message(1, false, "INVITE", 0, "Replaces: x") }
	judged(t, "no answer", judgeReplaces(invited().view(9)), Fail)
	for status, want := range map[int]Verdict{481: Pass, 180: Fail, 200: Fail, 400: Fail, 480: Untold, 486: Untold, 603: Untold, 420: Fail} {
		judged(t, fmt.Sprint(status), judgeReplaces(invited().message(2, true, "INVITE", status).view(9)), want)
	}
	judged(t, "420 for it", judgeReplaces(invited().message(2, true, "INVITE", 420, "Unsupported: Replaces").view(9)), Untold)
	judged(t, "420 for another", judgeReplaces(invited().message(2, true, "INVITE", 420, "Unsupported: 100rel").view(9)), Fail)
}

func TestBrief(t *testing.T) {
	for _, tc := range []struct {
		status int
		field  string
		want   Verdict
	}{
		{422, "Min-SE: 90", Pass},
		{422, "Min-SE: 1800", Pass},
		{422, "Min-SE: 89", Fail},
		{422, "Server: y", Fail},
		{200, "Session-Expires: 30;refresher=uas", Fail},
		{200, "Session-Expires: 90;refresher=uas", Untold},
		{200, "Server: y", Untold},
		{180, "Server: y", Untold},
		{486, "Server: y", Untold},
	} {
		p := new(records).message(1, false, "INVITE", 0, "Session-Expires: 30").message(2, true, "INVITE", tc.status, tc.field)
		judged(t, fmt.Sprint(tc.status, " ", tc.field), judgeBrief(p.view(9)), tc.want)
	}
}

func TestUpdate(t *testing.T) {
	const allow = "Allow: INVITE, UPDATE"
	asked := func(field string) *records {
		return new(records).message(1, true, "INVITE", 200, field).message(2, false, "UPDATE", 0)
	}
	judged(t, "not allowed", judgeUpdate(new(records).message(1, true, "INVITE", 200, "Allow: INVITE").view(9)), Untold)
	judged(t, "not sent", judgeUpdate(new(records).message(1, true, "INVITE", 200, allow).view(9)), Untold)
	judged(t, "no answer", judgeUpdate(asked(allow).view(9)), Fail)
	for status, want := range map[int]Verdict{200: Pass, 405: Fail, 481: Fail, 501: Fail} {
		judged(t, fmt.Sprint(status), judgeUpdate(asked(allow).message(3, true, "UPDATE", status).view(9)), want)
	}
	waits := updating(new(records).view(0))[0] // before the call, which may say so first
	if !waits.unless(asked("Allow: INVITE").view(9)) || waits.unless(asked(allow).view(9)) {
		t.Error("who does not allow UPDATE is waited for, or who does is not")
	}
}

func TestRedirected(t *testing.T) {
	sent := func() *records {
		return new(records).message(1, true, "INVITE", 0).message(2, false, "INVITE", 302, "Contact: <sip:echo@lab.test>")
	}
	judged(t, "none", judgeRedirected(new(records).message(1, true, "INVITE", 0).view(9)), Untold)
	judged(t, "no ACK", judgeRedirected(sent().view(9)), Fail)
	judged(t, "it ends", judgeRedirected(sent().message(3, true, "ACK", 0).view(9)), Pass)
	acked := func() *records { return sent().message(3, true, "ACK", 0) }
	judged(t, "a copy", judgeRedirected(acked().message(4, true, "INVITE", 0).view(9)), Pass)
	judged(t, "again", judgeRedirected(acked().message(4, true, "INVITE", 0).again(2).view(9)), Fail)
	twice := judgeRedirected(acked().message(4, true, "INVITE", 0).again(2).message(5, true, "INVITE", 0).again(2).message(6, true, "INVITE", 0).again(3).view(9))
	if twice.why != "it calls the same address again, 2 times" {
		t.Error(twice.why)
	}
	other := acked()
	other.callID = "b"
	judged(t, "again, in another dialog", judgeRedirected(other.message(4, true, "INVITE", 0).view(9)), Fail)
	branch := acked().message(4, true, "INVITE", 0).but(func(m *event.Message) { m.Raw = strings.Replace(m.Raw, "z9hG4bK1", "z9hG4bK2", 1) })
	judged(t, "again, under the same number", judgeRedirected(branch.view(9)), Fail)
	for address, want := range map[string]Verdict{
		"sip:ECHO@lab.test": Pass, "sips:echo@lab.test": Pass, "sip:%65cho@lab.test;transport=tcp": Pass, "sip:echo@192.0.2.1:5061": Pass,
		"sip:echo2@lab.test": Fail, "sip:bob@echo": Fail, "echo@": Fail,
	} {
		follows := acked().message(4, true, "INVITE", 0).again(2).but(func(m *event.Message) { m.URI = address })
		f := judgeRedirected(follows.view(9))
		if judged(t, address, f, want); want == Pass && f.why != "it follows, to "+address {
			t.Error(f.why)
		}
	}
}

func TestRedirectedRegister(t *testing.T) {
	sent := func(again ...float64) *records {
		p := new(records).message(1, true, "REGISTER", 0).message(2, false, "REGISTER", 302)
		for _, at := range again {
			p.message(at, true, "REGISTER", 0).again(uint32(at * 1000))
			p.message(at+0.001, true, "REGISTER", 0).again(uint32(at * 1000)) // a copy
		}
		return p
	}
	judged(t, "none", judgeRedirectedRegister(new(records).message(1, true, "REGISTER", 0).view(9)), Untold)
	judged(t, "it stays away", judgeRedirectedRegister(sent().view(99)), Fail)
	judged(t, "patient", judgeRedirectedRegister(sent(3, 4, 5, 7.001).grant(8, 60).view(99)), Pass)
	judged(t, "impatient", judgeRedirectedRegister(sent(3, 4, 5, 7).grant(8, 60).view(99)), Fail)
}

func TestStrength(t *testing.T) {
	const offers = `WWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-256`
	answered := func(p *records, at float64, algorithm string) *records {
		return p.message(at, true, "REGISTER", 0, `Authorization: Digest username="alice", realm="r", nonce="n"`+algorithm).grant(at+1, 60)
	}
	asked := func() *records {
		return new(records).message(1, true, "REGISTER", 0).message(2, false, "REGISTER", 401, offers)
	}
	judged(t, "none", judgeStrength(new(records).view(9)), Untold)
	judged(t, "no answer", judgeStrength(asked().view(9)), Fail)
	judged(t, "SHA-256", judgeStrength(answered(asked(), 3, ", algorithm=sha-256").view(9)), Pass)
	judged(t, "MD5 alone", judgeStrength(answered(asked(), 3, "").view(9)), Untold)
	judged(t, "MD5, and the other if it must", judgeStrength(answered(answered(asked(), 3, ", algorithm=MD5"), 5, ", algorithm=SHA-256").view(9)), Fail)
}
