package sip

import (
	"errors"
	"fmt"
	"slices"
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
		v.turnAway(s, tx, sip.StatusCallTransactionDoesNotExists, "it is of no transfer that is under way (RFC 6665 §4.1.3)")
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
	twoCounts    = "a message summary has two counts of one kind of messages; the first counts (RFC 3842 §5.2)"
	oddCount     = "a message summary has a count that cannot be read, and is left out (RFC 3842 §5.2)"
	newButNo     = "a message summary says that no messages wait, and that there are new ones; the first is believed (RFC 3842 §5.2)"
)

// A summary is a message summary that is being read: "Messages-Waiting: yes", and the
// counts of each kind of messages, if they are given: "Voice-Message: 2/8 (0/2)", which is
// new/old, and in brackets those of them that are urgent (RFC 3842 §5.2).
type summary struct {
	control.MessageWaiting
	known  bool // whether messages wait
	voice  bool // there was a count of them
	untidy string
}

// readSummary reads one. What it does not say of voice messages is not guessed; of
// others it may say what it likes.
func readSummary(body string) (n control.MessageWaiting, untidy string, err error) {
	var sum summary
	for line := range strings.Lines(body) {
		name, value, _ := strings.Cut(line, ":")
		if err := sum.line(strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)); err != nil {
			return n, "", err
		}
	}
	switch {
	case !sum.known:
		return n, "", errors.New("there is no Messages-Waiting in it")
	case !sum.Waiting && event.MessageWaiting(sum.MessageWaiting).Newer(event.MessageWaiting{}):
		sum.untidy = newButNo
	}
	return sum.MessageWaiting, sum.untidy, nil
}

func (n *summary) line(name, value string) error {
	switch name {
	case "messages-waiting":
		n.known, n.Waiting = true, strings.EqualFold(value, "yes")
		if !n.Waiting && !strings.EqualFold(value, "no") {
			return fmt.Errorf("Messages-Waiting is %q", shortText(value))
		}
	case "message-account":
		n.Account = control.Shown(shortText(value))
	default:
		kind := strings.TrimSuffix(name, "-message")
		if slices.Contains(event.MailKinds(), kind) && (kind == "none") == (kind == name) {
			return n.count(kind, value)
		}
	}
	return nil
}

// count takes in how many messages of a kind there are.
func (n *summary) count(kind, value string) error {
	c, err := readCounts(kind, value)
	voice := kind == event.MailVoice
	switch {
	case voice && n.voice, slices.ContainsFunc(n.Others, func(c event.MailCount) bool { return c.Kind == kind }):
		n.untidy = twoCounts
	case voice && err != nil:
		return fmt.Errorf("Voice-Message is %q", shortText(value))
	case err != nil:
		n.untidy = oddCount
	case voice:
		n.voice, n.New, n.Old, n.UrgentNew, n.UrgentOld = true, c.New, c.Old, c.UrgentNew, c.UrgentOld
	default:
		n.Others = append(n.Others, c)
	}
	return nil
}

// readCounts reads "2/8 (0/2)".
func readCounts(kind, value string) (c event.MailCount, err error) {
	c.Kind = kind
	all, urgent, ok := strings.Cut(value, "(")
	c.New, c.Old, err = readPair(all)
	if ok && err == nil {
		c.UrgentNew, c.UrgentOld, err = readPair(strings.TrimSuffix(urgent, ")"))
	}
	return c, err
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
