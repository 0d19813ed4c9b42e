package grade

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// records are what was recorded of a phone, written by hand.
type records struct {
	list   []event.Record
	callID string // of the messages to come
}

func (p *records) note(seconds float64, who string, e event.Event) *records {
	p.list = append(p.list, event.Record{Seq: uint64(len(p.list) + 1), Phone: who, Device: time.Duration(seconds * float64(time.Second)), Event: e})
	return p
}

// message is one of the phone's: out is one that it has sent, and status 0 a
// request.
func (p *records) message(seconds float64, out bool, method string, status int, headers ...string) *records {
	start := method + " sip:lab.test SIP/2.0"
	if status != 0 {
		start = fmt.Sprintf("SIP/2.0 %d what", status)
	}
	lines := append([]string{
		start, "Via: SIP/2.0/TCP 192.0.2.10:5060;branch=z9hG4bK1", "From: <sip:alice@lab.test>;tag=1", "To: <sip:alice@lab.test>",
		"Call-ID: a", "CSeq: 1 " + method, "Max-Forwards: 70", "Content-Length: 0",
	}, headers...)
	return p.note(seconds, "alice", event.Message{Out: out, Method: method, Status: status, CallID: p.callID, URI: "sip:lab.test", Raw: strings.Join(lines, "\r\n") + "\r\n\r\n"})
}

// but changes the last message.
func (p *records) but(change func(*event.Message)) *records {
	last := &p.list[len(p.list)-1]
	m := last.Event.(event.Message)
	change(&m)
	last.Event = m
	return p
}

// grant is a 200 that registers the phone for so many seconds.
func (p *records) grant(seconds float64, expires int, headers ...string) *records {
	return p.message(seconds, false, "REGISTER", 200, append(headers, fmt.Sprintf("Contact: <sip:alice@192.0.2.10>;expires=%d", expires))...)
}

func (p *records) view(now float64) view {
	return view{wire: wire{"alice"}, cfg: Config{User: "alice"}, now: time.Duration(now * float64(time.Second)), trace: p.list, history: p.list}
}

// judged checks verdicts.
func judged(t *testing.T, what string, f finding, want Verdict) {
	t.Helper()
	if f.verdict != want {
		t.Errorf("%s: %s (%s), want %s", what, f.verdict, f.why, want)
	}
}

func TestRingingAtTheEdge(t *testing.T) {
	for _, tt := range []struct {
		after []float64 // of each call
		want  Verdict
	}{
		{[]float64{1}, Pass}, {[]float64{1.001}, Fail}, {[]float64{5, 1, 0.1}, Pass}, {[]float64{5, 1.001, 0.1}, Fail}, {nil, Untold},
	} {
		p := new(records)
		for i, after := range tt.after {
			at := float64(100 * i)
			p.callID = fmt.Sprint(i)
			p.message(at, false, "INVITE", 0).message(at+after, true, "INVITE", 180)
		}
		judged(t, fmt.Sprint(tt.after), judgeRinging(p.view(999)), tt.want)
	}
}

func TestPushAtTheEdge(t *testing.T) {
	sent := event.Push{Phase: event.PushSent}
	judged(t, "in time", judgePush(new(records).note(1, "lab", sent).message(7, true, "REGISTER", 0).view(30)), Pass)
	judged(t, "late", judgePush(new(records).note(1, "lab", sent).message(7.001, true, "REGISTER", 0).view(30)), Fail)
	judged(t, "never", judgePush(new(records).message(0, true, "REGISTER", 0).note(1, "lab", sent).view(30)), Fail)
	judged(t, "refused", judgePush(new(records).note(1, "lab", event.Push{Phase: event.PushRefused}).message(2, true, "REGISTER", 0).view(30)), Untold)
	judged(t, "not sent", judgePush(new(records).message(2, true, "REGISTER", 0).view(30)), Untold)
}

func TestCancelAsleep(t *testing.T) {
	sent := event.Push{Phase: event.PushSent}
	woken := func() *records { return new(records).note(1, "lab", sent).grant(3, 60) }
	judged(t, "well", judgeCancelAsleep(woken().message(5, true, "OPTIONS", 200).view(9)), Pass)
	judged(t, "it answers nothing", judgeCancelAsleep(woken().view(9)), Fail)
	judged(t, "it sleeps on", judgeCancelAsleep(new(records).note(1, "lab", sent).view(30)), Fail)
	judged(t, "faster than the caller", judgeCancelAsleep(woken().message(4, false, "INVITE", 0).message(5, true, "OPTIONS", 200).view(9)), Untold)
	judged(t, "no push", judgeCancelAsleep(new(records).grant(3, 60).view(9)), Untold)
}

func TestMediaAtTheEdge(t *testing.T) {
	up, answer := event.Call{ID: 1, Phase: event.CallUp}, func() *records { return new(records).message(9.9, true, "INVITE", 200) }
	// Of 50 packets, the first came a second before.
	heard := func(at float64) *records {
		return answer().note(10, caller, up).note(at, caller, event.RTP{Received: 50})
	}
	judged(t, "in time", judgeMedia(heard(13).view(20)), Pass)
	judged(t, "late", judgeMedia(heard(13.001).view(20)), Fail)
	judged(t, "never", judgeMedia(answer().note(10, caller, up).note(13, caller, event.RTP{}).view(20)), Fail)
	judged(t, "the call is over", judgeMedia(heard(12).note(14, caller, event.Call{ID: 1, Phase: event.CallEnded}).view(20)), Untold)
}

func TestHears(t *testing.T) {
	up := event.Call{ID: 1, Phase: event.CallUp}
	for rtp, want := range map[event.RTP]Verdict{
		{Received: 50}: Untold,
		{Received: 50, RTT: event.Millis(time.Millisecond), FarOf: 50}: Pass,
		{Received: 50, FarOf: 50, FarLost: 49}:                         Pass, // no round trip: too short for its clock
		{Received: 50, FarOf: 50, FarLost: 50}:                         Fail,
	} {
		p := new(records).note(10, caller, up).note(14, caller, rtp)
		judged(t, fmt.Sprintf("%d of %d lost", rtp.FarLost, rtp.FarOf), judgeHears(p.view(20)), want)
	}
}

func TestReinvite(t *testing.T) {
	again := func(p *records, at float64, status int) *records {
		const to = "To: <sip:alice@lab.test>;tag=2"
		p.note(at, "alice", event.Message{Method: "INVITE", CSeq: uint32(at), Raw: "INVITE sip:lab.test SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1\r\nFrom: <sip:bob@lab.test>;tag=1\r\n" + to + "\r\nCall-ID: a\r\nCSeq: 2 INVITE\r\nContent-Length: 0\r\n\r\n"})
		if status != 0 {
			p.message(at+0.1, true, "INVITE", status).again(uint32(at))
		}
		return p
	}
	judged(t, "held and resumed", judgeReinvite(again(again(new(records), 1, 200), 2, 200).view(9)), Pass)
	judged(t, "299", judgeReinvite(again(again(new(records), 1, 200), 2, 299).view(9)), Pass)
	judged(t, "refused", judgeReinvite(again(again(new(records), 1, 200), 2, 300).view(9)), Fail)
	judged(t, "488", judgeReinvite(again(new(records), 1, 488).view(9)), Fail)
	judged(t, "held when the timer is longer", judgeReinvite(again(again(again(new(records), 1, 422), 2, 200), 3, 200).view(9)), Pass)
	judged(t, "never held", judgeReinvite(again(again(new(records), 1, 200), 2, 422).view(9)), Fail)
	judged(t, "held, the timer being longer", judgeReinvite(again(again(new(records), 1, 422), 2, 200).view(9)), Fail)
	judged(t, "no answer", judgeReinvite(again(new(records), 1, 0).view(9)), Fail)
	judged(t, "only held", judgeReinvite(again(new(records), 1, 200).view(9)), Fail)
	judged(t, "a first INVITE", judgeReinvite(new(records).message(1, false, "INVITE", 0).message(2, true, "INVITE", 200).view(9)), Untold)
}

func TestKeepaliveAtTheEdge(t *testing.T) {
	ping := event.Ping{Out: true}
	for _, tt := range []struct {
		what  string
		timer string
		pings []float64
		now   float64
		want  Verdict
	}{
		{"in time", "Flow-Timer: 8", []float64{9, 18}, 27, Pass},
		{"the first is late", "Flow-Timer: 8", []float64{9.001, 18}, 20, Fail},
		{"a later one is late", "Flow-Timer: 8", []float64{8, 17.001}, 20, Fail},
		{"the next is late", "Flow-Timer: 8", []float64{8, 16}, 25.001, Fail},
		{"none", "Flow-Timer: 8", nil, 20, Fail},
		{"none, and not asked for", "Server: x", nil, 119.9, Untold},
		{"none for too long", "Server: x", nil, 120, Fail},
		{"seldom, and not asked for", "Server: x", []float64{100}, 300, Pass},
	} {
		p := new(records).note(-1, "alice", ping).grant(0, 3600, tt.timer)
		for _, at := range tt.pings {
			p.note(at, "alice", ping)
		}
		judged(t, tt.what, judgeKeepalive(p.view(tt.now)), tt.want)
	}
}

func TestRefreshAtTheEdge(t *testing.T) {
	judged(t, "in time", judgeRefresh(new(records).grant(0, 60).grant(60, 60).view(99)), Pass)
	judged(t, "late", judgeRefresh(new(records).grant(0, 60).grant(60.001, 60).view(99)), Fail)
	judged(t, "another address is no refresh", judgeRefresh(new(records).grant(0, 60).grant(15, 60).view(74)), Untold)
	judged(t, "an early refresh", judgeRefresh(new(records).grant(0, 60).grant(15.001, 60).view(74)), Pass)
	judged(t, "still good", judgeRefresh(new(records).grant(0, 60).view(59.999)), Untold)
	judged(t, "over", judgeRefresh(new(records).grant(0, 60).view(60)), Fail)
}

func TestRegister(t *testing.T) {
	asked := func() *records { return new(records).message(0, true, "REGISTER", 0) }
	judged(t, "granted", judgeRegister(asked().message(1, false, "REGISTER", 403).grant(2, 60).view(9)), Pass)
	for status, hint := range map[int]string{402: "402", 403: "password", 404: "domain", 555: "push-params", 699: "699"} {
		f := judgeRegister(asked().message(1, false, "REGISTER", status).view(9))
		judged(t, fmt.Sprint(status), f, Fail)
		if !strings.Contains(f.why, hint) {
			t.Errorf("%d: %q, want %q in it", status, f.why, hint)
		}
	}
	judged(t, "only challenged", judgeRegister(asked().message(1, false, "REGISTER", 401).view(9)), Fail)
	judged(t, "nobody", judgeRegister(new(records).view(9)), Untold)
}

func TestRegistered(t *testing.T) {
	for now, want := range map[float64]bool{59: true, 60: true, 60.001: false} {
		if got := new(records).grant(0, 60).view(now).registered(); got != want {
			t.Errorf("after %g s of 60: %v", now, got)
		}
	}
}

func TestCheckParams(t *testing.T) {
	token := strings.Repeat("0a", 32)
	for _, tt := range []struct {
		p    push.Params
		want string
	}{
		{push.Params{Provider: "apns", Param: "DEF123GHIJ.com.example.app.voip", PRID: token}, ""},
		{push.Params{Provider: "apns", Param: "DEF123GHIJ.com.example.app", PRID: strings.Repeat("0a", 100)}, ""},
		{push.Params{Provider: "apns", Param: "DEF123GHI.com.example.app", PRID: token}, "TEAMID.BUNDLE"},
		{push.Params{Provider: "apns", Param: "com.example.app", PRID: token}, "TEAMID.BUNDLE"},
		{push.Params{Provider: "apns", Param: "DEF123GHIJ.com.example", PRID: token[:63]}, "hexadecimal"},
		{push.Params{Provider: "apns", Param: "DEF123GHIJ.com.example", PRID: strings.Repeat("0a", 101)}, "hexadecimal"},
		{push.Params{Provider: "apns", Param: "DEF123GHIJ.com.example", PRID: token[:63] + "g"}, "hexadecimal"},
		{push.Params{Provider: "fcm", Param: "project", PRID: "x"}, ""},
		{push.Params{Provider: "fcm", PRID: "x"}, "project ID"},
		{push.Params{Provider: "fcm", Param: "project"}, "no pn-prid"},
		{push.Params{Provider: "fcm", Param: "project", PRID: "x&y"}, "several"},
		{push.Params{Provider: "fcm", Param: "a&b", PRID: "x"}, "several"},
		{push.Params{Provider: "webpush", PRID: "https://push.example/x"}, ""},
		{push.Params{Provider: "webpush", PRID: "http://push.example/x"}, "URL"},
		{push.Params{Provider: "android", Param: "project", PRID: "x"}, "fcm"},
	} {
		err := checkParams(tt.p)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v, want %q", tt.p, err, tt.want)
		}
	}
}

func TestSessionAtTheEdge(t *testing.T) {
	described := func() *records {
		return new(records).note(1, "alice", event.Message{Out: true, Method: "INVITE", Status: 200, SDP: true, Raw: "SIP/2.0 200 OK\r\n\r\n"})
	}
	untidy := func(rule event.Rule) event.Event { return event.Warning{Rule: rule, Note: "it has no s= line"} }
	judged(t, "tidy", judgeSession(described().view(9)), Pass)
	judged(t, "untidy", judgeSession(described().note(2, "bob", untidy(event.RuleUntidySDP)).view(9)), Fail)
	judged(t, "an untidy body", judgeSession(described().note(2, "bob", untidy(event.RuleUntidyBody)).view(9)), Fail)
	judged(t, "another warning", judgeSession(described().note(2, "bob", untidy(event.RuleLateTick)).view(9)), Pass)
	judged(t, "one of the phone's own", judgeSession(described().note(2, "alice", untidy(event.RuleUntidySDP)).view(9)), Pass)
	judged(t, "nothing described", judgeSession(new(records).message(1, true, "REGISTER", 0).view(9)), Untold)
}
