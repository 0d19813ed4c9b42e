package sip

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/elsewhere"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// amplification is how many times what has come from an address may be sent there
// before it has shown that it receives (RFC 9000 §8.1).
const amplification = 3

// maxSecrets bounds the secrets that are remembered of one address (our own number):
// enough for a burst of calls, one of which has to go on.
const maxSecrets = 16

// A Reach is what is known of an address that sends over UDP. The source of a datagram
// can be forged: 400 bytes from anybody could have a response of twice that length
// sent to somebody else eleven times.
//
// The address has shown that it receives once something comes from there that only
// a receiver knows: the branch of a request, or the tag or nonce of a response that
// was made here, see [Reach.Made]. Until then, each request from there gets one final
// response, and everything else (a provisional response, a repetition, a request) is
// sent only if the total stays within three times the bytes that came from there. A
// request that comes again counts again: a peer that asks again is answered again.
//
// The zero Reach is an address that nothing has come from.
type Reach struct {
	proven         bool
	received, sent int // bytes
	asked, told    int // bytes of the last message from there, and of our last final response
	owed           int // requests that have not had their final response
	secrets        [maxSecrets]string
	next           int // of the secrets, the oldest
	withheld       bool
}

// Proven reports whether the address has shown that it receives.
func (r *Reach) Proven() bool { return r.proven }

// Heard takes in what has come from the address. m is nil for anything that is not
// a SIP message.
func (r *Reach) Heard(m sip.Message, bytes int) {
	if r.asked = bytes; r.proven {
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

// Allows reports whether a message may be sent to the address; if so, it counts as
// sent.
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
		r.owed, r.told = r.owed-1, bytes
	}
	r.Sent(m, bytes)
	return true
}

// TakeSpare returns how many bytes may be sent to the address besides a repetition of our
// last final response, and counts them as sent.
func (r *Reach) TakeSpare() int {
	if r.proven {
		return amplification * r.asked
	}
	n := max(0, amplification*r.received-r.sent-r.told)
	r.sent += n
	return n
}

// Sent notes a message that is sent to the address whatever the limit.
func (r *Reach) Sent(m sip.Message, bytes int) {
	if r.proven {
		return
	}
	r.sent += bytes
	if req, ok := m.(*sip.Request); ok {
		branch, _ := req.Via().Params.Get("branch")
		r.keep(branch)
	}
}

// Made notes a response that was made here, rather than relayed, to a request from
// the address: its nonces are secrets, and so is its tag unless the request came with
// it. Whoever forges the address may have an accomplice who chooses the rest.
func (r *Reach) Made(req *sip.Request, res *sip.Response) {
	if r.proven {
		return
	}
	if !req.To().Params.Has("tag") {
		tag, _ := res.To().Params.Get("tag")
		r.keep(tag)
	}
	for _, nonce := range newNonces(res) {
		r.keep(nonce)
	}
}

// Withheld notes that something was not sent to who. It returns the warning to log, or
// nil if that was given before.
func (r *Reach) Withheld(who, hint string) event.Event {
	if r.withheld {
		return nil
	}
	r.withheld = true
	return event.Warning{
		Rule: event.RuleUnprovenAddress,
		Note: who + " has not shown that it receives: what is more than three times as much as came from there is not sent",
		Hint: hint,
	}
}

// maxStrangers bounds the addresses that are remembered (our own number). An address
// that was forgotten gets nothing until something comes from it again.
const maxStrangers = 256

// reaches is what an agent knows of the hosts that have sent to it over UDP.
type reaches map[netip.Addr]*Reach

// of returns what is known of a host.
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

// keep remembers a secret in place of the oldest one.
func (r *Reach) keep(secret string) {
	if secret == "" || r.holds(secret) {
		return
	}
	r.secrets[r.next] = secret
	r.next = (r.next + 1) % maxSecrets
}

// answeredNonces returns the nonces of the challenges that a request answers.
func answeredNonces(m sip.Message) (all []string) {
	for _, h := range credentialsIn(m) {
		if cred, err := digest.ParseCredentials(h.Value()); err == nil {
			all = append(all, cred.Nonce)
		}
	}
	return all
}

// newNonces returns the nonces that a response challenges with.
func newNonces(m sip.Message) (all []string) {
	for _, name := range []string{"www-authenticate", "proxy-authenticate"} {
		for _, h := range Fields(m, name) {
			challenges, _ := digest.ParseChallenges(h.Value())
			for _, c := range challenges {
				all = append(all, c.Nonce)
			}
		}
	}
	return all
}
