package sip

import (
	"errors"
	"fmt"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// maxCredentials bounds the realms that are remembered.
const maxCredentials = 8

// A credential is a challenge that we have answered, kept so that the next
// request brings its answer along (RFC 3261 §22.3, RFC 7616 §3.3).
type credential struct {
	field     string // Authorization or Proxy-Authorization
	register  bool   // asked for by the registrar, else on the way of a call
	challenge digest.Challenge
	count     int    // how often the nonce was used: "nc"
	cnonce    string // of its first use
}

// challengeFields are the header fields that ask for credentials, those that
// answer, and those that tell of the next nonce (RFC 3261 §22.2, §22.3; RFC 7615).
var challengeFields = []struct{ asks, answers, informs string }{
	{"WWW-Authenticate", "Authorization", "Authentication-Info"},
	{"Proxy-Authenticate", "Proxy-Authorization", "Proxy-Authentication-Info"},
}

// A demand is the challenge of a realm that we can answer, and where the answer
// goes.
type demand struct {
	field     string
	challenge digest.Challenge
}

func (d *demand) realm() string { return d.field + " " + d.challenge.Realm }

// credentialsIn are the header fields of a request that have credentials.
func credentialsIn(m sip.Message) (all []sip.Header) {
	for _, fields := range challengeFields {
		all = append(all, Fields(m, fields.answers)...)
	}
	return all
}

// isChallenge reports whether a response asks for credentials.
func isChallenge(res *sip.Response) bool {
	return res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired
}

// demandsOf is what a 401 or 407 asks for: one challenge of each realm. A proxy
// that forks gathers those of all branches, and of both kinds, in one response
// (RFC 3261 §16.7 step 7, §22.3). The error says why there are none, or why one
// cannot be answered.
func demandsOf(res *sip.Response) (all []demand, err error) {
	if !isChallenge(res) {
		return nil, nil
	}
	for _, fields := range challengeFields {
		for _, h := range Fields(res, fields.asks) {
			challenges, bad := digest.ParseChallenges(h.Value())
			for _, c := range challenges {
				if unsupported := c.Unsupported(); unsupported == nil {
					all = prefer(all, demand{fields.answers, c})
				} else if bad == nil {
					bad = unsupported
				}
			}
			if err == nil {
				err = bad
			}
		}
	}
	if len(all) == 0 && err == nil {
		err = errors.New("no digest challenge in it")
	}
	return all, err
}

// prefer adds a demand, unless there is one of its realm that is as strong.
func prefer(all []demand, d demand) []demand {
	for i := range all {
		if all[i].realm() == d.realm() {
			if d.challenge.Stronger(&all[i].challenge) {
				all[i] = d
			}
			return all
		}
	}
	if len(all) == maxCredentials {
		return all
	}
	return append(all, d)
}

// stale reports whether a response says that our credentials are right, but not
// for the nonce that it names now (RFC 7616 §3.3).
func stale(res *sip.Response) bool {
	all, _ := demandsOf(res)
	for _, d := range all {
		if d.challenge.Stale {
			return true
		}
	}
	return false
}

// remember keeps a challenge in place of an older one of the same realm.
func (cl *client) remember(register bool, d demand) {
	for _, c := range cl.auth {
		if c.register == register && c.field == d.field && c.challenge.Realm == d.challenge.Realm {
			*c = credential{field: d.field, register: register, challenge: d.challenge}
			return
		}
	}
	if len(cl.auth) == maxCredentials {
		cl.auth = append(cl.auth[:0], cl.auth[1:]...)
	}
	cl.auth = append(cl.auth, &credential{field: d.field, register: register, challenge: d.challenge})
}

// authorize adds credentials for every realm on the request's way that has
// asked for them before. The body is set already.
func (cl *client) authorize(req *sip.Request) {
	for _, fields := range challengeFields {
		req.RemoveHeader(fields.answers)
	}
	for _, c := range cl.auth {
		if c.register == (req.Method == sip.REGISTER) {
			if cred := c.answer(cl.cfg, req, cl.token(1)); cred != nil {
				req.AppendHeader(sip.NewHeader(c.field, cred.String()))
			}
		}
	}
}

// answer makes the credentials for one more request. Those of a session have the
// cnonce of the first (RFC 7616 §3.4.2), so that servers that keep it and servers
// that read it again agree.
func (c *credential) answer(cfg *Config, req *sip.Request, cnonce string) *digest.Credentials {
	if c.cnonce == "" || !c.challenge.Session() {
		c.cnonce = cnonce
	}
	c.count++
	cred, err := c.challenge.Answer(digest.Answer{
		User: cfg.User, Password: cfg.Password, URI: req.Recipient.String(), Cnonce: c.cnonce, Count: c.count,
	}, digest.Message{Method: string(req.Method), Body: req.Body()})
	if err != nil {
		return nil // demandsOf lets only those through that can be answered
	}
	return cred
}

// informed takes what a 2xx says of the credentials that the request had, if they are
// of one realm (RFC 7616 §3.5): that the server knows the password, too, and the nonce
// for the next request. Nothing is taken from a server that does not know it. A session
// keeps its nonce: its key depends on that.
func (cl *client) informed(s *step, req *sip.Request, res *sip.Response) {
	for _, fields := range challengeFields {
		sent, said := Fields(req, fields.answers), Text(res, fields.informs)
		if len(sent) != 1 || said == "" {
			continue
		}
		used, err := digest.ParseCredentials(sent[0].Value())
		for _, c := range cl.auth {
			if err != nil || c.field != fields.answers || c.challenge.Nonce != used.Nonce {
				continue
			}
			info := digest.ParseInfo(said)
			if info.RspAuth != "" && !used.Confirms(info, cl.cfg.User, cl.cfg.Password, c.cnonce, res.Body()) {
				s.Log(event.Warning{
					Rule: event.RuleUnprovenServer,
					Note: fmt.Sprintf("the rspauth of the %d to %s (realm %q) is not what the password of %q gives", res.StatusCode, req.Method, used.Realm, cl.cfg.User),
					Hint: "somebody who does not know the password may answer for the server; ask who is between, or mend its rspauth",
				})
				continue
			}
			if info.NextNonce != "" && info.NextNonce != used.Nonce && !c.challenge.Session() { // Kamailio names the nonce of now, and its count goes on
				c.challenge.Nonce, c.count = info.NextNonce, 0
			}
		}
	}
}
