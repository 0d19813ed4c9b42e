package sip

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/torture"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestTorture gives a registered phone the messages of RFC 4475 and RFC 5118, byte for
// byte, each over UDP and TCP. The account is the one that the message is for; where that
// is nobody's, it is alice. After each, the phone takes a call.
//
// What a phone does is said as the statuses that it answers, "call" when one
// comes in, "bad" when it says that the message is broken, "untidy" that it was
// understood all the same, "odd" that it is not clearly for the phone, and "closed" when it
// gives up the stream: nobody knows where the next message begins.
func TestTorture(t *testing.T) {
	messages, err := torture.Messages("testdata/torture")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, aor, datagram string
		stream              string // where it is not the same
	}{
		// RFC 4475 §3.1.1: valid messages.
		{"wsinv", "sip:vivekg@chair-dnrc.example.com", "481", ""}, // well-formed, and its To has a tag: in a dialog that is not there
		{"intmeth", "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com", "501", ""},
		{"esc01", "sip:sips%3Auser%40example.com@example.net", "100 call", ""},
		{"escnull", "", "405", ""},
		{"esc02", "", "501", ""}, // %47 is no escape in a method
		{"lwsdisp", "sip:user@example.com", "200", ""},
		{"longreq", "sip:user@example.com", "untidy 100 call", ""},
		{"dblreq", "sip:joe@example.com", "untidy 405", "405 bad 400 bad"}, // what follows its length in a datagram is dropped; on a stream an INVITE without a Contact, and four bytes too many
		{"semiuri", "sip:user;par=u%40example.net@example.com", "200", ""}, // a semicolon in the user
		{"transports", "sip:user@example.com", "200", ""},
		{"mpart01", "sip:kumiko@example.org", "415 bad", ""},
		{"unreason", "", "", ""}, // responses to nothing
		{"noreason", "", "", ""},
		// §3.1.2: invalid messages.
		{"badinv01", "sip:user@example.com", "bad 400", ""},
		{"clerr", "sip:user@example.com", "bad 400", ""}, // a stream waits for the rest
		{"ncl", "sip:user@example.com", "bad 400", "bad 400 closed"},
		{"scalar02", "", "bad 400", ""},
		{"scalarlg", "", "bad", ""},
		{"quotbal", "sip:user@example.com", "bad 400", ""},
		{"ltgtruri", "sip:user@example.com", "bad 400", ""},
		{"lwsruri", "sip:user@example.com", "bad 400", ""},
		{"lwsstart", "sip:user@example.com", "bad 400", ""},
		{"trws", "sip:remote-target@example.com", "bad 400", ""},
		{"escruri", "sip:user@example.com", "bad 400", ""},
		{"baddate", "sip:user@example.com", "100 call", ""}, // a Date that nobody reads
		{"regbadct", "", "405", ""},
		{"badaspec", "sip:user@example.org", "bad 400", ""},
		{"baddn", "sip:t.watson@example.org", "untidy untidy 200", ""}, // can be understood, as the RFC allows
		{"badvers", "sip:t.watson@example.org", "bad 505", ""},
		{"mismatch01", "sip:user@example.com", "bad 400", ""},
		{"mismatch02", "sip:user@example.com", "bad 400", ""}, // 501 is as good
		{"bigcode", "", "bad", ""},
		// §3.2 and §3.3: for the transaction layer and above it.
		{"badbranch", "sip:user@example.com", "200", ""},
		{"insuf", "sip:user@example.com", "bad 400", ""},
		{"unkscm", "", "416", ""},
		{"novelsc", "", "416", ""},
		{"unksm2", "", "405", ""},
		{"bext01", "sip:user@example.com", "420", ""},
		{"invut", "sip:user@example.com", "415 bad", ""},
		{"regaut01", "", "405", ""},
		{"multi01", "sip:user@company.com", "bad 400", ""},
		{"mcl01", "sip:user@example.com", "bad 400", ""},
		{"bcast", "", "", ""}, // its second Via is not ours
		{"zeromf", "sip:user@example.com", "200", ""},
		{"cparam01", "", "405", ""},
		{"cparam02", "", "405", ""},
		{"regescrt", "", "405", ""},
		{"sdp01", "sip:user@example.com", "406", ""},
		// §3.4: a caller as of RFC 2543, without a tag and a Contact.
		{"inv2543", "sip:UserB@example.com", "untidy untidy untidy bad 400", "bad 400 closed"},
		// RFC 5118 §4.1 to §4.10.
		{"ipv6-good", "", "405", ""},
		{"ipv6-bad", "", "bad 400", ""},
		{"port-ambiguous", "", "405", ""},
		{"port-unambiguous", "", "405", ""},
		{"via-received-param-with-delim", "", "481", ""},
		{"via-received-param-no-delim", "", "200", ""},
		{"ipv6-in-sdp", "sip:user@[2001:db8::10]", "100 call", ""},
		{"mult-ip-in-header", "sip:user@host.example.net", "481", ""},
		{"mult-ip-in-sdp", "sip:user@[2001:db8::10]", "100 call", ""},
		{"ipv4-mapped-ipv6", "sip:user@example.com", "100 call", ""},
		{"ipv6-bug-abnf-3-colons", "sip:user@[2001:db8::192.0.2.1]", "200", ""},
		{"ipv6-correct-abnf-2-colons", "sip:user@[2001:db8::192.0.2.1]", "200", ""},
	} {
		text, ok := messages[tt.name]
		if !ok {
			t.Fatalf("there is no %s", tt.name)
		}
		delete(messages, tt.name)
		for _, transport := range []Transport{UDP, TCP} {
			want := tt.datagram
			switch {
			case transport == TCP && tt.name == "clerr":
				want = ""
			case transport == TCP && tt.stream != "":
				want = tt.stream
			}
			r := registeredWith(t, Config{Transport: transport, AOR: tt.aor})
			if got := meets(r, text); got != want {
				t.Errorf("%s over %s: %q, want %q", tt.name, transport, got, want)
			}
			if strings.HasSuffix(want, "closed") || transport == TCP && tt.name == "clerr" {
				continue // the stream goes no further
			}
			user := cmp.Or(r.a.author.aor.User, "alice")
			if got := meets(r, r.transport(strings.Replace(inviteText, "INVITE sip:alice", "INVITE sip:"+user, 1))); !strings.HasPrefix(got, "100 call") {
				t.Errorf("a call after %s over %s: %q", tt.name, transport, got)
			}
		}
	}
	for name := range messages {
		t.Errorf("nothing is expected of %s", name)
	}
}

var toTag = regexp.MustCompile(`(?i)\nTo:.*;\s*tag\s*=`)

// meets is what an agent does with a message.
func meets(r *rig, text string) string {
	var did []string
	out := r.a.Receive(r.now, system.Received{Socket: r.socket, From: rigServer, Data: []byte(text)})
	for _, e := range out.Effects {
		switch e := e.(type) {
		case system.Send:
			status := 0
			if _, err := fmt.Sscanf(string(e.Data), "SIP/2.0 %d", &status); err == nil {
				did = append(did, fmt.Sprint(status))
			}
			if status > 100 && !strings.Contains(text, "SIP/2.0 ") && strings.Contains(text, "\nTo:") && !toTag.Match(e.Data) {
				did = append(did, "untagged") // RFC 3261 §8.2.6.2
			}
		case system.Close:
			did = append(did, "closed")
		case system.Log:
			switch e.Event.(type) {
			case event.Call:
				did = append(did, "call")
			case event.Error:
				did = append(did, "bad")
			case event.Warning:
				if e.Event.(event.Warning).Rule == event.RuleTurnedAway { // as its status says
					continue
				}
				did = append(did, cmp.Or(map[event.Rule]string{event.RuleUntidyMessage: "untidy", event.RuleOddRequestURI: "odd"}[e.Event.(event.Warning).Rule], "bad"))
			}
		}
	}
	return strings.Join(did, " ")
}
