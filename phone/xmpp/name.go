package xmpp

import "github.com/sleeptalk/sleeptalk/phone/control"

// NameFrame names a stanza, or another element of the stream, by its tag.
func (*Agent) NameFrame(data []byte) string { return control.NameLine(data, control.Element) }
