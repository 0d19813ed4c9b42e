package sip

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"github.com/sleeptalk/sleeptalk/phone/internal/elsewhere"
)

// amplification is how many times what has come from an address may be sent there
// before it has shown that it receives (RFC 9000 §8.1).
const amplification = 3

// maxSecrets bounds what is remembered of what was sent to one address (our own
// number): enough for a burst of calls, of which one has to go on.
const maxSecrets = 16

// A Reach is what is known of an address that sends over UDP. Where a datagram comes
// from can be forged, so that whoever sends 400 bytes could have a response of twice
// that length repeated eleven times to somebody else.
//
// The address has shown that it receives once something comes from there that only
// a receiver knows: the tag of a response, the nonce of a challenge, or the branch of
// a request. Until then, each request from there is answered with one final response,
// and everything else (a provisional response, a repetition, a request) is sent only
// if no more than three times the bytes that came from there have been sent with it.
// Requests that come again count again: a peer that asks again is answered again.
//
// The zero Reach is an address that nothing has come from.
type Reach struct {
	proven         bool
	received, sent int // bytes
	owed           int // requests that have not had their final response
	secrets        [maxSecrets]string
	next           int // of the secrets, the oldest
	withheld       bool
}

// Proven reports whether the address has shown that it receives.
func (r *Reach) Proven() bool { return r.proven }

// Heard takes in what has come from the address; m is nil if it is no message.
func (r *Reach) Heard(m sip.Message, bytes int) {
	if r.proven {
		return
	}
	r.received += bytes
	var known []string
	switch m := m.(type) {
	case *sip.Request:
		if !m.IsAck() {
			r.owed++
		}
		tag, _ := m.To().Params.Get("tag")
		known = append(answeredNonces(m), tag)
	case *sip.Response:
		branch, _ := m.Via().Params.Get("branch")
		known = []string{branch}
	}
	for _, secret := range known {
		r.proven = r.proven || r.holds(secret)
	}
}

// Allows reports whether a message may be sent to the address, and notes that it
// is. m is nil if it is not one of the grammar's.
func (r *Reach) Allows(m sip.Message, bytes int) bool {
	if r.proven {
		return true
	}
	res, is := m.(*sip.Response)
	final := is && res.StatusCode >= 200 && r.owed > 0
	if !final && r.sent+bytes > amplification*r.received {
		return false
	}
	if final {
		r.owed--
	}
	r.Sent(m, bytes)
	return true
}

// Sent notes what is sent to the address in any case.
func (r *Reach) Sent(m sip.Message, bytes int) {
	if r.proven {
		return
	}
	r.sent += bytes
	switch m := m.(type) {
	case *sip.Request:
		branch, _ := m.Via().Params.Get("branch")
		r.keep(branch)
	case *sip.Response:
		tag, _ := m.To().Params.Get("tag")
		r.keep(tag)
		for _, nonce := range newNonces(m) {
			r.keep(nonce)
		}
	}
}

// Withheld notes that something was not sent, and reports whether it is the first.
func (r *Reach) Withheld() (first bool) {
	first, r.withheld = !r.withheld, true
	return first
}

// maxStrangers bounds the addresses that are remembered (our own number). One that
// was forgotten gets nothing before something comes from it again.
const maxStrangers = 256

// reaches are what an agent knows of those who have sent to it over UDP, by host.
type reaches map[netip.Addr]*Reach

// of is what is known of a host.
func (rs reaches) of(host netip.Addr) *Reach {
	host = elsewhere.Plain(host)
	r := rs[host]
	if r == nil {
		if len(rs) >= maxStrangers {
			maps.DeleteFunc(rs, func(_ netip.Addr, r *Reach) bool { return !r.proven })
		}
		if len(rs) >= maxStrangers {
			clear(rs)
		}
		r = new(Reach)
		rs[host] = r
	}
	return r
}

func (r *Reach) holds(secret string) bool {
	return secret != "" && slices.Contains(r.secrets[:], secret)
}

// keep remembers a secret, in place of the oldest.
func (r *Reach) keep(secret string) {
	if secret == "" || r.holds(secret) {
		return
	}
	r.secrets[r.next] = secret
	r.next = (r.next + 1) % maxSecrets
}

// answeredNonces are those of challenges that a request answers.
func answeredNonces(m sip.Message) (all []string) {
	for _, name := range []string{"authorization", "proxy-authorization"} {
		for _, h := range m.GetHeaders(name) {
			if cred, err := digest.ParseCredentials(h.Value()); err == nil {
				all = append(all, cred.Nonce)
			}
		}
	}
	return all
}

// newNonces are those that a response challenges with.
func newNonces(m sip.Message) (all []string) {
	for _, name := range []string{"www-authenticate", "proxy-authenticate"} {
		for _, h := range m.GetHeaders(name) {
			if chal, err := digest.ParseChallenge(h.Value()); err == nil {
				all = append(all, chal.Nonce)
			}
		}
	}
	return all
}
