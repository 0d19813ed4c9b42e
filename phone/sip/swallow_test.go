package sip

import (
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// messageSized is a MESSAGE of the peer's with that many bytes more in its Content-Length than
// in its body.
func messageSized(more int) string {
	return sized(headOf("MESSAGE")+"\r\nhello", "text/plain", more)
}

// TestPongIsNoRest: a CRLF that comes alone, or before a message, after a pause in a
// message that lacks its rest, is the pong that is awaited. The message is given up and
// answered, and the flow goes on.
func TestPongIsNoRest(t *testing.T) {
	head, _, _ := strings.Cut(messageSized(0), "\r\n\r\n")
	for _, test := range []struct {
		name, before, read string
		silent, quiet      bool // no pong is awaited; there was no pause
		pong, answered     bool
	}{
		{name: "one byte is missing", before: messageSized(1), read: "\r\n", pong: true, answered: true},
		{name: "as much as it has", before: messageSized(2), read: "\r\n", pong: true, answered: true},
		{name: "a thousand", before: messageSized(1000), read: "\r\n", pong: true, answered: true},
		{name: "a message behind it", before: messageSized(1000), read: "\r\n" + okText, pong: true, answered: true},
		{name: "a header without an empty line", before: head + "\r\n", read: "\r\n", pong: true, answered: true},
		{name: "a header that is cut in a line", before: head, read: "\r\n", pong: true},
		{name: "the rest of a body before it", before: okText + "llo", read: "\r\n", pong: true},
		{name: "no pong is awaited", before: messageSized(2), read: "\r\n", silent: true},
		{name: "no pause", before: messageSized(2), read: "\r\n", quiet: true},
		{name: "more than a CRLF", before: messageSized(4), read: "\r\nab"},
	} {
		var f Framer
		var w Swallow
		f.AwaitPong(!test.silent)
		f.Push([]byte(test.before))
		for x := f.Next(); x != nil; x = f.Next() {
		}
		w.Awaits(epoch, f.Partial(), false)
		now := epoch.Add(anewAfter)
		if test.quiet {
			now = now.Add(-1)
		}
		if w.Arrives(now, &f, []byte(test.read)) != test.pong {
			t.Errorf("%s: taken for a pong: %t", test.name, !test.pong)
		}
		if !test.pong {
			continue
		}
		if bad, ok := f.GiveUp().(Bad); !ok || bad.Fatal || (bad.Reply != nil) != test.answered {
			t.Errorf("%s: %+v", test.name, bad)
		}
		f.Push([]byte(test.read))
		if _, ok := f.Next().(Pong); !ok {
			t.Errorf("%s: no pong", test.name)
		}
		f.Push([]byte(okText))
		if m, ok := f.Next().(Message); !ok || string(m.SIP.CSeq().MethodName) != "REGISTER" {
			t.Errorf("%s: then %v", test.name, m)
		}
	}
}

// TestSwallowPause: a body that lacks its rest is given up when nothing of it has come
// for a while, and one that is on its way is waited for.
func TestSwallowPause(t *testing.T) {
	var f Framer
	var w Swallow
	f.Push([]byte(messageSized(1000)))
	if f.Next() != nil {
		t.Fatal("a message")
	}
	w.Awaits(epoch, true, false)
	if at := epoch.Add(swallowAfter); w.Deadline() != at || w.Due(at.Add(-1), &f) || !w.Due(at, &f) {
		t.Errorf("not given up after %v", swallowAfter)
	}
	now := epoch.Add(3 * time.Second)
	f.Push([]byte("more"))
	w.Awaits(now, true, false)
	if w.Due(epoch.Add(swallowAfter), &f) || w.Deadline() != now.Add(swallowAfter) {
		t.Errorf("given up on its way, or looked at next at %v", w.Deadline())
	}
	for ; now.Before(epoch.Add(32 * time.Second)); now = now.Add(time.Second) {
		w.Awaits(now, true, false)
		if w.Due(now, &f) {
			t.Fatalf("given up after %v", now.Sub(epoch))
		}
	}
	if !w.Due(now, &f) {
		t.Error("waited for in vain for ever")
	}
}

// TestGiveUpResponse: a response that lacks the rest of its body is said, and given out
// without it: who asked is not left alone.
func TestGiveUpResponse(t *testing.T) {
	var f Framer
	f.Push([]byte(sized(okText, "text/plain", 3)))
	if f.Next() != nil {
		t.Fatal("a message")
	}
	if bad, ok := f.GiveUp().(Bad); !ok || bad.Fatal || bad.Reply != nil || !strings.Contains(bad.Err.Error(), "Content-Length 3, and 0 bytes") {
		t.Errorf("%+v", bad)
	}
	if m, ok := f.Next().(Message); !ok || m.SIP.(*sip.Response).StatusCode != 200 || m.SIP.CSeq().MethodName != sip.REGISTER {
		t.Errorf("then %+v", m)
	}
	if f.Next() != nil || f.Partial() {
		t.Error("there is more")
	}
}
