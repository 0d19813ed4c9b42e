package sip

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxAnswers bounds how often one request is sent again with new
// credentials: a server may call a nonce stale, but not for ever.
const maxAnswers = 3

// maxCredentials bounds the realms that are remembered.
const maxCredentials = 8

// A credential is a challenge that we have answered, kept so that the next
// request brings its answer along (RFC 3261 §22.3, RFC 7616 §3.3).
type credential struct {
	field     string // Authorization or Proxy-Authorization
	register  bool   // asked for by the registrar, else on the way of a call
	challenge *digest.Challenge
	count     int // how often the nonce was used: "nc"
}

var challengeFields = map[int][2]string{
	sip.StatusUnauthorized:      {"WWW-Authenticate", "Authorization"},
	sip.StatusProxyAuthRequired: {"Proxy-Authenticate", "Proxy-Authorization"},
}

// challenged answers a 401 or 407 with the same request and credentials. It
// reports false if that is of no use: the response is then final.
func (cl *client) challenged(s *step, x *exchange, res *sip.Response) bool {
	chal, err := chooseChallenge(res)
	if !x.user.wants(x) || cl.cfg.Password == "" || err != nil || !cl.conn.Up() {
		return false
	}
	field := challengeFields[res.StatusCode][1]
	realm := field + " " + chal.Realm
	if slices.Contains(x.realms, realm) && !chal.Stale || len(x.realms) >= maxAnswers {
		return false // they have seen our password with their own nonce
	}
	cl.remember(x.purpose == toRegister, field, chal)
	if x.purpose == toRegister {
		cl.conn.Charge(s.Now)
		s.Log(event.Registration{Phase: event.RegistrationChallenged, Status: res.StatusCode, Reason: "realm " + chal.Realm})
	}
	x.realms = append(x.realms, realm)
	req := x.tx.Request.Clone()
	*x.cseq++
	req.ReplaceHeader(cl.via())
	req.ReplaceHeader(&sip.CSeqHeader{SeqNo: *x.cseq, MethodName: req.Method})
	cl.authorize(req)
	cl.forget(x.tx)
	cl.send(s, x, req)
	return true
}

// stale reports whether a response says that our credentials are right, but not
// for the nonce that it names now (RFC 7616 §3.3).
func stale(res *sip.Response) bool {
	if challengeFields[res.StatusCode][0] == "" {
		return false
	}
	chal, err := chooseChallenge(res)
	return err == nil && chal.Stale
}

// chooseChallenge picks the first challenge that we can answer: servers list
// them in the order of their preference (RFC 8760 §2.4).
func chooseChallenge(res *sip.Response) (*digest.Challenge, error) {
	last := errors.New("no digest challenge in it")
	for _, h := range res.GetHeaders(challengeFields[res.StatusCode][0]) {
		chal, err := digest.ParseChallenge(h.Value())
		if err != nil {
			last = err
			continue
		}
		for i, q := range chal.QOP {
			chal.QOP[i] = strings.ToLower(strings.TrimSpace(q))
		}
		if !digest.CanDigest(chal) || len(chal.QOP) > 0 && !chal.SupportsQOP("auth") {
			last = fmt.Errorf("algorithm %q with qop %q is not supported", chal.Algorithm, strings.Join(chal.QOP, ","))
			continue
		}
		return chal, nil
	}
	return nil, last
}

// remember keeps a challenge in place of an older one of the same realm.
func (cl *client) remember(register bool, field string, chal *digest.Challenge) {
	for _, c := range cl.auth {
		if c.register == register && c.field == field && c.challenge.Realm == chal.Realm {
			c.challenge, c.count = chal, 0
			return
		}
	}
	if len(cl.auth) == maxCredentials {
		cl.auth = append(cl.auth[:0], cl.auth[1:]...)
	}
	cl.auth = append(cl.auth, &credential{field: field, register: register, challenge: chal})
}

// authorize adds credentials for every realm on the request's way that has
// asked for them before.
func (cl *client) authorize(req *sip.Request) {
	req.RemoveHeader("Authorization")
	req.RemoveHeader("Proxy-Authorization")
	for _, c := range cl.auth {
		if c.register != (req.Method == sip.REGISTER) {
			continue
		}
		c.count++
		cred, err := digest.Digest(c.challenge, digest.Options{
			Method: string(req.Method), URI: req.Recipient.String(), Count: c.count,
			Username: cl.cfg.User, Password: cl.cfg.Password, Cnonce: cl.token(1),
		})
		if err != nil {
			continue // chooseChallenge lets only those through that can be answered
		}
		req.AppendHeader(sip.NewHeader(c.field, cred.String()))
	}
}

// refusal says why credentials were of no use, and the way out.
func (cl *client) refusal(x *exchange, res *sip.Response) (reason, hint string) {
	chal, err := chooseChallenge(res)
	switch {
	case err != nil:
		return res.Reason + " (" + err.Error() + ")", "the server must offer digest with MD5 or SHA-256"
	case cl.cfg.Password == "":
		return fmt.Sprintf("%s (realm %q)", res.Reason, chal.Realm), "the server wants a password for " + cl.cfg.User + ", and none is set"
	default:
		return fmt.Sprintf("%s (realm %q)", res.Reason, chal.Realm),
			fmt.Sprintf("the server refused the password of user %q; check both", cl.cfg.User)
	}
}
