package sip

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	// maxRedirects bounds how often one request of ours is sent elsewhere (our own
	// number; RFC 3261 §8.1.3.4 leaves it open). A user who has moved has done so
	// once or twice.
	maxRedirects = 5
	// maxTargets bounds the Contacts of one 3xx that are kept (our own number).
	maxTargets = 10
)

// A redirection is where the servers have sent a request of ours, and where it
// has been (RFC 3261 §8.1.3.4). No target is tried twice.
type redirection struct {
	been []sip.Uri // what was tried, the first Request-URI first
	left []sip.Uri // those to try, best first
}

// A detour is why a 3xx is not followed; loop says that this would have no end.
type detour struct {
	why  string
	loop bool
}

// add takes in the Contacts of a 3xx to a request, the best first. What is nil
// can be followed: see next.
func (r *redirection) add(req *sip.Request, res *sip.Response) *detour {
	switch res.StatusCode {
	case 300, sip.StatusMovedPermanently, sip.StatusMovedTemporarily:
	default: // 305 wants another proxy, 380 another service: RFC 3261 §21.3.4, §21.3.5
		return &detour{why: "only 300, 301 and 302 are followed"}
	}
	if len(r.been) == 0 {
		r.been = []sip.Uri{*req.Recipient.Clone()}
	}
	targets, other := targetsOf(res)
	fresh := slices.DeleteFunc(slices.Clone(targets), func(uri sip.Uri) bool { return knows(r.been, &uri) || knows(r.left, &uri) })
	switch {
	case len(r.been) > maxRedirects:
		return &detour{why: fmt.Sprintf("it has been sent on %d times already", maxRedirects), loop: true}
	case len(fresh) > 0:
		r.left = slices.Insert(r.left, 0, fresh...)
		r.left = r.left[:min(len(r.left), maxTargets)]
		return nil
	case len(targets) > 0:
		return &detour{why: "it has been there", loop: true}
	case other:
		return &detour{why: "the scheme is not sip"}
	}
	return &detour{why: "it names no Contact"}
}

// next is the best target that is left; ok is false if there is none, or if
// there have been enough.
func (r *redirection) next() (uri sip.Uri, ok bool) {
	if len(r.left) == 0 || len(r.been) > maxRedirects {
		return uri, false
	}
	uri, r.left = r.left[0], r.left[1:]
	r.been = append(r.been, uri)
	return uri, true
}

func knows(all []sip.Uri, uri *sip.Uri) bool {
	return slices.ContainsFunc(all, func(other sip.Uri) bool { return SameURI(&other, uri) })
}

// targetsOf are the Contacts of a 3xx that a request can be sent to, by their q,
// else in their order (RFC 3261 §20.10). other says that there are some that it
// cannot.
func targetsOf(res *sip.Response) (all []sip.Uri, other bool) {
	contacts := contactsOf(res)
	slices.SortStableFunc(contacts, func(a, b *sip.ContactHeader) int { return preference(b) - preference(a) })
	for _, c := range contacts {
		uri := *c.Address.Clone()
		uri.Headers = nil // they are not ours to send (RFC 3261 §19.1.5)
		if uri.Scheme != "sip" && uri.Scheme != "sips" {
			other = true
			continue
		}
		all = append(all, uri)
	}
	return all, other
}

// preference is q in thousandths; without one it is the highest.
func preference(c *sip.ContactHeader) int {
	v, _ := Param(c.Params, "q")
	q, err := strconv.ParseFloat(v, 64)
	if err != nil || !(q >= 0 && q <= 1) {
		q = 1
	}
	return int(q * 1000)
}

// sentTo describes where a 3xx sends a request.
func sentTo(res *sip.Response) string {
	var all []string
	for _, c := range contactsOf(res) {
		all = append(all, fmt.Sprintf("%.100s", c.Address.String()))
	}
	if len(all) > 3 {
		all = append(all[:3], fmt.Sprintf("%d more", len(all)-3))
	}
	if len(all) == 0 {
		return "nowhere"
	}
	return strings.Join(all, ", ")
}

// isRedirect reports whether a response sends a request elsewhere.
func isRedirect(res *sip.Response) bool { return res.StatusCode/100 == 3 }

// describe says where a 3xx leads, and why we do not go there.
func (d *detour) describe(res *sip.Response) string {
	return fmt.Sprintf("%s to %s is not followed: %s", res.Reason, sentTo(res), d.why)
}

func (d *detour) rule() event.Rule {
	if d.loop {
		return event.RuleServerLoop
	}
	return event.RuleRedirectNotFollowed
}
