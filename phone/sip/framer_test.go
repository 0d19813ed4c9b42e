package sip

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// invite is a request as a proxy would send it, with a body.
const inviteText = "INVITE sip:alice@192.0.2.1:49152;transport=tcp SIP/2.0\r\n" +
	"Record-Route: <sip:192.0.2.9;transport=tcp;lr;ftag=abc>\r\n" +
	"Via: SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bK-1;rport\r\n" +
	"Via: SIP/2.0/TCP 192.0.2.7:5070;branch=z9hG4bK-0;rport=5070;received=192.0.2.7\r\n" +
	"Max-Forwards: 69\r\nFrom: \"Bob\" <sip:bob@example.com>;tag=b0b\r\nTo: <sip:alice@example.com>\r\n" +
	"Call-ID: call-of-bob\r\nCSeq: 1 INVITE\r\nContact: <sip:bob@192.0.2.7:5070;transport=tcp>\r\n" +
	"Allow: INVITE, ACK, CANCEL, BYE\r\nContent-Type: application/sdp\r\nContent-Length: 110\r\n\r\n" +
	"v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"

const okText = "SIP/2.0 200 OK\r\nv: SIP/2.0/TCP 192.0.2.1:49152;branch=z9hG4bK-2\r\nf: <sip:alice@example.com>;tag=a\r\n" +
	"t: <sip:alice@example.com>;tag=r\r\ni: reg\r\nCSeq: 7 REGISTER\r\nl: 0\r\n\r\n"

// headOf is a request of a method as a peer of okText would send it, up to its length.
func headOf(method string) string {
	return method + " sip:a@b SIP/2.0\r\n" + strings.ReplaceAll(strings.TrimSuffix(okText[strings.Index(okText, "v:"):], "l: 0\r\n\r\n"), "REGISTER", method)
}

// frames reads everything that a stream holds, pushed in the given pieces.
func frames(awaited bool, pieces ...string) []string {
	var f Framer
	f.AwaitPong(awaited)
	var got []string
	for _, p := range pieces {
		f.Push([]byte(p))
		for fr := f.Next(); fr != nil; fr = f.Next() {
			switch fr := fr.(type) {
			case Message:
				got = append(got, fmt.Sprintf("%s %s %d", fr.SIP.CSeq().MethodName, fr.SIP.CallID().Value(), len(fr.Raw)))
			case Bad:
				got = append(got, fmt.Sprintf("bad %v fatal=%t answered=%t", fr.Err, fr.Fatal, fr.Reply != nil))
			default:
				got = append(got, strings.TrimPrefix(fmt.Sprintf("%T", fr), "sip."))
			}
		}
	}
	return got
}

// TestFramerSplits cuts a stream of glued messages and pings at every byte,
// and at every pair of bytes of its first part.
func TestFramerSplits(t *testing.T) {
	body := inviteText[strings.Index(inviteText, "\r\n\r\n")+4:]
	if len(body) != 110 {
		t.Fatalf("the body has %d bytes", len(body))
	}
	stream := "\r\n\r\n" + inviteText + "\r\n\r\n" + okText + okText + "\r\n\r\n\r\n\r\n" + inviteText
	invite := fmt.Sprintf("INVITE call-of-bob %d", len(inviteText))
	ok := fmt.Sprintf("REGISTER reg %d", len(okText))
	want := []string{"Ping", invite, "Ping", ok, ok, "Ping", "Ping", invite}
	for i := range stream {
		if got := frames(false, stream[:i], stream[i:]); !slices.Equal(got, want) {
			t.Fatalf("cut at %d: %q", i, got)
		}
	}
	for i := 0; i < len(stream); i += 7 {
		for j := i; j < len(stream); j += 11 {
			if got := frames(false, stream[:i], stream[i:j], stream[j:]); !slices.Equal(got, want) {
				t.Fatalf("cut at %d and %d: %q", i, j, got)
			}
		}
	}
	if got := frames(false, strings.Split(stream, "")...); !slices.Equal(got, want) {
		t.Fatalf("byte by byte: %q", got)
	}
}

func TestFramerKeepalive(t *testing.T) {
	tests := []struct {
		name    string
		awaited bool
		pieces  []string
		want    []string
	}{
		{"a pong", true, []string{"\r\n"}, []string{"Pong"}},
		{"a pong in two", true, []string{"\r", "\n"}, []string{"Pong"}},
		{"a ping while a pong is awaited", true, []string{"\r\n\r\n"}, []string{"Ping"}},
		{"then the pong", true, []string{"\r\n\r\n", "\r\n"}, []string{"Ping", "Pong"}},
		{"pong and ping glued", true, []string{"\r\n\r\n\r\n"}, []string{"Pong", "Ping"}},
		{"a ping in halves, then the pong", true, []string{"\r\n", "\r\n", "\r\n"}, []string{"Pong", "Ping"}},
		{"half a ping that nobody completes", false, []string{"\r\n", okText}, []string{fmt.Sprintf("REGISTER reg %d", len(okText))}},
		{"a ping in quarters", false, []string{"\r", "\n", "\r", "\n"}, []string{"Ping"}},
		{"a pong glued to a message", true, []string{"\r\n" + okText}, []string{"Pong", fmt.Sprintf("REGISTER reg %d", len(okText))}},
		{"nothing", false, []string{"", "\r"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := frames(test.awaited, test.pieces...); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestFramerHostile(t *testing.T) {
	head := strings.TrimSuffix(okText, "l: 0\r\n\r\n")
	options := headOf("OPTIONS")
	tests := []struct{ name, stream, want string }{
		{"binary", "\x16\x03\x01\x02\x00\x01", `bad not SIP: control characters in the start line fatal=true`},
		{"another protocol", "HTTP/1.1 200 OK\r\n\r\n", `bad not SIP: "HTTP/1.1 200 OK" fatal=true`},
		{"bare line feeds", "OPTIONS sip:a@b SIP/2.0\nVia: x\n\n", "bad Via: no protocol and transport fatal=false answered=true"},
		{"an endless start line", strings.Repeat("A", 5000), "bad start line longer than 4096 bytes fatal=true"},
		{"an endless header", head + "X: " + strings.Repeat("a", 97<<10), "bad no end of the header in 98304 bytes fatal=true"},
		{"a header that ends too late", options + "X: " + strings.Repeat("a", 97<<10) + "\r\nl: 0\r\n\r\n", "bad no end of the header in 98304 bytes fatal=true"},
		{"a long header", options + "X: " + strings.Repeat("a", 95<<10) + "\r\nl: 3\r\n\r\nabc", "bad header longer than 32768 bytes fatal=false answered=true"},
		{"no length", options + "\r\n", "OPTIONS reg"},
		{"no length of a body", options + "c: text/plain\r\n\r\na\r\nb\r\n", "bad no Content-Length, which a stream needs fatal=true answered=true"},
		{"a negative length", options + "l: -1\r\n\r\na\r\n", `bad Content-Length "-1" is no length fatal=true answered=true`},
		{"two lengths", options + "l: 1\r\nContent-Length: 2\r\n\r\nab", "bad two Content-Lengths, 1 and 2 fatal=false answered=true"},
		{"two lengths, and neither", options + "l: 5\r\nl: 2\r\n\r\nhello there\r\n", "bad two Content-Lengths, 5 and 2 fatal=false answered=true"},
		{"the same length twice", options + "l: 0\r\nContent-Length: 0\r\n\r\n", "OPTIONS reg"},
		{"the same length in a list", options + "l: 0, 0\r\n\r\n", "OPTIONS reg"},
		{"two lengths in a list", options + "l: 1, 2\r\n\r\nab", "bad two Content-Lengths, 1 and 2 fatal=false answered=true"},
		{"an empty length in a list", options + "l: 1,\r\n\r\nab", `bad Content-Length "" is no length fatal=true answered=true`},
		{"a control character", options + "X: \x00\r\nl: 0\r\n\r\n", "bad control character 0x00 in the header fatal=false answered=true"},
		{"a length that is too small", options + "l: 0\r\n\r\n{}", "OPTIONS reg"},
		{"no Call-ID", strings.Replace(options, "i: reg\r\n", "", 1) + "l: 0\r\n\r\n", "bad no Call-ID header field fatal=false answered=true"},
		{"another version", strings.Replace(options, "SIP/2.0\r\n", "SIP/3.0\r\n", 1) + "l: 0\r\n\r\n", `bad version "SIP/3.0" is not SIP/2.0 fatal=false answered=true`},
		{"another method in CSeq", strings.Replace(options, "7 OPTIONS", "7 INFO", 1) + "l: 0\r\n\r\n", "bad CSeq says INFO, the start line OPTIONS fatal=false answered=true"},
		{"a status of nonsense", strings.Replace(head, "200", "999", 1) + "l: 0\r\n\r\n", "bad status code 999 fatal=false answered=false"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := frames(false, test.stream, okText)
			if len(got) == 0 || !strings.HasPrefix(got[0], test.want) {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			after := fmt.Sprintf("REGISTER reg %d", len(okText))
			if slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "INVITE") }) {
				t.Errorf("a body was taken for a message: %q", got)
			}
			if strings.Contains(got[0], "Content-Length") && len(got) > 2 {
				t.Errorf("what hangs over is said once more: %q", got)
			}
			if strings.Contains(got[0], "fatal=false") && !slices.Contains(got, after) {
				t.Errorf("the message after it was lost: %q", got)
			}
			if strings.Contains(got[0], "fatal=true") && len(got) > 1 {
				t.Errorf("the stream went on: %q", got)
			}
		})
	}
}

// What hangs over a body is skipped line by line, as far as it may go, and said once.
// What begins the next message is found however the stream is cut.
func TestFramerStray(t *testing.T) {
	ok := fmt.Sprintf("REGISTER reg %d", len(okText))
	const said = `bad not SIP: "a=x"; was the Content-Length before it too small? fatal=false answered=false`
	stream := okText + "a=x\r\n\x01b\r\nc d e\r\n" + okText + "\r\n\r\n"
	for i := range stream {
		if got, want := frames(false, stream[:i], stream[i:]), []string{ok, said, ok, "Ping"}; !slices.Equal(got, want) {
			t.Fatalf("cut at %d: %q", i, got)
		}
	}
	line := strings.Repeat("x", 1022) + "\r\n"
	for lines, fatal := range map[int]bool{64: false, 65: true} {
		got := frames(false, okText, strings.Repeat(line, lines), okText)
		if last := got[len(got)-1]; strings.HasSuffix(last, "fatal=true answered=false") != fatal || !fatal && last != ok {
			t.Errorf("after %d KiB: %q", lines, last)
		}
	}
	if got := frames(false, okText, strings.Repeat("x", 4096)); !strings.HasSuffix(got[len(got)-1], "fatal=true answered=false") {
		t.Errorf("a line without an end: %q", got)
	}
}

func TestFramerSwallows(t *testing.T) {
	long := strings.Replace(inviteText, "Content-Length: 110", "Content-Length: 900", 1)
	for stream, want := range map[string]bool{
		"": false, "OPTI": false, inviteText[:300]: false, long: false, long + "SIP/2.0 200": false, long + okText: true, long + "\r\n" + inviteText[:90]: true,
		strings.Replace(long, "application/sdp", "Message/sipfrag", 1) + okText: false, strings.Replace(long, "Content-Type: application/sdp", "Content-Type:\r\n message/sipfrag", 1) + okText: false, strings.Replace(long, "application/sdp", "multipart/mixed", 1) + okText: false,
	} {
		var f Framer
		f.Push([]byte(stream))
		for x := f.Next(); x != nil; x = f.Next() {
			t.Fatalf("%q: %v", stream, x)
		}
		if f.Swallows() != want {
			t.Errorf("%q: %t", stream, !want)
		}
	}
}

func TestFramerInterrupted(t *testing.T) {
	long := strings.Replace(inviteText, "Content-Length: 110", "Content-Length: 900", 1)
	part := strings.Replace(long, "application/sdp", "message/sipfrag", 1)
	for _, test := range []struct {
		stream, read string
		want         bool
	}{
		{long, okText, true},
		{long, inviteText, true},
		{long, "a=sendrecv\r\n", false},
		{long, "OPTIONS sip:a@b SIP/2.0", false},
		{long, "", false},
		{part, okText, false},
		{"", okText, false},
		{long[:300], okText, false},
	} {
		var f Framer
		f.Push([]byte(test.stream))
		for x := f.Next(); x != nil; x = f.Next() {
			t.Fatalf("%q: %v", test.stream, x)
		}
		if got := f.Interrupted([]byte(test.read)); got != test.want {
			t.Errorf("%q after %q: %t", test.read, test.stream, got)
		}
	}
}

func TestFramerGiveUp(t *testing.T) {
	long := strings.Replace(inviteText, "Content-Length: 110", "Content-Length: 900", 1)
	for _, test := range []struct{ name, before, stream, after, want string }{
		{"nothing", "", "", "", ""},
		{"a header without end", okText, okText[:50], "", ""},
		{"the first line", "", "OPTI", "", ""},
		{"a body without end", "", long, okText, "REGISTER"},
		{"its rest after all", "", long, "x\r\n" + okText, "REGISTER"},
		{"one that has swallowed a message", "", long + okText + "\r\n", "", "REGISTER"},
		{"one that has swallowed a request", "", long + inviteText, "", "INVITE"},
		{"one that has something like a message in it", "", long + "a b SIP/2.0 c\r\nSIP/2.0\r\nx,y z SIP/2.0\r\n", okText, "REGISTER"},
		{"a part of a message", "", strings.Replace(long, "application/sdp", "message/sipfrag", 1) + "SIP/2.0 200 OK\r\n", okText, "REGISTER"},
		{"what begins no message", okText, "a=x", okText, "REGISTER"},
	} {
		var f Framer
		f.Push([]byte(test.before + test.stream))
		for x := f.Next(); x != nil; x = f.Next() {
			if _, bad := x.(Bad); bad {
				t.Fatalf("%s: %v", test.name, x)
			}
		}
		bad, gave := f.GiveUp().(Bad)
		if gave != (test.want != "") || bad.Fatal || (bad.Reply != nil) != strings.HasPrefix(test.stream, "INVITE") {
			t.Errorf("%s: %v", test.name, bad)
		}
		if !gave {
			continue
		}
		f.Push([]byte(test.after))
		if m, ok := f.Next().(Message); !ok || string(m.SIP.CSeq().MethodName) != test.want {
			t.Errorf("%s: then %v", test.name, m)
		}
	}
}

// TestFramerPlanted: whoever writes a body must not make us see a message in it because
// the length that a proxy has passed on is none, or because there are two. It is answered,
// and where its end cannot be known, however the stream is cut, nothing else is read.
func TestFramerPlanted(t *testing.T) {
	head := headOf("MESSAGE")
	size := func(n int) string { return fmt.Sprintf("l: %d\r\n", n) }
	body := "hello\r\n" + inviteText
	within := head + size(len(body)) + "\r\n" + body // another message of the same sender
	ok := fmt.Sprintf("REGISTER reg %d", len(okText))
	for _, test := range []struct {
		name, stream string
		last         string // of the frames
	}{
		{"a length that is none", head + "l: x\r\n\r\n" + body, "no length fatal=true answered=true"},
		{"no length", head + "c: text/plain\r\n\r\n" + body, "which a stream needs fatal=true answered=true"},
		{"two, and the larger is right", head + size(7) + size(len(body)) + "\r\n" + body + okText, "may be where the next message begins fatal=true answered=false"},
		{"two, and a CRLF is behind the smaller", head + size(5) + size(len(body)) + "\r\n" + body + okText, "may be where the next message begins fatal=true answered=false"},
		{"two, and the smaller is right", head + size(5) + size(5+strings.Index(within, "INVITE")) + "\r\nhello" + within, "may be where the next message begins fatal=true answered=false"},
		{"two, and it is so after a ping", head + size(0) + size(4+strings.Index(within, "INVITE")) + "\r\n\r\n\r\n" + within, "may be where the next message begins fatal=true answered=false"},
		{"two, and the smaller cannot be right", head + size(2) + size(len(body)) + "\r\n" + body + okText, ok},
		{"two, and there are no letters behind it", head + size(1) + size(3) + "\r\na, " + okText, ok},
	} {
		for i := range test.stream {
			got := frames(false, test.stream[:i], test.stream[i:])
			if slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "INVITE") }) || !strings.HasSuffix(got[len(got)-1], test.last) {
				t.Fatalf("%s, cut at %d: %q", test.name, i, got)
			}
			if !strings.HasSuffix(got[0], "answered=true") || len(got) > 2 {
				t.Fatalf("%s, cut at %d: %q", test.name, i, got)
			}
		}
	}
}

// TestFramerOversize reads past a body that is too large, and finds the next
// message behind it.
func TestFramerOversize(t *testing.T) {
	big := headOf("MESSAGE") +
		"l: 100000\r\n\r\n" + strings.Repeat("x", 100000)
	got := frames(false, big[:300], big[300:70000], big[70000:]+okText)
	want := fmt.Sprintf("REGISTER reg %d", len(okText))
	if len(got) != 2 || !strings.HasPrefix(got[0], "bad message of 100") || !strings.HasSuffix(got[0], "fatal=false answered=true") || got[1] != want {
		t.Errorf("got %q", got)
	}
}

// TestFramerStopsSkipping: a length that lies by more than a message may have swallows
// those that follow, until it is given up; then they are there.
func TestFramerStopsSkipping(t *testing.T) {
	options := headOf("OPTIONS")
	for name, tc := range map[string]struct {
		lie, body   string
		interrupted bool // by a message in a read of its own
		next        string
	}{
		"a lie of 100,000":         {"l: 100003\r\n\r\n", "abc\r\n" + okText, true, "REGISTER"},
		"one of 2,000,000,000":     {"l: 2000000000\r\n\r\n", "a\r\nb\r\n" + okText, true, "REGISTER"},
		"one of 2^31":              {"l: 2147483648\r\n\r\n", "a\r\nb\r\n" + okText, true, "REGISTER"},
		"one of twenty digits":     {"l: 99999999999999999999\r\n\r\n", "a\r\nb\r\n" + okText, true, "REGISTER"},
		"nothing has come":         {"l: 100000\r\n\r\n", "", true, ""},
		"no message in it":         {"l: 100000\r\n\r\n", strings.Repeat("x\r\n", 99), true, ""},
		"a message that is a body": {"c: message/sipfrag\r\nl: 100000\r\n\r\n", okText, false, ""},
		"a body that goes on":      {"l: 100000\r\n\r\n", strings.Repeat("x", MaxMessage+1) + okText, false, ""},
		"two lengths":              {"l: 3\r\nl: 1000\r\n\r\n", "abcd\r\n" + okText, true, "REGISTER"},
		"two, and not that much":   {"l: 3\r\nl: 1000\r\n\r\n", "ab", true, ""},
		"nor of the larger":        {"l: 0\r\nl: 1000\r\n\r\n", "", true, ""},
		"nor known which":          {"l: 3\r\nl: 1000\r\n\r\n", "abcINVITE", true, ""},
	} {
		for _, cut := range []int{0, 1, len(options) + 20} {
			var f Framer
			stream := options + tc.lie + tc.body
			cut = min(cut, len(stream))
			f.Push([]byte(stream[:cut]))
			first := f.Next()
			f.Push([]byte(stream[cut:]))
			if first == nil {
				first = f.Next()
			}
			if bad, ok := first.(Bad); !ok || bad.Fatal || bad.Reply == nil || f.Next() != nil || !f.Partial() {
				t.Fatalf("%s: %v", name, bad)
			}
			if f.Swallows() != (tc.next != "") || f.Interrupted([]byte(okText)) != tc.interrupted || f.Interrupted([]byte("a=x\r\n")) {
				t.Errorf("%s: swallows %t, interrupted %t", name, f.Swallows(), f.Interrupted([]byte(okText)))
			}
			if len(f.held) > MaxMessage {
				t.Errorf("%s: %d bytes are held", name, len(f.held))
			}
			bad, ok := f.GiveUp().(Bad)
			if !ok || bad.Fatal || bad.Reply != nil {
				t.Errorf("%s: %v", name, bad)
			}
			if m, ok := f.Next().(Message); ok != (tc.next == "REGISTER") || ok && string(m.SIP.CSeq().MethodName) != tc.next {
				t.Errorf("%s: then %v", name, m)
			}
			f.Push([]byte(inviteText))
			if m, ok := f.Next().(Message); !ok || !m.SIP.(*sip.Request).IsInvite() {
				t.Errorf("%s: the next is lost: %v", name, m)
			}
		}
	}
}

func TestFramerSegments(t *testing.T) {
	var f Framer
	for i := range inviteText {
		if fr := f.Next(); fr != nil {
			t.Fatalf("a frame after %d bytes: %v", i, fr)
		}
		f.Push([]byte{inviteText[i]})
	}
	m, ok := f.Next().(Message)
	if !ok || m.Segments != len(inviteText) {
		t.Fatalf("segments: got %d, want %d", m.Segments, len(inviteText))
	}
	f.Push([]byte(okText + okText))
	for range 2 {
		if m := f.Next().(Message); m.Segments != 1 {
			t.Errorf("segments of a message in one read: %d", m.Segments)
		}
	}
	if f.buf != nil || f.Partial() {
		t.Error("an idle framer holds memory")
	}
}

// FuzzFramer checks that a stream gives the same messages however it is cut,
// and that nothing in it makes the framer panic or hold more than its limits.
func FuzzFramer(f *testing.F) {
	f.Add([]byte("\r\n\r\n"+inviteText+okText), uint16(7))
	f.Add([]byte("OPTIONS sip:a@b SIP/2.0\r\nl: 4\r\n\r\nabcd\r\n"), uint16(3))
	f.Add([]byte(strings.Replace(inviteText, "\"Bob\"", "\"Bob", 1)+okText), uint16(1))
	f.Add([]byte("\x00\xff\r\n"), uint16(2))
	f.Add([]byte(bare(inviteText)+"\n"+bare(okText)+strings.Replace(inviteText, "\r\n\r\n", "\n\n", 1)+okText), uint16(17))
	f.Add([]byte(okText+"a=x\r\n\x01\r\n"+okText), uint16(5))
	f.Add([]byte(strings.Replace(inviteText, "110", "110\r\nl: 300", 1)+okText+okText), uint16(8))
	f.Add([]byte(strings.Replace(inviteText, "110", "-999", 1)+okText), uint16(11))
	f.Add([]byte(strings.Replace(inviteText, "110", "110\r\nl: 4", 1)+okText), uint16(10))
	f.Add([]byte(strings.Replace(inviteText, "110", "100110", 1)+okText), uint16(12))
	f.Add([]byte(strings.Replace(inviteText, "110", "115", 1)+okText), uint16(14))
	f.Add([]byte(strings.Replace(inviteText, "110", "190", 1)+okText+okText), uint16(15))
	f.Add([]byte(strings.Replace(inviteText, "110", "105", 1)+okText), uint16(16))
	f.Add([]byte(strings.Replace(inviteText, "Content-Length: 110\r\n", "", 1)+okText), uint16(13))
	f.Add([]byte(strings.Replace(inviteText, "Allow:", "Allow: "+strings.Repeat("A, ", maxHeader/3), 1)+okText), uint16(500))
	f.Add([]byte(optionsWith("From: \"A \\\"q\\\"\"\r\n <sip:a@b> ; TAG =\r\n \"x;y\";;tag", "l: 0")), uint16(9))
	f.Add([]byte(optionsWith("v:  SIP  / 2.0  / TCP [::1] : 5070 ; Branch = b ,\r\n SIP/2.0/UDP ::1;received=\"x\"", "l: 0")), uint16(4))
	f.Add([]byte(optionsWith("Subject: \"\\\x07\"", "Call-ID: a\r\nCall-ID: b", "l: 0")+okText), uint16(6))
	f.Fuzz(func(t *testing.T, stream []byte, step uint16) {
		count := func(size int) (messages [][]byte, fatal bool) {
			var fr Framer
			for piece := range slices.Chunk(bytes.Clone(stream), max(1, size)) {
				fr.Push(bytes.Clone(piece))
				for x := fr.Next(); x != nil; x = fr.Next() {
					switch x := x.(type) {
					case Message:
						messages = append(messages, []byte(x.Raw))
					case Bad:
						fatal = fatal || x.Fatal
						if len(x.Reply) > maxStartLine {
							t.Fatalf("a reply of %d bytes", len(x.Reply))
						}
					}
				}
				if len(fr.buf) > MaxMessage+maxHeader+size {
					t.Fatalf("%d bytes are held", len(fr.buf))
				}
			}
			return messages, fatal
		}
		whole, _ := count(len(stream))
		cut, _ := count(int(step))
		if !slices.EqualFunc(whole, cut, bytes.Equal) {
			t.Fatalf("%d messages whole, %d in pieces of %d", len(whole), len(cut), step)
		}
	})
}

func BenchmarkFramer(b *testing.B) {
	b.SetBytes(int64(len(inviteText)))
	b.ReportAllocs()
	for b.Loop() {
		var f Framer
		f.Push([]byte(inviteText))
		if _, ok := f.Next().(Message); !ok {
			b.Fatal("no message")
		}
	}
}

// TestFramerFoldedLength reads a Content-Length on a line of its own, which is as any
// other fold (RFC 3261 §7.3.1).
func TestFramerFoldedLength(t *testing.T) {
	for _, field := range []string{"Content-Length:\r\n 5", "l :\r\n\t5", "Content-Length: 5"} {
		var f Framer
		f.Push([]byte("MESSAGE sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKa\r\nMax-Forwards: 70\r\nFrom: <sip:b@c>;tag=1\r\n" +
			"To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n" + field + "\r\n\r\nhello"))
		m, ok := f.Next().(Message)
		if !ok || string(m.SIP.Body()) != "hello" || len(m.Untidy) > 0 {
			t.Errorf("%q: %+v", field, m)
		}
	}
}

// TestLengthText: what stands for more says so.
func TestLengthText(t *testing.T) {
	for n, want := range map[int]string{0: "0", 1<<31 - 2: "2147483646", 1<<31 - 1: "2147483647 or more"} {
		if got := lengthText(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	if err := (&twoLengths{1, 1<<31 - 1}).Error(); err != "two Content-Lengths, 1 and 2147483647 or more" {
		t.Error(err)
	}
	var f Framer
	f.Push([]byte(strings.Replace(inviteText, "110", "18446744073709551618", 1)))
	if bad, ok := f.Next().(Bad); !ok || !strings.Contains(bad.Err.Error(), "message of 2147483647 or more bytes") {
		t.Errorf("%v", bad.Err)
	}
}
