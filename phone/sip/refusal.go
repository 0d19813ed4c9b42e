package sip

import (
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// StatusNoOutbound is "First Hop Lacks Outbound Support" (RFC 5626 §11.6).
const StatusNoOutbound = 439

// StatusFlowFailed is "Flow Failed" (RFC 5626 §11.5).
const StatusFlowFailed = 430

// refused is a final response to a REGISTER that is no 2xx. What may pass by
// itself is tried again; what needs a person waits for one.
func (r *registration) refused(s *step, x *exchange, res *sip.Response) {
	switch status := res.StatusCode; {
	case !r.wanted && r.active(): // the refresh was refused, and the binding of before is to be removed
		r.sendRegister(s)
	case !r.wanted:
		r.bound = false // it was to be removed anyway, and is not there
	case tooLong(res):
		r.longer = 0
		r.fail(s, event.RuleNotRegistered, res, reasonOf(res, r.expires), "no binding needs to last that long; the phone tries again by itself, later and later")
		r.conn.BackOff(&s.Step, 0, refusedBy(res))
	case status == sip.StatusIntervalToBrief && r.askForLonger(s, res):
	case status == sip.StatusIntervalToBrief && !namesTime(res):
		r.fail(s, event.RuleNotRegistered, res, reasonOf(res, r.expires), "a 423 says in Min-Expires what is long enough; the phone tries again by itself, later and later")
		r.conn.BackOff(&s.Step, 0, refusedBy(res))
	case status == sip.StatusIntervalToBrief:
		r.longer = 0
		r.lookAgain(s, res, reasonOf(res, r.expires))
	case status == StatusNoOutbound && r.cfg.Flow.Number > 1 && r.cfg.Flow.Backed():
		r.stopRegistering(s, event.RuleNotRegistered, res, res.Reason, "without outbound (RFC 5626) there is one flow: the phone goes on with what is registered")
	case status == StatusNoOutbound && r.cfg.Flow.Number > 1:
		r.fail(s, event.RuleNotRegistered, res, res.Reason, "without outbound (RFC 5626) there is one flow, and no other is registered: it is tried again by itself, later and later")
		r.conn.BackOff(&s.Step, 0, refusedBy(res))
	case status == StatusNoOutbound && r.outbound:
		r.outbound = false
		r.fail(s, event.RuleNotRegistered, res, res.Reason, "registering again without outbound (RFC 5626)")
		r.sendRegister(s)
	case isRedirect(res):
		r.redirected(s, x, res)
	case stale(res):
		r.lookAgain(s, res, fmt.Sprintf("%s, and each nonce is stale when it is answered", res.Reason))
	case isChallenge(res):
		why := r.refusal(x, res)
		r.stopRegistering(s, why.rule, res, why.reason, why.hint)
	case status == sip.StatusServiceUnavailable && r.moves(s, res):
	case passing(status):
		wait, hint := retryAfter(res)
		if status == StatusFlowFailed {
			hint = "an edge proxy says that its flow to a phone has failed, which none but a proxy should hear: see the proxies on the way; the phone tries again by itself, later and later"
		}
		r.fail(s, event.RuleNotRegistered, res, res.Reason, hint)
		r.conn.BackOff(&s.Step, wait, putOffBy(res))
	default:
		r.stopRegistering(s, refusalRule(x.tx.Request, status), res, res.Reason, refusalHint(status))
	}
}

// refusalRule is the rule of a refusal that is final. A 403 to credentials mostly says
// that they are wrong: it ends what another 401 would have go on (RFC 3261 §21.4.4).
func refusalRule(req *sip.Request, status int) event.Rule {
	if status == sip.StatusForbidden && len(credentialsIn(req)) > 0 {
		return event.RuleWrongPassword
	}
	return event.RuleNotRegistered
}

// lookAgain is a registrar that would go on for ever as it has begun: it has the
// rest of its answers after a while.
func (r *registration) lookAgain(s *step, res *sip.Response, reason string) {
	r.fail(s, event.RuleServerLoop, res, reason, "the registrar would have us ask for ever: see its answers; the phone tries again by itself, later and later")
	r.conn.BackOff(&s.Step, 0, errors.New(reason))
}

// retryAfter is how long a server wants us to wait, and what is odd about that
// (RFC 3261 §20.33: a number of seconds, perhaps with a comment or a duration).
func retryAfter(res *sip.Response) (wait time.Duration, odd string) {
	v := Text(res, "retry-after")
	wait, ok := Seconds(res, "retry-after")
	switch {
	case v == "":
		return 0, ""
	case !ok:
		return 0, fmt.Sprintf("Retry-After is %.40q, which is no number of seconds: the phone tries again by itself, later and later", v)
	case wait > maxExpires:
		return maxExpires, fmt.Sprintf("Retry-After is %.40q: a day is the longest that the phone waits", v)
	}
	return wait, ""
}

// refusedBy is a response as the reason of a wait.
func refusedBy(res *sip.Response) error { return fmt.Errorf("%d %s", res.StatusCode, res.Reason) }

// putOffBy is a response as the reason of a wait that is not shorter than it asks for,
// which it says in its own words.
func putOffBy(res *sip.Response) error {
	err := refusedBy(res)
	if _, said := Seconds(res, "retry-after"); said {
		err = fmt.Errorf("%w, Retry-After: %s", err, shortText(Text(res, "retry-after")))
	}
	return err
}

// passing reports whether a status says something about this moment rather
// than about the request.
func passing(status int) bool {
	switch status {
	case sip.StatusRequestTimeout, sip.StatusTemporarilyUnavailable, StatusFlowFailed:
		return true
	case sip.StatusNotImplemented, sip.StatusVersionNotSupported, sip.StatusMessageTooLarge, statusNoPush:
		return false
	}
	return status/100 == 5
}

func refusalHint(status int) string {
	switch status {
	case sip.StatusForbidden:
		return "the server knows the account but does not let it register; check user, password and the server's rules"
	case sip.StatusNotFound, sip.StatusGlobalDoesNotExistAnywhere:
		return "the server does not know this address of record; check user and domain"
	case statusNoPush:
		return "the server knows no such push service; check pn-provider (apns, fcm or webpush) and pn-param"
	}
	return "not tried again by itself; register again when it is put right"
}

// maxLonger bounds how often in a row a registrar may want more (our own number).
// One that knows what it wants has it after the first.
const maxLonger = 3

// moreTime is the time that a 423 wants to be asked for, where only that much was (RFC 3261
// §21.4.17). ok is false if it names none, or no more, or more than a day: see tooLong.
func moreTime(res *sip.Response, asked time.Duration) (least time.Duration, ok bool) {
	least, ok = Seconds(res, "min-expires")
	return least, ok && least > asked && least <= maxExpires
}

// namesTime reports whether a 423 says how long is long enough.
func namesTime(res *sip.Response) bool {
	_, ok := Seconds(res, "min-expires")
	return ok
}

// tooLong reports whether a 423 wants a longer time than is ever asked for.
func tooLong(res *sip.Response) bool {
	least, _ := moreTime(res, 0)
	return res.StatusCode == sip.StatusIntervalToBrief && least > maxExpires
}

// reasonOf is why a request was refused that has asked for so much time, and what is wrong
// with that.
func reasonOf(res *sip.Response, asked time.Duration) string {
	if res.StatusCode != sip.StatusIntervalToBrief {
		return res.Reason
	}
	return fmt.Sprintf("%s: %s", res.Reason, briefFault(res, asked))
}

// briefFault is why nothing longer is asked for after a 423 (RFC 3261 §21.4.17).
func briefFault(res *sip.Response, asked time.Duration) string {
	given := fmt.Sprintf("its Min-Expires is %.40s, and ", Text(res, "min-expires"))
	switch least, ok := Seconds(res, "min-expires"); {
	case len(Fields(res, "min-expires")) == 0:
		return "it has no Min-Expires"
	case !ok:
		return fmt.Sprintf("its Min-Expires is %.40q, which is no number of seconds", Text(res, "min-expires"))
	case tooLong(res):
		return given + "a day is the longest that the phone asks for"
	case least <= asked:
		return given + wholeSeconds(asked) + " s were asked for"
	}
	return given + "more was asked for already, as it wanted"
}

// askForLonger answers a 423 with the registrar's minimum (RFC 3261 §10.2.8).
// It reports false if there is none or it was no help.
func (r *registration) askForLonger(s *step, res *sip.Response) bool {
	least, ok := moreTime(res, r.expires)
	if !ok || r.longer >= maxLonger {
		return false
	}
	r.longer++
	r.expires = least
	r.sendRegister(s)
	return true
}

// fail reports a failure, by a response if there is one. The binding of before, if there
// is one, is not known to stand.
func (r *registration) fail(s *step, rule event.Rule, res *sip.Response, reason, hint string) {
	r.lifetime.clear()
	e := event.Registration{Phase: event.RegistrationFailed, Reason: reason, Hint: hint, Rule: rule}
	if res != nil {
		e.Status, e.Cause = res.StatusCode, causeOf(res).Cause
	}
	s.Log(e)
	s.Notice(control.RegisterFailed{Status: e.Status, Reason: reason})
}

// stopRegistering is a failure that trying again would not mend, and might
// make worse: many servers lock an account after a few wrong passwords.
func (r *registration) stopRegistering(s *step, rule event.Rule, res *sip.Response, reason, hint string) {
	r.wanted, r.bound = false, false
	r.fail(s, rule, res, reason, hint)
}

// failed is a REGISTER without an answer: the flow leads nowhere
// (RFC 5626 §4.2.1 counts it as a failure of the flow).
func (r *registration) failed(s *step, _ *exchange, err error) {
	removing := r.removing
	r.pending, r.removing = nil, false
	if removing {
		r.keptBinding(s, err)
	} else {
		r.fail(s, unanswered(err), nil, err.Error(), "is "+r.conn.Server()+" a SIP server, and does it answer?")
	}
	r.onFlow = false
	if r.conn.Up() {
		r.broken(s, err)
	}
}

// keptBinding reports that our binding could not be removed.
func (r *registration) keptBinding(s *step, err error) {
	r.bound = false
	s.Log(event.Error{
		Op: "unregister " + addressOfRecord(&r.aor), Err: err.Error(),
		Hint: "the registrar keeps the binding until it expires", Rule: unanswered(err),
	})
}

// wants is always true: a REGISTER is sent again with credentials.
func (r *registration) wants(*exchange) bool { return true }
