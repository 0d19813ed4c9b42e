package scenario

import (
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// An answerWanted is the answer to a request that is expected: its status, and what is in
// what it says of why.
type answerWanted struct {
	status int // 0: any
	reason string
}

// answer reads "with STATUS" and "reason TEXT", as far as they come.
func (a *args) answer() (answerWanted, *problem) {
	rest, p := a.options("with", "reason")
	if p != nil {
		return answerWanted{}, p
	}
	return answerIn(rest)
}

// reason reads "reason TEXT", if it comes next.
func (a *args) reason() (answerWanted, *problem) {
	t, _, p := a.option("reason")
	return answerWanted{reason: t.text}, p
}

// answerIn is the answer that the options "with" and "reason" want.
func answerIn(options map[string]token) (answerWanted, *problem) {
	status, p := statusIn(options)
	return answerWanted{status: status, reason: options["reason"].text}, p
}

// is reports whether it is that answer. What it says of why is its status with its own words,
// and the header fields that say it.
func (w answerWanted) is(status int, words string, why event.Cause) bool {
	if status > 0 {
		words = fmt.Sprintf("%d %s", status, words)
	}
	return (w.status == 0 || w.status == status) && (w.reason == "" || says(words+"\n"+why.Said(), w.reason))
}

// says reports whether part stands in s. A number is whole: "Q.850 2" does not stand in
// "Q.850 21", nor "retry after 01:00", a minute, in "retry after 01:00:00", an hour. Quotes are
// left out, for there can be none in a text of the language.
func says(s, part string) bool {
	s, part = strings.ToLower(strings.ReplaceAll(s, `"`, "")), strings.ToLower(part)
	for from := 0; ; from++ {
		i := strings.Index(s[from:], part)
		if i < 0 {
			return false
		}
		if from += i; whole(s[:from], part, s[from+len(part):]) {
			return true
		}
	}
}

// whole reports whether no number goes on beyond the edges of part.
func whole(before, part, after string) bool {
	digit := func(s string, i int) bool { return 0 <= i && i < len(s) && '0' <= s[i] && s[i] <= '9' }
	clock := func(s string, colon, number int) bool {
		return digit(s, number) && (s[colon] == ':' || s[colon] == '.')
	}
	if n := len(before); digit(part, 0) && (digit(before, n-1) || n > 1 && clock(before, n-1, n-2)) {
		return false
	}
	return !(digit(part, len(part)-1) && (digit(after, 0) || len(after) > 1 && clock(after, 0, 1)))
}
