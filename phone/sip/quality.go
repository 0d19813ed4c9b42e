package sip

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/vq"
)

const (
	// maxQualities bounds the reports that wait for an answer, or for a connection, and the
	// calls that have ended and can be reported on (our own number: twice as many as there
	// are calls by default). The oldest gives way.
	maxQualities = 2 * defaultMaxCalls
	// maxReported is how often a report is sent at most (our own number): on another flow,
	// or for as long as a 423 wants it kept.
	maxReported = 3
)

// qualities reports the audio of calls to a collector (RFC 6035), each in a PUBLISH of its own
// at the end of the call, and once:
//
//	PUBLISH, VQSessionReport: CallTerm ─▶ 2xx: taken ── else: it is named, and dropped
//	      └─ no flow: on the next one ── none until the agent leaves: it is dropped
type qualities struct {
	*client
	collector *sip.Uri // nil: nobody wants reports
	ended     []endedCall
	waiting   []*qualityReport // oldest first
}

// An endedCall is what a report says of a call that is over.
type endedCall struct {
	id     int
	dialog vq.Dialog
}

// ParseCollector reads the address of who collects reports.
func ParseCollector(text string) (string, error) {
	var uri sip.Uri
	if err := parseURI(text, &uri); err != nil {
		return "", fmt.Errorf("%q is no SIP URI such as sip:collector@example.com: %w", text, err)
	}
	return text, nil
}

// note remembers a call that is over, for its report. One that never was up has none.
func (q *qualities) note(c *call) {
	if q.collector == nil || c.upAt.IsZero() {
		return
	}
	d := &c.dialog
	e := endedCall{c.id, vq.Dialog{
		CallID: d.callID, Local: addressOfRecord(&d.local), Remote: addressOfRecord(&d.remote),
		LocalGroup: d.local.Host, RemoteGroup: d.remote.Host, Original: addressOfRecord(&d.remote), ToTag: d.localTag, FromTag: d.remoteTag,
	}}
	if c.out {
		e.dialog.Original, e.dialog.ToTag, e.dialog.FromTag = e.dialog.Local, d.remoteTag, d.localTag
	}
	q.ended = append(q.ended[max(0, len(q.ended)-maxQualities+1):], e)
}

// report has the collector told of a call that is over.
func (q *qualities) report(s *step, o control.ReportQuality) {
	i := slices.IndexFunc(q.ended, func(e endedCall) bool { return e.id == o.Call })
	if q.collector == nil || i < 0 {
		return
	}
	dialog := q.ended[i].dialog
	q.ended = slices.Delete(q.ended, i, i+1)
	r := &qualityReport{client: q.client, all: q, call: o.Call, life: publishFor, cseq: 1}
	body, err := vq.Final(dialog, o.Quality)
	if r.body = body; err != nil {
		r.refused(s, event.Publication{Reason: err.Error(), Rule: event.RuleNotPossible})
		return
	}
	r.trip = trip{again: r.send, lost: r.unheard}
	if len(q.waiting) == maxQualities {
		q.waiting[0].refused(s, event.Publication{Reason: "too many reports wait for an answer", Rule: event.RuleServerSilent})
	}
	q.waiting = append(q.waiting, r)
	if q.conn.Up() {
		r.send(s)
	}
}

// resume sends what was lost with a flow, or has had none.
func (q *qualities) resume(s *step) {
	for _, r := range slices.Clone(q.waiting) {
		if !r.pending {
			r.send(s)
		}
	}
}

// asks reports whether an answer is outstanding.
func (q *qualities) asks() bool {
	return slices.ContainsFunc(q.waiting, func(r *qualityReport) bool { return r.pending })
}

// leave drops what nobody waits for any more.
func (q *qualities) leave(s *step) {
	for _, r := range slices.Clone(q.waiting) {
		r.refused(s, event.Publication{Reason: "the phone has left before the collector answered", Rule: event.RuleServerSilent})
	}
}

// A qualityReport is one of them, until it is answered.
type qualityReport struct {
	*client
	all     *qualities
	call    int
	body    []byte
	trip    trip
	pending bool // a PUBLISH is on its way
	sent    int
	life    time.Duration
	cseq    uint32
}

// send sends the PUBLISH, perhaps not for the first time.
func (r *qualityReport) send(s *step) {
	req := r.outside(sip.PUBLISH, r.all.collector, r.cseq)
	req.AppendHeader(sip.NewHeader("Event", vq.Package))
	req.AppendHeader(sip.NewHeader("Expires", wholeSeconds(r.life)))
	r.finishAs(req, vq.MIME, r.body)
	r.authorize(req)
	r.pending, r.sent = true, r.sent+1
	r.client.send(s, &exchange{purpose: toTell, user: r, cseq: &r.cseq, anew: r.repeats}, req)
}

func (r *qualityReport) answered(s *step, x *exchange, res *sip.Response) {
	if res.IsProvisional() {
		return
	}
	r.pending = false
	switch least, longer := moreTime(res, r.life); {
	case res.IsSuccess():
		r.over()
		s.Log(event.Publication{Phase: event.SubscriptionActive, Package: vq.Package, Status: res.StatusCode, Reason: cmp.Or(res.Reason, "OK") + ", the report of call " + fmt.Sprint(r.call), Cause: causeOf(res).Cause})
	case r.sent < maxReported && r.turnedAway(s, &r.trip, res):
		r.pending = true // until there is another flow
	case res.StatusCode == sip.StatusIntervalToBrief && longer && r.sent < maxReported:
		r.life, r.cseq = least, r.cseq+1
		r.repeats(s)
		r.send(s)
	default:
		why := r.unaccepted(x, res, reasonOf(res, r.life))
		r.refused(s, event.Publication{Status: res.StatusCode, Reason: why.reason, Rule: why.rule, Cause: causeOf(res).Cause})
	}
}

// failed is a PUBLISH without an answer. One that went with its flow is sent again on the
// next.
func (r *qualityReport) failed(s *step, _ *exchange, err error) {
	r.pending = false
	switch {
	case r.sent >= maxReported:
		r.unheard(s, err)
	case errors.Is(err, ErrFlow): // see resume
	case r.goesOn(s, &r.trip, 0, err):
		r.pending = true
	default:
		r.unheard(s, err)
	}
}

func (r *qualityReport) wants(*exchange) bool { return true }

// unheard drops a report that no server has answered.
func (r *qualityReport) unheard(s *step, err error) {
	r.refused(s, event.Publication{Reason: err.Error(), Rule: unanswered(err)})
}

// refused drops a report that was not taken.
func (r *qualityReport) refused(s *step, e event.Publication) {
	r.over()
	e.Phase, e.Package = event.SubscriptionRefused, vq.Package
	e.Reason += fmt.Sprintf("; the report of call %d is dropped", r.call)
	s.Log(e)
}

func (r *qualityReport) over() {
	r.all.waiting = slices.DeleteFunc(r.all.waiting, func(o *qualityReport) bool { return o == r })
}
