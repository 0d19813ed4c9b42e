package sip

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
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
		v.reply(s, tx, sip.StatusCallTransactionDoesNotExists)
	default:
		v.reply(s, tx, statusBadEvent, sip.NewHeader("Allow-Events", packagesHeard))
		s.Log(event.Warning{
			Rule: event.RuleUnknownPackage, Note: fmt.Sprintf("a NOTIFY of the package %q: it was refused with 489, and nothing was done with it", shortText(name)),
			Hint: "let the server send only what a phone has subscribed to",
		})
	}
}

// summarised takes in what waits in the mailbox of the account. Without a body
// there is no news, which is to be so while the subscription is not active only.
func (v *service) summarised(s *step, tx *ServerTransaction) {
	body := string(tx.Request.Body())
	if body == "" {
		v.ok(s, tx)
		if state, _, _ := subscriptionState(tx.Request); state == "active" || state == "" {
			v.oddBody(s, tx.Request, messageSummary, emptySummary)
		}
		return
	}
	n, untidy, err := readSummary(body)
	if err != nil {
		v.unreadable(s, tx, err)
		return
	}
	v.ok(s, tx)
	v.oddBody(s, tx.Request, messageSummary, untidy)
	if n.Account == "" {
		n.Account = addressOfRecord(&v.aor)
	}
	s.Notice(n)
}

// The faults of a summary.
const (
	emptySummary = "a message summary is empty: whether messages wait is not known (RFC 3842 §3.5)"
	twoCounts    = "a message summary has more than one Voice-Message; the first counts (RFC 3842 §5.2)"
	newButNo     = "a message summary says that no messages wait, and that there are new ones; the first is believed (RFC 3842 §5.2)"
)

// readSummary reads a message summary: "Messages-Waiting: yes", and the counts of
// the voice messages, if they are given: "Voice-Message: 2/8 (0/2)", which is
// new/old, and in brackets those of them that are urgent (RFC 3842 §5.2).
func readSummary(body string) (n control.MessageWaiting, untidy string, err error) {
	known, counted := false, false
	for line := range strings.Lines(body) {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "messages-waiting":
			known, n.Waiting = true, strings.EqualFold(value, "yes")
			if !n.Waiting && !strings.EqualFold(value, "no") {
				return n, "", fmt.Errorf("Messages-Waiting is %q", shortText(value))
			}
		case "message-account":
			n.Account = control.Shown(shortText(value))
		case "voice-message":
			if counted {
				untidy = twoCounts
				continue
			}
			counted = true
			if err := readCounts(value, &n); err != nil {
				return n, "", err
			}
		}
	}
	switch {
	case !known:
		return n, "", errors.New("there is no Messages-Waiting in it")
	case !n.Waiting && n.New > 0:
		untidy = newButNo
	}
	return n, untidy, nil
}

// readCounts reads "2/8 (0/2)".
func readCounts(value string, n *control.MessageWaiting) (err error) {
	all, urgent, ok := strings.Cut(value, "(")
	n.New, n.Old, err = readPair(all)
	if ok && err == nil {
		n.UrgentNew, n.UrgentOld, err = readPair(strings.TrimSuffix(urgent, ")"))
	}
	if err != nil {
		return fmt.Errorf("Voice-Message is %q", shortText(value))
	}
	return nil
}

func readPair(s string) (fresh, old int, err error) {
	first, second, _ := strings.Cut(s, "/")
	a, err := strconv.ParseUint(strings.TrimSpace(first), 10, 31)
	if err != nil {
		return 0, 0, err
	}
	b, err := strconv.ParseUint(strings.TrimSpace(second), 10, 31)
	return int(a), int(b), err
}
