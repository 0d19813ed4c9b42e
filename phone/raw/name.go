package raw

import (
	"bytes"
	"cmp"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// NameFrame names a frame by the word in capitals at its beginning, or else by
// its name in the file of the protocol ("incoming"), which needs the whole
// frame in one read.
func (a *Agent) NameFrame(data []byte) string {
	return control.NameLine(data, func(line string) string {
		return cmp.Or(control.Method(line), a.word(data))
	})
}

// word returns the server's word at the beginning of data, "" if there is none.
func (a *Agent) word(data []byte) string {
	front := stream{f: &a.p.Framing}
	front.push(bytes.Clone(data))
	fr, err := front.next()
	if fr == nil || err != nil {
		return ""
	}
	name, _ := match(a.p.server, serverWords, fr.data)
	return name
}
