package sip

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A subscription is what a REFER of ours begins: the peer calls whom we have
// named, and reports how that goes (RFC 3515 §2.4.4, RFC 6665).
type subscription struct {
	*transfers
	call   *call // that is handed over
	other  *call // whose peer is to be called; nil: it is somebody whom we do not talk to
	target string
	uri    *sip.Uri  // of the target
	asked  *exchange // the REFER; nil while it waits
	by     time.Time // when the next report must have come
	status int       // the last that was reported
}

// expectReport is how long the first report may take: 64*T1, as long as a
// transaction (RFC 6665 §4.1.2.4, timer N).
const expectReport = giveUp

// maxReports is how long a transfer may take whose reporter names no time
// (our own number): longer than a phone rings (RFC 3261 §16.6, timer C).
const maxReports = 4 * time.Minute

// begin asks the peer of a call to call somebody (RFC 5589 §6 and §7), as soon as no
// change of the call is under way: there are phones that take no other request meanwhile,
// and answer 491. After 64*T1 it does not wait any more.
func (t *transfers) begin(s *step, c, other *call, target *sip.Uri) {
	sub := &subscription{transfers: t, call: c, other: other, target: addressOfRecord(target), uri: target, by: s.In(expectReport)}
	t.ours = append(t.ours, sub)
	c.change.then = sub.ask
	c.change.again(s)
}

// ask sends the REFER.
func (sub *subscription) ask(s *step) {
	c := sub.call
	if sub.asked != nil || sub.over() {
		return
	}
	if why := sub.ready(c, sub.other); why != nil {
		sub.fail(s, event.RuleTransferFailed, event.Transfer{Reason: why.Error()}, "it waited until no change of the call was under way; ask again")
		return
	}
	address := sub.uri.String()
	if sub.other != nil {
		address += "?Replaces=" + escape(sub.other.dialog.replacing()) + "&Require=replaces"
	}
	c.dialog.localSeq++
	req := sub.inDialog(&c.dialog, sip.REFER, c.dialog.localSeq)
	req.AppendHeader(sip.NewHeader("Refer-To", "<"+address+">"))
	req.AppendHeader(sip.NewHeader("Referred-By", "<"+addressOfRecord(&sub.aor)+">"))
	req.AppendHeader(sip.NewHeader("Contact", sub.dialogContact()))
	req.AppendHeader(sip.NewHeader("Allow", allowed))
	sub.finish(req, nil)
	sub.authorize(req)
	sub.log(s, event.Transfer{Phase: event.TransferAsked})
	sub.asked, sub.by = &exchange{purpose: toRefer, user: sub, cseq: &c.dialog.localSeq}, s.In(expectReport+T4)
	sub.send(s, sub.asked, req)
}

// mayTransfer says why a call cannot be handed over now; nil if it can.
func (t *transfers) mayTransfer(c, other *call) error {
	switch {
	case c == nil:
		return errors.New("there is no such call")
	case c == other:
		return fmt.Errorf("call %d cannot be handed over to itself", c.id)
	case t.of(c) != nil:
		return fmt.Errorf("call %d is being handed over already", c.id)
	case t.full():
		return errors.New("too many transfers are under way")
	}
	return t.ready(c, other)
}

// ready says why a call cannot be handed over as it stands; nil if it can.
func (t *transfers) ready(c, other *call) error {
	switch {
	case c.state != callUp || c.over:
		return fmt.Errorf("call %d is not up", c.id)
	case other != nil && other.over:
		return fmt.Errorf("call %d is over", other.id)
	case other != nil && other.state != callUp:
		return fmt.Errorf("call %d is not up yet", other.id)
	case !t.conn.Up():
		return errors.New("the connection is down")
	}
	return nil
}

// log writes down a step, of which it is known whose it is.
func (sub *subscription) log(s *step, e event.Transfer) {
	e.Role, e.Call, e.Next, e.Target = event.RoleTransferor, sub.call.id, numberOf(sub.other), sub.target
	s.Log(e)
}

// answered takes the response to the REFER. It may come after the report that
// ends the transfer (RFC 6665 §4.1.2.4), and says nothing new then.
func (sub *subscription) answered(s *step, _ *exchange, res *sip.Response) {
	switch {
	case res.IsProvisional(), sub.over():
	case !res.IsSuccess():
		hint := "the call goes on; the peer may not know REFER, or may not be allowed to be transferred"
		if c := sub.call; c.state == callUp && c.endedBy(s, res) {
			hint = "the call is over as well: the peer does not know it any more, or is not there (RFC 3261 section 12.2.1.2)"
		}
		e := event.Transfer{Status: res.StatusCode, Reason: res.Reason, Cause: causeOf(res).Cause}
		sub.fail(s, event.RuleTransferFailed, e, hint)
	case strings.EqualFold(Text(res, "refer-sub"), "false"):
		sub.log(s, event.Transfer{Phase: event.TransferAccepted, Status: res.StatusCode, Reason: "it will not report (Refer-Sub: false)"})
		sub.forgetSubscription(sub)
	case sub.status == 0:
		sub.log(s, event.Transfer{Phase: event.TransferAccepted, Status: res.StatusCode, Reason: res.Reason, Cause: causeOf(res).Cause})
		sub.by = s.In(expectReport)
	}
}

// failed is a REFER without an answer.
func (sub *subscription) failed(s *step, _ *exchange, err error) {
	if sub.over() {
		return
	}
	sub.fail(s, event.RuleTransferFailed, event.Transfer{Reason: err.Error()}, "the call goes on as far as we know")
}

func (sub *subscription) wants(*exchange) bool { return true }

// over reports whether it is known already what became of the transfer.
func (sub *subscription) over() bool { return !slices.Contains(sub.ours, sub) }

// id is the number of the REFER, which its reports may have: after a challenge
// it is another (RFC 3515 §2.4.6).
func (sub *subscription) id() string {
	return strconv.FormatUint(uint64(sub.asked.tx.Request.CSeq().SeqNo), 10)
}

// late is a report that did not come, or the end of what the REFER waits for.
func (sub *subscription) late(s *step) {
	if sub.asked == nil {
		sub.ask(s)
		return
	}
	reason := fmt.Sprintf("no NOTIFY within %g s", expectReport.Seconds())
	if sub.status != 0 {
		reason = fmt.Sprintf("the last report was %d, and it was never said how it ended", sub.status)
	}
	sub.fail(s, event.RuleTransferUnreported, event.Transfer{Reason: reason}, unknownOutcome)
}

// unknownOutcome is what to do about a transfer of which nothing more is heard.
const unknownOutcome = "whether the transfer took place is not known; look at the phone that was transferred; the call is left as it is here"

// fail ends a transfer that has not taken place, or of which that is not known.
func (sub *subscription) fail(s *step, rule event.Rule, e event.Transfer, hint string) {
	sub.forgetSubscription(sub)
	e.Phase = event.TransferFailed
	sub.log(s, e)
	note := fmt.Sprintf("handing call %d over to %s: %s", sub.call.id, sub.target, e.Reason)
	if e.Status != 0 {
		note = fmt.Sprintf("handing call %d over to %s: %d %s", sub.call.id, sub.target, e.Status, e.Reason)
	}
	s.Log(event.Warning{Rule: rule, Note: note, Hint: hint})
}

// concerns reports whether a NOTIFY is about this transfer: it comes in the
// dialog of the call, and has the number of the REFER, if any (RFC 3515 §2.4.6).
func (sub *subscription) concerns(req *sip.Request) bool {
	name, id := EventOf(req)
	return sub.asked != nil && strings.EqualFold(name, "refer") && sub.call.dialog.matches(req) && (id == "" || id == sub.id())
}

// notified takes a report.
func (sub *subscription) notified(s *step, tx *ServerTransaction) {
	req := tx.Request
	body, odd := partOf(req, sipFragment)
	status, reason, err := readFragment(body.body)
	if err != nil {
		if kind := kindOf(body.kind); kind == "" || kind == sipFragment {
			sub.reply(s, tx, sip.StatusBadRequest)
		} else {
			why := otherType(kind, sipFragment)
			err = why
			sub.reply(s, tx, sip.StatusUnsupportedMediaType, why.Field)
		}
		s.Log(event.Warning{
			Rule: event.RuleTransferUnreported, Note: "a NOTIFY of the transfer cannot be read: " + err.Error(),
			Hint: "its body is message/sipfrag, which begins with a status line such as SIP/2.0 200 OK (RFC 3515 section 2.4.5)",
		})
		return
	}
	sub.ok(s, tx)
	sub.call.bodies.note(s, sub.call.peer, strings.Join(odd, "; "))
	state, left, _ := subscriptionState(req)
	switch {
	case status >= 300:
		sub.fail(s, event.RuleTransferFailed, event.Transfer{Status: status, Reason: reason}, "the call goes on; the status is the one that the transferred phone got")
	case status >= 200:
		sub.complete(s, status, reason)
	case state == "terminated":
		sub.fail(s, event.RuleTransferUnreported, event.Transfer{Reason: "the peer ended its reports without saying how the transfer went"}, unknownOutcome)
	default:
		sub.progress(s, status, reason, left)
	}
}

func (sub *subscription) progress(s *step, status int, reason string, left time.Duration) {
	sub.by = s.In(min(maxReports, cmp.Or(left, maxReports)))
	if sub.status != status {
		sub.status = status
		sub.log(s, event.Transfer{Phase: event.TransferProgress, Status: status, Reason: reason})
	}
}

// complete is the peer talking to whom it was to call: our call with it is over
// (RFC 5589 §6.1). One that we had with the target is ended by the target, whose
// call is replaced.
func (sub *subscription) complete(s *step, status int, reason string) {
	sub.forgetSubscription(sub)
	sub.log(s, event.Transfer{Phase: event.TransferCompleted, Status: status, Reason: reason})
	if !sub.call.over {
		sub.call.place.leave(s)
	}
}

// sipFragment is the body of a report (RFC 3515 §2.4.5).
const sipFragment = "message/sipfrag"

// readFragment reads the status line that a report is (RFC 3515 §2.4.5). Of what
// follows it nothing is said.
func readFragment(body []byte) (status int, reason string, err error) {
	line, _, _ := strings.Cut(string(body), "\n")
	fields := strings.SplitN(strings.TrimSpace(line), " ", 3)
	if len(fields) < 2 || !strings.EqualFold(fields[0], version) {
		return 0, "", fmt.Errorf("%q is no status line", line)
	}
	status, err = strconv.Atoi(fields[1])
	if err != nil || status < 100 || status > 699 {
		return 0, "", fmt.Errorf("%q is no status", fields[1])
	}
	if len(fields) == 3 {
		reason = fields[2]
	}
	return status, reason, nil
}

// subscriptionState is the state that a NOTIFY names, for how long more others may
// come, 0 if it does not say, and why it is over (RFC 6665 §4.1.3).
func subscriptionState(req *sip.Request) (state string, left time.Duration, reason string) {
	state, params := ParseValue(Text(req, "subscription-state"))
	expires, _ := Param(params, "expires")
	if n, ok := DeltaSeconds(expires); ok {
		left = n
	}
	reason, _ = Param(params, "reason")
	return strings.ToLower(state), left, reason
}

// EventOf is the event package of a request, and which of its kind (RFC 6665
// §8.2.1).
func EventOf(req *sip.Request) (name, id string) {
	name, params := ParseValue(Text(req, "event"))
	id, _ = Param(params, "id")
	return name, id
}
