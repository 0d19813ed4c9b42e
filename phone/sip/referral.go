package sip

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A referral is a REFER that we got: somebody wants us to call somebody else,
// and to be told how that goes (RFC 3515 §2.4). The program decides; a referral
// that it takes up is reported to who asked, in the dialog of the REFER.
type referral struct {
	*transfers
	id     int
	tx     *ServerTransaction // the REFER; nil once it is answered
	call   *call              // that is handed over; nil: the REFER came outside of a call
	dialog *dialog
	event  string // how its reports name it
	to     referTo
	by     time.Time // when it is over, at the latest
	from   string    // Referred-By, as it was written: it goes into our INVITE
	quiet  bool      // nobody wants reports (RFC 4488)
	next   *call     // that we make for it
	status int       // the last that there was to report
	over   bool      // there will be no other
	waits  bool      // for who has handed us over to hang up
	report *report   // the last, until it is answered
}

// A report says how a referral goes (RFC 3515 §2.4.4).
type report struct {
	state  string // of the subscription
	status int
	sent   *exchange // nil: not yet
}

const (
	// reportFor is how long we report (our own number): longer than a phone
	// rings.
	reportFor = 3 * time.Minute
	// hangUpWithin is how long who has handed us over may take to hang up, as RFC
	// 5589 §6.1 has it, before we do (our own number).
	hangUpWithin = 5 * time.Second
)

// referred takes a REFER, in a call or, where c is nil, outside of one.
func (t *transfers) referred(s *step, c *call, tx *ServerTransaction) {
	req := tx.Request
	to, no := t.readReferTo(req)
	switch {
	case no != nil:
	case c != nil && t.handingOver(c):
		no = &refused{sip.StatusRequestPending, "another transfer of the call is under way"}
	case t.full(), t.conn.Leaving():
		no = &refused{sip.StatusServiceUnavailable, "too many transfers are under way"}
	case c == nil && contactOf(req) == nil:
		no = &refused{sip.StatusBadRequest, "a REFER outside of a call without a Contact"}
	}
	if no != nil {
		t.refuse(s, c, tx, to, no)
		return
	}
	t.last++
	r := &referral{
		transfers: t, id: t.last, tx: tx, call: c, to: to, from: Text(req, "referred-by"), by: s.In(reportFor),
		quiet: strings.EqualFold(Text(req, "refer-sub"), "false"),
	}
	r.open(req)
	t.taken = append(t.taken, r)
	r.log(s, event.TransferAsked, 0, "")
	if len(to.ignored) > 0 {
		s.Log(event.Warning{
			Rule: event.RuleBadRefer, Note: "header fields in a Refer-To that are not sent: " + strings.Join(to.ignored, ", "),
			Hint: "only Replaces is taken over into the INVITE (RFC 3261 section 19.1.5)",
		})
	}
	s.Notice(control.Referred{ID: r.id, Call: numberOf(c), To: addressOfRecord(&to.uri), By: r.asker()})
}

// open finds or makes the dialog in which is reported.
func (r *referral) open(req *sip.Request) {
	r.event = "refer"
	if r.call == nil {
		routes, _ := routesOf(req, "record-route")
		d := uasDialog(req, r.token(1), routes)
		r.dialog = &d
		return
	}
	r.dialog = &r.call.dialog
	r.dialog.refresh(req)
	if r.call.referred { // the second must be told from the first (RFC 3515 §2.4.6)
		r.event += ";id=" + strconv.FormatUint(uint64(req.CSeq().SeqNo), 10)
	}
	r.call.referred = true
}

// handingOver reports whether a call is being handed over, by either side.
func (t *transfers) handingOver(c *call) bool {
	for _, r := range t.taken {
		if r.call == c && !r.over {
			return true
		}
	}
	return t.of(c) != nil
}

// refuse answers a REFER that cannot be taken up.
func (t *transfers) refuse(s *step, c *call, tx *ServerTransaction, to referTo, no *refused) {
	e := event.Transfer{Phase: event.TransferFailed, Role: event.RoleTransferee, Call: numberOf(c), By: referredBy(tx.Request), Status: no.status, Reason: no.why}
	if to.uri.Host != "" {
		e.Target = addressOfRecord(&to.uri)
	}
	s.Log(e)
	s.Log(event.Warning{Rule: event.RuleBadRefer, Note: fmt.Sprintf("a REFER was answered %d: %s", no.status, no.why), Hint: "see its Refer-To in the SIP message"})
	t.reply(s, tx, no.status)
}

// asker is who has asked us, as the log shows it.
func (r *referral) asker() string {
	return cmp.Or(namedIn(r.from), addressOfRecord(&r.dialog.remote))
}

func (r *referral) log(s *step, phase event.TransferPhase, status int, reason string) {
	s.Log(event.Transfer{
		Phase: phase, Role: event.RoleTransferee, Call: numberOf(r.call), Next: numberOf(r.next), Target: addressOfRecord(&r.to.uri), By: r.asker(),
		Status: status, Reason: reason,
	})
}

// admit answers the REFER: it is taken up, or will be if the user agrees
// (RFC 3515 §2.4.2). The first report follows at once (§2.4.4).
func (r *referral) admit(s *step, pending bool) {
	if r.tx == nil {
		return
	}
	res := NewResponse(r.tx.Request, sip.StatusAccepted, r.dialog.localTag)
	res.AppendHeader(sip.NewHeader("Contact", r.dialogContact()))
	if r.quiet {
		res.AppendHeader(sip.NewHeader("Refer-Sub", "false"))
	}
	r.finish(res, nil)
	r.respond(s, r.tx, res)
	r.tx = nil
	state := "active"
	if pending {
		state = "pending"
	}
	r.notify(s, state, sip.StatusTrying)
}

// follow calls whom the REFER names.
func (r *referral) follow(s *step, offer []byte) (*call, error) {
	r.admit(s, false)
	return r.make(s, r.calls, offer)
}

// make calls by a flow of the account, for the first time or again. The INVITE has what
// the REFER puts into it, whichever flow it takes.
func (r *referral) make(s *step, by *calls, offer []byte) (*call, error) {
	c, err := by.dialURI(s, r.to.uri, offer, r.inviteFields()...)
	if err != nil {
		return nil, err
	}
	first := r.next == nil
	r.next, c.errand.by = c, r
	if first {
		r.log(s, event.TransferAccepted, 0, "")
	}
	return c, nil
}

// inviteFields are the header fields that the REFER puts into our INVITE (RFC
// 3892 §3, RFC 3891 §4).
func (r *referral) inviteFields() []sip.Header {
	var list []sip.Header
	if r.from != "" {
		list = append(list, sip.NewHeader("Referred-By", r.from))
	}
	if r.to.replaces != "" {
		list = append(list, sip.NewHeader("Replaces", r.to.replaces), sip.NewHeader("Require", "replaces"))
	}
	return list
}

// decline gives the referral up: the REFER is refused or, where it was
// answered already, its last report says so (RFC 3515 §2.4.5).
func (r *referral) decline(s *step, status int, reason string) {
	if r.tx != nil {
		r.transfers.reply(s, r.tx, status)
		r.tx, r.over = nil, true
		r.log(s, event.TransferFailed, status, reason)
		r.forgetReferral(r)
		return
	}
	r.reached(s, status, reason)
}

// reached reports how the call that we make goes on.
func (r *referral) reached(s *step, status int, reason string) {
	if r.over || r.status == status {
		return
	}
	r.status = status
	switch {
	case status < 200:
		r.log(s, event.TransferProgress, status, reason)
		r.notify(s, "active", status)
	case status < 300:
		r.over, r.waits = true, true
		r.log(s, event.TransferCompleted, status, reason)
		r.notify(s, "terminated", status)
		r.by = s.In(hangUpWithin)
	default:
		r.over = true
		r.log(s, event.TransferFailed, status, reason)
		if r.next != nil {
			s.Log(event.Warning{
				Rule: event.RuleTransferFailed, Note: fmt.Sprintf("calling %s, as %s asked: %d %s", addressOfRecord(&r.to.uri), r.asker(), status, reason),
				Hint: "the call that was to be handed over goes on",
			})
		}
		r.notify(s, "terminated", status)
		r.rest(s)
	}
}

// rest forgets a referral that is over as soon as its last report is answered,
// for which there may have to be another flow first.
func (r *referral) rest(s *step) {
	if r.report == nil {
		r.forgetReferral(r)
		return
	}
	r.by = s.In(reportFor)
}

// ended reports the end of the call that we make.
func (r *referral) ended(s *step, by string, status int, reason string) {
	switch {
	case status >= 300:
	case by == "us":
		status = sip.StatusRequestTerminated
	default:
		status = sip.StatusServiceUnavailable
	}
	r.reached(s, status, reason)
}

// late is the end of the time that a referral has.
func (r *referral) late(s *step) {
	switch {
	case r.waits:
		r.waits = false
		r.rest(s)
		if c := r.call; c != nil && !c.over {
			c.place.leave(s)
		}
	case r.over:
		r.forgetReferral(r)
	case r.next == nil:
		s.Notice(control.ReferralLapsed{ID: r.id})
		r.decline(s, sip.StatusGlobalDecline, "nobody has decided")
	default:
		r.by = time.Time{} // it still rings: the call says how it ends
	}
}

// notify reports. What was not answered before is out of date.
func (r *referral) notify(s *step, state string, status int) {
	if !r.quiet {
		r.report = &report{state: state, status: status}
		r.sendReport(s)
	}
}

// sendReport sends the last report if there is a flow for it.
func (r *referral) sendReport(s *step) {
	if r.report == nil || !r.conn.Up() {
		return
	}
	state := r.report.state
	switch left := r.by.Sub(s.Now); {
	case state == "terminated":
		state += ";reason=noresource"
	case r.by.IsZero():
		state += ";expires=" + wholeSeconds(reportFor)
	default:
		state += ";expires=" + wholeSeconds(left)
	}
	r.dialog.localSeq++
	req := r.inDialog(r.dialog, sip.NOTIFY, r.dialog.localSeq)
	req.AppendHeader(sip.NewHeader("Contact", r.dialogContact()))
	req.AppendHeader(sip.NewHeader("Event", r.event))
	req.AppendHeader(sip.NewHeader("Subscription-State", state))
	r.finishAs(req, "message/sipfrag;version=2.0", fmt.Appendf(nil, "%s %d %s\r\n", version, r.report.status, Reason(r.report.status)))
	r.authorize(req)
	r.report.sent = &exchange{purpose: toNotify, user: r, cseq: &r.dialog.localSeq}
	r.send(s, r.report.sent, req)
}

// answered takes the answer to a report. Who knows of no referral wants no more
// of them (RFC 6665 §4.2.2).
func (r *referral) answered(_ *step, x *exchange, res *sip.Response) {
	switch {
	case res.IsProvisional():
	case res.StatusCode == sip.StatusCallTransactionDoesNotExists:
		r.hush()
	case r.report != nil && r.report.sent == x:
		r.settle()
	}
}

// failed is a report without an answer. One that went with its flow is sent
// again on the next: see [transfers.resume].
func (r *referral) failed(_ *step, _ *exchange, err error) {
	if !errors.Is(err, ErrFlow) {
		r.hush()
	}
}

// hush reports no more: nobody listens.
func (r *referral) hush() {
	r.quiet = true
	r.settle()
}

// settle notes that nothing is left to be reported now.
func (r *referral) settle() {
	r.report = nil
	if r.over && !r.waits {
		r.forgetReferral(r)
	}
}

func (r *referral) wants(*exchange) bool { return true }
