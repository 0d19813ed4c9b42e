package sip

import (
	"cmp"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// NameFrame names a request by its method, a response by its status.
func (*Agent) NameFrame(data []byte) string {
	return control.NameLine(data, func(line string) string {
		if first, status, _ := strings.Cut(line, " "); strings.HasPrefix(first, "SIP/") {
			return event.Printable(cmp.Or(status, "response"))
		}
		return control.Method(line)
	})
}
