package sip

import (
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The packages of events that are served. Servers send both without a
// subscription.
const (
	messageSummary = "message-summary" // RFC 3842
	keepAlive      = "keep-alive"      // the answer is all that it is for
	referEvent     = "refer"           // RFC 3515: of our own requests, see transfers
)

// packagesHeard are those of a NOTIFY that the phone takes.
const packagesHeard = messageSummary + ", " + keepAlive + ", " + referEvent

// notified takes in a NOTIFY (RFC 6665). One of another package is refused.
func (v *service) notified(s *step, tx *ServerTransaction) {
	switch name, _ := EventOf(tx.Request); {
	case strings.EqualFold(name, keepAlive):
		v.ok(s, tx)
	case strings.EqualFold(name, messageSummary):
		v.summarised(s, tx)
	case strings.EqualFold(name, referEvent): // of a transfer that is over, or was never asked for (RFC 6665 §4.1.3)
		v.turnAway(s, tx, sip.StatusCallTransactionDoesNotExists, "it is of no transfer that is under way (RFC 6665 §4.1.3)")
	default:
		v.reply(s, tx, statusBadEvent, sip.NewHeader("Allow-Events", packagesHeard))
		s.Log(event.Warning{
			Rule: event.RuleUnknownPackage, Note: fmt.Sprintf("a NOTIFY of the package %q: it was refused with 489, and nothing was done with it", shortText(name)),
			Hint: "let the server send only what a phone has subscribed to",
		})
	}
}
