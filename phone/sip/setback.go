package sip

import (
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A setback is a refresh of a subscription or a publication that has failed, though what
// it was to refresh lives on until it expires (RFC 6665 §4.1.2.2). What may pass by itself
// is tried again, when half of what is left has passed, or when the server says.
type setback struct {
	why       string    // how it has failed; "": the last refresh did not fail
	notBefore time.Time // the server wants no refresh sooner (RFC 3261 §20.33)
}

// outlives reports whether a subscription lives on after that answer to its refresh (RFC 6665
// §4.1.2.2).
func outlives(status int) bool {
	switch status {
	case sip.StatusNotFound, sip.StatusMethodNotAllowed, sip.StatusGone, statusUnsupportedScheme,
		statusBadEvent, sip.StatusNotImplemented, sip.StatusGlobalDoesNotExistAnywhere:
		return false
	}
	return status < sip.StatusTemporarilyUnavailable || status > sip.StatusAmbiguous
}

// refused notes the answer to the refresh of what expires then, and returns when to send the
// next; zero: that would be refused, too.
func (b *setback) refused(s *step, what string, expires time.Time, res *sip.Response, why refusal) (next time.Time) {
	b.why = fmt.Sprintf("was answered %d %s", res.StatusCode, event.Printable(why.reason))
	b.notBefore = time.Time{}
	if passing(res.StatusCode) {
		wait, _ := retryAfter(res)
		b.notBefore = s.In(wait)
		next = b.earliest(expires, s.Now)
	}
	b.warn(s, what, expires, next, why.rule)
	return next
}

// unanswered is refused for a refresh that nobody has answered.
func (b *setback) unanswered(s *step, what string, expires time.Time, err error) (next time.Time) {
	*b = setback{why: "has failed: " + err.Error()}
	next = b.earliest(expires, s.Now)
	b.warn(s, what, expires, next, unanswered(err))
	return next
}

// earliest is when to refresh what expires then: when half of the rest has passed, or
// later, if the server wants that.
func (b *setback) earliest(expires, now time.Time) time.Time {
	at := now.Add(max(expires.Sub(now)/2, minRefresh))
	if at.Before(b.notBefore) {
		return b.notBefore
	}
	return at
}

func (b *setback) warn(s *step, what string, expires, next time.Time, rule event.Rule) {
	then := "is not refreshed again"
	if !next.IsZero() {
		then = fmt.Sprintf("is refreshed again in %s", event.Round(next.Sub(s.Now)))
	}
	s.Log(event.Warning{
		Rule: rule, Note: fmt.Sprintf("the refresh of %s %s: it lives on for %s, and %s", what, b.why, event.Round(expires.Sub(s.Now)), then),
		Hint: "a refusal of a refresh is not the end: what is refreshed lasts for as long as it was granted",
	})
}
