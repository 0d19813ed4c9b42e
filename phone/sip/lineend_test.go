package sip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// bare is a message whose header has lines that end with LF alone.
func bare(text string) string {
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	return strings.ReplaceAll(head, "\r\n", "\n") + "\n\n" + body
}

// TestLineEnds: a datagram whose lines, or some of them, end with LF alone is read as one
// with CRLF, and named. What is in a body says nothing.
func TestLineEnds(t *testing.T) {
	invite, ok := overUDP(inviteText), overUDP(okText)
	folded := strings.Replace(invite, "Max-Forwards: 69\r\n", "Max-Forwards:\r\n 69\r\n", 1)
	text := sized(headOf("MESSAGE")+"\r\na\n\nb\r\n\r\nc\n\r\nd\r\n\ne", "text/plain", 0)
	lastOf := func(text, last string) string { return strings.Replace(text, "\r\n\r\n", last, 1) }
	for name, test := range map[string]struct{ data, same string }{
		"all of them":                     {bare(invite), invite},
		"of a response":                   {bare(ok), ok},
		"of what is folded":               {bare(folded), invite},
		"the first":                       {strings.Replace(invite, "\r\n", "\n", 1), invite},
		"one":                             {strings.Replace(invite, "69\r\n", "69\n", 1), invite},
		"the last":                        {lastOf(invite, "\n\r\n"), invite},
		"the empty one":                   {lastOf(invite, "\r\n\n"), invite},
		"both":                            {lastOf(invite, "\n\n"), invite},
		"with empty lines before it":      {"\n\n" + bare(invite), invite},
		"with empty lines in the body":    {bare(text), text},
		"none, with empty ones in a body": {text, text},
	} {
		m, isOne := ParseDatagram([]byte(test.data)).(Message)
		want := ParseDatagram([]byte(test.same)).(Message)
		if !isOne || m.SIP.String() != want.SIP.String() {
			t.Errorf("%s: read %t: %q", name, isOne, ParseDatagram([]byte(test.data)))
			continue
		}
		if said, wanted := slices.Contains(m.Untidy, Untidy{"header", bareLF}), test.data != test.same; said != wanted {
			t.Errorf("%s: %q", name, m.Untidy)
		}
	}
	if b, bad := ParseDatagram([]byte("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h\nTo: <sip:a@b>\n\n")).(Bad); !bad || !strings.Contains(string(b.Reply), "\r\nTo: <sip:a@b>;tag=") {
		t.Errorf("what is bad is answered %q", b.Reply)
	}
}

// TestFramerLineEnds: on a stream a message whose lines end with LF alone is found, however
// it is cut, and so is what is around it.
func TestFramerLineEnds(t *testing.T) {
	size := func(text string) string {
		name, id := "REGISTER", "reg"
		if strings.HasPrefix(text, "INVITE") {
			name, id = "INVITE", "call-of-bob"
		}
		return fmt.Sprintf("%s %s %d", name, id, len(text))
	}
	invite, ok := bare(inviteText), bare(okText)
	mixed := strings.Replace(inviteText, "\r\n", "\n", 1)
	within := strings.Replace(inviteText, "69\r\n", "69\n", 1)
	long := strings.Replace(invite, "Content-Length: 110", "Content-Length: 115", 1)
	short := strings.Replace(invite, "Content-Length: 110", "Content-Length: 91", 1)
	for name, test := range map[string]struct {
		stream string
		want   []string
	}{
		"between others":         {inviteText + invite + ok + okText, []string{size(inviteText), size(invite), size(ok), size(okText)}},
		"with pings":             {"\r\n\r\n" + invite + "\r\n\r\n" + ok + "\r\n\r\n", []string{"Ping", size(invite), "Ping", size(ok), "Ping"}},
		"with empty lines":       {"\n" + invite + "\n\n" + ok + "\n\r\n\r\n", []string{size(invite), size(ok), "Ping"}},
		"the first line":         {mixed + okText, []string{size(mixed), size(okText)}},
		"one in the middle":      {within + okText, []string{size(within), size(okText)}},
		"a length too large":     {long + ok + okText, []string{"bad the Content-Length before it was too large by 5: the next message begins in that body fatal=false answered=false", size(ok), size(okText)}},
		"a length too small":     {short + ok + okText, []string{`bad not SIP: "tpmap:0 PCMU/8000"; was the Content-Length before it too small? fatal=false answered=false`, size(ok), size(okText)}},
		"a stray line before it": {okText + "a=x\n" + ok, []string{size(okText), `bad not SIP: "a=x"; was the Content-Length before it too small? fatal=false answered=false`, size(ok)}},
	} {
		got := cuts(t, test.stream)
		if strings.Contains(test.want[0], "bad") { // behind the message itself
			got = got[1:]
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	var f Framer
	f.Push([]byte(invite))
	if m, _ := f.Next().(Message); !slices.Contains(m.Untidy, Untidy{"header", bareLF}) {
		t.Errorf("it is not named: %q", m.Untidy)
	}
}

// TestFramerLineEndsPlanted: what somebody has put between two LFs into a header whose lines
// end with CRLF is no message, and the header no end: it is refused, and the stream goes on.
func TestFramerLineEndsPlanted(t *testing.T) {
	for _, end := range []string{"\n\n", "\n\r\n", "\r\n\n"} {
		planted := strings.Replace(headOf("MESSAGE"), "i: reg", "Subject: x\nl: 0"+end+inviteText[:strings.Index(inviteText, "\r\n")]+"\r\ni: reg", 1)
		got := cuts(t, planted+"l: 5\r\n\r\nhello"+okText)
		if len(got) < 2 || !strings.HasPrefix(got[0], "bad ") || !strings.HasSuffix(got[0], "fatal=false answered=true") ||
			slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "INVITE") }) || got[len(got)-1] != fmt.Sprintf("REGISTER reg %d", len(okText)) {
			t.Errorf("%q: %q", end, got)
		}
	}
}

// TestFramerLineEndsPaused: a header whose first line ends with CRLF and whose last does not
// has ended if nothing comes for a while, or if a message comes then.
func TestFramerLineEndsPaused(t *testing.T) {
	for _, end := range []string{"\n\n", "\n\r\n", "\r\n\n"} {
		for name, test := range map[string]struct{ stream, want string }{
			"a request":             {strings.Replace(inviteText, "\r\n\r\n", end, 1), "INVITE"},
			"a response":            {strings.Replace(okText, "\r\n\r\n", end, 1), "REGISTER"},
			"a body lacks its rest": {strings.Replace(strings.Replace(inviteText, "\r\n\r\n", end, 1), "110", "300", 1), "bad"},
		} {
			var f Framer
			for i := range test.stream {
				f.Push([]byte{test.stream[i]})
				if x := f.Next(); x != nil {
					t.Fatalf("%q, %s: %v", end, name, x)
				}
			}
			if !f.Partial() || !f.Swallows() || !f.Interrupted([]byte(okText)) || f.Interrupted([]byte("X: y\r\n\r\n")) {
				t.Errorf("%q, %s: it is not waited for", end, name)
			}
			switch x := f.GiveUp().(type) {
			case Message:
				if string(x.SIP.CSeq().MethodName) != test.want || !slices.Contains(x.Untidy, Untidy{"header", bareLF}) {
					t.Errorf("%q, %s: %v", end, name, x)
				}
			case Bad:
				if test.want != "bad" || x.Fatal || x.Reply == nil {
					t.Errorf("%q, %s: %v", end, name, x)
				}
			default:
				t.Errorf("%q, %s: %v", end, name, x)
			}
			f.Push([]byte(okText))
			if m, ok := f.Next().(Message); !ok || len(m.Untidy) > 0 {
				t.Errorf("%q, %s: then %v", end, name, m)
			}
		}
	}
	for waits, said := range map[string]string{
		strings.Replace(inviteText, "110", "900", 1) + bare(okText):                                fmt.Sprintf("Content-Length 900, and %d bytes have come", 110+len(bare(okText))), // swallowed
		strings.Replace(inviteText, "69\r\n", "69\n\n", 1)[:len(inviteText)-5]:                     "Content-Length 110, and 105 bytes have come",                                    // its header ends further down
		strings.Replace(strings.Replace(inviteText, "69\r\n", "69\n\n", 1), "110", "900", 1) + "x": "Content-Length 900, and 111 bytes have come",                                    // and so does its body
	} {
		var f Framer
		f.Push([]byte(waits))
		if x := f.Next(); x != nil || !f.Interrupted([]byte(bare(okText))) {
			t.Errorf("it does not wait: %v", x)
		}
		if swallows := strings.HasSuffix(waits, bare(okText)); f.Swallows() != swallows {
			t.Errorf("%q: it swallows: %t", waits, !swallows)
		}
		if bad, ok := f.GiveUp().(Bad); !ok || bad.Fatal || bad.Reply == nil || bad.Err.Error() != said {
			t.Errorf("it is given up: %v", bad)
		}
	}
	f := Framer{awaited: true}
	f.Push([]byte("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/TCP h\n"))
	if f.Next() != nil || !f.Ponged([]byte("\r\n")) {
		t.Error("a pong behind half a header is none")
	}
	if bad, ok := f.GiveUp().(Bad); !ok || bad.Reply == nil {
		t.Errorf("half a header is given up: %v", bad)
	}
	f = Framer{}
	f.Push([]byte(inviteText[:300]))
	if f.Next() != nil || f.Swallows() || f.Interrupted([]byte(okText)) || f.GiveUp() != nil {
		t.Error("a header without an empty line is given up")
	}
}
