package verb

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// none reads no arguments.
func none(r *reader, l *Line) *Error {
	if r.over() {
		return nil
	}
	e := r.wrong(r.at, "%s takes no argument, and %q was given", l.Spec.Name, strings.Join(r.words[r.at:], " "))
	e.Width = len(r.words) - r.at
	return e
}

// free reads any arguments, or none.
func free(r *reader, _ *Line) *Error {
	r.at = len(r.words)
	return nil
}

// some reads any arguments, and wants one.
func some(r *reader, l *Line) *Error {
	if r.over() {
		return r.needs(l)
	}
	return free(r, l)
}

func (r *reader) needs(l *Line) *Error {
	return r.wrong(r.at, "%s needs an argument: %s", l.Spec.Name, l.Spec.Usage())
}

// hasPassword reports whether an address is one with a password, such as
// sip:bob:secret@example.com.
func hasPassword(address string) bool {
	user, _, ok := strings.Cut(address, "@")
	scheme, rest, _ := strings.Cut(user, ":")
	if s := strings.ToLower(scheme); s == "sip" || s == "sips" || s == "xmpp" {
		user = rest
	}
	return ok && strings.Contains(user, ":")
}

// choice reads one of the words that stand in the spec.
func choice(r *reader, l *Line) *Error {
	if r.over() {
		return r.needs(l)
	}
	known, given := strings.Split(l.Spec.Args, "|"), strings.ToLower(strings.Join(r.words[r.at:], " "))
	if !slices.Contains(known, given) {
		return &Error{
			Word: r.at, Width: len(r.words) - r.at, Message: fmt.Sprintf("%s knows no %q", l.Spec.Name, given),
			Meant: words.Nearest(given, known), Kind: "there are", Known: known,
		}
	}
	l.Args = []string{given}
	return free(r, l)
}

// callee reads who is called. Where all are known, a bare name is one of them.
func callee(r *reader, l *Line) *Error {
	if r.over() {
		return r.needs(l)
	}
	who := strings.Join(r.words[r.at:], " ")
	if hasPassword(who) {
		return r.wrong(r.at, "an address that is called has no password")
	}
	known := slices.Concat(r.cast.Phones, r.cast.Robots)
	for _, phone := range r.cast.Phones {
		for _, name := range r.cast.Accounts[phone] {
			if r.cast.Users == nil || slices.Contains(r.cast.Users, name) { // and no flow
				known = append(known, name)
			}
		}
	}
	if r.cast.Closed && !strings.ContainsAny(who, "@:$") && !slices.Contains(known, who) {
		return r.unknown("phone", "there are", known)
	}
	return free(r, l)
}

// maxCall bounds the number of a call: a phone has had no more.
const maxCall = 1_000_000

// oneCall reads the number of a call, with or without the word "call" before
// it, or nothing.
func oneCall(r *reader, l *Line) *Error {
	if r.over() {
		return nil
	}
	return callNumber(r, l)
}

// callNumber reads the number of a call.
func callNumber(r *reader, l *Line) *Error {
	r.skip("call")
	if r.over() {
		return r.needs(l)
	}
	at := r.at
	text, _ := r.take("the number of a call") // there is one
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxCall {
		return r.wrong(at, "%q is no number of a call", text).advise("the first call of a phone is 1; the log has the numbers")
	}
	l.Call = n
	l.Args = []string{strconv.Itoa(n)}
	return nil
}

// transferee reads to whom a call is handed over, and perhaps which.
func transferee(r *reader, l *Line) *Error {
	given := r.words[r.at:]
	of := slices.IndexFunc(given, func(w string) bool { return strings.EqualFold(w, "of") })
	if of < 0 {
		of = len(given)
	}
	if of == 0 {
		return r.needs(l)
	}
	whole, from := r.words, r.at
	r.words = whole[:from+of]
	if err := callee(r, l); err != nil {
		return err
	}
	r.words = whole
	l.To = strings.Join(given[:of], " ")
	if !r.skip("of") {
		return nil
	}
	err := callNumber(r, l)
	l.Args = append(slices.Clone(given[:of]), "of", strconv.Itoa(l.Call))
	return err
}

// user reads a user of the lab.
func user(r *reader, l *Line) *Error {
	if r.over() {
		return r.needs(l)
	}
	if who := r.words[r.at]; r.cast.Users != nil && !strings.ContainsAny(who, "@:") && !slices.Contains(r.cast.Users, who) {
		return r.unknown("phone", "there are", r.cast.Users)
	}
	r.at++
	return nil
}

// userFlow reads a user and perhaps one of the flows that a phone can have.
func userFlow(r *reader, l *Line) *Error {
	if err := user(r, l); err != nil || !strings.HasPrefix(r.next(), "flow") {
		return err
	}
	known := []string{"flow1", "flow2", "flow3", "flow4"}
	flow, err := r.oneOf("flow", known)
	if err == nil {
		l.Args[1], l.Flow = flow, slices.Index(known, flow)+1
	}
	return err
}

// userAnd reads a user and one more word.
func userAnd(r *reader, l *Line) *Error {
	if err := user(r, l); err != nil {
		return err
	}
	if r.over() {
		return r.needs(l)
	}
	r.at++
	return nil
}

// userPush reads a user and perhaps how urgent the push is.
func userPush(r *reader, l *Line) *Error {
	if err := user(r, l); err != nil || r.over() {
		return err
	}
	priority, err := r.oneOf("priority", []string{"high", "normal"})
	if err == nil {
		l.Args[1] = priority
	}
	return err
}

// userQuestion reads a user, a method, and perhaps header fields, but those that make a
// request what it is.
func userQuestion(r *reader, l *Line) *Error {
	if err := userAnd(r, l); err != nil {
		return err
	}
	labsOwn := []string{"via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "max-forwards", "content-length", "l", "content-type", "c"}
	for ; !r.over(); r.at++ {
		name, value, ok := strings.Cut(r.words[r.at], "=")
		switch {
		case !ok || !token.MatchString(name) || strings.ContainsFunc(value, unicode.IsControl):
			return r.wrong(r.at, "%q is no header field", r.words[r.at]).advise("such as: ask alice OPTIONS Require=100rel")
		case slices.Contains(labsOwn, strings.ToLower(name)):
			return r.wrong(r.at, "%s is the lab's own", name)
		}
		l.Fields = append(l.Fields, Field{name, value})
	}
	return nil
}

// A Field is a header field.
type Field struct{ Name, Value string }

// userSummary reads a user and how many messages wait, new and old.
func userSummary(r *reader, l *Line) *Error {
	if err := userAnd(r, l); err != nil {
		return err
	}
	var ok bool
	if l.Waiting, ok = messages(l.Args[1]); !ok {
		return r.wrong(r.at-1, "%q is no number of new and old messages", l.Args[1]).advise("such as: 2/5, or 0/0; at most 9999 of each")
	}
	return nil
}

// A Waiting is how many messages wait, new ones and old.
type Waiting struct{ New, Old int }

// messages reads it, as in "2/5".
func messages(s string) (w Waiting, ok bool) {
	a, b, _ := strings.Cut(s, "/")
	fresh, bad := strconv.Atoi(a)
	old, worse := strconv.Atoi(b)
	return Waiting{fresh, old}, bad == nil && worse == nil && fresh >= 0 && old >= 0 && fresh <= maxMessages && old <= maxMessages
}

// maxMessages bounds those that wait (our own number).
const maxMessages = 9999

// text reads a user and a text, between quotes or not.
func text(r *reader, l *Line) *Error {
	if len(r.words)-r.at < 2 {
		return r.wrong(len(r.words), "a text needs somebody and some words: %s", l.Spec.Usage()).advise(`such as: bob: text alice "are you there?"`)
	}
	if err := user(r, l); err != nil {
		return err
	}
	l.Args = []string{l.Args[0], strings.Join(r.words[r.at:], " ")}
	return free(r, l)
}

func misbehaviour(r *reader, l *Line) *Error {
	if r.over() {
		return r.needs(l)
	}
	name, err := r.oneOf("misbehaviour", MisbehaviourNames())
	if err == nil {
		l.Args = []string{name}
	}
	return err
}

// The frequencies of tones, as a microphone has them: the highest is what Opus
// carries (RFC 6716 table 1).
const (
	minHz = 20
	maxHz = 20000
)

// ParseHz reads the frequency of a tone.
func ParseHz(s string) (hz float64, err error) {
	hz, notNumber := strconv.ParseFloat(s, 64)
	if notNumber != nil || !(hz >= minHz && hz <= maxHz) { // NaN is neither
		return 0, fmt.Errorf("%q is no frequency in Hz, of %d to %d", s, minHz, maxHz)
	}
	return hz, nil
}

// sound reads a sound. What robots can speak, the lab has in itself.
func sound(r *reader, l *Line) *Error {
	if l.Sound.What = "file"; r.over() {
		return r.wrong(r.at, "a sound is missing").advise("such as: en-hello.wav, tone 440, silence")
	}
	switch {
	case r.skip("silence"):
		l.Sound.What = "silence"
		return nil
	case r.skip(speech):
		l.Sound.Name = speechName
		return nil
	case r.skip("tone"):
		l.Sound.What = "tone"
		return hz(r, &l.Sound)
	}
	r.skip("file")
	at := r.at
	var err *Error
	if l.Sound.Name, err = r.take("a sound"); err != nil {
		return err.advise("such as: en-hello.wav, tone 440, silence")
	}
	if l.Robot && !l.Sound.Speech() {
		return r.wrong(at, "%s is a robot of the lab, which speaks %s, a tone or silence", l.Actor, speechName).
			advise("or have a phone instead: use phone " + l.Actor)
	}
	return nil
}

func hz(r *reader, s *Sound) *Error {
	at := r.at
	text, err := r.take("a frequency in Hz")
	if err != nil {
		return err
	}
	hz, wrong := ParseHz(text)
	if s.Hz = hz; wrong != nil {
		return r.wrong(at, "%v", wrong)
	}
	return nil
}

// maxRate bounds how much faster than the wall a device clock may run: a day
// in a second.
const maxRate = 86400

// clock reads a pace of device time.
func clock(r *reader, l *Line) *Error {
	at := r.at
	text, err := r.take("the rate")
	switch {
	case err != nil:
		return err.advise("such as: clock x60 while suspended")
	case strings.EqualFold(text, "next"):
		l.Clock.Next = true
		return nil
	}
	if l.Clock.Rate, err = ParseRate(text); err != nil {
		return err.shift(at)
	}
	if len(r.words)-r.at == 2 && strings.EqualFold(r.words[r.at], "while") && strings.EqualFold(r.words[r.at+1], "suspended") {
		l.Clock.WhileSuspended = true
		r.at += 2
	}
	return nil
}

// ParseRate reads a pace of device time, such as x60.
func ParseRate(text string) (float64, *Error) {
	digits, ok := strings.CutPrefix(strings.ToLower(text), "x")
	rate, err := strconv.ParseFloat(digits, 64)
	e := &Error{Message: fmt.Sprintf("%q is no rate", text)}
	switch {
	case err != nil || !(rate > 0 && rate <= maxRate): // NaN is neither
		return 0, e.advise("write it as x60, at most x" + strconv.Itoa(maxRate))
	case !ok:
		e.Meant = "x" + text
		return 0, e
	}
	return rate, nil
}
