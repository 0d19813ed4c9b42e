package sip

import (
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// maxWarning is how many bytes the text of a Warning has at most (our own number):
// a line of a log.
const maxWarning = 200

// Warning is a Warning of who is called agent (RFC 3261 §20.43). Its text may have
// words of the peer's in it.
func Warning(code int, agent, text string) sip.Header {
	plain := func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '\''
		}
		return r
	}
	text = strings.Map(plain, text[:min(len(text), maxWarning)])
	return sip.NewHeader("Warning", fmt.Sprintf(`%d %s "%s"`, code, agent, text))
}
