package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// bodied is a request with a body of a type.
func bodied(kind, body string) *sip.Request {
	req := sip.NewRequest(sip.MESSAGE, sip.Uri{Scheme: "sip", Host: "a"})
	if kind != "" {
		req.AppendHeader(sip.NewHeader("Content-Type", kind))
	}
	req.SetBody([]byte(body))
	return req
}

func TestTextOf(t *testing.T) {
	const wrapped = "From: <im:bob@a>\r\nTo: <im:alice@a>\r\nDateTime: 2026-01-01T00:00:00Z\r\n\r\n"
	for _, c := range []struct {
		kind, body, want string
		ok               bool
	}{
		{"text/plain", "hi", "hi", true},
		{"Text/Plain ; charset=UTF-8", "hi", "hi", true},
		{"", "", "", true},
		{"", "\x89PNG\r\n\x1a\n", "", false},
		{"", "a\x00b", "", false},
		{"text/html", "<p>hi", "", false},
		{"application/im-iscomposing+xml", "<x/>", "", false},
		{"image/png", "", "", true},
		{cpim, wrapped + "Content-Type: text/plain; charset=utf-8\r\n\r\nhi\r\n\r\nthere", "hi\n\nthere", true},
		{cpim, strings.ReplaceAll(wrapped, "\r", "") + "content-type : Text/Plain\n\nhi", "hi", true},
		{cpim, wrapped + "Content-ID: <1>\r\n\r\nhi", "hi", true},
		{cpim, wrapped + "Content-Type: text/html\r\n\r\nhi", "hi", false},
		{cpim, wrapped + "Content-Type: text/plain\r\nhi", "", false},
		{cpim, "hi", "", false},
		{"text/plain;charset=ISO-8859-1", "caf\xe9", "café", true},
		{"multipart/alternative;boundary=x", "--x\r\nContent-Type: text/plain\r\n\r\nplain\r\n--x\r\nContent-Type: text/html\r\n\r\n<b>\r\n--x--", "plain", true},
		{"multipart/alternative;boundary=x", "--x\r\n\r\none\r\n--x\r\n\r\ntwo\r\n--x--", "two", true},
		{"multipart/alternative;boundary=x", "--x\r\nContent-Type: text/html\r\n\r\n<b>\r\n--x--", "", false},
		{"multipart/mixed;boundary=x", "--x\r\nContent-Type: text/plain\r\n\r\none\r\n--x\r\nContent-Type: image/png\r\nContent-Disposition: icon;handling=optional\r\n\r\n-\r\n--x--", "one", true},
		{"multipart/mixed;boundary=x", "--x\r\nContent-Type: text/plain\r\n\r\none\r\n--x\r\nContent-Type: image/png\r\n\r\n-\r\n--x--", "", false},
		{"multipart/mixed;boundary=x", "--x\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\none\r\n--x--", "", false},
		{"multipart/mixed;boundary=x", "none", "", false},
		{"multipart/mixed;boundary=x", "--x\r\nContent-Type: image/png\r\nContent-Disposition: icon;handling=optional\r\n\r\n-\r\n--x--", "", false},
		{"multipart/mixed;boundary=x", "--x\r\n\r\n\r\n--x--", "", true},
		{"multipart/alternative;boundary=x", "--x\r\n\r\none\r\n--x\r\nContent-Type: text/html\r\nContent-Disposition: render;handling=optional\r\n\r\n<b>\r\n--x--", "one", true},
		{"multipart/mixed;boundary=x", "--x\r\n\r\none\r\n--x\r\n\r\ntwo\r\n--x--", "one", true},
	} {
		if got, untidy, ok := textOf(bodied(c.kind, c.body)); ok != c.ok || ok && got != c.want || untidy != "" {
			t.Errorf("%s %q: %q, %t, untidy %q", c.kind, c.body, got, ok, untidy)
		}
	}
	if got, untidy, ok := textOf(bodied("", "hi\r\n\tthere: ü")); got != "hi\r\n\tthere: ü" || untidy != noType || !ok {
		t.Errorf("without a type: %q, %t, untidy %q", got, ok, untidy)
	}
	for kind, want := range map[string]string{"text/plain;charset=utf-16": oddCharset, "text/plain": notUTF8, "text/plain;charset=us-ascii": notASCII, "multipart/mixed;boundary=x": notUTF8} {
		body := "h\xff"
		if strings.HasPrefix(kind, "m") {
			body = "--x\r\n\r\nh\xff\r\n--x--"
		}
		if got, untidy, ok := textOf(bodied(kind, body)); got != "h\xff" || untidy != want || !ok {
			t.Errorf("%s: %q, %t, untidy %q", kind, got, ok, untidy)
		}
	}
	deep := "--x\r\nContent-Type: multipart/mixed;boundary=y\r\n\r\n--y\r\nContent-Type: multipart/mixed;boundary=z\r\n\r\n--z\r\n\r\nhi\r\n--z--\r\n--y--\r\n--x--"
	if got, _, ok := textOf(bodied("multipart/mixed;boundary=x", deep)); ok || got != "" {
		t.Errorf("too deep: %q", got)
	}
}

func TestReadRelay(t *testing.T) {
	for _, c := range []struct {
		body, digit string
		length      time.Duration
		err         string
	}{
		{"Signal=5\r\nSignal=6\r\nDuration=160", "5", 160 * time.Millisecond, ""},
		{"Signal=5\r\nDuration=160\r\nDuration=x", "5", 160 * time.Millisecond, ""},
		{"Signal=5\r\nDuration=160\r\n", "5", 160 * time.Millisecond, ""},
		{"Signal= 5\nDuration= 160", "5", 160 * time.Millisecond, ""},
		{"duration=1\r\nSIGNAL = d\r\n", "D", time.Millisecond, ""},
		{"Signal=*", "*", 0, ""},
		{"Signal=#", "#", 0, ""},
		{"Signal=10", "*", 0, ""},
		{"Signal=11", "#", 0, ""},
		{"Signal=16", "", 0, `"16" is no digit`},
		{"Signal=x", "", 0, `"x" is no digit`},
		{"Signal=55", "", 0, `"55" is no digit`},
		{"Duration=160", "", 0, `"" is no digit`},
		{"Signal=5\r\nDuration=-1", "", 0, `the duration is "-1"`},
		{"Signal=5\r\nDuration=65536", "", 0, `the duration is "65536"`},
	} {
		e, untidy, err := readRelay([]byte(c.body))
		if fmt.Sprint(err) != fmt.Sprint(c.err) && !(err == nil && c.err == "") {
			t.Errorf("%q: %v, want %q", c.body, err, c.err)
		}
		if err == nil && (e.Digit != c.digit || time.Duration(e.Length) != c.length) {
			t.Errorf("%q: %+v", c.body, e)
		}
		twice := ""
		for _, name := range []string{"Signal", "Duration"} {
			if strings.Count(c.body, name) > 1 {
				twice = "an INFO has more than one " + name + "; the first counts"
			}
		}
		if untidy != twice {
			t.Errorf("%q: said %q", c.body, untidy)
		}
	}
}

// TestEmptyDigit: an INFO that is to have a digit and has none is refused and named; one
// without a body is a sign of life.
func TestEmptyDigit(t *testing.T) {
	for kind, status := range map[string]int{"Content-Type: " + dtmfRelay: 400, "Content-Type: " + dtmfPlain: 400, "": 200} {
		r := registered(t)
		r.plays("peer INVITE sdp", "ring 1", "answer 1", "peer ACK", "peer INFO "+kind)
		if log := r.w.String(); r.raw[fmt.Sprintf("INFO %d", status)] == "" || strings.Contains(log, "unreadable-body") != (status == 400) {
			t.Errorf("%q:\n%s", kind, log)
		}
	}
}

// TestLeftOutBodies: a body that is optional, and of which nothing is understood, is named,
// once for the session of a call and once for INFO. A text is refused for it.
func TestLeftOutBodies(t *testing.T) {
	const optional = "Content-Disposition: x;handling=optional"
	for _, c := range []struct {
		plays []string
		want  string
	}{
		{[]string{`peer UPDATE "x" Content-Type: a/b | ` + optional}, `the UPDATE, as it may be: its type is "a/b"`},
		{[]string{`peer INVITE "x" Content-Type: application/sdp | Content-Encoding: gzip | ` + optional}, `the INVITE, as it may be: its encoding is "gzip"`},
		{[]string{`peer INFO "x" Content-Type: a/b | ` + optional}, `the INFO, as it may be: its type is "a/b"`},
		{[]string{`peer UPDATE`, `peer INFO`, `peer UPDATE sdp`, `peer MESSAGE "x" Content-Type: a/b | ` + optional}, ""},
	} {
		r := registered(t)
		r.plays("peer INVITE sdp", "ring 1", "answer 1", "peer ACK")
		r.plays(append(c.plays, c.plays...)...)
		log := r.w.String()
		if n := strings.Count(log, "body-left-out"); n != 1 && c.want != "" || n > 0 && c.want == "" || !strings.Contains(log, c.want) {
			t.Errorf("%q: %q is said %d times:\n%s", c.plays, c.want, n, log)
		}
	}
}
