package sip

import (
	"fmt"
	"maps"
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Untidy is something in a message that the grammar does not allow, and that was
// understood all the same.
type Untidy struct {
	Field string // the header field, or "start line"
	Fault string
}

// The faults. There are no others, so that what is remembered of them is bounded.
const (
	nameUnquoted   = "the display name is not in quotes, though it is more than tokens (RFC 3261 §25.1)"
	bareAfterName  = `the address after a display name is not in "<>" (RFC 3261 §20.10)`
	quotedToken    = "a parameter that is a token, a number or a host is in quotes (RFC 3261 §25.1)"
	emptyParameter = `a ";" without a parameter (RFC 3261 §25.1)`
	parameterTwice = "one parameter is there twice; the first counts (RFC 3261 §7.3.1)"
	textAfterValue = `something follows that is no parameter, for want of a ";" (RFC 3261 §25.1)`
	spaceInValue   = "white space within a value (RFC 3261 §25.1)"
	bareIPv6       = `an IPv6 address is not in "[]" (RFC 5118 §4.1)`
	noReason       = "no space after the status code (RFC 3261 §7.2)"
	bareLF         = "lines end with LF alone (RFC 3261 §7)"
	notAField      = "a line that is no header field (RFC 3261 §7.3.1)"
	fieldTwice     = "there are two of it; the first counts (RFC 3261 §7.3.1)"
	numberTooLarge = "more than 255 (RFC 3261 §20.22)"
	oddHops        = "it is no number from 0 to 255: it does not count (RFC 3261 §20.22)"
	noHops         = "it is missing: who passes the request on takes it for 70 (RFC 3261 §8.1.1.6, §16.6)"
	noTag          = "no tag (RFC 3261 §8.1.1.3)"
	noBranch       = "no branch (RFC 3261 §8.1.1.7)"
	otherAddress   = "it has another address than the request's (RFC 3261 §8.2.6.2)"
	twoContacts    = "there are several; the first counts (RFC 3261 §8.1.1.8, §12.1.1)"
	leftOut        = "it cannot be read, and is left out of the response (RFC 3261 §13.2.2.4, §17.1.1.3)"
	notThere       = "it is missing (RFC 3261 §8.2.6.2)"
	lengthDoubted  = "there is the start line of a message in the body: is it too large? (RFC 3261 §18.3)"
	noState        = "it is missing from a NOTIFY: the subscription is taken for what it was (RFC 6665 §4.1.3)"
	unknownState   = "it is none of active, pending and terminated: the subscription is taken for what it was (RFC 6665 §4.1.3)"
	oddStateExpiry = "its expires is no number of seconds: it does not count (RFC 6665 §4.1.3)"
	oddStateRetry  = "its retry-after is no number of seconds: it counts as far as it is one (RFC 6665 §4.1.3)"
	noStateTime    = "its expires is 0, though it is not terminated: it does not count (RFC 6665 §4.1.3)"
	longStateTime  = "its expires is more than was asked for: it counts as far as that (RFC 6665 §4.2.1.1)"
	messageBehind  = "another message is behind the end of this one, in the same datagram: it was dropped (RFC 3261 §18.3)"
	bytesBehind    = "there is something behind the end that it says, in the same datagram: it was dropped (RFC 3261 §18.3)"
	oddRetryAfter  = "it is no number of seconds from 0 to 4294967295: it does not count (RFC 3261 §20.33)"
	behindSeconds  = "something follows the seconds that is no comment and no parameter: it does not count (RFC 3261 §20.33)"
	noProtocol     = "it names no protocol (RFC 3326 §2)"
	otherNumber    = "its number is not that of the INVITE that it cancels (RFC 3261 §9.1)"
	protocolTwice  = "it is the second of one protocol: it does not count (RFC 3326 §2)"
	oddCause       = "its cause is no number from 0 to 65535: it does not count (RFC 3326 §2)"
	oddWarning     = "it is no code of three digits, an agent and a quoted text: what of it can be read counts (RFC 3261 §20.43)"
	noLength       = "it is missing, on a stream (RFC 3261 §20.14)"
)

// maxUntidy bounds the notes on one message (our own number): who reads them mends
// one after the other.
const maxUntidy = 4

// note says that the header field that is being read has a fault, each once.
func (r *reading) note(fault string) {
	u := Untidy{r.field, fault}
	for _, other := range r.untidy {
		if other == u {
			return
		}
	}
	if len(r.untidy) < maxUntidy {
		r.untidy = append(r.untidy, u)
	}
}

const (
	// untidyRest is how long nothing more is said of one fault of one sender (our own
	// number): who is untidy is so in each message.
	untidyRest = 10 * time.Minute
	// maxFaults bounds the faults that are remembered, of all senders (our own number).
	// Of more nothing is said until the first are forgotten.
	maxFaults = 64
)

// A Tidiness knows what was said of untidy messages, so that a flood of them is
// said once. The zero value is ready for use.
type Tidiness struct{ said map[fault]time.Time }

// A fault is one kind of untidiness of one sender. Behind a server or a NAT there are
// many at one host.
type fault struct {
	host   netip.Addr
	sender string
	what   Untidy
}

// maxSender bounds the name of a sender, in bytes (our own number).
const maxSender = 256

// senderOf is the address of record of who has written a message: the From of a request,
// and the To of a response. "" if it cannot be read.
func senderOf(m sip.Message) string {
	var of string
	switch m := m.(type) {
	case *sip.Request:
		of = addressOfRecord(&m.From().Address)
	case *sip.Response:
		if to := m.To(); to != nil {
			of = addressOfRecord(&to.Address)
		}
	}
	return strings.Clone(of[:min(len(of), maxSender)])
}

// Warnings returns what there is to say of a message from a peer.
func (t *Tidiness) Warnings(now time.Time, m Message, from netip.AddrPort) (all []event.Warning) {
	for _, u := range m.Untidy {
		if !t.News(now, m.SIP, from, u) {
			continue
		}
		note := fmt.Sprintf("%s from %s: %s: %s", nameOfMessage(m.SIP), from, u.Field, u.Fault)
		if u.Fault == messageBehind || u.Fault == bytesBehind {
			note += ", " + words.Count(m.Behind, "octet")
		}
		all = append(all, event.Warning{Rule: event.RuleUntidyMessage, Note: note, Hint: u.hint()})
	}
	return all
}

// warn writes down what there is to say of a message.
func (t *Tidiness) warn(s *step, m Message) {
	for _, w := range t.Warnings(s.Now, m, s.from) {
		s.Log(w)
	}
}

func (u Untidy) hint() string {
	switch u.Fault {
	case messageBehind, bytesBehind:
		return "send one message in a datagram, whose Content-Length is that of its body; nothing was done with what is behind it"
	case leftOut:
		return "what it says is not known here; another phone may drop the whole response"
	}
	return "it was understood all the same; another phone may refuse it"
}

// nameOfMessage names a message for the log: "INVITE", or "200 to INVITE".
func nameOfMessage(m sip.Message) string {
	if res, ok := m.(*sip.Response); ok {
		return fmt.Sprintf("%d to %s", res.StatusCode, m.CSeq().MethodName)
	}
	return string(m.CSeq().MethodName)
}

// Odd returns what there is to say of the Request-URI of a request from a peer, if it
// is new for its method, which is one of those that are served.
func (t *Tidiness) Odd(now time.Time, req *sip.Request, from netip.AddrPort, what, hint string) (w event.Warning, news bool) {
	return event.Warning{
		Rule: event.RuleOddRequestURI, Note: fmt.Sprintf("%s from %s for %s: %s", req.Method, from, req.Recipient.String(), what), Hint: hint,
	}, t.News(now, req, from, Untidy{string(req.Method), what})
}

// News reports whether nothing was said for a while of what the sender of a message does,
// and notes that now something is. What is given is one of a few.
func (t *Tidiness) News(now time.Time, m sip.Message, from netip.AddrPort, what Untidy) bool {
	f := fault{from.Addr(), senderOf(m), what}
	if at, said := t.said[f]; said && now.Sub(at) < untidyRest {
		return false
	}
	if len(t.said) >= maxFaults {
		maps.DeleteFunc(t.said, func(_ fault, at time.Time) bool { return now.Sub(at) >= untidyRest })
	}
	if len(t.said) >= maxFaults {
		return false
	}
	if t.said == nil {
		t.said = map[fault]time.Time{}
	}
	t.said[f] = now
	return true
}
