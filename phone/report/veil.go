package report

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// A Veil masks a log while it grows, for a screen that others see: users, names, hosts, addresses
// and tokens as a [Redactor] does, and what texts say. The same word has the same stand-in
// throughout, and can be found again in what a person types ([Veil.Clear]).
type Veil struct {
	Redactor
	texts masks
}

// NewVeil makes a Veil that knows everybody in the log so far.
func NewVeil(log *event.Log) *Veil {
	v := new(Veil)
	v.meet(log, v.Record)
	return v
}

// Record masks a record.
func (v *Veil) Record(r event.Record) event.Record {
	v.told(r.Event)
	r = v.Redactor.Record(r)
	if len(v.texts.list) == 0 {
		return r
	}
	if e, is := r.Event.(event.Message); is {
		e.Raw = withLength(v.bodies(e.Raw))
		r.Event = e
		return r
	}
	r.Event = event.Edit(r.Event, func(_, text string) string { return v.bodies(text) })
	return r
}

// Text masks a text.
func (v *Veil) Text(s string) string { return v.bodies(v.Redactor.Text(s)) }

// The forms in which what a text says appears.
var bodyOfXMPP = regexp.MustCompile(`<body(?: [^<>]*)?>([^<>]+)</body>`)

// told learns what texts say, and whom a verb names: nobody else has told of them yet.
func (v *Veil) told(e event.Event) {
	switch e := e.(type) {
	case event.Text:
		v.text(e.Body)
	case event.Message:
		if end := emptyLine.FindStringIndex(e.Raw); end != nil && e.Method == "MESSAGE" && e.Status == 0 {
			v.text(e.Raw[end[1]:])
		}
	case event.Data:
		for _, found := range bodyOfXMPP.FindAllStringSubmatch(e.Raw, -1) {
			v.text(found[1])
		}
	case event.Verb:
		v.verb(e.Line)
	}
}

// verb learns from a line whom it is about, and what it says to them.
func (v *Veil) verb(line string) {
	if who, told, is := strings.Cut(line, ": "); is && !strings.Contains(who, " ") { // to a robot
		line = told
	}
	for _, spec := range verb.Specs(verb.Phone | verb.Robot | verb.Lab) {
		rest, is := strings.CutPrefix(line, spec.Name+" ")
		words, args := strings.Fields(rest), strings.Fields(strings.Trim(spec.Args, "[]"))
		at := slices.IndexFunc(args, func(a string) bool { return strings.HasSuffix(strings.Trim(a, "[]"), "USER") })
		if !is || at < 0 || at >= len(words) {
			continue
		}
		who, _, _ := strings.Cut(strings.TrimPrefix(words[at], "sip:"), "@")
		v.user(who)
		if _, text, more := strings.Cut(rest, words[at]+" "); more && spec.Name == "text" {
			v.text(text)
		}
	}
}

// text learns what a text says. What is shorter than a word is no secret, and stands everywhere.
func (v *Veil) text(s string) {
	if s = strings.TrimSpace(s); len(s) > 2 {
		v.texts.mask(v.Redactor.Text(s), func(n int) string { return "text" + strconv.Itoa(n) })
	}
}

// bodies hides what texts say, in a text whose names are masked.
func (v *Veil) bodies(s string) string {
	for _, body := range v.texts.list {
		s = strings.ReplaceAll(s, body, v.texts.of[strings.ToLower(body)])
	}
	return s
}

// standIn is a word that may stand for another.
var standIn = regexp.MustCompile(`\b(?:user\d+|name\d+|host\d+\.invalid|token\d+|198\.18\.\d+\.\d+|2001:2::[0-9a-f]+)\b`)

// Clear is a line that a person gives the phone with what its stand-ins stand for.
func (v *Veil) Clear(line string) string {
	return standIn.ReplaceAllStringFunc(line, func(mask string) string {
		for _, all := range []masks{v.users, v.names, v.hosts, v.addrs} {
			for _, is := range all.list {
				if all.of[strings.ToLower(is)] == mask {
					return is
				}
			}
		}
		return mask
	})
}
