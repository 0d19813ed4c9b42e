package grade

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// pause is the time between two calls, in which the phone finishes the first:
// our own number.
const pause = 500 * time.Millisecond

// automatic is the time within which an answer must have been automatic (our
// own number).
const automatic = 200 * time.Millisecond

// crossing is how long after a CANCEL an answer may arrive that crossed it on
// the way (our own number: a slow round trip).
const crossing = 500 * time.Millisecond

// over reports whether the robot's call has ended.
func over(v view) bool { return v.has(v.call(event.CallEnded)) }

// hungUp reports whether the robot has no call.
func hungUp(v view) bool {
	r, ok := v.last(func(r event.Record) bool { _, is := r.Event.(event.Call); return is && r.Phone == caller })
	return !ok || r.Event.(event.Call).Phase == event.CallEnded
}

// longer reports whether an answer of the phone's only wants a longer session timer than
// the robot has asked for, which then asks again (RFC 4028 §7.3).
func (v view) longer(answer event.Record) bool {
	m, is := answer.Event.(event.Message)
	if !is || m.Status != 422 {
		return false
	}
	got := v.got("INVITE")
	return v.has(func(r event.Record) bool {
		again, _ := r.Event.(event.Message)
		return got(r) && again.CallID == m.CallID && again.CSeq > m.CSeq
	})
}

// replies matches the phone's responses to an INVITE of the robot, with a status from one
// to another, but not those that only want a longer session timer.
func (v view) replies(from, to int) match {
	answers := v.answers("INVITE", from, to)
	return func(r event.Record) bool { return answers(r) && !v.longer(r) }
}

// settled reports whether there is such a response that ends a wait: after a 422 the robot
// is about to ask again.
func (v view) settled(from int) bool {
	return v.has(v.answers("INVITE", from, 421)) || v.has(v.answers("INVITE", 423, 699))
}

// rung reports whether the phone has rung, or answered or refused.
func rung(v view) bool { return v.settled(180) || over(v) }

// oneRing returns the script of a call that the robot cancels as soon as it
// rings.
func oneRing() []step {
	return []step{
		{do: caller + " calls USER", until: rung, within: answerWithin, may: true},
		{do: caller + " hangs up", safe: true, unless: hungUp, until: over, within: answerWithin, may: true},
		{within: pause},
	}
}

func ringing(view) []step {
	var all []step
	for range rings {
		all = append(all, oneRing()...)
	}
	return all
}

func judgeRinging(v view) finding {
	var times []time.Duration
	var evidence []Line
	invites := v.all(v.got("INVITE"))
	for _, invite := range invites {
		asked := invite.Event.(event.Message)
		answer, ok := v.first(v.message(func(m event.Message) bool {
			return m.Out && m.Method == "INVITE" && m.CallID == asked.CallID && m.CSeq == asked.CSeq && m.Status >= 180
		}))
		if ok && v.longer(answer) {
			continue
		}
		evidence = append(evidence, shows(invite))
		if !ok {
			return failed("no 180 within %s", answerWithin).showing(evidence...)
		}
		evidence = append(evidence, shows(answer))
		if m := answer.Event.(event.Message); m.Status >= 300 {
			return failed("it refuses the call: %d %s", m.Status, m.Reason).showing(evidence...)
		}
		times = append(times, answer.Device-invite.Device)
	}
	if len(times) == 0 {
		return untold("no INVITE reached it")
	}
	slices.Sort(times)
	median := times[len(times)/2]
	f := passed
	if median > ringWithin {
		f = failed
	}
	return f("180 after %s (p50 of %d calls, at most %s)", event.Round(median), len(times), event.Round(times[len(times)-1])).showing(evidence...)
}

func cancelling(view) []step {
	return []step{
		{do: caller + " calls USER", until: rung, within: answerWithin},
		{do: caller + " hangs up", safe: true, unless: hungUp, until: func(v view) bool { return v.settled(200) && over(v) }, within: answerWithin},
		{within: pause},
	}
}

func judgeCancel(v view) finding {
	cancel, ok := v.first(v.got("CANCEL"))
	final, answered := v.first(v.replies(200, 699))
	switch {
	case !ok && answered && final.Event.(event.Message).Status < 300:
		return untold("it answers by itself: there was nothing to cancel").showing(shows(final))
	case !ok:
		return untold("it did not ring: there was nothing to cancel")
	}
	said, agreed := v.first(v.answers("CANCEL", 200, 200))
	switch {
	case !answered:
		return failed("the INVITE has no final response within %s of the CANCEL", answerWithin).showing(shows(cancel))
	case final.Event.(event.Message).Status < 300 && final.Device-cancel.Device < crossing:
		return untold("it answered as the caller gave up: 200 and CANCEL have crossed").showing(shows(cancel), shows(final))
	case final.Event.(event.Message).Status != 487:
		return failed("the INVITE ended with %d, not 487", final.Event.(event.Message).Status).showing(shows(cancel), shows(final))
	case !agreed:
		return failed("the CANCEL has no answer").showing(shows(cancel), shows(final))
	}
	return passed("487 after %s", event.Round(final.Device-cancel.Device)).showing(shows(cancel), shows(said), shows(final))
}

func repeating(view) []step {
	return append([]step{{do: "misbehave repeat-invite"}}, oneRing()...)
}

func judgeRepeated(v view) finding {
	invites := v.all(v.got("INVITE"))
	if len(invites) < 2 {
		return untold("the INVITE did not come twice")
	}
	var tags []string
	evidence := []Line{shows(invites[0]), shows(invites[1])}
	for _, r := range v.all(v.replies(101, 699)) {
		_, tag, _ := strings.Cut(header(r, "To"), "tag=")
		switch m := r.Event.(event.Message); {
		case m.Status == 482:
			return failed("it takes the copy for a loop").showing(append(evidence, shows(r))...)
		case !slices.Contains(tags, tag):
			tags = append(tags, tag)
			evidence = append(evidence, shows(r, "To"))
		}
	}
	switch len(tags) {
	case 0:
		return untold("it did not ring").showing(evidence...)
	case 1:
		return passed("one dialog for both copies").showing(evidence...)
	}
	return failed("%d dialogs: it rings twice", len(tags)).showing(evidence...)
}

// nobody returns the text for a call that was not answered.
func nobody(c Config) string { return fmt.Sprintf("nobody answered within %s", c.Patience) }

// answered returns the script of a call that the phone answers; the checks that
// need one share the call.
func answered(c Config) []step {
	up := func(v view) bool { _, up := v.talking(); return up }
	return []step{
		{do: caller + " calls USER", until: rung, within: answerWithin, may: true},
		{within: automatic, unless: up},
		{
			tell:   fmt.Sprintf("answer the call from %s, within %s", caller, c.Patience),
			unless: up, until: up, within: c.Patience, orElse: nobody(c),
		},
	}
}

// spoken returns how long after the answer the phone's first RTP came, or 0.
// The robot only logs a packet count now and then, so the time of the first
// packet is computed back from that, at 20 ms a packet.
func (v view) spoken() time.Duration {
	const packet = 20 * time.Millisecond
	up, ok := v.talking()
	if !ok {
		return 0
	}
	r, ok := v.after(up).first(v.rtp(func(e event.RTP) bool { return e.Received > 0 }))
	if !ok {
		return 0
	}
	return max(time.Millisecond, r.Device-up.Device-packet*time.Duration(r.Event.(event.RTP).Received))
}

// reported reports whether the phone has sent an RTCP report about our RTP in
// this call. That it has a round trip is not asked for: on a path of microseconds
// a phone that counts its delay in milliseconds gives none.
func (v view) reported() bool {
	up, ok := v.talking()
	return ok && v.after(up).has(v.rtp(ofOurs))
}

func ofOurs(e event.RTP) bool { return e.FarOf > 0 }

func judgeMedia(v view) finding {
	up, ok := v.talking()
	if !ok {
		return untold("the call has ended")
	}
	answer, _ := v.last(v.answers("INVITE", 200, 200))
	first := v.spoken()
	if first == 0 {
		return failed("no RTP within %s of the answer", answerWithin).showing(shows(answer))
	}
	r, _ := v.after(up).first(v.rtp(func(e event.RTP) bool { return e.Received > 0 }))
	f := passed
	if first > mediaWithin {
		f = failed
	}
	return f("the first RTP came %s after the answer", event.Round(first)).showing(shows(answer), shows(r))
}

func judgeHears(v view) finding {
	up, _ := v.talking()
	r, ok := v.after(up).first(v.rtp(ofOurs))
	if !ok {
		last, _ := v.after(up).last(v.rtp(func(event.RTP) bool { return true }))
		return untold("no RTCP report of its about ours in %s", reportWithin).showing(shows(last))
	}
	heard := r.Event.(event.RTP)
	f := passed
	if heard.FarLost >= heard.FarOf {
		f = failed
	}
	return f("its report has %d of %d packets lost", heard.FarLost, heard.FarOf).showing(shows(r))
}

func holding(view) []step {
	done := func(v view) bool { return v.settled(200) || over(v) }
	return []step{
		{do: caller + " holds", until: done, within: answerWithin},
		{within: pause},
		{do: caller + " resumes", safe: true, until: done, within: answerWithin},
		{within: pause},
	}
}

func judgeReinvite(v view) finding {
	got := v.got("INVITE")
	again := v.all(func(r event.Record) bool { return got(r) && strings.Contains(header(r, "To"), "tag=") })
	if len(again) == 0 {
		return untold("no re-INVITE reached it")
	}
	var evidence []Line
	taken := 0
	for _, invite := range again {
		answer, ok := v.after(invite).first(v.answers("INVITE", 200, 699))
		if v.longer(answer) {
			continue
		}
		evidence = append(evidence, shows(invite))
		switch {
		case !ok:
			return silent().showing(evidence...)
		case answer.Event.(event.Message).Status >= 300:
			m := answer.Event.(event.Message)
			return failed("%d %s", m.Status, m.Reason).showing(append(evidence, shows(answer))...)
		}
		evidence = append(evidence, shows(answer))
		taken++
	}
	if taken < 2 {
		return failed("the call did not live to be resumed").showing(evidence...)
	}
	return passed("held and resumed").showing(evidence...)
}
