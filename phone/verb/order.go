package verb

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Forced is what requests of a method are answered from now on: see "respond".
type Forced struct {
	Normally bool          // as they would be: what was said before is void
	Method   string        // "" with Normally: of all
	Status   int           // 0: not at all
	Retry    time.Duration // that the answer names in Retry-After; 0: it does not
	After    time.Duration
	Times    int // how often; 0: always
}

// The bounds of what can be forced: by maxForcedWait every peer has given up, and
// maxForcedTimes is far above what anybody means.
const (
	maxForcedWait  = time.Hour
	maxForcedTimes = 1_000_000
)

const respondSuch = "such as: respond 503 to INVITE"

// Answered are the methods whose answers can be forced.
func Answered() []string {
	return []string{"INVITE", "BYE", "CANCEL", "OPTIONS", "MESSAGE", "INFO", "NOTIFY", "PRACK", "UPDATE", "REFER", "SUBSCRIBE", "PUBLISH", "REGISTER"}
}

// forced reads what a phone is told by "respond".
func forced(r *reader, l *Line) *Error {
	f := &l.Forced
	if err := forcedTo(r, f, 101, "to answer with: from 101 to 699, nothing, or normally"); err != nil || f.Normally {
		return err
	}
	if err := forcedOptions(r, f); err != nil {
		return err
	}
	if f.Status > 0 && f.Status < 200 && f.After > 0 {
		return r.wrong(r.at, "%d cannot come later: the answer that follows it would come first", f.Status)
	}
	return nil
}

// forcedAtLab reads what a lab is told by it: a final answer.
func forcedAtLab(r *reader, l *Line) *Error {
	f := &l.Forced
	if err := forcedTo(r, f, 200, "that a lab answers with: from 200 to 699, or normally"); err != nil || f.Normally {
		return err
	}
	return forcedOptions(r, f)
}

// forcedTo reads "normally", or a status and the method that is answered so. A phone,
// which may answer before it answers, may also not answer at all.
func forcedTo(r *reader, f *Forced, least int, known string) *Error {
	if f.Normally = r.skip("normally"); f.Normally {
		return normally(r, f)
	}
	at := r.at
	word, err := r.take("the status")
	if err != nil {
		return err.advise(respondSuch)
	}
	if n, notNumber := strconv.Atoi(word); notNumber == nil && n >= least && n <= 699 {
		f.Status = n
	} else if least >= 200 || !strings.EqualFold(word, "nothing") {
		return r.wrong(at, "%q is no status %s", word, known)
	}
	if !r.skip("to") {
		return r.wrong(r.at, `what comes after the status is "to METHOD"`).advise(respondSuch)
	}
	f.Method, err = r.oneOf("method", Answered())
	return err
}

// normally reads of which method the answers are as ever again; of all, if it does not
// say.
func normally(r *reader, f *Forced) (err *Error) {
	if r.skip("to") {
		f.Method, err = r.oneOf("method", Answered())
	}
	return err
}

// forcedOptions reads what follows the method.
func forcedOptions(r *reader, f *Forced) *Error {
	for !r.over() {
		if err := forcedOption(r, f); err != nil {
			return err
		}
	}
	return nil
}

// forcedOption reads "after 2s", "once", "3 times" or "retry after 30s", each of which may
// stand once.
func forcedOption(r *reader, f *Forced) (err *Error) {
	at, before := r.at, *f
	switch {
	case r.skip("once"):
		f.Times = 1
		return r.twice(at, before.Times != 0)
	case r.skip("after"):
		f.After, err = r.period("to wait")
		return cmp.Or(err, r.twice(at, before.After != 0))
	case r.skip("retry"):
		if !r.skip("after") {
			return r.wrong(r.at, `"retry" is followed by: after TIME, such as 30s`)
		}
		f.Retry, err = r.period("to stay away")
		return cmp.Or(err, r.twice(at, before.Retry != 0))
	}
	n, notNumber := strconv.Atoi(r.next())
	if notNumber != nil {
		return r.wrong(at, "unexpected %q", r.words[at]).advise("there may follow: after TIME, once, N times, retry after TIME")
	}
	r.at++
	if n < 1 || n > maxForcedTimes || !r.skip("times") {
		return r.wrong(at, "%d is not how often: write it as once, or 3 times", n)
	}
	f.Times = n
	return r.twice(at, before.Times != 0)
}

// twice refuses what has been said before.
func (r *reader) twice(at int, said bool) *Error {
	if !said {
		return nil
	}
	e := r.wrong(at, "%q: that has been said in this line", strings.Join(r.words[at:r.at], " "))
	e.Width = r.at - at
	return e
}

// period takes a time.
func (r *reader) period(what string) (time.Duration, *Error) {
	d, err := time.ParseDuration(r.next())
	if err != nil || d <= 0 || d > maxForcedWait {
		return 0, r.wrong(r.at, "%q is no time %s: such as 30s, at most %s", r.next(), what, maxForcedWait)
	}
	r.at++
	return d, nil
}

// AnyMethod stands for every request in "header".
const AnyMethod = "any"

// A Header is a header field that is in what a phone sends from now on: see
// "header".
type Header struct {
	On    string // a method, for its requests, [AnyMethod], or a status, for responses
	Name  string
	Value string // "": no longer
}

// token is what the name of a header field may be (RFC 3261 §25.1).
var token = regexp.MustCompile("^[A-Za-z0-9.!%*_+`'~-]+$")

// header reads what "header" is told: INVITE X-Name: a value.
func header(r *reader, l *Line) *Error {
	h := &l.Header
	if n, err := strconv.Atoi(r.next()); err == nil && n >= 100 && n <= 699 {
		h.On = r.next()
		r.at++
	} else {
		var unknown *Error
		if h.On, unknown = r.oneOf("method or status", append(Answered(), "ACK", AnyMethod)); unknown != nil {
			return unknown.advise("such as: header INVITE X-Tenant: blue")
		}
	}
	at := r.at
	text := strings.Join(r.words[r.at:], " ")
	name, value, ok := strings.Cut(text, ":")
	if h.Name = strings.TrimSpace(name); !ok || !token.MatchString(h.Name) {
		return r.wrong(at, "%q is no header field", text).advise("write it as: header INVITE X-Tenant: blue; without a value it is taken out again")
	}
	h.Value = strings.TrimSpace(value)
	return free(r, l)
}
