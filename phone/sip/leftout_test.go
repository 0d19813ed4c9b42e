package sip

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// responseWith is a 200 to an INVITE with some of its lines as given.
func responseWith(lines ...string) string {
	text := optionsWith(append(lines, "CSeq: 1 INVITE")...)
	return "SIP/2.0 200 OK" + text[strings.Index(text, "\r\n"):]
}

// TestLeftOut: what cannot be read of a response is left out of it, unless nobody would
// know what it answers. A request is refused for the same.
func TestLeftOut(t *testing.T) {
	to := func(m sip.Message) string { return m.To().Value() }
	contacts := func(m sip.Message) string {
		var all []string
		for _, h := range m.GetHeaders("contact") {
			all = append(all, h.Value())
		}
		return strings.Join(all, ", ")
	}
	for line, want := range map[string]struct {
		read  func(m sip.Message) string
		value string
		field string
	}{
		"Contact: foo bar":                         {contacts, "", "Contact"},
		"Contact: ":                                {contacts, "", "Contact"},
		"Contact: <sip:b@h:99999>":                 {contacts, "", "Contact"},
		"Contact: <sip:b@h>, foo bar":              {contacts, "<sip:b@h>", "Contact"},
		"Contact: <sip:b@h\x07>":                   {contacts, "", "Contact"},
		"Subject: a\rContact: <sip:b@h>":           {contacts, "", "header"},
		"X-\x07: y\r\nSubject: \x07":               {contacts, "", "header"},
		"Content-Length: many":                     {contacts, "", "Content-Length"},
		`To: "Alice <sip:alice@a>;TAG=x;y`:         {to, "<sip:unreadable.invalid>;tag=x", "To"},
		"To: Alice alice;tag=\xff":                 {to, "<sip:unreadable.invalid>", "To"},
		"To: ":                                     {to, "<sip:unreadable.invalid>", "To"},
		"From: <sip:a@a>, <sip:b@b>;tag=f;x=\"":    {func(m sip.Message) string { return m.From().Value() }, "<sip:unreadable.invalid>;tag=f", "From"},
		"Content-Type: application/sdp\x07;x=\"\"": {func(m sip.Message) string { return MediaType(m) }, "", "Content-Type"},
	} {
		m, ok := ParseDatagram([]byte(responseWith(strings.Split(line, "\r\n")...))).(Message)
		if !ok {
			t.Errorf("%q: %v", line, ParseDatagram([]byte(responseWith(line))))
			continue
		}
		last := Untidy{}
		if n := len(m.Untidy); n > 0 {
			last = m.Untidy[n-1]
		}
		if got := want.read(m.SIP); got != want.value || last != (Untidy{want.field, leftOut}) {
			t.Errorf("%q: %q, want %q; %q", line, got, want.value, m.Untidy)
		}
		if again, ok := ParseDatagram(Encode(m.SIP)).(Message); !ok || want.read(again.SIP) != want.value {
			t.Errorf("%q, written and read again: %q", line, Encode(m.SIP))
		}
		if m, ok := ParseDatagram([]byte(optionsWith(strings.Split(line, "\r\n")...))).(Message); ok {
			t.Errorf("%q in a request is read as %s", line, m.SIP)
		}
	}
	for _, line := range []string{"Via: SIP/2.0 h", "Via: SIP/2.0/UDP h;branch=\x07", "CSeq: INVITE\r\nCSeq: 1 INVITE", "Call-ID: \r\ni: d"} {
		if m, ok := ParseDatagram([]byte("SIP/2.0 200 OK\r\n" + line + "\r\n" + strings.SplitN(responseWith("X: y"), "\r\n", 2)[1])).(Message); ok {
			t.Errorf("%q is read as %s", line, m.SIP)
		}
	}
	for lines, want := range map[string]Untidy{
		"To: <sip:a@a>;tag=x\r\nt: <sip:a@a>;tag=y": {"To", fieldTwice}, "From: <sip:a@a>;tag=f\r\nFrom: \x07": {"From", fieldTwice},
		"Call-ID: c\r\ni: d": {"Call-ID", fieldTwice}, "CSeq: 1 INVITE\r\nCSeq: 1 BYE": {"CSeq", fieldTwice},
		"CSeq: 1 INVITE\r\nFrom: <sip:a@a>;tag=f\r\nf: <sip:a@a>;tag=g": {"From", fieldTwice},
	} {
		m, ok := ParseDatagram([]byte(responseWith(strings.Split(lines, "\r\n")...))).(Message)
		if !ok || m.Untidy[0] != want || strings.Count(m.SIP.String(), "\r\nTo: ") != 1 || m.SIP.CSeq().MethodName != sip.INVITE || m.SIP.CallID().Value() != "c" {
			t.Errorf("%q: %v", lines, m)
		}
	}
	for _, name := range []string{"From", "To"} {
		m, ok := ParseDatagram([]byte(strings.Replace(responseWith("X: y"), "\r\n"+name+":", "\r\nX-Y:", 1))).(Message)
		if !ok || m.Untidy[0] != (Untidy{name, notThere}) || m.SIP.From() == nil || m.SIP.To() == nil {
			t.Errorf("without a %s: %v", name, m)
		}
	}
	if m, ok := ParseDatagram([]byte(strings.Replace(responseWith("X: y"), "OK", "O\x07", 1))).(Message); ok {
		t.Errorf("a control character in the status line is read as %s", m.SIP)
	}
}

// TestBodiless: a response of whose body nobody knows where it ends, or that is too long,
// is taken without it. What follows is read as ever, if anybody knows where it begins.
func TestBodiless(t *testing.T) {
	long := strings.Repeat("x", MaxMessage)
	for lines, body := range map[string]string{
		"Content-Type: application/sdp":                               "v=0\r\n",
		"Content-Length: 5\r\nContent-Length: 7":                      "v=0\r\ns=",
		"Content-Type: application/sdp\r\nContent-Length: 5 bytes":    "v=0\r\n",
		"Content-Type: text/plain\r\nContent-Length: 65536":           long,
		"Content-Type: application/sdp\r\nl: 5\r\nContent-Length: 99": "v=0\r\ns=-\r\n" + strings.Repeat("x", 89),
	} {
		f := Framer{spoken: true}
		f.Push([]byte(responseWith(strings.Split(lines, "\r\n")...) + body + optionsWith("Content-Length: 0")))
		m, ok := f.Next().(Message)
		if !ok || len(m.SIP.Body()) > 0 || len(m.Untidy) == 0 || m.Untidy[len(m.Untidy)-1] != (Untidy{"body", leftOut}) || m.SIP.ContentLength() != nil {
			t.Errorf("%q: %v", lines, m)
		}
		next := f.Next()
		options, ok := next.(Message)
		end, ends := next.(Bad)
		if unknown := body == "v=0\r\n"; unknown != (ends && end.Fatal && end.Reply == nil) || unknown == (ok && options.SIP.CSeq().MethodName == sip.OPTIONS) {
			t.Errorf("%q: then %v", lines, next)
		}
		f = Framer{}
		f.Push([]byte(optionsWith(strings.Split(lines, "\r\n")...) + body))
		if m, ok := f.Next().(Message); ok {
			t.Errorf("%q in a request is read as %s", lines, m.SIP)
		}
	}
	var f Framer
	f.Push([]byte(responseWith("X: " + strings.Repeat("x", maxHeader))))
	if bad, ok := f.Next().(Bad); !ok || bad.Status != sip.StatusMessageTooLarge {
		t.Errorf("a header that is too long: %v", bad)
	}
}

// TestAckOfUnreadable: the ACK to a refusal whose To cannot be read is to whom the INVITE
// was, with the tag of the refusal.
func TestAckOfUnreadable(t *testing.T) {
	invite := ParseDatagram([]byte(strings.ReplaceAll(optionsWith("To: \"Al\" <sip:alice@a>"), "OPTIONS", "INVITE"))).(Message).SIP.(*sip.Request)
	for to, want := range map[string]string{
		`To: "Al <sip:alice@a>;tag=x`: `"Al" <sip:alice@a>;tag=x`, "To: <sip:other@b>;tag=y": "<sip:other@b>;tag=y",
	} {
		res := ParseDatagram([]byte(responseWith(to))).(Message).SIP.(*sip.Response)
		if got := ackFor(invite, res).To().Value(); got != want {
			t.Errorf("%s: the ACK is to %s, want %s", to, got, want)
		}
	}
	for from, is := range map[string]bool{"From: ": false, "From: <sip:bob@b>;tag=f": false, "From: \"x;tag=f": false, "From: \"x;tag=g": true} {
		res := ParseDatagram([]byte(responseWith(from))).(Message).SIP.(*sip.Response)
		if e := foreign(invite, res); (e != nil) != is {
			t.Errorf("%s: %v", from, e)
		}
	}
}
