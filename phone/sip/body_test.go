package sip

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// carrying is a response with a body: the header fields that say what it is, an empty
// line, and the body.
func carrying(t testing.TB, text string) sip.Message {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	m := sip.NewResponse(200, "OK")
	for line := range strings.SplitSeq(head, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			m.AppendHeader(sip.NewHeader(name, value))
		}
	}
	m.SetBody([]byte(strings.ReplaceAll(body, "\n", "\r\n")))
	return m
}

// TestSDPOf finds the session description in the bodies that servers send.
func TestSDPOf(t *testing.T) {
	const description = "v=0\n"
	mixed := func(parts ...string) string {
		body := "Content-Type: multipart/mixed; boundary=b\n\n"
		for _, p := range parts {
			body += "--b\n" + p + "\n"
		}
		return body + "--b--\n"
	}
	const (
		session  = "Content-Type: application/sdp\n\nv=0\n"
		optional = "Content-Type: application/isup; version=itu\nContent-Disposition: signal; handling=optional\n\n\x01\x10"
		required = "Content-Type: application/pidf+xml\nContent-Disposition: render; Handling = REQUIRED\n\n<presence/>"
		unsaid   = "Content-Type: application/pidf+xml\n\n<presence/>"
		early    = "Content-Type: application/sdp\nContent-Disposition: early-session; handling=optional\n\nv=0\no=early\n"
	)
	tests := []struct{ name, message, want, untidy, refused string }{
		{"nothing", "Content-Type: application/sdp\n\n", "", "", ""},
		{"alone", session, description, "", ""},
		{"other letters and a parameter", "Content-Type: Application/SDP ; charset=utf-8\n\nv=0\n", description, "", ""},
		{"of the session", "Content-Type: application/sdp\nContent-Disposition: Session;handling=optional\n\nv=0\n", description, "", ""},
		{"without a type", "Subject: x\n\nv=0\n", description, "the session description has no Content-Type", ""},
		{"of another type", "Content-Type: text/plain\n\nv=0\n", "", "", `Accept: its type is "text/plain"`},
		{"without a type, and no description", "Subject: x\n\nhello", "", "", "Accept: it has no Content-Type"},
		{"of another type, optional", "Content-Type: text/plain\nContent-Disposition: render;handling=optional\n\nhello", "", "", ""},
		{"packed", "Content-Type: application/sdp\nContent-Encoding: gzip\n\nxyz", "", "", `Accept-Encoding: its encoding is "gzip"`},
		{"packed, optional", "Content-Type: application/sdp\nContent-Encoding: gzip\nContent-Disposition: session;handling=optional\n\nxyz", "", "", ""},
		{"not packed", "Content-Type: application/sdp\nContent-Encoding: Identity\n\nv=0\n", description, "", ""},
		{"not packed, twice", "Content-Type: application/sdp\nContent-Encoding: identity\nContent-Encoding: identity , IDENTITY,\n\nv=0\n", description, "", ""},
		{"packed after all", "Content-Type: application/sdp\nContent-Encoding: identity\nContent-Encoding: gzip\n\nv=0\n", "", "", `Accept-Encoding: its encoding is "gzip"`},
		{"packed in a list", "Content-Type: application/sdp\nContent-Encoding: identity, gzip\n\nv=0\n", "", "", `Accept-Encoding: its encoding is "gzip"`},
		{"packed behind an empty one", "Content-Type: application/sdp\nContent-Encoding: \nContent-Encoding: gzip\n\nv=0\n", "", "", `Accept-Encoding: its encoding is "gzip"`},
		{"early media", "Content-Type: application/sdp\nContent-Disposition: early-session\n\nv=0\n", "", "", `Accept: its type is "application/sdp"`},

		{"first of two", mixed(session, optional), description, "", ""},
		{"last of two", mixed(optional, session), description, "", ""},
		{"after early media", mixed(early, session), description, "", ""},
		{"none in it", mixed(optional), "", "", ""},
		{"beside what is required", mixed(session, required), "", "", `Accept: its type is "application/pidf+xml"`},
		{"beside what may be required", mixed(session, unsaid), "", "", `Accept: its type is "application/pidf+xml"`},
		{"two of them", mixed(session, "Content-Type: application/sdp\n\nv=1\n"), description, "there are several session descriptions; the first is taken", ""},
		{"compact and folded", mixed("c:\n application/sdp\n\nv=0\n", "c: x/y\nContent-Disposition: signal;\n\thandling=optional\n\nz"), description, "", ""},
		{"a part without a type", mixed("\nv=0\n"), description, "the session description has no Content-Type", ""},
		{"a part without a head", mixed("v=0\n"), description, "the session description has no Content-Type", ""},
		{"a part that is packed", mixed(session, "Content-Type: x/y\nContent-Encoding: gzip\nContent-Disposition: x;handling=optional\n\n"), description, "", ""},
		{"a part that is packed first", mixed("Content-Type: application/sdp\nContent-Encoding: gzip\ne: identity\n\nv=0\n"), "", "", `Accept-Encoding: its encoding is "gzip"`},
		{"a part that is packed last", mixed("Content-Type: application/sdp\nContent-Encoding: identity\ne: gzip\n\nv=0\n"), "", "", `Accept-Encoding: its encoding is "gzip"`},
		{"a part that is not packed, twice", mixed("Content-Type: application/sdp\nContent-Encoding: identity\ne: identity\n\nv=0\n"), description, "", ""},
		{"no parts", "Content-Type: multipart/mixed;boundary=b\n\nhello", "", "", "Accept: it has no parts"},
		{"no parts, optional", "Content-Type: multipart/mixed;boundary=b\nContent-Disposition: render;handling=optional\n\nhello", "", "", ""},

		{"quoted boundary", "Content-Type: Multipart/Mixed;charset=x; Boundary = \"a b;\\\"c\"\n\npreamble\n--a b;\"c\n" + session + "\n--a b;\"c--\nepilogue\n", description, "", ""},
		{"the boundary in a longer one", "Content-Type: multipart/mixed;boundary=b\n\n--bb\n--b\n" + session + "\n--b--\n", description, "", ""},
		{"blanks after the boundary", "Content-Type: multipart/mixed;boundary=b\n\n--b \t\n" + session + "\n--b-- \n", description, "", ""},
		{"no last boundary", "Content-Type: multipart/mixed;boundary=b\n\n--b\n" + session, description, "the last boundary is missing", ""},
		{"no boundary named", "Content-Type: multipart/mixed\n\n--xyz\n" + session + "\n--xyz--\n", description, "the Content-Type names no boundary", ""},

		{"alternatives", strings.Replace(mixed(unsaid, session, required), "mixed", "alternative", 1), description, "", ""},
		{"the last alternative", strings.Replace(mixed("Content-Type: application/sdp\n\nv=1\n", session), "mixed", "alternative", 1), description, "", ""},
		{"no alternative", strings.Replace(mixed(unsaid, required), "mixed", "alternative", 1), "", "", `Accept: its type is "application/pidf+xml"`},
		{"nested", mixed(optional, "Content-Type: multipart/alternative; boundary=c\n\n--c\n"+unsaid+"\n--c\n"+session+"\n--c--\n"), description, "", ""},
		{"nested too deep", mixed("Content-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: multipart/mixed;boundary=d\n\n--d\n" + session + "\n--d--\n--c--\n"), "", "", `Accept: its type is "multipart/mixed"`},
		{"more parts than are read", mixed(append(strings.Split(strings.Repeat(optional+"|", maxParts), "|")[:maxParts], session)...), "", "", ""},
		{"a related part", strings.Replace(mixed(session, optional), "mixed", "related;start=x", 1), description, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, untidy, err := SDPOf(carrying(t, test.message))
			if s := strings.ReplaceAll(string(got), "\r\n", "\n"); strings.TrimSuffix(s, "\n") != strings.TrimSuffix(test.want, "\n") {
				t.Errorf("description %q, want %q", s, test.want)
			}
			if untidy != test.untidy {
				t.Errorf("untidy: %q, want %q", untidy, test.untidy)
			}
			refused := ""
			if err != nil {
				refused = err.Field.Name() + ": " + err.Reason
			}
			if refused != test.refused {
				t.Errorf("refused: %q, want %q", refused, test.refused)
			}
		})
	}
}

// TestCompactBody: the short names of header fields count in a message as it comes.
func TestCompactBody(t *testing.T) {
	raw := "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n" +
		"c: application/sdp\r\ne: gzip\r\nContent-Length: 5\r\n\r\nv=0\r\n"
	read := func(raw string) sip.Message { return ParseDatagram([]byte(raw)).(Message).SIP }
	m := read(raw)
	if got, _, bad := SDPOf(m); bad == nil || bad.Field.Name() != "Accept-Encoding" {
		t.Errorf("%q, %v: want it refused for its encoding", got, bad)
	}
	for _, first := range []string{"Content-Encoding: identity", "e: Identity", "Content-Encoding:"} {
		if m := read(strings.Replace(raw, "e: gzip", first+"\r\ne: gzip", 1)); !Encoded(m) {
			t.Errorf("%s, then gzip: it is taken", first)
		}
	}
	m = read(strings.Replace(raw, "e: gzip\r\n", "", 1))
	if got, _, bad := SDPOf(m); string(got) != "v=0\r\n" || bad != nil {
		t.Errorf("%q, %v", got, bad)
	}
}

// FuzzSDPOf: whatever a body is, what is found in it is a part of it.
func FuzzSDPOf(f *testing.F) {
	f.Add("multipart/mixed; boundary=b", "", []byte("--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\r\nc:x/y\r\nContent-Disposition: x;handling=optional\r\n\r\n\r\n--b--\r\n"))
	f.Add(`multipart/alternative; boundary="a b"`, "session;handling=optional", []byte("x\n--a b\n\nv=0\n--a b--"))
	f.Add("multipart/mixed", "", []byte("--c\nc: multipart/mixed;boundary=\"d\\\"\"\n\n--d\"\nv=0\n--d\"--\n--c--"))
	f.Add("", "", []byte("v=0"))
	f.Add("application/sdp;", "early-session", []byte("v=0"))
	f.Fuzz(func(t *testing.T, kind, disposition string, body []byte) {
		m := sip.NewResponse(200, "OK")
		m.AppendHeader(sip.NewHeader("Content-Type", kind))
		m.AppendHeader(sip.NewHeader("Content-Disposition", disposition))
		m.SetBody(body)
		got, untidy, err := SDPOf(m)
		if !strings.Contains(string(body), string(got)) || got != nil && err != nil || len(untidy) > 500 {
			t.Errorf("%q, %q, %v", got, untidy, err)
		}
	})
}
