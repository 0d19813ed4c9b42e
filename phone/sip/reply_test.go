package sip

import (
	"strings"
	"testing"
)

// TestReply has what is answered to what cannot be read.
func TestReply(t *testing.T) {
	const end = "Content-Length: 0\r\n\r\n"
	via := "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
	for name, test := range map[string]struct{ header, want string }{
		"a response":                {"SIP/2.0 200 OK\r\n" + via, ""},
		"an ACK":                    {"ACK sip:a@b SIP/2.0\r\n" + via, ""},
		"without a Via":             {"INFO sip:a@b SIP/2.0\r\nTo: <sip:a@b>\r\nFrom: <sip:b@b>\r\nCall-ID: c\r\n", ""},
		"what is there":             {"INFO sip:a@b SIP/2.0\r\nv: h\r\nSubject: x\r\nVia : i\r\n", "Via: h\r\nVia: i\r\n" + end},
		"folded":                    {"INFO sip:a@b SIP/2.0\r\n" + via + "From: <sip:b@b>\r\n\t;tag=1\r\nSubject: x\r\n y\r\n", via + "From: <sip:b@b> ;tag=1\r\n" + end},
		"the first of two":          {"INFO sip:a@b SIP/2.0\r\n" + via + "Call-ID: c\r\ni: d\r\n", via + "Call-ID: c\r\n" + end},
		"with a tag":                {"INFO sip:a@b SIP/2.0\r\n" + via + "t: <sip:a@b> ; TAG = x\r\n", via + "To: <sip:a@b> ; TAG = x\r\n" + end},
		"with one, it seems":        {"INFO sip:a@b SIP/2.0\r\n" + via + "To: \"A <sip:a@b>;tag=x\r\n", via + "To: \"A <sip:a@b>;tag=x\r\n" + end},
		"with control characters":   {"INFO sip:a@b SIP/2.0\r\n" + via + "Call-ID: c\rX: y\x00\x7f\r\n", via + "Call-ID: c X: y  \r\n" + end},
		"with lines that end in LF": {"INFO sip:a@b SIP/2.0\n" + "Via: h\n\nCall-ID: c\n\n", "Via: h\r\nCall-ID: c\r\n" + end},
		"three times its header":    {"A SIP/\r\nv:hhhhhh\r\n\r\n", "Via: hhhhhh\r\n" + end},
		"more than three times":     {"A SIP/\r\nv:hhhhh\r\n\r\n", ""},
		"more than fits into 4 KiB": {"INFO sip:a@b SIP/2.0\r\nVia: " + strings.Repeat("h", 4096) + "\r\n", ""},
	} {
		got, want := string(reply([]byte(test.header), 400)), test.want
		if want != "" {
			want = "SIP/2.0 400 Bad Request\r\n" + want
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	one, other := reply([]byte("INFO sip:a@b SIP/2.0\r\n"+via+"To: <sip:a@b>\r\n"), 400), reply([]byte("INFO sip:a@b SIP/2.0\r\n"+via+"To: <sip:b@b>\r\n"), 400)
	if again := reply([]byte("INFO sip:a@b SIP/2.0\r\n"+via+"To: <sip:a@b>\r\n"), 400); string(again) != string(one) || !strings.Contains(string(one), "To: <sip:a@b>;tag=") {
		t.Errorf("a copy of the request is answered %q, then %q", one, again)
	}
	tag := func(res []byte) string { _, tag, _ := strings.Cut(string(res), ";tag="); return tag }
	if tag(one) == tag(other) {
		t.Errorf("another request has the same tag: %q", other)
	}
}
