package sip

import (
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// textTypes are the bodies of a MESSAGE that we can show.
const textTypes = plainText + ", " + cpim

const (
	plainText = "text/plain"
	cpim      = "message/cpim" // RFC 3862
)

// texted takes in a MESSAGE (RFC 3428), in a call or outside of one. What cannot
// be shown is refused, so that its sender knows.
func (v *service) texted(s *step, tx *ServerTransaction) {
	req := tx.Request
	text, ok := textOf(req)
	if !ok {
		v.reply(s, tx, sip.StatusUnsupportedMediaType, sip.NewHeader("Accept", textTypes))
		return
	}
	v.ok(s, tx)
	s.Notice(control.Texted{
		From: addressOfRecord(&req.From().Address), Name: control.Shown(DisplayName(req.From().DisplayName)), Text: control.Shown(text),
	})
}

// textOf is the text of a MESSAGE; ok is false if there is another kind of body.
func textOf(req *sip.Request) (text string, ok bool) {
	body := string(req.Body())
	switch MediaType(req) {
	case plainText:
		return body, true
	case cpim:
		return cpimText(body)
	case "":
		return body, body == "" // a body must say its type (RFC 3261 §20.15)
	}
	return "", body == ""
}

// cpimText is the text in a message/cpim: behind the header fields of the
// message and those of its content, each block ended by an empty line (RFC 3862
// §2).
func cpimText(body string) (text string, ok bool) {
	_, content, _ := strings.Cut(strings.ReplaceAll(body, "\r\n", "\n"), "\n\n")
	head, text, ok := strings.Cut(content, "\n\n")
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(strings.TrimSpace(name), "Content-Type") {
			value, _, _ = strings.Cut(value, ";")
			ok = ok && strings.EqualFold(strings.TrimSpace(value), plainText)
		}
	}
	return text, ok
}
