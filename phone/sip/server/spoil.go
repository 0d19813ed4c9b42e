package server

import (
	"strings"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// spoilSession makes a session description untidy, as some servers do, and leaves it
// clear: it has no s= and no t=, and its lines end in LF.
func spoilSession(req *grammar.Request) {
	description, _, _ := sip.SDPOf(req)
	if description == nil || len(description) != len(req.Body()) {
		return // there is none, or more
	}
	var b strings.Builder
	for line := range strings.Lines(string(description)) {
		if !strings.HasPrefix(line, "s=") && !strings.HasPrefix(line, "t=") {
			b.WriteString(strings.TrimRight(line, "\r\n") + "\n")
		}
	}
	req.SetBody([]byte(b.String()))
}
