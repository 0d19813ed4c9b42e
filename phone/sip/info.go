package sip

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The bodies of INFO that carry a digit. No RFC has them; phones and gateways
// have sent them since Cisco's did.
const (
	dtmfRelay  = "application/dtmf-relay" // "Signal=5", "Duration=160"
	dtmfPlain  = "application/dtmf"       // "5"
	digitTypes = dtmfRelay + ", " + dtmfPlain
)

// told takes in an INFO in a call: a digit, or nothing at all, which is a sign of
// life (RFC 2976 §2). We have asked for no Info Package (RFC 6086 §4.2.2).
func (v *service) told(s *step, tx *ServerTransaction) {
	req := tx.Request
	if Text(req, "info-package") != "" {
		v.turnAway(s, tx, statusBadInfoPackage, "no Info Package was asked for (RFC 6086 §4.2.2)", sip.NewHeader("Recv-Info", ""))
		return
	}
	var digit event.DTMF
	var untidy string
	var err error
	body, odd := partOf(req, dtmfRelay, dtmfPlain)
	switch kind := kindOf(body.kind); {
	case kind != dtmfRelay && kind != dtmfPlain && (len(body.body) == 0 || body.optional()):
		v.ok(s, tx)
		v.leftOut(s, req)
		return
	case kind == dtmfRelay:
		digit, untidy, err = readRelay(body.body)
	case kind == dtmfPlain:
		digit.Digit, err = readDigit(string(body.body))
	default:
		v.refuseBody(s, tx, otherType(kind, digitTypes))
		return
	}
	if err != nil {
		v.unreadable(s, tx, err)
		return
	}
	v.ok(s, tx)
	v.oddBody(s, req, dtmfRelay, append(odd, untidy)...)
	digit.By = event.DTMFByInfo
	s.Log(digit)
}

// unreadable refuses a request whose body is not what it is said to be, and says
// so.
func (v *service) unreadable(s *step, tx *ServerTransaction, err error) {
	v.reply(s, tx, sip.StatusBadRequest)
	s.Log(event.Warning{
		Rule: event.RuleUnreadableBody, Note: fmt.Sprintf("%s of %s: %v; it was refused with 400", tx.Request.Method, MediaType(tx.Request), err),
		Hint: "see the message in the SIP log",
	})
}

// oddBody names what is wrong with a body that was taken, as far as that is news. kind says
// what it is of.
func (v *service) oddBody(s *step, req *sip.Request, kind string, faults ...string) {
	for _, fault := range faults {
		if fault != "" && v.tidiness.News(s.Now, req, s.from, Untidy{kind, fault}) {
			new(bodies).note(s, addressOfRecord(&req.From().Address), fault)
		}
	}
}

// leftOut names a body that is not understood, and need not be, if that is news.
func (v *service) leftOut(s *step, req *sip.Request) {
	if len(req.Body()) > 0 && v.tidiness.News(s.Now, req, s.from, Untidy{string(req.Method), "a body that is left out"}) {
		leftOutBody(s, addressOfRecord(&req.From().Address), req)
	}
}

// readRelay reads lines of "Signal=5" and "Duration=160", which is in
// milliseconds and may be missing. Of two the first counts.
func readRelay(body []byte) (e event.DTMF, untidy string, err error) {
	signal, duration := "", ""
	set := func(what *string, name, value string) {
		if *what != "" {
			untidy = "an INFO has more than one " + name + "; the first counts"
			return
		}
		*what = value
	}
	for line := range bytes.Lines(body) {
		name, value, _ := strings.Cut(string(line), "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			set(&signal, "Signal", value)
		case "duration":
			set(&duration, "Duration", value)
		}
	}
	if duration != "" {
		n, err := strconv.ParseUint(duration, 10, 16)
		if err != nil {
			return e, "", fmt.Errorf("the duration is %q", shortText(duration))
		}
		e.Length = event.Millis(time.Duration(n) * time.Millisecond)
	}
	e.Digit, err = readDigit(signal)
	return e, untidy, err
}

// numbered are digits that some senders write as the number of their event (RFC
// 4733 §3.2).
var numbered = map[string]string{"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}

// readDigit reads one digit of a telephone.
func readDigit(s string) (string, error) {
	digit := strings.ToUpper(strings.TrimSpace(s))
	if d, ok := numbered[digit]; ok {
		return d, nil
	}
	if len(digit) != 1 || !strings.Contains("0123456789*#ABCD", digit) {
		return "", fmt.Errorf("%q is no digit", shortText(s))
	}
	return digit, nil
}
