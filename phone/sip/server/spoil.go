package server

import (
	"fmt"
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

// written is a message as it is sent: its From is untidy, as some servers write it,
// and clear, if that is what the server does wrong.
func (c *conn) written(m grammar.Message) string {
	text := m.String()
	req, ok := m.(*grammar.Request)
	if !ok || !c.breaks(c.table.faults.UntidyHeaders) || strings.ContainsAny(req.From().DisplayName, `"<\`) {
		return text
	}
	from := req.From()
	tag, _ := from.Params.Get("tag")
	tidy := "\r\n" + from.String() + "\r\n"
	return strings.Replace(text, tidy, fmt.Sprintf("\r\nFROM : %s, not in quotes <%s> ; TAG = %s\r\n", from.DisplayName, from.Address.String(), tag), 1)
}
