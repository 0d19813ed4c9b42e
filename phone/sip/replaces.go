package sip

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A replaces names a dialog as the one who gets it has it (RFC 3891 §6.1).
type replaces struct {
	callID, toTag, fromTag string
	early                  bool // only a dialog that is not confirmed
}

// parseReplaces reads the value of a Replaces header field.
func parseReplaces(value string) (replaces, error) {
	if strings.ContainsFunc(value, unfitForHeader) {
		return replaces{}, errors.New("a control character")
	}
	id, params := ParseValue(value)
	r := replaces{callID: id, early: params.Has("early-only")}
	r.toTag, _ = Param(params, "to-tag")
	r.fromTag, _ = Param(params, "from-tag")
	if r.callID == "" || r.toTag == "" || r.fromTag == "" {
		return r, errors.New("the Call-ID, to-tag or from-tag is missing")
	}
	return r, nil
}

func unfitForHeader(r rune) bool { return r < ' ' || r == 0x7f }

// replacing is the Replaces that the peer of a call needs in an INVITE that is to
// take the call over.
func (d *dialog) replacing() string {
	return d.callID + ";to-tag=" + d.remoteTag + ";from-tag=" + d.localTag
}

// matches reports whether a call is the one that is named. A tag of "0" stands
// for none, of a peer as old as RFC 2543 (RFC 3891 §3).
func (r replaces) matches(c *call) bool {
	d := &c.dialog
	tag := func(want, have string) bool { return want == have || want == "0" && have == "" }
	if r.callID != d.callID || !tag(r.toTag, d.localTag) {
		return false
	}
	if c.state == callCalling {
		return slices.ContainsFunc(c.early.list, func(e *early) bool { return e.dialog.remoteTag == r.fromTag })
	}
	return c.state != callWaiting && tag(r.fromTag, d.remoteTag)
}

// named is the call that the Replaces of an INVITE names; nil if there is none here.
func (cs *calls) named(req *sip.Request) *call {
	for _, value := range Values(req, "replaces") {
		r, err := parseReplaces(value)
		if i := slices.IndexFunc(cs.list, r.matches); err == nil && i >= 0 {
			return cs.list[i]
		}
	}
	return nil
}

// replaced is the call that a new INVITE is to take the place of; nil if it names
// none. RFC 3891 §3 has the answers to one that cannot.
func (cs *calls) replaced(req *sip.Request) (*call, *refused) {
	values := Values(req, "replaces")
	switch {
	case len(values) == 0:
		return nil, nil
	case len(values) > 1:
		return nil, &refused{sip.StatusBadRequest, "more than one Replaces"}
	}
	r, err := parseReplaces(values[0])
	if err != nil {
		return nil, &refused{sip.StatusBadRequest, "the Replaces cannot be read: " + err.Error()}
	}
	c := cs.named(req)
	switch {
	case c == nil:
		return nil, &refused{sip.StatusCallTransactionDoesNotExists, "no call has that Call-ID with those tags"}
	case c.over:
		return nil, &refused{sip.StatusGlobalDecline, fmt.Sprintf("call %d is over", c.id)}
	case c.state == callUp && r.early:
		return nil, &refused{sip.StatusBusyHere, fmt.Sprintf("call %d is answered, and only an unanswered one was to be replaced", c.id)}
	case c.state == callIncoming:
		// An early dialog that another has begun is not replaced.
		return nil, &refused{sip.StatusCallTransactionDoesNotExists, fmt.Sprintf("call %d rings here, and is not ours to be replaced", c.id)}
	}
	return c, nil
}

// unreplaced answers an INVITE that can replace nothing.
func (cs *calls) unreplaced(s *step, tx *ServerTransaction, no *refused) {
	by := addressOfRecord(&tx.Request.From().Address)
	s.Log(event.Transfer{Phase: event.TransferFailed, Role: event.RoleTarget, Target: by, By: referredBy(tx.Request), Status: no.status, Reason: no.why})
	s.Log(event.Warning{
		Rule: event.RuleReplacesUnmatched, Note: fmt.Sprintf("an INVITE of %s with Replaces was answered %d: %s", by, no.status, no.why),
		Hint: "see its Replaces in the SIP message: the call may be over, or its tags the wrong way round",
	})
	cs.reply(s, tx, no.status)
}

// numberOf is the number of a call; 0: there is none.
func numberOf(c *call) int {
	if c == nil {
		return 0
	}
	return c.id
}

// referredBy is who asked the sender of a request for it, as a person knows
// him (RFC 3892 §3); "" if it does not say.
func referredBy(req *sip.Request) string {
	return namedIn(Text(req, "referred-by"))
}

// namedIn is whom the value of a header field names, as a person knows him; "" if
// that cannot be read.
func namedIn(value string) string {
	_, uri, _, err := ParseAddress(value)
	if err != nil {
		return ""
	}
	return addressOfRecord(&uri)
}

// offer tells the program of a new call.
func (cs *calls) offer(s *step, c *call, req *sip.Request, body []byte) {
	n := control.Offered{ID: c.id, From: c.peer, Name: c.name, CallID: c.dialog.callID, AutoAnswer: c.intro.autoAnswer(), Body: body, Source: cs.source(s, req), Describe: c.rel.on && body == nil}
	if c.place.wanted != nil {
		s.Notice(control.Replacing{Offered: n, Call: c.place.wanted.id})
		return
	}
	s.Notice(n)
}
