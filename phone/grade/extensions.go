package grade

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// The checks of extensions look at what the phone has answered to the calls of the
// others: where it has used none, or was not offered any, they cannot tell.

// asked returns the request that a response of the phone is to.
func (v view) asked(answer event.Record) event.Record {
	m := answer.Event.(event.Message)
	got := v.got(m.Method)
	r, _ := v.last(func(r event.Record) bool {
		if !got(r) || r.Seq >= answer.Seq {
			return false
		}
		req := r.Event.(event.Message)
		return req.CallID == m.CallID && req.CSeq == m.CSeq
	})
	return r
}

// Strict is the robot that requires 100rel of whom it calls.
const Strict = "strict"

// ringingStrictly returns the script of a call that requires 100rel, and is given up
// when it rings.
func ringingStrictly(view) []step {
	final := func(v view) bool { return v.has(v.strictly(200)) }
	return []step{
		{do: Strict + " calls USER", until: func(v view) bool { return v.has(v.strictly(101)) }, within: answerWithin, may: true},
		{within: pause},
		{do: Strict + " hangs up", safe: true, unless: final, until: final, within: answerWithin, may: true},
		{within: pause},
	}
}

// strictly matches the responses to an INVITE that requires 100rel, from a status.
func (v view) strictly(from int) match {
	answers := v.answers("INVITE", from, 699)
	return func(r event.Record) bool { return answers(r) && lists(v.whole().asked(r), "100rel", "Require") }
}

func judgeReliable(v view) finding {
	answer, ok := v.first(v.strictly(101))
	if !ok {
		return untold("it has not answered the INVITE")
	}
	invite := v.asked(answer)
	evidence := []Line{shows(invite, "Supported", "Require"), shows(answer, "Require", "RSeq", "Unsupported")}
	switch m := answer.Event.(event.Message); {
	case m.Status >= 200:
		return untold("it has not rung: %d %s", m.Status, m.Reason).showing(evidence...)
	case !lists(answer, "100rel", "Require"):
		return failed("it rings without what the caller requires").showing(evidence...)
	}
	if n, err := strconv.ParseUint(header(answer, "RSeq"), 10, 32); err != nil || n < 1 || n > 1<<31-1 {
		return failed("RSeq %q is no number from 1 to 2^31-1", header(answer, "RSeq")).showing(evidence...)
	}
	later := v.after(answer)
	prack, ok := later.first(v.got("PRACK"))
	if !ok {
		return untold("it was sent no PRACK").showing(evidence...)
	}
	said, ok := later.after(prack).first(v.answers("PRACK", 200, 699))
	evidence = append(evidence, shows(prack, "RAck"))
	switch m, _ := said.Event.(event.Message); {
	case !ok:
		return failed("the PRACK has no answer").showing(evidence...)
	case m.Status >= 300:
		return failed("the PRACK was answered %d %s", m.Status, m.Reason).showing(append(evidence, shows(said))...)
	}
	return passed("RSeq %s, and its PRACK is answered", header(answer, "RSeq")).showing(append(evidence, shows(said))...)
}

// judgeTimer looks at every answer that has a session timer: each may make the one that
// was agreed on longer, or leave it without a refresher.
func judgeTimer(v view) finding {
	timed := v.all(func(r event.Record) bool {
		return (v.answers("INVITE", 200, 299)(r) || v.answers("UPDATE", 200, 299)(r)) && header(r, "Session-Expires") != ""
	})
	if len(timed) == 0 {
		return untold("it has answered no call with a session timer")
	}
	for _, answer := range timed {
		if f := v.judgeSessionExpires(answer); f.verdict != Pass {
			return f
		}
	}
	return v.judgeSessionExpires(timed[0])
}

// judgeSessionExpires looks at the session timer of one answer.
func (v view) judgeSessionExpires(answer event.Record) finding {
	req := v.asked(answer)
	evidence := []Line{shows(req, "Supported", "Session-Expires"), shows(answer, "Require", "Session-Expires")}
	value := header(answer, "Session-Expires")
	se, asked := sip.ParseSessionExpires(value), sip.ParseSessionExpires(header(req, "Session-Expires"))
	switch {
	case se.Every < sip.MinSession:
		return failed("Session-Expires: %s is no time of %g s or more", value, sip.MinSession.Seconds()).showing(evidence...)
	case asked.Every > 0 && se.Every > asked.Every:
		return failed("Session-Expires: %s is more than the caller asked for", value).showing(evidence...)
	case se.Refresher == "":
		return failed("Session-Expires without the refresher").showing(evidence...)
	case se.Refresher == "uac" && !supports(req, "timer"):
		return failed("it has the caller refresh, which has not said that it can").showing(evidence...)
	}
	return passed("Session-Expires: %s", value).showing(evidence...)
}

// placing returns the script of a call from the phone.
func placing(v view) []step {
	final := func(v view) bool {
		said := v.told("INVITE", 180, 699)
		return v.has(func(r event.Record) bool { return said(r) && r.Event.(event.Message).Status != 407 })
	}
	nobody := fmt.Sprintf("nobody called within %s", v.cfg.Patience)
	return []step{
		{
			tell:  fmt.Sprintf("call %s from the phone, within %s", caller, v.cfg.Patience),
			until: func(v view) bool { return v.has(v.sent("INVITE")) }, within: v.cfg.Patience, orElse: nobody,
		},
		{until: final, within: answerWithin, may: true},
		{within: time.Second},
		{do: caller + " hangs up", safe: true, unless: hungUp, until: over, within: answerWithin, may: true},
		{within: pause},
	}
}

func judgePlaced(v view) finding {
	sent := v.sent("INVITE")
	first, ok := v.first(sent)
	if !ok {
		return untold("it has not called")
	}
	from := strings.ToLower(header(first, "From"))
	if want := strings.ToLower("sip:" + v.cfg.User + "@"); !strings.Contains(from, want) && !strings.Contains(from, "anonymous") {
		return failed("it calls as somebody else than %s", v.cfg.User).showing(shows(first, "From"))
	}
	asked, challenged := v.first(v.told("INVITE", 407, 407))
	if !challenged {
		return untold("it was not asked who it is").showing(shows(first, "From"))
	}
	evidence := []Line{shows(first, "From"), shows(asked, "Proxy-Authenticate")}
	calls := v.sentAgain("INVITE", asked)
	if len(calls) == 0 || header(calls[0], "Proxy-Authorization") == "" {
		return failed("it has not called again with credentials").showing(evidence...)
	}
	again := calls[0]
	evidence = append(evidence, shows(again, "Proxy-Authorization"))
	told := v.told("INVITE", 100, 699)
	answers := v.after(again).all(func(r event.Record) bool {
		return told(r) && r.Event.(event.Message).CSeq == again.Event.(event.Message).CSeq
	})
	for _, r := range answers {
		if m := r.Event.(event.Message); m.Status >= 400 && m.Status <= 407 && m.Status != 404 {
			return failed("the lab refused its credentials: %d %s", m.Status, m.Reason).showing(append(evidence, shows(r))...)
		}
	}
	if len(answers) == 0 {
		return untold("its INVITE has no answer").showing(evidence...)
	}
	return passed("it calls again with credentials %s after the 407", event.Round(again.Device-asked.Device)).showing(append(evidence, shows(answers[0]))...)
}
