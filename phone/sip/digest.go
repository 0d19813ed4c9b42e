package sip

import (
	"fmt"
	"slices"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxAnswers bounds how often one request is sent again with new
// credentials: a server may call a nonce stale, but not for ever.
const maxAnswers = 3

// challenged answers a 401 or 407 with the same request and credentials. It
// reports false if that is of no use: the response is then final.
func (cl *client) challenged(s *step, x *exchange, res *sip.Response) bool {
	demands, _ := demandsOf(res)
	if !x.user.wants(x) || cl.cfg.Password == "" || !x.satisfies(demands) || !cl.conn.Up() {
		return false
	}
	for _, d := range demands {
		cl.remember(x.purpose == toRegister, d)
		x.realms = append(x.realms, d.realm())
	}
	x.answers++
	if x.purpose == toRegister {
		cl.conn.Charge(s.Now)
		s.Log(event.Registration{Phase: event.RegistrationChallenged, Status: res.StatusCode, Reason: "realm " + demands[0].challenge.Realm})
	}
	if x.anew != nil {
		x.anew(s)
	}
	cl.again(s, x, x.tx.Request.Clone())
	return true
}

// again sends the request of an exchange once more, as a new transaction: what
// has changed in it is changed already.
func (cl *client) again(s *step, x *exchange, req *sip.Request) {
	*x.cseq++
	req.ReplaceHeader(cl.via())
	req.ReplaceHeader(&sip.CSeqHeader{SeqNo: *x.cseq, MethodName: req.Method})
	cl.authorize(req)
	cl.forget(x.tx)
	cl.send(s, x, req)
}

// satisfies reports whether demands are worth an answer. Where one was answered
// before, they have seen our password with their own nonce, unless they say that
// the nonce was stale.
func (x *exchange) satisfies(demands []demand) bool {
	for _, d := range demands {
		if slices.Contains(x.realms, d.realm()) && !d.challenge.Stale {
			return false
		}
	}
	return len(demands) > 0 && x.answers < maxAnswers
}

// A refusal is why credentials were of no use, and the way out.
type refusal struct {
	rule         event.Rule
	reason, hint string
}

// refusal says what a last 401 or 407 is about.
func (cl *client) refusal(x *exchange, res *sip.Response) refusal {
	demands, err := demandsOf(res)
	if len(demands) == 0 {
		return refusal{event.RuleNoCommonDigest, res.Reason + " (" + err.Error() + ")", "the server must offer digest with MD5, SHA-256 or SHA-512-256"}
	}
	realm := demands[0].challenge.Realm
	reason := fmt.Sprintf("%s (realm %q)", res.Reason, realm)
	switch {
	case cl.cfg.Password == "":
		return refusal{event.RuleWrongPassword, reason, "the server wants a password for " + cl.cfg.User + ", and none is set"}
	case x.answers >= maxAnswers:
		return refusal{event.RuleServerLoop, reason, fmt.Sprintf("%d answers to its challenges were not enough; see what it asks for", maxAnswers)}
	}
	hint := fmt.Sprintf("the server refused the password of user %q; check both", cl.cfg.User)
	if demands[0].challenge.OnlyIntegrity() {
		hint += ". It wants auth-int, which Kamailio asks for and cannot check: have it offer auth"
	}
	return refusal{event.RuleWrongPassword, reason, hint}
}

// unaccepted says why a request that the agent was told to send was not accepted:
// what its credentials lack, if it wants some, else that reason.
func (cl *client) unaccepted(x *exchange, res *sip.Response, reason string) refusal {
	if isChallenge(res) {
		return cl.refusal(x, res)
	}
	return refusal{rule: event.RuleRequestRefused, reason: reason}
}
