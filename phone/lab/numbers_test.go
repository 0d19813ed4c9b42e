package lab

import (
	"time"

	grammar "github.com/emiago/sipgo/sip"
)

// The numbers of the SIP server that the tests know.
const (
	defaultNonceLife = 5 * time.Minute
	maxBindings      = 10
	maxHeld          = 16
	maxHeldOfCall    = 4
	maxPending       = 1000
	maxBad           = 100
	lateness         = 20 * time.Second
	pongLateness     = 6 * time.Second
	timerC           = 5 * time.Minute
)

// text returns the value of the first header field of that name, or "".
func text(m grammar.Message, name string) string {
	if hs := m.GetHeaders(name); len(hs) > 0 {
		return hs[0].Value()
	}
	return ""
}
