package sip

import (
	"fmt"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// bodies are those that the peer of a call sends: what was wrong with them is said
// once, if it goes on like that.
type bodies struct {
	said string
	left bool // that one was left out is said
}

// read is the session description of a message, nil if there is none.
func (b *bodies) read(s *step, peer string, m sip.Message) ([]byte, *BodyError) {
	description, untidy, bad := SDPOf(m)
	b.note(s, peer, untidy)
	if description == nil && bad == nil {
		b.without(s, peer, m)
	}
	return description, bad
}

// without writes down that nothing of a body was taken, if there is one.
func (b *bodies) without(s *step, peer string, m sip.Message) {
	if len(m.Body()) > 0 && !b.left {
		b.left = true
		leftOutBody(s, peer, m)
	}
}

// leftOutBody writes down that a body is not understood, and need not be (RFC 3261 §20.11).
func leftOutBody(s *step, peer string, m sip.Message) {
	why := otherType(kindOf(Text(m, "content-type")), acceptable)
	if Encoded(m) {
		why = encodedBody(encodingOf(m))
	}
	s.Log(event.Warning{
		Rule: event.RuleBodyLeftOut, Note: fmt.Sprintf("body from %s is left out of the %s, as it may be: %s", peer, nameOfMessage(m), why.Reason),
		Hint: "a phone may leave out what is marked handling=optional; see the message in the SIP log",
	})
}

// note writes down what was wrong with a body that was understood all the same.
func (b *bodies) note(s *step, peer, untidy string) {
	if untidy == "" || untidy == b.said {
		return
	}
	b.said = untidy
	s.Log(event.Warning{
		Rule: event.RuleUntidyBody, Note: "body from " + peer + ": " + untidy,
		Hint: "it was understood all the same; another phone may refuse it",
	})
}

// refuseBody answers 415 to a request whose body is not taken, and says why, and what is
// taken in its place (RFC 3261 §21.4.13). An INFO has no parts that could be left out.
func (w *wire) refuseBody(s *step, tx *ServerTransaction, why *BodyError) {
	req := tx.Request
	w.reply(s, tx, sip.StatusUnsupportedMediaType, why.Field)
	hint := "send " + why.Field.Value()
	switch {
	case why.Field.Name() == "Accept-Encoding":
		hint = "send it as it is"
	case req.Method != sip.INFO:
		hint += ", and handling=optional with what a phone may leave out"
	}
	s.Log(event.Warning{Rule: event.RuleBodyRefused, Note: "body from " + addressOfRecord(&req.From().Address) + " is refused: " + why.Reason, Hint: hint})
}

// withoutSession ends a call that the peer has taken without saying where its audio
// is (RFC 3261 §13.2.2.4).
func (c *call) withoutSession(s *step, where string, why *BodyError) {
	reason := noSession(s, c.peer, where, why, "the call was ended: there is nothing to hear")
	c.end(s, "us", sip.StatusNotAcceptableHere, reason)
	c.bye.send(s)
}

// answerMissing is an ACK without the answer to the offer of our 200. The call that
// it begins is over, and any other goes on as it was. It reports whether it does.
func (c *call) answerMissing(s *step, initial bool, why *BodyError) bool {
	if initial {
		c.withoutSession(s, "ACK", why)
		return false
	}
	noSession(s, c.peer, "ACK", why, "the call goes on as it was")
	return true
}

// noSession writes down that a peer says nothing of its session, and returns it in a few words.
func noSession(s *step, peer, where string, why *BodyError, hint string) (reason string) {
	reason = "no session description in the " + where
	if why != nil {
		reason += ": " + why.Reason
	}
	s.Log(event.Error{Op: "agree on audio with " + peer, Err: reason, Hint: hint, Rule: event.RuleNoSession})
	return reason
}
