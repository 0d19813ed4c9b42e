package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestIntroduction: what an INVITE says of its caller and its way, as it is shown.
func TestIntroduction(t *testing.T) {
	for fields, want := range map[string]string{
		"Subject: nothing": "",
		`P-Asserted-Identity: "Bob \"B\" <Smith>" <sip:+120155@a;user=phone>, <tel:+120155>`:        `asserted as "Bob \"B\" <Smith>" sip:+120155@a and tel:+120155`,
		"P-Asserted-Identity: Bob <sip:bob@a>|P-Asserted-Identity: tel:+1;phone-context=a":          `asserted as "Bob" sip:bob@a and tel:+1`,
		"Diversion: <sip:carol@a>;reason=user-busy;counter=1, <sip:dave@a>; REASON = \"no-answer\"": "diverted by sip:carol@a (user-busy) and sip:dave@a (no-answer)",
		"History-Info: <sip:bob@a?Reason=SIP%3Bcause%3D302>;index=1, <sip:carol@a>;index=1.1;rc=1":  "by way of sip:bob@a (SIP;cause=302) and sip:carol@a",
		"Call-Info: <sip:a>;answer-after=0":                                                         "asks to be answered at once (Call-Info: <sip:a>;answer-after=0)",
		"Call-Info: answer-after=0":                                                                 "asks to be answered at once (Call-Info: answer-after=0)",
		"Call-Info: ;Answer-After = 0":                                                              "asks to be answered at once (Call-Info: ;Answer-After = 0)",
		"Alert-Info: info=alert-autoanswer":                                                         "asks to be answered at once (Alert-Info: info=alert-autoanswer)",
		"Alert-Info: <http://x>;info=Alert-AutoAnswer;delay=0":                                      "asks to be answered at once (Alert-Info: <http://x>;info=Alert-AutoAnswer;delay=0)",
		"Call-Info: info=alert-autoanswer":                                                          "",
		"Answer-Mode: auto;require":                                                                 "asks to be answered at once (Answer-Mode: auto;require)",
		"Priv-Answer-Mode: Auto":                                                                    "asks to be answered at once (Priv-Answer-Mode: Auto)",
		"Answer-Mode: Manual":                                                                       "",
		"P-Asserted-Identity: ,<>|Diversion: |History-Info: <|Call-Info: <a;answer-after=0>":        "",
	} {
		var e event.Call
		introductionOf(saying(t, fields)).fill(&e)
		if got := e.Introduction(); got != want {
			t.Errorf("%s:\n got %q\nwant %q", fields, got, want)
		}
	}
}

// TestAnswerAfter: a caller cannot have a call answered a day later.
func TestAnswerAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{"0": 0, "5": 5 * time.Second, "65535": maxAnswerAfter, "x": 0} {
		wish := introductionOf(saying(t, "Call-Info: <a>;answer-after="+value)).autoAnswer()
		if wish == nil || wish.After != want {
			t.Errorf("answer-after=%s: %+v, want %s", value, wish, want)
		}
	}
	if wish := introductionOf(saying(t, "Subject: hi")).autoAnswer(); wish != nil {
		t.Errorf("nobody asked: %+v", wish)
	}
}

// TestAnswerMode: a caller may want to be answered so or not at all (RFC 5373 §4.3).
func TestAnswerMode(t *testing.T) {
	for field, want := range map[string]string{
		"Answer-Mode: Auto":                     "Answer-Mode: Auto false",
		"Answer-Mode: auto;require":             "Answer-Mode: auto;require true",
		"Priv-Answer-Mode: Auto ;x=y ; Require": "Priv-Answer-Mode: Auto ;x=y ; Require true",
		`Answer-Mode: Auto;x=";require"`:        `Answer-Mode: Auto;x=";require" false`,
		"Answer-Mode: Manual;require":           "",
	} {
		got := ""
		if wish := introductionOf(saying(t, field)).autoAnswer(); wish != nil {
			got = fmt.Sprint(wish.By, " ", wish.Must)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
}

// TestIntroductionIsBounded: an INVITE may have thousands of addresses.
func TestIntroductionIsBounded(t *testing.T) {
	long := `"` + strings.Repeat("x", 1000) + `" <sip:` + strings.Repeat("y", 1000) + `@a>,`
	in := introductionOf(saying(t, "P-Asserted-Identity: "+strings.Repeat(long, 100)))
	if n := len(in.asserted); n != maxIdentities || len(in.asserted[0].Name) > maxCauseText+len("…") || len(in.asserted[0].URI) > maxCauseText+len("…") {
		t.Errorf("%d identities of %d bytes", n, len(in.asserted[0].URI))
	}
}
