package grade

import (
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// unknownMethod is a method that is not registered with IANA.
const unknownMethod = "SLEEPTALK"

// unknownExtension is an option tag that is not registered with IANA.
const unknownExtension = "sleeptalk-unknown"

// asking returns the script of a request outside any call, with header fields,
// each NAME=VALUE.
func asking(method string, fields ...string) func(view) []step {
	return answering(strings.Join(append([]string{"ask USER", method}, fields...), " "), method)
}

// answering returns the script of a line that has the phone answer a method.
func answering(line, method string) func(view) []step {
	return func(view) []step {
		return []step{{do: line, until: func(v view) bool { return v.has(v.answers(method, 200, 699)) }, within: answerWithin}}
	}
}

// judgeAnswer judges the answer to a request by its status.
func judgeAnswer(method string, good ...int) func(view) finding {
	return func(v view) finding {
		request, _ := v.first(v.got(method))
		answer, ok := v.first(v.answers(method, 200, 699))
		if !ok {
			return silent().showing(shows(request))
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
	judgeMessage = judgeAnswer("MESSAGE", 200, 202, 405, 415, 501)
)

func judgeRequire(v view) finding {
	answer, ok := v.first(v.answers("OPTIONS", 420, 420))
	if !ok {
		return judgeAnswer("OPTIONS", 420)(v)
	}
	request, _ := v.first(v.got("OPTIONS"))
	names := header(answer, "Unsupported")
	f := passed("420, Unsupported: %s", names)
	if !strings.Contains(names, unknownExtension) {
		f = failed("420, and Unsupported does not name %s", unknownExtension)
	}
	return f.showing(shows(request, "Require"), shows(answer, "Unsupported"))
}

// unknownEvent is a package that is not registered with IANA.
const unknownEvent = "sleeptalk"

// refusesNews reports whether a status refuses NOTIFY as a method, or this one.
func refusesNews(status int) bool { return slices.Contains([]int{405, 481, 489, 501}, status) }

// refusedNews returns the news of an unknown package, and the answer to it.
func (v view) refusedNews() (news, answer event.Record, ok bool) {
	got := v.got("NOTIFY")
	news, ok = v.first(func(r event.Record) bool { return got(r) && header(r, "Event") == unknownEvent })
	if !ok {
		return news, answer, false
	}
	answers, id := v.answers("NOTIFY", 200, 699), news.Event.(event.Message).CallID
	answer, ok = v.first(func(r event.Record) bool { return answers(r) && r.Event.(event.Message).CallID == id })
	return news, answer, ok
}

func telling(view) []step {
	return []step{{
		do:    "ask USER NOTIFY Subscription-State=active Event=" + unknownEvent,
		until: func(v view) bool { _, _, ok := v.refusedNews(); return ok }, within: answerWithin,
	}}
}

func judgeEvent(v view) finding {
	news, answer, ok := v.refusedNews()
	if !ok {
		return silent().showing(shows(news, "Event"))
	}
	m := answer.Event.(event.Message)
	f := failed
	if refusesNews(m.Status) {
		f = passed
	}
	return f("%d %s", m.Status, m.Reason).showing(shows(news, "Event"), shows(answer))
}

// judgeRefer wants any refusal.
func judgeRefer(v view) finding {
	request, _ := v.first(v.got("REFER"))
	answer, ok := v.first(v.answers("REFER", 200, 699))
	m, _ := answer.Event.(event.Message)
	switch {
	case !ok:
		return silent().showing(shows(request))
	case m.Status < 300:
		return failed("%d %s, though it does not say to whom", m.Status, m.Reason).showing(shows(request), shows(answer))
	}
	return passed("%d %s", m.Status, m.Reason).showing(shows(request), shows(answer))
}

func judgeSummary(v view) finding {
	news, told := v.first(v.got("NOTIFY"))
	answer, ok := v.first(v.answers("NOTIFY", 200, 699))
	m, _ := answer.Event.(event.Message)
	switch {
	case !told:
		return untold("no NOTIFY reached it")
	case !ok:
		return silent().showing(shows(news, "Event"))
	case refusesNews(m.Status):
		return untold("it has not subscribed, and takes none unasked: %d %s", m.Status, m.Reason).showing(shows(news, "Event"), shows(answer))
	case m.Status >= 300:
		return failed("%d %s", m.Status, m.Reason).showing(shows(news, "Event"), shows(answer))
	}
	return passed("%d %s", m.Status, m.Reason).showing(shows(news, "Event"), shows(answer))
}
