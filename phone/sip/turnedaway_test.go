package sip

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestTurnedAway: of each request that the agent refuses by itself there is a warning that
// says whose it was, its status and why. That it is so of every refusal is wanted in each
// test with a rig: see [rig.take].
func TestTurnedAway(t *testing.T) {
	const invite = `INVITE sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\nFrom: <sip:dan@example.com>;tag=%[2]s\r\nTo: <sip:alice@example.com>\r\nCall-ID: %[2]s\r\nCSeq: 1 INVITE\r\nContact: <sip:dan@192.0.2.7>\r\nContent-Length: 0\r\n\r\n`
	up := []string{"peer INVITE sdp", "ring 1", "answer 1", "peer ACK"}
	bytes := func(text string) string { return `bytes "` + text + `"` }
	for _, c := range []struct {
		name  string
		cfg   Config
		plays []string
		rule  event.Rule
		want  string
	}{
		{"a method", Config{}, []string{"peer SUBSCRIBE"}, event.RuleTurnedAway, "SUBSCRIBE of sip:bob@example.com was answered 405: the phone does not serve"},
		{"a call too many", Config{MaxCalls: 1}, []string{"peer INVITE sdp", "peer INVITE as=carol sdp"}, event.RuleTurnedAway, "INVITE of sip:carol@example.com was answered 486: the phone has 1 call, and takes no more"},
		{"a phone that leaves", Config{}, append(up, "shutdown", bytes(fmt.Sprintf(invite, "x", "x"))), event.RuleTurnedAway, "INVITE of sip:dan@example.com was answered 480: the phone is shutting down"},
		{"an INVITE by another way", Config{}, []string{bytes(fmt.Sprintf(invite, "x", "x")), bytes(fmt.Sprintf(invite, "y", "x"))}, event.RuleDuplicateInvite, "INVITE of sip:dan@example.com was answered 482: it has come before"},
		{"a text by another way", Config{}, []string{
			bytes(strings.ReplaceAll(fmt.Sprintf(invite, "x", "x"), "INVITE", "MESSAGE")), bytes(strings.ReplaceAll(fmt.Sprintf(invite, "y", "x"), "INVITE", "MESSAGE")),
		}, event.RuleTurnedAway, "MESSAGE of sip:dan@example.com was answered 482: it has come before"},
		{"a CSeq of before", Config{}, append(up, "peer OPTIONS CSeq: 90 OPTIONS", "peer INFO CSeq: 80 INFO"), event.RuleTurnedAway, "INFO of sip:bob@example.com was answered 500: its CSeq is lower"},
		{"a PRACK of no response", Config{}, append(up, "peer PRACK"), event.RuleTurnedAway, "PRACK of sip:bob@example.com was answered 400: its RAck is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := registeredWith(t, c.cfg)
			r.plays(c.plays...)
			if log := r.w.String(); strings.Count(log, "warning: "+string(c.rule)) != 1 || !strings.Contains(log, c.want) {
				t.Errorf("%q is not said:\n%s", c.want, log)
			}
		})
	}
}

// TestMissedCall: a call for which there is no room stands in the history, as missed.
func TestMissedCall(t *testing.T) {
	r := registeredWith(t, Config{MaxCalls: 1})
	r.plays("peer INVITE sdp", `peer INVITE as=carol sdp P-Asserted-Identity: <sip:c@example.com>`)
	log := r.w.String()
	for _, want := range []string{
		`call incoming                        "Carol" sip:carol@example.com, asserted as sip:c@example.com`,
		`call ended                           "Carol" sip:carol@example.com, 486 the phone has 1 call, and takes no more, by us, missed`,
		`NOTICE Missed{From:sip:carol@example.com Name:Carol}`,
	} {
		if strings.Count(log, want) != 1 {
			t.Errorf("%q is not said:\n%s", want, log)
		}
	}
	if n := strings.Count(log, "NOTICE Offered"); n != 1 || r.raw["INVITE 486"] == "" {
		t.Errorf("%d calls are offered:\n%s", n, log)
	}
	// The next call has a number of its own.
	r.plays("reject 1 603", "peer ACK")
	s := newStep(r.now)
	if c := r.a.calls.begin(false, "x", ""); c.id != 3 {
		t.Errorf("the number %d, of a call that was missed, is given again; %v", c.id, s)
	}
}

// TestTooManyTransactions: one request more than are remembered is answered 503, and that is said.
func TestTooManyTransactions(t *testing.T) {
	r := registeredOverUDP(t, "")
	for i := range maxTransactions + 1 {
		r.from("192.0.2.9:5060", []byte(fmt.Sprintf("BYE sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK%d\r\nMax-Forwards: 70\r\nFrom: <sip:bob@b>;tag=1\r\nTo: <sip:alice@a>;tag=2\r\nCall-ID: x\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n", i)))
	}
	if want := "BYE of sip:bob@b was answered 503: 1000 others are under way"; !strings.Contains(r.w.String(), want) {
		t.Errorf("%q is not said", want)
	}
}

// TestTextRefused: a text of another kind is answered 415 with what is taken, and that is said.
func TestTextRefused(t *testing.T) {
	for extra, accept := range map[string]string{
		`"<p>hi" Content-Type: text/html`: textTypes, `"\x00"`: textTypes, `"hi" Content-Type: text/plain | Content-Encoding: gzip`: "",
		`"hi" Content-Type: text/plain | Content-Encoding: identity | Content-Encoding: gzip`: "",
	} {
		r := registered(t)
		r.plays("peer MESSAGE " + extra)
		res, ok := r.sent["MESSAGE 415"]
		if log := r.w.String(); !ok || Text(res, "accept") != accept || (accept == "") != (Text(res, "accept-encoding") == "identity") || !strings.Contains(log, string(event.RuleBodyRefused)) {
			t.Errorf("%s:\n%s", extra, log)
		}
	}
	r := registered(t)
	if r.plays(`peer MESSAGE "hi"`); r.sent["MESSAGE 200"] == nil || !strings.Contains(r.w.String(), noType) || !strings.Contains(r.w.String(), "Text:hi") {
		t.Errorf("without a type:\n%s", r.w.String())
	}
}

// TestTurnedAwayRule: each status of a refusal that a transcript has stands in what is said
// about the rule.
func TestTurnedAwayRule(t *testing.T) {
	rules, err := os.ReadFile("../../assets/rules/signalling.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(rules), "- id: turned-away")
	text, _, _ = strings.Cut(text, "- id: ")
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	refusal := regexp.MustCompile(`warning: turned-away .* was answered (\d+):`)
	found := 0
	for _, name := range files {
		transcript, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, status := range refusal.FindAllSubmatch(transcript, -1) {
			if found++; !strings.Contains(text, string(status[1])) {
				t.Errorf("%s: %s is not named", name, status[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("%d refusals", found)
	}
}
