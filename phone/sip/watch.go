package sip

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A watch is a subscription of ours to what a server, or a peer, knows (RFC 6665):
// messages that wait, somebody's calls, whether somebody is there.
//
//	SUBSCRIBE ─▶ 200 ─▶ NOTIFY ─▶ … ─▶ SUBSCRIBE again, at half of its life
//	                                └─ NOTIFY, terminated, or SUBSCRIBE with Expires: 0
//
// Its dialog is that of the first NOTIFY, which may come before the 200 (§4.4.1).
type watch struct {
	*watches
	trip      trip   // of the SUBSCRIBE that begins it
	name      string // of the package
	to        string // the address of record
	target    sip.Uri
	dialog    dialog
	asked     time.Duration // for how long
	pending   *exchange     // the SUBSCRIBE that is on its way
	refreshAt time.Time
	expiresAt time.Time // when the notifier forgets it; zero until it is granted
	heardBy   time.Time // when the first NOTIFY must have come
	longer    bool      // the notifier wanted a longer life already
	ending    bool      // the program wants no more
	parted    bool      // it is said to be over, and the last NOTIFY may come yet
	heard     bool      // a NOTIFY has come
	told      string    // what was last said of a grant
	renewal   renewal
	setback   setback
}

const (
	// watchFor is for how long to ask, where nobody says: an hour, as the packages
	// themselves suggest (RFC 3842 §3.4, RFC 3856 §6.4, RFC 4235 §3.4).
	watchFor = time.Hour
	// notifyWithin is how long the NOTIFY may take that answers a SUBSCRIBE: 64*T1
	// (RFC 6665 §4.1.2.4, timer N).
	notifyWithin = giveUp
)

// acceptedBy is the content that can be in the notifications of a package. What it
// is of another is up to its notifier.
var acceptedBy = map[string]string{
	messageSummary: "application/simple-message-summary",
	"dialog":       "application/dialog-info+xml",
	"presence":     "application/pidf+xml",
	"reg":          "application/reginfo+xml",
	"conference":   "application/conference-info+xml",
}

// deadline leaves out the end of the subscription while a SUBSCRIBE is on its way, which
// may have saved it.
func (w *watch) deadline() time.Time {
	at := system.Earliest(w.refreshAt, w.heardBy, w.renewal.at)
	if w.pending != nil {
		return at
	}
	return system.Earliest(at, w.expiresAt)
}

// subscribe sends a SUBSCRIBE for what is wanted now.
func (w *watch) subscribe(s *step) {
	w.refreshAt = time.Time{}
	if w.pending != nil || w.rests() || w.parted || !w.conn.Up() {
		return
	}
	if w.begins() {
		w.dialog.routes = w.preloaded()
	}
	w.dialog.localSeq++
	req := w.inDialog(&w.dialog, sip.SUBSCRIBE, w.dialog.localSeq)
	req.AppendHeader(sip.NewHeader("Contact", w.dialogContact()))
	req.AppendHeader(sip.NewHeader("Event", w.name))
	if content := acceptedBy[w.name]; content != "" {
		req.AppendHeader(sip.NewHeader("Accept", content))
	}
	life := w.asked
	if w.ending {
		life = 0
	}
	req.AppendHeader(sip.NewHeader("Expires", wholeSeconds(life)))
	w.finish(req, nil)
	w.authorize(req)
	w.pending = &exchange{purpose: toTell, user: w, cseq: &w.dialog.localSeq, anew: w.repeats}
	w.send(s, w.pending, req)
}

// log writes down a step of the subscription.
func (w *watch) log(s *step, e event.Subscription) {
	e.Package, e.To = w.name, w.to
	s.Log(e)
}

// answered takes the response to a SUBSCRIBE. One to a subscription that a NOTIFY has
// ended meanwhile says nothing of the next.
func (w *watch) answered(s *step, x *exchange, res *sip.Response) {
	if res.IsProvisional() || x != w.pending {
		return
	}
	w.pending = nil
	switch status := res.StatusCode; {
	case res.IsSuccess():
		w.granted(s, x, res)
	case w.begins() && w.turnedAway(s, &w.trip, res): // it is sent again on the next flow: see resume
	case w.ending || status == sip.StatusCallTransactionDoesNotExists:
		w.over(s, event.Subscription{Phase: event.SubscriptionEnded, Status: status, Reason: res.Reason, Rule: event.RuleSubscriptionLost, Cause: causeOf(res).Cause})
	case status == sip.StatusIntervalToBrief && w.askForLonger(res):
		w.subscribe(s)
	default:
		w.refused(s, res, w.unaccepted(x, res, reasonOf(res, w.asked)))
	}
}

// refused takes a refusal. One of a refresh may leave the subscription as it was.
func (w *watch) refused(s *step, res *sip.Response, why refusal) {
	e := event.Subscription{Phase: event.SubscriptionEnded, Status: res.StatusCode, Reason: why.reason, Rule: event.RuleSubscriptionLost, Cause: causeOf(res).Cause}
	switch {
	case w.expiresAt.IsZero():
		e.Phase, e.Rule = event.SubscriptionRefused, why.rule
		w.over(s, e)
	case w.lives(s) && outlives(res.StatusCode):
		w.refreshAt = w.setback.refused(s, w.what(), w.expiresAt, res, why)
	default:
		w.over(s, e)
	}
}

// what names the subscription.
func (w *watch) what() string { return fmt.Sprintf("the subscription to %s of %s", w.name, w.to) }

// lives reports whether the notifier has the subscription still, as far as is known.
func (w *watch) lives(s *step) bool { return s.Now.Before(w.expiresAt) }

// begins reports whether there is no dialog yet: a SUBSCRIBE may go to another server.
func (w *watch) begins() bool { return w.dialog.remoteTag == "" }

// granted takes a 2xx.
func (w *watch) granted(s *step, x *exchange, res *sip.Response) {
	first := w.dialog.remoteTag == ""
	if first {
		w.dialog = w.dialog.confirm(x.tx.Request, res)
	} else {
		w.dialog.refresh(res)
	}
	if w.ending {
		w.heardBy = s.In(notifyWithin) // the last NOTIFY (§4.4.1)
		w.expiresAt = time.Time{}
		return
	}
	g := expiresOf(res, fmt.Sprintf("the notifier of %s of %s", w.name, w.to), w.asked)
	if first && contactOf(res) == nil {
		g.warn(event.RuleIncompleteGrant, fmt.Sprintf("the %d to the SUBSCRIBE to %s of %s has no Contact: the next goes to %s", res.StatusCode, w.name, w.to, w.dialog.target.String()),
			"a 2xx that begins a dialog says where its requests go")
	}
	w.told = g.tell(s, w.told)
	if g.life == 0 {
		w.part(s, res)
		return
	}
	if w.expiresAt.IsZero() {
		w.heardBy = s.In(notifyWithin)
	}
	w.setback = setback{}
	w.livesFor(s, g.life)
	w.log(s, event.Subscription{Phase: event.SubscriptionActive, Expires: event.Seconds(g.life), Status: res.StatusCode, Reason: res.Reason, Cause: causeOf(res).Cause})
}

// part is the end by a notifier that grants no time: its last NOTIFY is still to come
// (RFC 6665 §4.2.1.2), and is taken.
func (w *watch) part(s *step, res *sip.Response) {
	e := event.Subscription{Phase: event.SubscriptionEnded, Status: res.StatusCode, Reason: "the notifier grants no time", Rule: event.RuleSubscriptionLost, Cause: causeOf(res).Cause}
	if w.expiresAt.IsZero() {
		e.Phase, e.Rule = event.SubscriptionRefused, event.RuleRequestRefused
	}
	w.log(s, e)
	w.parted = true
	w.refreshAt, w.expiresAt, w.heardBy = time.Time{}, time.Time{}, s.In(notifyWithin)
}

// ends reports whether nothing but the last NOTIFY is awaited, or the answer before it.
func (w *watch) ends() bool { return w.ending || w.parted }

// livesFor notes how long the subscription lives from now. It is refreshed when half of
// that has passed, as a registration is.
func (w *watch) livesFor(s *step, life time.Duration) {
	w.expiresAt = s.In(life)
	w.refreshAt = w.setback.earliest(w.expiresAt, s.Now)
}

// askForLonger takes a 423 with a minimum, once.
func (w *watch) askForLonger(res *sip.Response) bool {
	least, ok := moreTime(res, w.asked)
	if !ok || w.longer {
		return false
	}
	w.longer, w.asked = true, least
	return true
}

// failed is a SUBSCRIBE without an answer. One that went with its flow is sent again
// on the next.
func (w *watch) failed(s *step, x *exchange, err error) {
	if x != w.pending {
		return
	}
	w.pending = nil
	switch {
	case errors.Is(err, ErrFlow) && w.begins() && w.cfg.Flow.Backed():
		w.forget(w)
		s.Notice(control.Unsent{Order: control.Subscribe{Package: w.name, To: w.to, For: w.asked}, Err: err})
		return
	case errors.Is(err, ErrFlow):
		if w.begins() {
			w.goesOn(s, patient(w.subscribe), 0, err)
		}
		return
	case w.begins() && w.goesOn(s, &w.trip, 0, err):
		return
	case w.lives(s) && !w.ending:
		w.refreshAt = w.setback.unanswered(s, w.what(), w.expiresAt, err)
		return
	}
	w.unheard(s, err)
}

// unheard ends a subscription whose SUBSCRIBE no server answers.
func (w *watch) unheard(s *step, err error) {
	w.over(s, event.Subscription{Phase: event.SubscriptionEnded, Reason: err.Error(), Rule: unanswered(err)})
}

func (w *watch) wants(x *exchange) bool { return x == w.pending }

// advance does what is due: the refresh, or the end of a subscription of which
// nothing is heard.
func (w *watch) advance(s *step) {
	switch w.deadline() {
	case w.renewal.at:
		w.renew(s)
	case w.refreshAt:
		w.refresh(s)
	case w.heardBy:
		w.lost(s, fmt.Sprintf("no NOTIFY within %g s of the answer", notifyWithin.Seconds()))
	case w.expiresAt:
		w.expired(s)
	}
}

// refresh sends the SUBSCRIBE that has the subscription live on, when the notifier may be
// sent one.
func (w *watch) refresh(s *step) {
	if wait := w.affords(s, "the phone refreshes "+w.what()); wait > 0 {
		w.refreshAt = s.In(wait)
		return
	}
	w.subscribe(s)
}

// lost is the end of a subscription that nobody here has wished for.
func (w *watch) lost(s *step, reason string) {
	w.over(s, event.Subscription{Phase: event.SubscriptionEnded, Reason: reason, Rule: event.RuleSubscriptionLost})
}

// over forgets the subscription, and says so.
func (w *watch) over(s *step, e event.Subscription) {
	if w.ending && e.Phase == event.SubscriptionEnded {
		e.Reason, e.Rule = "at our wish", ""
	}
	w.pending = nil
	w.forget(w)
	if !w.parted {
		w.log(s, e)
	}
}

// concerns reports whether a NOTIFY is about this subscription: it is in its dialog,
// or makes it.
func (w *watch) concerns(req *sip.Request) bool {
	d := &w.dialog
	if d.remoteTag != "" {
		return d.matches(req)
	}
	to, _ := Param(req.To().Params, "tag")
	name, _ := EventOf(req)
	return to == d.localTag && req.CallID().Value() == d.callID && name == w.name
}

// notified takes a NOTIFY: what it tells, and how the subscription stands.
func (w *watch) notified(s *step, tx *ServerTransaction) {
	req := tx.Request
	d := &w.dialog
	if w.mistaken(s, tx) {
		return
	}
	if d.remoteTag == "" {
		d.begunBy(req)
		w.leavesOut(s, req, "Record-Route", badRoute(req))
	}
	switch seq := req.CSeq().SeqNo; {
	case seq < d.remoteSeq:
		w.turnAway(s, tx, sip.StatusInternalServerError, outOfOrder)
		return
	case seq == d.remoteSeq && w.heard: // it was told already
		w.ok(s, tx)
		return
	}
	w.heard = true
	d.remoteSeq = req.CSeq().SeqNo
	if w.name == messageSummary {
		if w.summary(s, tx); tx.refused() {
			w.unread()
			return
		}
	}
	w.oddState(s, req)
	d.refresh(req)
	state, left, _ := subscriptionState(req)
	s.Log(event.Notify{
		Package: w.name, From: w.to, State: state, Type: MediaType(req), Body: control.Shown(string(req.Body())),
	})
	if w.name != messageSummary {
		w.ok(s, tx)
	}
	switch {
	case state == "terminated":
		w.ended(s, req)
	case w.ends(): // the last is to come
	default:
		w.stands(s, left)
	}
}

// unread notes that a NOTIFY has come, and was refused: no more than that comes of it.
func (w *watch) unread() {
	if !w.ends() {
		w.heardBy = time.Time{}
	}
}

// rounding is by how much what a notifier says of the time that is left may be off without
// meaning anything (our own number): it says whole seconds, and takes a while to arrive.
const rounding = time.Second

// stands takes a NOTIFY of a subscription that goes on. The time that it names counts from
// now on, be it more or less than was granted (RFC 6665 §4.1.3), up to what was asked for.
func (w *watch) stands(s *step, left time.Duration) {
	w.heardBy = time.Time{}
	left = min(left, w.asked)
	if left == 0 || w.expiresAt.IsZero() {
		return
	}
	if off := w.expiresAt.Sub(s.In(left)); off.Abs() <= min(rounding, left/4) {
		w.expiresAt = s.In(left)
		return
	}
	w.livesFor(s, left)
	w.log(s, event.Subscription{Phase: event.SubscriptionActive, Expires: event.Seconds(left), Reason: "by the notifier's NOTIFY"})
}

// mistaken refuses a NOTIFY in the dialog of the subscription that is of another: its
// package is another, or it has an id, which our SUBSCRIBE has not (RFC 6665 §8.2.1).
func (w *watch) mistaken(s *step, tx *ServerTransaction) bool {
	name, id := EventOf(tx.Request)
	status := statusBadEvent
	switch {
	case !strings.EqualFold(name, w.name):
		w.reply(s, tx, status, sip.NewHeader("Allow-Events", w.name))
	case id != "":
		status = sip.StatusCallTransactionDoesNotExists
		w.reply(s, tx, status)
	default:
		return false
	}
	s.Log(event.Warning{
		Rule: event.RuleUnknownPackage,
		Note: fmt.Sprintf("a NOTIFY of %q in the subscription to %s of %s: it was refused with %d, and nothing was done with it", shortText(Text(tx.Request, "event")), w.name, w.to, status),
		Hint: "a NOTIFY has the Event of its SUBSCRIBE (RFC 6665 §8.2.1)",
	})
	return true
}

// oddState names a Subscription-State that says nothing, or nothing that is known.
func (w *watch) oddState(s *step, req *sip.Request) {
	state, params := ParseValue(Text(req, "subscription-state"))
	odd := func(name string) bool {
		v, has := Param(params, name)
		_, ok := DeltaSeconds(v)
		return has && !ok
	}
	expires, named := Param(params, "expires")
	left, _ := DeltaSeconds(expires)
	fault := ""
	switch state = strings.ToLower(state); {
	case state == "":
		fault = noState
	case state != "active" && state != "pending" && state != "terminated":
		fault = unknownState
	case odd("expires"):
		fault = oddStateExpiry
	case odd("retry-after"):
		fault = oddStateRetry
	case state != "terminated" && named && left == 0:
		fault = noStateTime
	case state != "terminated" && left > w.asked && !w.ends():
		fault = longStateTime
	default:
		return
	}
	w.tidiness.warn(s, Message{SIP: req, Untidy: []Untidy{{"Subscription-State", fault}}})
}
