package grade

import (
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// unknownMethod is a method that is not registered with IANA.
const unknownMethod = "SLEEPTALK"

// asking returns the script of a request outside any call.
func asking(method string) func(view) []step {
	return func(view) []step {
		return []step{{
			do:    "ask USER " + method,
			until: func(v view) bool { return v.has(v.answers(method, 200, 699)) }, within: answerWithin,
		}}
	}
}

// judgeAnswer judges the answer to a request by its status.
func judgeAnswer(method string, good ...int) func(view) finding {
	return func(v view) finding {
		request, _ := v.first(v.got(method))
		answer, ok := v.first(v.answers(method, 200, 699))
		if !ok {
			return failed("no answer within %s", answerWithin).showing(shows(request))
		}
		f := failed
		m := answer.Event.(event.Message)
		if slices.Contains(good, m.Status) {
			f = passed
		}
		return f("%d %s after %s", m.Status, m.Reason, event.Round(answer.Device-request.Device)).
			showing(shows(request), shows(answer, "Allow"))
	}
}

var (
	judgeOptions = judgeAnswer("OPTIONS", 200, 486)
	judgeUnknown = judgeAnswer(unknownMethod, 405, 501)
)
