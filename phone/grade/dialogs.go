package grade

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// The checks of what a call may be asked besides: an INVITE with header fields that the
// phone must refuse, and an UPDATE.

// odd is the robot whose INVITEs have them.
const odd = "echo"

// oddly returns the script of a call whose INVITE has these header fields besides its own;
// it is given up when it rings. A robot that is refused may call again at once.
func oddly(fields ...string) func(view) []step {
	return func(view) (all []step) {
		for _, f := range fields {
			all = append(all, step{do: odd + ": header INVITE " + f})
		}
		return append(all,
			step{do: odd + " calls USER", until: func(v view) bool { return v.has(v.answers("INVITE", 180, 699)) }, within: answerWithin, may: true},
			step{within: pause},
			step{do: odd + " hangs up", safe: true, within: pause})
	}
}

// evenly lists the requests that take header fields out again.
func evenly(names ...string) (lines []string) {
	for _, name := range names {
		lines = append(lines, odd+": header INVITE "+name+":")
	}
	return lines
}

// judgeReplaces wants 481 for a call that never was.
func judgeReplaces(v view) finding {
	invite, _ := v.first(v.got("INVITE"))
	answer, ok := v.first(v.answers("INVITE", 180, 699))
	m, _ := answer.Event.(event.Message)
	evidence := []Line{shows(invite, "Replaces", "Require"), shows(answer, "Unsupported")}
	switch {
	case !ok:
		return silent().showing(evidence[0])
	case m.Status == 481:
		return passed("481").showing(evidence...)
	case m.Status == 420 && lists(answer, "replaces", "Unsupported"):
		return untold("it does not know Replaces, and says so").showing(evidence...)
	case m.Status < 300:
		return failed("%d %s, as if the call that it is to replace were there", m.Status, m.Reason).showing(evidence...)
	case m.Status == 480 || m.Status == 486 || m.Status >= 600: // 480: do not disturb, on many phones
		return untold("it is busy: %d %s", m.Status, m.Reason).showing(evidence...)
	}
	return failed("%d %s", m.Status, m.Reason).showing(evidence...)
}

// judgeBrief looks at the answer to a session timer that is too short.
func judgeBrief(v view) finding {
	invite, _ := v.first(v.got("INVITE"))
	refusal, refused := v.first(v.answers("INVITE", 422, 422))
	answer, answered := v.first(v.answers("INVITE", 200, 299))
	evidence := []Line{shows(invite, "Session-Expires"), shows(refusal, "Min-SE"), shows(answer, "Session-Expires")}
	least := sip.ParseSessionExpires(header(refusal, "Min-SE")).Every
	switch {
	case refused && least < sip.MinSession:
		return failed("422, and Min-SE: %s is no time of %g s or more", header(refusal, "Min-SE"), sip.MinSession.Seconds()).showing(evidence[:2]...)
	case refused:
		return passed("422, Min-SE: %s", header(refusal, "Min-SE")).showing(evidence[:2]...)
	case answered && header(answer, "Session-Expires") != "" && sip.ParseSessionExpires(header(answer, "Session-Expires")).Every < sip.MinSession:
		return failed("it agrees to Session-Expires: %s", header(answer, "Session-Expires")).showing(evidence[0], evidence[2])
	}
	return untold("it has not refused the session timer").showing(evidence[0])
}

// updateWithin is how long the robot's session timer takes to ask for an UPDATE: half of
// its time (RFC 4028 §10).
const updateWithin = sip.MinSession/2 + 5*time.Second

// updating waits for the UPDATE that refreshes the session, if the phone has said that it
// takes one.
func updating(view) []step {
	return []step{{
		unless: func(v view) bool { return !v.whole().allows("UPDATE") },
		until:  func(v view) bool { return v.has(v.answers("UPDATE", 200, 699)) || over(v) }, within: updateWithin,
	}}
}

// allows reports whether the phone has said that it takes a method.
func (v view) allows(method string) bool {
	sent := v.message(func(m event.Message) bool { return m.Out })
	return v.has(func(r event.Record) bool { return sent(r) && lists(r, method, "Allow") })
}

func judgeUpdate(v view) finding {
	update, got := v.first(v.got("UPDATE"))
	answer, ok := v.after(update).first(v.answers("UPDATE", 200, 699))
	m, _ := answer.Event.(event.Message)
	evidence := []Line{shows(update, "Session-Expires"), shows(answer, "Session-Expires")}
	switch {
	case !got && !v.whole().allows("UPDATE"):
		return untold("it has not said that it takes UPDATE (Allow)")
	case !got:
		return untold("it was sent no UPDATE")
	case !ok:
		return silent().showing(evidence[0])
	case m.Status >= 300:
		return failed("%d %s, though it allows UPDATE", m.Status, m.Reason).showing(evidence...)
	}
	return passed("%d %s", m.Status, m.Reason).showing(evidence...)
}
