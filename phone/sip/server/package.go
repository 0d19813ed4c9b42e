package server

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// An eventPackage is a kind of state that can be subscribed to (RFC 6665 §5).
type eventPackage struct {
	name, mime string
	private    bool // it is for the user's own account
	// state is what is to be told of a user, as a body. Where the bodies of a
	// package are numbered it has versionMark.
	state func(s *states, u *user) []byte
}

// packages are those that the server serves.
var packages = []eventPackage{
	{"message-summary", "application/simple-message-summary", true, (*states).messages}, // RFC 3842
	{"dialog", "application/dialog-info+xml", false, (*states).dialogs},                 // RFC 4235
	{"presence", pidf, false, (*states).presence},                                       // RFC 3856
}

// pidf is the type of presence documents (RFC 3863).
const pidf = "application/pidf+xml"

func packageNamed(name string) (p eventPackage, ok bool) {
	for _, p := range packages {
		if p.name == name {
			return p, true
		}
	}
	return p, false
}

// allowEvents is the packages for an Allow-Events header field.
func allowEvents() string {
	var names []string
	for _, p := range packages {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}

// versionMark stands in a state for the number of the body.
const versionMark = "VERSION\x00"

// body is a state as it is sent, with its number, from 0 (RFC 4235 §4.1).
func (eventPackage) body(state []byte, version int) []byte {
	return bytes.ReplaceAll(state, []byte(versionMark), []byte(strconv.Itoa(version-1)))
}

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
