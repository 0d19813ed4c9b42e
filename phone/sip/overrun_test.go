package sip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sized is a message whose Content-Length is so much more than its body has, and that has
// a Content-Type, unless that is "".
func sized(text, media string, more int) string {
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	var kept []string
	for _, line := range strings.Split(head, "\r\n") {
		if name, _, _ := strings.Cut(line, ":"); !slices.Contains([]string{"l", "Content-Length", "Content-Type"}, name) {
			kept = append(kept, line)
		}
	}
	if media != "" {
		kept = append(kept, "Content-Type: "+media)
	}
	return strings.Join(kept, "\r\n") + fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(body)+more, body)
}

// cuts reads a stream whole, in two pieces at every byte, and byte by byte, and wants the
// same of it each time.
func cuts(t *testing.T, stream string) []string {
	t.Helper()
	got := frames(false, stream)
	for i := range stream {
		if again := frames(false, stream[:i], stream[i:]); !slices.Equal(again, got) {
			t.Fatalf("cut at %d: %q, whole: %q", i, again, got)
		}
	}
	if again := frames(false, strings.Split(stream, "")...); !slices.Equal(again, got) {
		t.Fatalf("byte by byte: %q, whole: %q", again, got)
	}
	return got
}

// TestFramerOverrun: whatever part of the next message a length that is too large takes,
// that one is found, however the stream is cut, if it shows at all.
func TestFramerOverrun(t *testing.T) {
	options, last := headOf("OPTIONS")+"l: 0\r\n\r\n", headOf("INFO")+"l: 0\r\n\r\n"
	info := fmt.Sprintf("INFO reg %d", len(last))
	for name, next := range map[string]string{"INVITE": inviteText, "OPTIONS": options, "REGISTER": okText} {
		want := fmt.Sprintf("%s %s %d", name, map[bool]string{true: "call-of-bob", false: "reg"}[name == "INVITE"], len(next))
		startLine := strings.Index(next, "\r\n")
		hidden := 0
		for more := 1; more < len(next); more += 1 + more/80 {
			for _, first := range []string{inviteText, okText, headOf("MESSAGE") + "\r\nhello"} {
				stream := sized(first, "application/sdp", more) + next + last
				got := frames(false, stream)
				if more%41 == 0 {
					got = cuts(t, stream)
				}
				switch found := slices.Contains(got, want) && got[len(got)-1] == info; {
				case found && more > startLine+2 && strings.HasPrefix(first, "INVITE"):
					if !strings.Contains(got[0], "and the next message begins after 110 bytes fatal=false answered=true") {
						t.Errorf("%d bytes of %s: %q", more, name, got)
					}
				case found:
				case more == startLine || more == startLine+1, more >= len(next)-4:
					hidden++
				default:
					t.Errorf("%d bytes of %s are lost after %.20q: %q", more, name, first, got)
				}
			}
		}
		t.Logf("%s: hidden at %d places", name, hidden)
	}
}

// TestFramerQuotes: a body with the start line of a message in it, whose length is right,
// is a body, whatever comes behind it.
func TestFramerQuotes(t *testing.T) {
	ok := fmt.Sprintf("REGISTER reg %d", len(okText))
	head, _, _ := strings.Cut(headOf("MESSAGE"), "l: 0")
	for _, media := range []string{"text/plain", "application/sdp", "message/sipfrag", "message/sip", "multipart/mixed;boundary=b"} {
		for name, body := range map[string]string{"a message": "look:\r\n" + inviteText, "a header": "look:\r\n" + inviteText[:300], "a line": "look:\r\n" + inviteText[:58], "two": okText + okText} {
			stream := sized(head+"\r\n"+body, media, 0)
			want := fmt.Sprintf("MESSAGE reg %d", len(stream))
			for after, more := range map[string][]string{okText: {ok}, "\r\n\r\n" + okText: {"Ping", ok}, "\r\n" + okText: {ok}} {
				if got := cuts(t, stream+after); !slices.Equal(got, append([]string{want}, more...)) {
					t.Errorf("%s as %s before %.10q: %q", name, media, after, got)
				}
			}
			var f Framer
			f.Push([]byte(stream))
			m := f.Next()
			if whole := m != nil; whole != strings.HasPrefix(media, "m") {
				t.Fatalf("%s as %s, and nothing behind it: %v", name, media, m)
			}
			if m == nil {
				if !f.Partial() || !f.Swallows() || f.Interrupted([]byte(okText)) {
					t.Errorf("%s as %s: it is not waited for", name, media)
				}
				m = f.GiveUp()
			}
			got, ok := m.(Message)
			if doubted := slices.Contains(got.Untidy, Untidy{"Content-Length", lengthDoubted}); !ok || len(got.Raw) != len(stream) || doubted != (media == "application/sdp") {
				t.Errorf("%s as %s, after a while: %v", name, media, m)
			}
			if f.Partial() || f.buf != nil {
				t.Errorf("%s as %s: something is left", name, media)
			}
		}
	}
	pings := strings.Repeat("\r\n", maxStartLine/2)
	if got := frames(false, sized(head+"\r\n"+okText, "text/plain", 0), pings); len(got) != 1+maxStartLine/4 {
		t.Errorf("pings behind a body that is doubted: %d frames", len(got))
	}
}

// TestFramerOverhang: what a length that is too small has left of a body does not cost the
// next message.
func TestFramerOverhang(t *testing.T) {
	ok := fmt.Sprintf("REGISTER reg %d", len(okText))
	for _, body := range []string{"hello", "hello world", "a SIP/2.0 b", "x y OPTIONS z", "hello\r\nyou there", "v=0\r\na=sendrecv\r\n", "INFO"} {
		for name, next := range map[string]string{"INVITE": inviteText, "REGISTER": okText, "OPTIONS": headOf("OPTIONS") + "l: 0\r\n\r\n"} {
			for less := 1; less <= len(body); less++ {
				stream := sized(headOf("MESSAGE")+"\r\n"+body, "text/plain", -less) + next + okText
				got := frames(false, stream)
				if less == 1 {
					got = cuts(t, stream)
				}
				if len(got) < 3 || !strings.HasPrefix(got[0], "MESSAGE") || !strings.HasPrefix(got[len(got)-2], name) || got[len(got)-1] != ok {
					t.Errorf("%q, %d too small, before %s: %q", body, less, name, got)
				}
			}
		}
	}
	// What begins a message is not joined to what is before it.
	for body, next := range map[string]string{"PR": headOf("ACK") + "l: 0\r\n\r\n", "SIP/2.0 2": "00 x" + inviteText} {
		got := cuts(t, sized(headOf("MESSAGE")+"\r\n"+body, "text/plain", 0)+next)
		if last := got[len(got)-1]; !strings.HasPrefix(last, "ACK reg") && last != fmt.Sprintf("INVITE call-of-bob %d", len(inviteText)) {
			t.Errorf("%q before a message: %q", body, got)
		}
	}
	// A method that nobody knows is one, whatever it ends with.
	odd := strings.ReplaceAll(headOf("OPTIONS"), "OPTIONS", "XOPTIONS") + "l: 0\r\n\r\n"
	if got := cuts(t, okText+odd); len(got) != 2 || got[1] != fmt.Sprintf("XOPTIONS reg %d", len(odd)) {
		t.Errorf("a method of its own: %q", got)
	}
}
