package server

import (
	"bytes"
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
