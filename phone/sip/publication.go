package sip

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A publication is what we have the server tell others of our presence (RFC 3903):
//
//	PUBLISH, body ─▶ 200, SIP-ETag: a ─▶ PUBLISH, SIP-If-Match: a, at half of its life
//	                                 └─ a 412: it is gone, and is published anew
type publication struct {
	*client
	trip      trip   // of the PUBLISH that is on its way
	body      []byte // the document; nil: nothing is to be published
	etag      string // by which the server knows it; "": it does not
	callID    string
	tag       string
	cseq      uint32
	life      time.Duration // to ask for
	pending   *exchange     // the PUBLISH that is on its way
	refreshAt time.Time
	expiresAt time.Time // when the server forgets it; zero if it has none that is known
	asked     bool      // the PUBLISH that is on its way is what a person has asked for
	setback   setback
	tries     int    // in a row that the server wanted otherwise: see maxRepublish
	told      string // what was last said of a grant
}

const (
	// publishFor is for how long to ask: an hour (RFC 3856 §6.4).
	publishFor = time.Hour
	// maxRepublish bounds how often in a row a PUBLISH is changed as the server wants
	// it, by 412 and 423 (our own number). One that knows what it wants has it by then.
	maxRepublish = 2

	pidf = "application/pidf+xml"

	statusConditionFailed = 412 // RFC 3903 §11.2.1
)

// deadline is that of the refresh. The end of it counts where the server has refused one.
func (p *publication) deadline() time.Time {
	if p.setback.why == "" || p.pending != nil {
		return p.refreshAt
	}
	return system.Earliest(p.refreshAt, p.expiresAt)
}

func (p *publication) delay(time.Time) {} // a late refresh is sent all the same

// advance refreshes it: without a body, for the document is the same (§4.1). One that has
// expired is published anew, if the server may be asked again.
func (p *publication) advance(s *step) {
	if p.setback.why != "" && p.deadline().Equal(p.expiresAt) {
		p.expired(s)
		return
	}
	if wait := p.affords(s, "the phone refreshes its publication"); wait > 0 {
		p.refreshAt = s.In(wait)
		return
	}
	if p.etag == "" {
		p.publish(s, p.body)
		return
	}
	p.publish(s, nil)
}

// expired is the end of a publication whose refreshes were refused.
func (p *publication) expired(s *step) {
	p.etag, p.expiresAt = "", time.Time{}
	e := event.Publication{Phase: event.SubscriptionEnded, Reason: "it expired, and its refresh " + p.setback.why, Rule: event.RuleRequestRefused}
	if p.refreshAt.IsZero() {
		p.body = nil
	} else {
		e.Reason += "; the phone publishes again in " + event.Round(p.refreshAt.Sub(s.Now))
	}
	p.setback = setback{}
	p.log(s, e)
}

// set publishes that we are there or not, with a note for people; with neither, the
// publication is removed.
func (p *publication) set(s *step, basic, note string) error {
	switch {
	case basic == "" && p.etag == "":
		return errors.New("nothing is published")
	case basic != "" && basic != "open" && basic != "closed":
		return fmt.Errorf("%q is no presence: open or closed", basic)
	case !p.conn.Up():
		return errNotOnline
	case p.pending != nil:
		return errors.New("a PUBLISH has no answer yet")
	}
	p.body, p.life, p.tries, p.asked = nil, publishFor, 0, true
	p.trip = trip{again: p.publishAgain, lost: p.unheard}
	if basic != "" {
		p.body = presence(addressOfRecord(&p.aor), basic, note)
	}
	p.publish(s, p.body)
	return nil
}

func (p *publication) publish(s *step, body []byte) {
	p.refreshAt = time.Time{}
	if p.pending != nil || !p.conn.Up() {
		return
	}
	if p.callID == "" {
		p.callID, p.tag = p.token(2), p.token(1)
	}
	p.cseq++
	req := p.newRequest(sip.PUBLISH, &p.aor, p.preloaded())
	identify(req, p.self(p.tag), &sip.ToHeader{Address: *p.aor.Clone()}, p.callID, p.cseq)
	req.AppendHeader(sip.NewHeader("Event", "presence"))
	life := p.life
	if p.body == nil {
		life = 0
	}
	req.AppendHeader(sip.NewHeader("Expires", wholeSeconds(life)))
	if p.etag != "" {
		req.AppendHeader(sip.NewHeader("SIP-If-Match", p.etag))
	}
	p.finishAs(req, pidf, body)
	p.authorize(req)
	p.pending = &exchange{purpose: toTell, user: p, cseq: &p.cseq, anew: p.repeats}
	p.send(s, p.pending, req)
}

// log writes down a step of the publication.
func (p *publication) log(s *step, e event.Publication) {
	e.Package = "presence"
	s.Log(e)
}

func (p *publication) answered(s *step, x *exchange, res *sip.Response) {
	if res.IsProvisional() {
		return
	}
	p.pending = nil
	switch status := res.StatusCode; {
	case res.IsSuccess() && p.body == nil:
		p.etag = ""
		p.log(s, event.Publication{Phase: event.SubscriptionEnded, Status: status, Reason: "at our wish", Cause: causeOf(res).Cause})
	case res.IsSuccess():
		p.published(s, res)
	case p.turnedAway(s, &p.trip, res):
	case p.tries < maxRepublish && p.adapts(res):
		p.tries++
		p.repeats(s)
		p.publish(s, p.body)
	default:
		why := p.unaccepted(x, res, reasonOf(res, p.life))
		if p.lives(s) {
			p.refreshAt = p.setback.refused(s, "the publication", p.expiresAt, res, why)
			return
		}
		p.over(s, event.Publication{Status: status, Reason: why.reason, Rule: why.rule, Cause: causeOf(res).Cause})
	}
}

// lives reports whether what a refresh was to refresh is known to the server still.
func (p *publication) lives(s *step) bool {
	return !p.asked && p.etag != "" && s.Now.Before(p.expiresAt)
}

// published takes a 2xx. Without an entity-tag it could not be refreshed (§4.1).
func (p *publication) published(s *step, res *sip.Response) {
	p.etag, p.tries, p.trip.moves = Text(res, "sip-etag"), 0, 0
	g := expiresOf(res, "the server of the publication", p.life)
	if p.etag == "" {
		p.over(s, event.Publication{Status: res.StatusCode, Reason: "the answer has no SIP-ETag", Rule: event.RuleRequestRefused, Cause: causeOf(res).Cause})
		return
	}
	p.told = g.tell(s, p.told)
	if g.life == 0 {
		p.over(s, event.Publication{Status: res.StatusCode, Reason: "the server grants no time", Rule: event.RuleRequestRefused, Cause: causeOf(res).Cause})
		return
	}
	p.asked, p.setback, p.expiresAt = false, setback{}, s.In(g.life)
	p.refreshAt = p.setback.earliest(p.expiresAt, s.Now)
	p.log(s, event.Publication{Phase: event.SubscriptionActive, Expires: event.Seconds(g.life), Status: res.StatusCode, Reason: res.Reason, Cause: causeOf(res).Cause})
}

// adapts changes what the server wants otherwise, and reports whether that is worth
// another PUBLISH.
func (p *publication) adapts(res *sip.Response) bool {
	switch res.StatusCode {
	case statusConditionFailed: // it has forgotten the publication
		p.etag = ""
		return p.body != nil
	case sip.StatusIntervalToBrief:
		least, ok := moreTime(res, p.life)
		if ok {
			p.life = least
		}
		return ok
	}
	return false
}

// over forgets a publication that was not taken, or was and is not any longer.
func (p *publication) over(s *step, e event.Publication) {
	e.Phase = event.SubscriptionRefused
	if !p.asked && !p.expiresAt.IsZero() {
		e.Phase = event.SubscriptionEnded
	}
	p.body, p.etag, p.expiresAt, p.setback = nil, "", time.Time{}, setback{}
	p.log(s, e)
}

// failed is a PUBLISH without an answer. One that went with its flow is sent again on
// the next.
func (p *publication) failed(s *step, _ *exchange, err error) {
	p.pending = nil
	switch {
	case errors.Is(err, ErrFlow):
		p.goesOn(s, patient(p.publishAgain), 0, err)
	case p.goesOn(s, &p.trip, 0, err):
	case p.lives(s):
		p.refreshAt = p.setback.unanswered(s, "the publication", p.expiresAt, err)
	default:
		p.unheard(s, err)
	}
}

// unheard ends a publication whose PUBLISH no server answers.
func (p *publication) unheard(s *step, err error) {
	p.over(s, event.Publication{Reason: err.Error(), Rule: unanswered(err)})
}

// publishAgain sends what the PUBLISH was to say to another server.
func (p *publication) publishAgain(s *step) { p.publish(s, p.body) }

func (p *publication) wants(*exchange) bool { return true }

// resume sends what was lost with the flow, or is known to nobody: the time without
// one may have been longer than it lives.
func (p *publication) resume(s *step) {
	if p.body != nil {
		p.publish(s, p.body)
	}
}

// presence is a document of RFC 3863 that says whether somebody is there.
func presence(aor, basic, note string) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="`)
	escapeXML(&b, "pres:"+strings.TrimPrefix(aor, "sip:"))
	b.WriteString(`"><tuple id="phone"><status><basic>` + basic + `</basic></status>`)
	if note != "" {
		b.WriteString("<note>")
		escapeXML(&b, control.Shown(note))
		b.WriteString("</note>")
	}
	b.WriteString("</tuple></presence>")
	return []byte(b.String())
}

// escapeXML writes a text into a document. A builder takes everything.
func escapeXML(b *strings.Builder, s string) { _ = xml.EscapeText(b, []byte(s)) }
