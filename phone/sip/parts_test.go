package sip

import (
	"fmt"
	"strings"
	"testing"
)

// TestPartsOfBodies: what is read of a body is read of a part of it, too (RFC 5621 §3.1), be
// it a digit, a summary or a report; a part besides that is required and not understood makes
// it 415.
func TestPartsOfBodies(t *testing.T) {
	for kind, c := range map[string]struct{ body, request, log string }{
		"application/dtmf-relay": {`Signal=5\r\nDuration=160\r\n`, "peer INFO %s", "tone 5"},
		summaryType:              {`Messages-Waiting: yes\r\nVoice-Message: 2/1\r\n`, "peer NOTIFY %s | Event: message-summary | Subscription-State: active", "MessageWaiting{"},
		sipFragment:              {`SIP/2.0 200 OK\r\n`, "peer NOTIFY %s | Event: refer | Subscription-State: terminated", "transfer completed"},
	} {
		read := onePart(kind, "", c.body)
		for name, row := range map[string]struct {
			multipart, parts string
			status           int
		}{
			"alone":         {"mixed", read, 200},
			"with an image": {"mixed", read + onePart("image/png", "render;handling=optional", "x"), 200},
			"behind it":     {"mixed", onePart("image/png", "render;handling=optional", "x") + read, 200},
			"required":      {"mixed", read + onePart("image/png", "", "x"), 415},
			"alternative":   {"alternative", onePart("image/png", "", "x") + read, 200},
			"none":          {"mixed", onePart("image/png", "render;handling=optional", "x"), 415},
			"no parts":      {"mixed", "", 415},
			"nested":        {"mixed", onePart("multipart/alternative;boundary=in", "", strings.ReplaceAll(read, "--b", "--in")+`--in--\r\n`), 200},
		} {
			p := inCall(t, TCP)
			if kind == sipFragment {
				p.one.plays("transfer 1 carol", "respond REFER 202")
			}
			p.one.plays(fmt.Sprintf(c.request, `"`+row.parts+`--b--\r\n" Content-Type: multipart/`+row.multipart+";boundary=b"))
			method, log := strings.Fields(c.request)[1], p.one.w.String()
			if p.one.raw[fmt.Sprint(method, " ", row.status)] == "" || strings.Contains(log, c.log) != (row.status == 200) {
				t.Errorf("%s, %s: no %d, or not with %q:\n%s", kind, name, row.status, c.log, log)
			}
		}
	}
}

// Of several parts of the type the first counts, of alternatives the last.
func TestWhichPart(t *testing.T) {
	for multipart, want := range map[string]string{"mixed": "tone 5", "alternative": "tone 7"} {
		p := inCall(t, TCP)
		p.one.plays(`peer INFO "` + onePart(dtmfPlain, "", "5") + onePart(dtmfRelay, "", `Signal=7\r\n`) + `--b--\r\n" Content-Type: multipart/` + multipart + ";boundary=b")
		if log := p.one.w.String(); !strings.Contains(log, want) || strings.Count(log, "tone ") != 1 {
			t.Errorf("%s: not %s:\n%s", multipart, want, log)
		}
	}
}

// onePart is a part of a body behind its boundary.
func onePart(kind, disposition, body string) string {
	if disposition != "" {
		disposition = `\r\nContent-Disposition: ` + disposition
	}
	return `--b\r\nContent-Type: ` + kind + disposition + `\r\n\r\n` + body + `\r\n`
}
