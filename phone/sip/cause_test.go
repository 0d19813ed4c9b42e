package sip

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// saying is a CANCEL with header fields, separated by "|".
func saying(t *testing.T, fields string) *sip.Request {
	t.Helper()
	req := sip.NewRequest(sip.CANCEL, sip.Uri{Scheme: "sip", Host: "a"})
	for h := range strings.SplitSeq(fields, "|") {
		if name, value, ok := strings.Cut(h, ":"); ok {
			req.AppendHeader(sip.NewHeader(name, strings.TrimSpace(value)))
		}
	}
	return req
}

// TestCauseOf: what is said of a call's end, in whatever form RFC 3326 allows,
// and whether it says that another phone has the call.
func TestCauseOf(t *testing.T) {
	for _, c := range []struct {
		fields, said, words string
		other               control.Elsewhere
	}{
		{"", "", "cancelled", ""},
		{`Reason: SIP;cause=200;text="Call completed elsewhere"`, `reason SIP 200 "Call completed elsewhere"`, "Call completed elsewhere", control.AnsweredElsewhere},
		{"Reason: SIP;cause=200", "reason SIP 200", "answered elsewhere", control.AnsweredElsewhere},
		{"Reason: sip ;\tCAUSE = 200", "reason sip 200", "answered elsewhere", control.AnsweredElsewhere},
		{`Reason: SIP;cause="200"`, "reason SIP 200", "answered elsewhere", control.AnsweredElsewhere},
		{"Reason: Q.850;cause=26", "reason Q.850 26", "answered elsewhere", control.AnsweredElsewhere},
		{"Reason: q.850 ; cause=26 ; text=\"Non-selected user clearing\"", `reason q.850 26 "Non-selected user clearing"`, "Non-selected user clearing", control.AnsweredElsewhere},
		{`Reason: SIP;text="Call Completed Elsewhere"`, `reason SIP "Call Completed Elsewhere"`, "Call Completed Elsewhere", control.AnsweredElsewhere},
		{`Reason: ;text="answered elsewhere"`, `reason "answered elsewhere"`, "answered elsewhere", control.AnsweredElsewhere},
		{"Reason: Q.850;cause=16, SIP;cause=200", "reason Q.850 16, reason SIP 200", "answered elsewhere", control.AnsweredElsewhere},
		{"Reason: Q.850;cause=16|Reason: SIP;cause=200", "reason Q.850 16, reason SIP 200", "answered elsewhere", control.AnsweredElsewhere},
		{"Reason: Q.850;cause=16|Reason: q.850;cause=17", "reason Q.850 16", "Q.850 16", ""},
		{"Reason: Q.850;cause=16, SIP;cause=200, Q.850;cause=26", "reason Q.850 16, reason SIP 200", "answered elsewhere", control.AnsweredElsewhere},
		{"Reason: STIR;cause=436, STIR;cause=437", "reason STIR 436, reason STIR 437", "STIR 436", ""},
		{"Reason: SIP;cause=603", "reason SIP 603", "declined elsewhere", control.DeclinedElsewhere},
		{"Reason: SIP;cause=600;text=\"Busy Everywhere\"", `reason SIP 600 "Busy Everywhere"`, "Busy Everywhere", control.DeclinedElsewhere},
		{`Reason: SIP;text="Declined elsewhere"`, `reason SIP "Declined elsewhere"`, "Declined elsewhere", control.DeclinedElsewhere},
		{"Reason: Q.850;cause=200", "reason Q.850 200", "Q.850 200", ""},
		{"Reason: SIP;cause=26", "reason SIP 26", "SIP 26", ""},
		{`Reason: SIP;cause=487;text="completed elsewhere"`, `reason SIP 487 "completed elsewhere"`, "completed elsewhere", ""},
		{`Reason: Q.850;cause=31;text="a \"b\" c; d=e, f"`, `reason Q.850 31 "a \"b\" c; d=e, f"`, `a "b" c; d=e, f`, ""},
		{"Reason: SIP;cause=200;cause=486", "reason SIP 200", "answered elsewhere", control.AnsweredElsewhere},
		{"Reason: SIP;cause=abc;cause=200", "reason SIP", "cancelled", ""},
		{"Reason: SIP;cause=abc", "reason SIP", "cancelled", ""},
		{"Reason: SIP;cause=99999999999", "reason SIP", "cancelled", ""},
		{"Reason: ,;|Reason:", "", "cancelled", ""},
		{`Warning: 304 x "media \"not\" ok"`, `warning 304 "media \"not\" ok"`, "cancelled", ""},
		{`Warning: 304 x:5060 "a", 399 y "b"|Warning: what`, `warning 304 "a", warning 399 "b"`, "cancelled", ""},
		{"Retry-After: 5 (maintenance);duration=60", "retry after 00:05", "cancelled", ""},
		{"Retry-After: 0", "retry after 00:00", "cancelled", ""},
		{"Retry-After: 0 (at once)", "retry after 00:00", "cancelled", ""},
		{"Retry-After: soon", "", "cancelled", ""},
		{"Retry-After: -0", "", "cancelled", ""},
	} {
		got := causeOf(saying(t, c.fields))
		var e event.Call
		e.Cause = got.Cause
		if e.Said() != c.said || got.words("cancelled") != c.words || got.otherPhone() != c.other {
			t.Errorf("%s:\n%q, %q, %q; want\n%q, %q, %q", c.fields, e.Said(), got.words("cancelled"), got.otherPhone(), c.said, c.words, c.other)
		}
	}
}

// TestCauseIsBounded: a message cannot have more of it kept than a few lines.
func TestCauseIsBounded(t *testing.T) {
	many := ""
	for i := range 50 {
		many += fmt.Sprintf(`P%d;cause=200;text="%s",`, i, strings.Repeat("x", 1000))
	}
	got := causeOf(saying(t, "Reason: "+many+"|Warning: "+strings.Repeat(`399 a "b",`, 50)))
	if len(got.Reasons) != maxCauses || len(got.Warnings) != maxCauses || len(got.Reasons[0].Text) > maxCauseText+len("…") {
		t.Errorf("%d reasons, %d warnings, a text of %d bytes", len(got.Reasons), len(got.Warnings), len(got.Reasons[0].Text))
	}
}

// TestDoubtfulCause: what cannot be read of why is named.
func TestDoubtfulCause(t *testing.T) {
	for fields, want := range map[string]string{
		"Retry-After: 5":                                   "",
		"Retry-After: 0":                                   "",
		"Retry-After: 4294967295":                          "",
		"Retry-After: 5 (in a \\) meeting)":                "",
		"Retry-After: 5;duration=60":                       "",
		"retry-after: 9(lunch);duration=3":                 "",
		"Retry-After: 4294967296":                          "Retry-After: " + oddRetryAfter,
		"Retry-After: -5":                                  "Retry-After: " + oddRetryAfter,
		"Retry-After: abc":                                 "Retry-After: " + oddRetryAfter,
		"Retry-After:":                                     "Retry-After: " + oddRetryAfter,
		"Retry-After: 99999999999999999999":                "Retry-After: " + oddRetryAfter,
		"RETRY-AFTER: Fri, 31 Dec 2027 23:59:59 GMT":       "Retry-After: " + oddRetryAfter,
		"Retry-After: 5, 900":                              "Retry-After: " + behindSeconds,
		"Retry-After: 5s":                                  "Retry-After: " + behindSeconds,
		"Retry-After: 5\r\nretry-after: 900":               "Retry-After: " + fieldTwice,
		"Reason: Q.850;cause=16, SIP ; CAUSE = \"200\"":    "",
		`Reason: SIP;text="a;cause=x, b"`:                  "",
		`Reason: ;text="answered elsewhere"`:               "Reason: " + noProtocol,
		"Reason: ;;cause==":                                "Reason: " + noProtocol + "|Reason: " + oddCause,
		"Reason: SIP;cause=abc":                            "Reason: " + oddCause,
		"Reason: SIP;cause=":                               "Reason: " + oddCause,
		"Reason: SIP;cause=99999999999":                    "Reason: " + oddCause,
		"reason: SIP;cause=5, Q.850;cause=-1":              "Reason: " + oddCause,
		"Reason: SIP;cause=200;cause=486":                  "Reason: " + parameterTwice,
		"Reason: Q.850;cause=16\r\nReason: q.850;cause=17": "Reason: " + protocolTwice,
		"Reason: SIP;cause=1, SIP;cause=1":                 "Reason: " + protocolTwice,
		"Reason: STIR;cause=436, STIR;cause=437":           "",
		`Warning: 399 host "some text"`:                    "",
		`Warning: 301 a "x, y", 305 b:5060 "z \"q\""`:      "",
		"Warning: 399 host some text":                      "Warning: " + oddWarning,
		`Warning: abc "x"`:                                 "Warning: " + oddWarning,
		`warning: 99 host "x"`:                             "Warning: " + oddWarning,
		`Warning: 1000 host "x"`:                           "Warning: " + oddWarning,
		"Warning:":                                         "Warning: " + oddWarning,
		"Reason:":                                          "Reason: " + noProtocol,
		"Reason: SIP;cause=1,":                             "",
		"X-Reason: ;;cause==":                              "",
	} {
		m, ok := ParseDatagram([]byte(optionsWith(fields))).(Message)
		var got []string
		for _, u := range m.Untidy {
			got = append(got, u.Field+": "+u.Fault)
		}
		if !ok || strings.Join(got, "|") != want {
			t.Errorf("%s: taken %t, %q, want %q", fields, ok, got, want)
		}
	}
}
