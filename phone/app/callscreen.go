package app

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxReports bounds the calls that wait for their INVITE: as many as there can
// be calls (sip.Config.MaxCalls).
const maxReports = 8

// callScreen is the system's own screen for incoming calls (CallKit,
// ConnectionService). The app reports calls to it: before their INVITE, when a
// push announces them, or after.
//
//	push ─▶ reported ─▶ INVITE: joined ─▶ answered or over ─▶ ended
//	             └────▶ no INVITE: given up
type callScreen struct {
	out      *outbox
	nextCard func() int
	// hidden says that the app reports nothing, though the system wants it.
	hidden bool
	// early says that audio may begin before the system has activated its audio
	// session.
	early bool
	// used says that incoming calls go on the screen, instead of a notification
	// of the app's.
	used    bool
	reports []*report // oldest first
}

// report is a call that the system was told of.
type report struct {
	id         int // on the call screen
	callID     string
	peer, name string    // as the push had it, then as the INVITE has it
	shown      shown     // what the call screen shows
	joined     bool      // its INVITE is there
	by         time.Time // when it is given up; zero: never
	handlers   []int     // push handlers that have not returned

	summons  bool // there is no call, but one had to be reported
	answered bool // on the call screen
	declined bool // on the call screen
	refused  bool // by the system
	audio    bool // may begin
}

// shown is what the call screen shows of a call; the zero value: nothing.
type shown struct{ name, peer string }

// mayTalk reports whether the audio of the call may run: if the user answered
// on the call screen, not before the system has activated the audio session. A
// call that was never reported may.
func (r *report) mayTalk() bool { return r == nil || !r.answered || r.audio }

// visible reports whether the call is on the screen.
func (r *report) visible() bool { return r.shown != shown{} && !r.refused }

// join connects the report to its call.
func (r *report) join(peer, name string) {
	r.joined, r.by, r.peer, r.name = true, time.Time{}, peer, name
}

// add makes a report. If they are too many, the one that has waited longest for
// its INVITE is given up.
func (s *callScreen) add(callID, peer, name string) *report {
	if len(s.reports) >= maxReports {
		if i := slices.IndexFunc(s.reports, func(r *report) bool { return !r.joined }); i >= 0 {
			s.end(s.reports[i], system.EndFailed)
		}
	}
	r := &report{id: s.nextCard(), callID: callID, peer: peer, name: name, audio: s.early}
	s.reports = append(s.reports, r)
	return r
}

// find is the first report that matches; nil if none does.
func (s *callScreen) find(matches func(r *report) bool) *report {
	if i := slices.IndexFunc(s.reports, matches); i >= 0 {
		return s.reports[i]
	}
	return nil
}

func (s *callScreen) byID(id int) *report {
	return s.find(func(r *report) bool { return r.id == id })
}

// expected is the report of the call that a push is about, if it is not the
// first push for it.
func (s *callScreen) expected(p push.Payload) *report {
	return s.find(func(r *report) bool { return p.CallID != "" && r.callID == p.CallID })
}

// overdue is a report that has waited too long for its INVITE.
func (s *callScreen) overdue(now time.Time) *report {
	return s.find(func(r *report) bool { return system.Due(r.by, now) })
}

// claim finds the report that an INVITE belongs to: by its Call-ID or, where
// the push had none or a server in between has changed it, by the caller.
func (s *callScreen) claim(callID, from string) *report {
	waits := func(r *report) bool { return !r.joined && !r.summons }
	return cmp.Or(
		s.find(func(r *report) bool { return waits(r) && r.callID == callID }),
		s.find(func(r *report) bool { return waits(r) && (r.callID == "" || r.peer == from) }),
	)
}

// compare warns of an INVITE with another Call-ID than the push for it had: of the
// same caller, or of one whom the push did not name.
func (s *callScreen) compare(n control.Offered) {
	waits := func(r *report) bool { return !r.joined && r.callID != "" }
	r := s.find(func(r *report) bool { return waits(r) && (r.peer == "" || r.peer == n.From) })
	if r == nil || s.find(func(r *report) bool { return waits(r) && r.callID == n.CallID }) != nil {
		return
	}
	what := "it is taken for the same call, by its caller"
	if r.peer == "" {
		what = "it is another call to the phone, and the one that the push announced will not come"
	}
	s.out.note(event.Warning{
		Rule: event.RulePushOtherCall,
		Note: fmt.Sprintf("the push announced the call-id %q, and the INVITE of %s has the Call-ID %q: %s", r.callID, n.From, event.Printable(n.CallID), what),
		Hint: "let the server put the Call-ID of the INVITE that the phone will get into the push (call-id), and pass it on unchanged",
	})
}

// show puts a call on the call screen, or a better name to it.
func (s *callScreen) show(r *report) {
	what := shown{cmp.Or(r.name, r.peer, "unknown caller"), r.peer}
	if s.hidden || r.shown == what {
		return
	}
	r.shown = what
	s.out.ask(system.ReportCall{ID: r.id, Name: what.name, Peer: what.peer})
}

// showAgain reports a call once more, which each push for it demands.
func (s *callScreen) showAgain(r *report) {
	r.shown = shown{}
	s.show(r)
}

// release lets the push handlers return that waited for the call.
func (s *callScreen) release(r *report) {
	for _, id := range r.handlers {
		s.out.ask(system.PushDone{ID: id})
	}
	r.handlers = nil
}

// ring shows a call that rings, and lets its push handlers return.
func (s *callScreen) ring(r *report) {
	s.show(r)
	s.release(r)
}

// answered tells the system of a call that the app answers by itself: the user
// did nothing on the call screen. Its audio is the system's to begin.
func (s *callScreen) answered(r *report) {
	if r == nil || r.answered || r.refused {
		return
	}
	s.ring(r)
	if r.visible() {
		r.answered = true
		s.out.ask(system.AnswerReported{ID: r.id})
	}
}

// end takes a call off the screen.
func (s *callScreen) end(r *report, why system.EndReason) {
	if r.visible() {
		s.out.ask(system.ReportEnd{ID: r.id, Why: why})
	}
	s.release(r)
	s.reports = slices.DeleteFunc(s.reports, func(other *report) bool { return other == r })
}

// endSummons takes off the screen what is there for want of a call.
func (s *callScreen) endSummons() {
	for _, r := range slices.Clone(s.reports) {
		if r.summons {
			s.end(r, system.EndFailed)
		}
	}
}

// over takes a call off the screen that has ended; rang says that nobody had
// answered it.
func (s *callScreen) over(r *report, n control.Ended, rang bool) {
	if r == nil {
		return
	}
	why := system.EndFailed
	switch {
	case n.Elsewhere == control.AnsweredElsewhere:
		why = system.AnsweredElsewhere
	case n.Elsewhere == control.DeclinedElsewhere:
		why = system.DeclinedElsewhere
	case n.By == "peer":
		why = system.EndedByPeer
	case n.By == "us" && rang:
		why = system.Declined
	case n.By == "us":
		why = system.EndedByUser
	}
	s.end(r, why)
}
