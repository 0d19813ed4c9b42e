package sip

import (
	"cmp"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// leastRefresh is the shortest time between two refreshes, however short a timer
// the peer grants (our own number).
const leastRefresh = 5 * time.Second

// A sessionTimer is for how long a session lasts that nobody refreshes (RFC
// 4028). One side refreshes it at half of that, by UPDATE or re-INVITE; where no
// refresh comes, whoever notices ends the call a little before its end: a third,
// or 32 s (§10).
//
// A program that is stopped refreshes nothing. It learns that on waking, by a
// deadline that is late, or by the peer's BYE.
type sessionTimer struct {
	call *call

	every     time.Duration // 0: none
	ours      bool          // we refresh it
	since     time.Time     // the last refresh, or the beginning
	refreshAt time.Time
	endAt     time.Time
	late      time.Duration // by how much our last refresh was, which has not been answered yet

	asks    time.Duration // in our requests; 0: nothing
	least   time.Duration // Min-SE that a 422 has named
	longer  int           // 422s in a row
	updates bool          // the peer takes UPDATE
	sent    *exchange     // our re-INVITE that refreshes
}

func (t *sessionTimer) deadline() time.Time   { return system.Earliest(t.endAt, t.refreshAt) }
func (t *sessionTimer) delay(until time.Time) { control.Delay(until, &t.endAt) }

func (t *sessionTimer) advance(s *step) {
	switch t.deadline() {
	case t.endAt:
		t.expired(s)
	case t.refreshAt:
		t.refresh(s)
	}
}

// ask adds what a request of ours says of the timer: in the first one whoever
// likes may refresh, later ones keep who does (RFC 4028 §7.1, §7.4).
func (t *sessionTimer) ask(req *sip.Request) {
	cfg, value := t.call.cfg, cmp.Or(t.every, t.asks)
	if value == 0 || cfg.NoTimer {
		return
	}
	by := ""
	switch {
	case t.every == 0:
	case t.ours:
		by = ";refresher=uac"
	default:
		by = ";refresher=uas"
	}
	req.AppendHeader(sip.NewHeader("Session-Expires", wholeSeconds(value)+by))
	if least := min(max(t.least, cfg.MinSE), value); least > MinSession {
		req.AppendHeader(sip.NewHeader("Min-SE", wholeSeconds(least)))
	}
}

// start begins the timer anew, at now.
func (t *sessionTimer) start(now time.Time, every time.Duration, ours bool) {
	every = max(every, 2*leastRefresh)
	t.every, t.ours, t.since, t.late, t.longer = every, ours, now, 0, 0
	t.endAt = now.Add(t.patience())
	if t.refreshAt = (time.Time{}); ours {
		t.refreshAt = now.Add(max(every/2, leastRefresh))
	}
}

// patience is how long after a refresh the call ends for lack of the next one
// (RFC 4028 §10).
func (t *sessionTimer) patience() time.Duration { return t.every - min(32*time.Second, t.every/3) }

// stop ends it: the session lasts for as long as it likes.
func (t *sessionTimer) stop() { t.every, t.refreshAt, t.endAt = 0, time.Time{}, time.Time{} }

// again tries to refresh a while later, half of the time that is left, unless
// that is too little, or it is the peer's to refresh.
func (t *sessionTimer) again(now time.Time) {
	if left := t.endAt.Sub(now) / 2; t.ours && left > time.Second {
		t.refreshAt = now.Add(left)
	}
}

// refresher says who refreshes, for the log.
func (t *sessionTimer) refresher() string {
	switch {
	case t.every == 0:
		return ""
	case t.ours:
		return "us"
	}
	return "peer"
}

// hear takes in what a message of the peer says of the timer. wanted is false where
// there is none: we have none, or neither side asks for one.
func (t *sessionTimer) hear(m sip.Message) (se SessionExpires, wanted bool) {
	se = sessionExpiresOf(m)
	t.updates = t.updates || allows(m, sip.UPDATE)
	switch {
	case t.call.cfg.NoTimer:
		return se, false
	case se.Every == 0 && t.asks == 0:
		t.stop()
		return se, false
	}
	return se, true
}

// grant settles the timer in our 2xx to a request of the peer, which is the
// "uac" of that (RFC 4028 §9). What is less than may be asked for, and cannot be refused
// because its sender knows nothing of 422 or of timers, is taken for the least: no more
// is promised than is kept.
func (t *sessionTimer) grant(s *step, req *sip.Request, res *sip.Response) {
	theirs, before := supports(req, tagTimer), t.every
	se, wanted := t.hear(req)
	if !wanted {
		return
	}
	ours := se.Refresher != "uac"
	switch {
	case se.Every == 0:
		se.Every = max(t.asks, minSEOf(req))
	case !theirs:
		ours = true
	case se.Refresher == "":
		ours = before > 0 && t.ours
	}
	se.Every = max(se.Every, MinSession)
	if before == 0 && t.asks > 0 {
		se.Every = min(se.Every, max(t.asks, minSEOf(req)))
	}
	t.start(s.Now, se.Every, ours)
	by := ";refresher=uac"
	if ours {
		by = ";refresher=uas"
	}
	res.AppendHeader(sip.NewHeader("Session-Expires", wholeSeconds(se.Every)+by))
	if theirs {
		res.AppendHeader(sip.NewHeader("Require", tagTimer))
	}
	if before > 0 {
		t.fresh(s, "peer")
	}
}

// granted settles the timer by the 2xx to a request of ours, of which we are the
// "uac". Where the peer knows nothing of timers, the one that we asked for is
// ours alone (RFC 4028 §7.2).
func (t *sessionTimer) granted(s *step, res *sip.Response) {
	before := t.every
	doubtSession(s, t.call.peer, res)
	se, wanted := t.hear(res)
	if !wanted {
		return
	}
	if se.Every == 0 {
		se = SessionExpires{Every: t.asks, Refresher: "uac"}
	}
	t.start(s.Now, se.Every, se.Refresher != "uas")
	if before > 0 {
		t.fresh(s, "us")
	}
}

// fresh logs that the timer began anew.
func (t *sessionTimer) fresh(s *step, by string) {
	t.call.record(s, event.Call{Phase: event.CallRefreshed, By: by, Expires: event.Seconds(t.every), Refresher: t.refresher()})
}

// maxBrief bounds how often in a row a peer may want a longer timer (our own
// number). One that knows what it wants has it after the first.
const maxBrief = 3

// askLonger takes a 422: it reports whether to ask again, with the peer's
// minimum (RFC 4028 §7.3).
func (t *sessionTimer) askLonger(s *step, res *sip.Response) bool {
	if res.StatusCode != statusTooBrief || t.call.cfg.NoTimer {
		return false
	}
	doubtSession(s, t.call.peer, res)
	least := minSEOf(res)
	switch {
	case least <= cmp.Or(t.every, t.asks), t.longer >= maxBrief:
		s.Log(event.Warning{
			Rule: event.RuleServerLoop, Note: fmt.Sprintf("%s wants a session timer longer than %s, and says at least %s", t.call.peer, cmp.Or(t.every, t.asks), least),
			Hint: "one 422 with one Min-SE is enough; the phone asks at most four times",
		})
		return false
	}
	t.longer++
	t.asks, t.least = least, least
	if t.every > 0 {
		t.every = least
	}
	return true
}
