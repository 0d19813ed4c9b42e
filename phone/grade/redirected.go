package grade

import (
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// The checks of a phone that is sent elsewhere (RFC 3261 §8.1.3.4).

const (
	// patient is how long to watch what the phone does after a redirect (our own number).
	patient = 5 * time.Second
	// mostAttempts is how often it may ask again in that time: with credentials, and once
	// more (our own number).
	mostAttempts = 3
)

// redirecting returns the script of a call from the phone that is sent to another.
func redirecting(v view) []step {
	nobody := fmt.Sprintf("nobody called within %s", v.cfg.Patience)
	return []step{
		{do: fmt.Sprintf("redirect %s sip:%s@%s", caller, odd, v.cfg.Domain)},
		{
			tell:  fmt.Sprintf("call %s from the phone once more, within %s", caller, v.cfg.Patience),
			until: func(v view) bool { return v.has(v.sent("INVITE")) }, within: v.cfg.Patience, orElse: nobody,
		},
		{until: func(v view) bool { return v.has(v.told("INVITE", 302, 302)) }, within: answerWithin, may: true},
		{within: patient},
		{do: odd + " hangs up", safe: true, within: pause},
	}
}

func judgeRedirected(v view) finding {
	moved, ok := v.first(v.told("INVITE", 302, 302))
	if !ok {
		return untold("its call was not redirected")
	}
	later := v.after(moved)
	evidence := []Line{shows(moved, "Contact")}
	if !later.has(v.sent("ACK")) {
		return failed("the 302 has no ACK").showing(evidence...)
	}
	again := v.sentAgain("INVITE", moved)
	for _, r := range again {
		if uri := r.Event.(event.Message).URI; leadsTo(uri, odd) {
			return passed("it follows, to %s", uri).showing(append(evidence, shows(r))...)
		}
	}
	if len(again) > 0 {
		return failed("it calls the same address again, %d times", len(again)).showing(append(evidence, shows(again[0]))...)
	}
	return passed("it does not follow, and ends the call").showing(evidence...)
}

// sentAgain returns the requests of the phone after a response, without the copies of one
// that it has sent already: over UDP they may cross the response (RFC 3261 §17.1).
func (v view) sentAgain(method string, response event.Record) (again []event.Record) {
	known := map[string]bool{}
	for _, r := range v.all(v.sent(method)) {
		if id := transactionOf(r); !known[id] {
			known[id] = true
			if r.Seq > response.Seq {
				again = append(again, r)
			}
		}
	}
	return again
}

// transactionOf tells a request from others, and not from its copies. The branch alone
// would do, but for phones that follow RFC 2543.
func transactionOf(request event.Record) string {
	m := request.Event.(event.Message)
	branch := ""
	if parsed := messageOf(request); parsed != nil && parsed.Via() != nil {
		branch, _ = sip.Param(parsed.Via().Params, "branch")
	}
	return fmt.Sprint(m.CallID, " ", m.CSeq, " ", branch)
}

// leadsTo reports whether an address is of a user, by whatever way.
func leadsTo(address, user string) bool {
	_, uri, _, err := sip.ParseAddress(address)
	return err == nil && strings.EqualFold(sip.User(&uri), user)
}

// redirectingRegister returns the script of a registrar that sends the phone back to itself.
func redirectingRegister(v view) []step {
	moved := func(v view) bool { return v.has(v.told("REGISTER", 302, 302)) }
	return []step{
		{do: "respond 302 to REGISTER", until: moved, within: v.cfg.Expires + answerWithin},
		{within: patient},
		{do: "respond normally to REGISTER", until: func(v view) bool { return v.has(v.granted()) }, within: v.cfg.Expires + backWithin},
	}
}

func judgeRedirectedRegister(v view) finding {
	moved, ok := v.first(v.told("REGISTER", 302, 302))
	if !ok {
		return untold("it has sent no REGISTER")
	}
	attempts := 0
	for _, r := range v.sentAgain("REGISTER", moved) {
		if r.Device-moved.Device <= patient {
			attempts++
		}
	}
	granted, back := v.first(v.granted())
	switch {
	case attempts > mostAttempts:
		return failed("%d times within %s it has asked again", attempts, patient).showing(shows(moved))
	case !back:
		return failed("it has not come back within %s", event.Round(v.cfg.Expires+backWithin)).showing(shows(moved))
	}
	return passed("asked %d times again within %s, and back after %s", attempts, patient, event.Round(granted.Device-moved.Device)).
		showing(shows(moved), shows(granted))
}
