package sip

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestTorture gives a registered phone the messages in testdata/torture, which
// are made after those of RFC 4475 and RFC 5118, one for each and under its
// name, for alice of lab.test. PEER in them stands for the address of the
// sender, ROUTE for that of the receiver. After each, the phone takes a call.
//
// What a phone does is said as the statuses that it answers, "call" when one
// comes in, "bad" when it says that the message is broken, "untidy" that it was
// understood all the same, "odd" that it is not clearly for the phone, and "closed" when it
// gives up the stream: nobody knows where the next message begins.
func TestTorture(t *testing.T) {
	seen := map[string]bool{}
	for _, tt := range []struct {
		name, datagram string
		stream         string // where it is not the same
	}{
		// RFC 4475 §3.1.1: valid messages.
		{"wsinv", "100 call", ""},
		{"intmeth", "501", ""},
		{"esc01", "100 call", ""},
		{"escnull", "405", ""},
		{"esc02", "501", ""}, // %47 is no escape in a method
		{"lwsdisp", "200", ""},
		{"longreq", "100 call", ""},
		{"dblreq", "405", ""},      // what follows its length in a datagram is nothing; on a stream a request that is not whole yet
		{"semiuri", "odd 404", ""}, // well-formed, and for another user
		{"transports", "200", ""},
		{"mpart01", "415", ""},
		{"unreason", "", ""}, // responses to nothing
		{"noreason", "", ""},
		// §3.1.2: invalid messages.
		{"badinv01", "bad 400", ""},
		{"clerr", "bad 400", ""}, // a stream waits for the rest
		{"ncl", "bad 400", "bad 400 closed"},
		{"scalar02", "bad 400", ""},
		{"scalarlg", "bad", ""},
		{"quotbal", "bad 400", ""},
		{"ltgtruri", "bad 400", ""},
		{"lwsruri", "bad 400", ""},
		{"lwsstart", "bad 400", ""},
		{"trws", "bad 400", ""},
		{"escruri", "bad 400", ""},
		{"baddate", "100 call", ""}, // a Date that nobody reads
		{"regbadct", "405", ""},
		{"badaspec", "bad 400", ""},
		{"baddn", "untidy untidy 200", ""}, // can be understood, as the RFC allows
		{"badvers", "bad 505", ""},
		{"mismatch01", "bad 400", ""},
		{"mismatch02", "bad 400", ""}, // 501 is as good
		{"bigcode", "bad", ""},
		// §3.2 and §3.3: for the transaction layer and above it.
		{"badbranch", "200", ""},
		{"insuf", "bad 400", ""},
		{"unkscm", "416", ""},
		{"novelsc", "416", ""},
		{"unksm2", "405", ""},
		{"bext01", "420", ""},
		{"invut", "bad 415", ""},
		{"regaut01", "405", ""},
		{"multi01", "bad 400", ""},
		{"mcl01", "bad 400", "bad 400 closed"},
		{"bcast", "", ""}, // its second Via is not ours
		{"zeromf", "200", ""},
		{"cparam01", "405", ""},
		{"cparam02", "405", ""},
		{"regescrt", "405", ""},
		{"sdp01", "406", ""},
		// §3.4: a caller as of RFC 2543, without a tag and a Contact.
		{"inv2543", "untidy 400", "bad 400 closed"},
		// RFC 5118 §4.1 to §4.10.
		{"ipv6-good", "405", ""},
		{"ipv6-bad", "bad 400", ""},
		{"port-ambiguous", "405", ""},
		{"port-unambiguous", "405", ""},
		{"via-received-with-delim", "481", ""},
		{"via-received-no-delim", "200", ""},
		{"ipv6-in-sdp", "100 call", ""},
		{"mult-ip-in-header", "481", ""},
		{"mult-ip-in-sdp", "100 call", ""},
		{"ipv4-mapped-ipv6", "100 call", ""},
		{"ipv6-bug-abnf-3-colons", "200", ""},
		{"ipv6-correct-abnf-2-colons", "200", ""},
	} {
		seen[tt.name] = true
		for _, transport := range []Transport{UDP, TCP} {
			want := tt.datagram
			switch {
			case transport == TCP && tt.name == "clerr":
				want = ""
			case transport == TCP && tt.stream != "":
				want = tt.stream
			}
			r := registeredWith(t, Config{Transport: transport})
			if got := meets(r, torture(t, tt.name, transport)); got != want {
				t.Errorf("%s over %s: %q, want %q", tt.name, transport, got, want)
			}
			if strings.HasSuffix(want, "closed") || transport == TCP && (tt.name == "clerr" || tt.name == "dblreq") {
				continue // the stream goes no further
			}
			if got := meets(r, r.transport(inviteText)); !strings.HasPrefix(got, "100 call") {
				t.Errorf("a call after %s over %s: %q", tt.name, transport, got)
			}
		}
	}
	for _, file := range tortures(t) {
		if name := strings.TrimSuffix(filepath.Base(file), ".sip"); !seen[name] {
			t.Errorf("nothing is expected of %s", name)
		}
	}
}

func tortures(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/torture/*.sip")
	if err != nil || len(files) == 0 {
		t.Fatalf("no messages: %v", err)
	}
	return files
}

// torture is a message as it comes from the server of a rig.
func torture(t *testing.T, name string, transport Transport) string {
	t.Helper()
	text, err := os.ReadFile("testdata/torture/" + name + ".sip")
	if err != nil {
		t.Fatal(err)
	}
	peer := rigServer.String()
	over := "SIP/2.0/" + strings.ToUpper(string(transport)) + " " + peer
	return strings.NewReplacer("SIP/2.0/UDP PEER", over, "PEER", peer, "ROUTE", "192.0.2.1", "lab.test", "example.com").Replace(string(text))
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
				did = append(did, cmp.Or(map[event.Rule]string{event.RuleUntidyMessage: "untidy", event.RuleOddRequestURI: "odd"}[e.Event.(event.Warning).Rule], "bad"))
			}
		}
	}
	return strings.Join(did, " ")
}
