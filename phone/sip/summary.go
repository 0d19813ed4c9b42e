package sip

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// summaryType is the body of a message summary (RFC 3842 §3.5).
const summaryType = "application/simple-message-summary"

// summarised takes in what waits in the mailbox of the account. Without a body
// there is no news, which is to be so while the subscription is not active only.
func (v *service) summarised(s *step, tx *ServerTransaction) {
	body, odd := partOf(tx.Request, summaryType)
	sum := summary{untidy: odd}
	switch kind := kindOf(body.kind); {
	case kind != "" && kind != summaryType && len(body.body) > 0 && body.optional():
		v.ok(s, tx)
		v.leftOut(s, tx.Request)
		return
	case len(body.body) == 0:
		v.ok(s, tx)
		if state, _, _ := subscriptionState(tx.Request); state == "active" || state == "" {
			v.oddBody(s, tx.Request, messageSummary, emptySummary)
		}
		return
	case kind == "":
		sum.note(untypedSummary)
	case kind != summaryType:
		v.refuseBody(s, tx, otherType(kind, summaryType))
		return
	}
	if err := sum.read(string(body.body)); err != nil {
		v.unreadable(s, tx, err)
		return
	}
	v.ok(s, tx)
	v.oddBody(s, tx.Request, messageSummary, sum.untidy...)
	if sum.Account == "" {
		sum.Account = addressOfRecord(&v.aor)
	}
	s.Notice(sum.MessageWaiting)
}

// The faults of a summary.
const (
	emptySummary   = "a message summary is empty: whether messages wait is not known (RFC 3842 §3.5)"
	untypedSummary = "a message summary has no Content-Type (RFC 3261 §20.15)"
	lateSummary    = "a message summary begins with an empty line, which is to end it (RFC 3842 §5.2)"
	twoStates      = "a message summary has two Messages-Waiting; the first counts (RFC 3842 §5.2)"
	twoAccounts    = "a message summary has two Message-Account; the first counts (RFC 3842 §5.2)"
	twoCounts      = "a message summary has two counts of one kind of messages; the first counts (RFC 3842 §5.2)"
	oddCount       = "a message summary has a count that cannot be read, and is not known (RFC 3842 §5.2)"
	oddKind        = "a message summary has a line of no kind of messages that is known here; it is left out (RFC 3842 §5.2, RFC 3458 §6.2)"
	oddUrgent      = "a message summary has more urgent messages of a kind than there are; how many are urgent does not count (RFC 3842 §5.2)"
	newButNo       = "a message summary says that no messages wait, and that there are new ones; the first is believed (RFC 3842 §5.2)"
)

// A summary is a message summary that is being read: "Messages-Waiting: yes", and the
// counts of each kind of messages, if they are given: "Voice-Message: 2/8 (0/2)", which is
// new/old, and in brackets those of them that are urgent (RFC 3842 §5.2). A count that is
// not given, or cannot be read, is not known.
type summary struct {
	control.MessageWaiting
	known  bool     // whether messages wait
	kinds  []string // those of which there was a count, be it readable
	untidy []string
}

// read reads one, up to its first empty line: behind that are the header fields of
// messages. A line may be folded, for it has the grammar of a header field.
func (n *summary) read(body string) error {
	if begun := strings.TrimLeft(body, "\r\n"); begun != body {
		n.note(lateSummary)
		body = begun
	}
	for line, rest := cutField(body); line != ""; line, rest = cutField(rest) {
		name, value, _ := strings.Cut(line, ":")
		if err := n.line(strings.ToLower(trim(name)), trim(value)); err != nil {
			return err
		}
	}
	switch {
	case !n.known:
		return errors.New("there is no Messages-Waiting in it")
	case !n.Waiting && event.MessageWaiting(n.MessageWaiting).Newer(event.MessageWaiting{}):
		n.note(newButNo)
	}
	return nil
}

func (n *summary) note(fault string) {
	if !slices.Contains(n.untidy, fault) {
		n.untidy = append(n.untidy, fault)
	}
}

func (n *summary) line(name, value string) error {
	switch name {
	case "messages-waiting":
		return n.state(value)
	case "message-account":
		if n.Account != "" {
			n.note(twoAccounts)
			return nil
		}
		n.Account = control.Shown(shortText(value))
	default:
		kind := strings.TrimSuffix(name, "-message")
		if !slices.Contains(event.MailKinds(), kind) || (kind == "none") != (kind == name) {
			n.note(oddKind)
			return nil
		}
		n.count(kind, value)
	}
	return nil
}

// state takes in whether messages wait.
func (n *summary) state(value string) error {
	if n.known {
		n.note(twoStates)
		return nil
	}
	n.known, n.Waiting = true, strings.EqualFold(value, "yes")
	if !n.Waiting && !strings.EqualFold(value, "no") {
		return fmt.Errorf("Messages-Waiting is %q", shortText(value))
	}
	return nil
}

// count takes in how many messages of a kind there are.
func (n *summary) count(kind, value string) {
	if slices.Contains(n.kinds, kind) {
		n.note(twoCounts)
		return
	}
	n.kinds = append(n.kinds, kind)
	t, err := readTally(value)
	if err != nil {
		n.note(oddCount)
		return
	}
	if t.UrgentNew > t.New || t.UrgentOld > t.Old {
		n.note(oddUrgent)
		t.UrgentNew, t.UrgentOld = 0, 0
	}
	if kind == event.MailVoice {
		n.Tally = &t
		return
	}
	n.Others = append(n.Others, event.MailCount{Kind: kind, Tally: t})
}

// readTally reads "2/8 (0/2)".
func readTally(value string) (t event.Tally, err error) {
	all, urgent, ok := strings.Cut(value, "(")
	t.New, t.Old, err = readPair(all)
	if ok && err == nil {
		inside, behind, closed := strings.Cut(urgent, ")")
		if !closed || trim(behind) != "" {
			return t, errors.New(`no ")" ends it`)
		}
		t.UrgentNew, t.UrgentOld, err = readPair(inside)
	}
	return t, err
}

// readPair reads two numbers from 0 to 2^32-1.
func readPair(s string) (fresh, old uint32, err error) {
	first, second, _ := strings.Cut(s, "/")
	a, err := strconv.ParseUint(trim(first), 10, 32)
	if err != nil {
		return 0, 0, err
	}
	b, err := strconv.ParseUint(trim(second), 10, 32)
	return uint32(a), uint32(b), err
}
