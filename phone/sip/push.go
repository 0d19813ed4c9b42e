package sip

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/push"
)

// statusNoPush is "Push Notification Service Not Supported" (RFC 8599 §8.1).
const statusNoPush = 555

// lastMoment is how long before its end a binding is refreshed that the server
// was to have refreshed by a push, by a program that is awake and has had none:
// just long enough to get an answer (our own number, 64*T1).
const lastMoment = 64 * T1

// promises is what a server says of pushes in its 200 to a REGISTER, as
// Feature-Caps (RFC 6809 §4.2): `*;+sip.pns="apns";+sip.pnspurr="fYh3"`.
type promises struct {
	services []string      // sip.pns: by which it pushes
	refresh  time.Duration // sip.pnsreg: how long before its end a binding is to be refreshed by us; 0: it pushes for that
	vapid    string        // sip.vapid: the key with which it signs, in base64url
	purr     string        // sip.pnspurr: its name for our binding, in our dialogs
}

func (p *promises) pushes(service string) bool {
	return slices.ContainsFunc(p.services, func(s string) bool { return strings.EqualFold(s, service) })
}

// promisesOf reads them. What goes with another push service than ours is no
// promise to us: each has a value of its own (RFC 8599 §5.4).
func promisesOf(res *sip.Response, provider string) (p promises) {
	for _, value := range Values(res, "feature-caps") {
		_, caps := ParseValue(value)
		service, ok := Param(caps, "+sip.pns")
		if !ok {
			continue
		}
		p.services = append(p.services, service)
		if !strings.EqualFold(service, provider) {
			continue
		}
		before, _ := Param(caps, "+sip.pnsreg")
		if n, err := strconv.ParseUint(before, 10, 31); err == nil {
			p.refresh = time.Duration(n) * time.Second
		}
		if key, _ := Param(caps, "+sip.vapid"); push.CheckValue(key) == nil {
			p.vapid = key
		}
		if purr, _ := Param(caps, "+sip.pnspurr"); push.CheckValue(purr) == nil { // it goes into our URI as it is
			p.purr = purr
		}
	}
	return p
}

// refreshAfter is when a binding is refreshed that lives so long: at half its
// life, or so long before its end as the server wants it (RFC 8599 §4.1.4). A
// server that pushes for the refresh wants none of us before.
func (r *registration) refreshAfter(life time.Duration) time.Duration {
	half := life / 2
	switch {
	case !r.promises.pushes(r.granted.Provider) || r.granted.PRID == "":
		return half
	case r.promises.refresh == 0:
		return max(half, life-lastMoment)
	case r.promises.refresh < life:
		return life - r.promises.refresh
	}
	return half
}

// leftover is the Contact of an earlier binding that the server pushes to and
// that the one for contact does not replace: it has to be removed. The registrar
// does not tell flows apart (RFC 5626), and would go on pushing to both, or to a
// token that is no longer valid. "" means that nothing is left over.
func (r *registration) leftover(contact string) string {
	switch {
	case r.granted.PRID == "" || r.promised || r.known == contact:
		return ""
	case r.removing: // without its token (RFC 8599 §4.1.2)
		return strings.Replace(r.known, r.granted.String(), "", 1) + ";expires=0"
	}
	return r.known + ";expires=0"
}
