package server

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// states is what the server knows of its users.
type states struct {
	domain       string
	calls        *calls
	publications *publications
}

// messages is a summary of a user's mailbox (RFC 3842 §5.2).
func (s *states) messages(u *user) []byte {
	waiting := "no"
	if u.mailbox.New > 0 {
		waiting = "yes"
	}
	return fmt.Appendf(nil, "Messages-Waiting: %s\r\nMessage-Account: sip:%s@%s\r\nVoice-Message: %d/%d\r\n",
		waiting, u.name, s.domain, u.mailbox.New, u.mailbox.Old)
}

// dialogs are a user's calls, all of them in each document (RFC 4235 §4.1).
func (s *states) dialogs(u *user) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<?xml version="1.0"?>`+"\r\n"+`<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="%s" state="full" entity="sip:%s@%s">`+"\r\n",
		versionMark, escaped(u.name), escaped(s.domain))
	for _, c := range s.calls.of(u) {
		b.WriteString(c.element(u))
	}
	b.WriteString("</dialog-info>\r\n")
	return b.Bytes()
}

// presence is what was published last for a user, or else whether somebody has
// registered as it.
func (s *states) presence(u *user) []byte {
	if p := s.publications.last(u); p != nil {
		return p.body
	}
	basic := "closed"
	if len(u.bindings) > 0 {
		basic = "open"
	}
	entity := escaped("sip:" + u.name + "@" + s.domain)
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>`+"\r\n"+`<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="%s">`+
		`<tuple id="registered"><status><basic>%s</basic></status><contact>%s</contact></tuple></presence>`+"\r\n", entity, basic, entity)
}

// escaped is text for an XML document: what cannot be written there is replaced.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
