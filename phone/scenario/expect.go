// Package scenario is the language in which a person says what ought to
// happen to a phone.
//
// Here is the part that every line with an expectation shares: words that
// match events, such as
//
//	registered            wake by INVITE         call ended by peer
//	suspended             wake by keepalive      heard tone 440
//	socket closed         notification from Bob  sent 180
//
// [Parse] reads them into an [Expectation]; [Expectation.Match] says whether
// an event fulfils it; [Forms] lists all of them, for help and for the
// reference. An expectation looks at one event and never at a phone, so it
// works on a running phone, on a recording and in a test alike.
//
// The package is pure; its values are safe for concurrent use.
package scenario

import (
	"fmt"
	"strings"

	"sleeptalk/phone/event"
	"sleeptalk/phone/words"
)

// maxText bounds the text of an expectation, which may come from a file.
const maxText = 1024

// An Expectation is something that an event can fulfil.
type Expectation struct {
	text  string
	match matcher
}

// A matcher says whether an event is the one.
type matcher func(event.Event) bool

// Parse reads an expectation. The error of an unknown one names the nearest
// word that would have been known.
func Parse(text string) (Expectation, error) {
	if len(text) > maxText {
		return Expectation{}, fmt.Errorf("an expectation of more than %d bytes", maxText)
	}
	tokens := fields(text)
	if len(tokens) == 0 {
		return Expectation{}, fmt.Errorf("nothing to expect; such as: %s", strings.Join(heads(), ", "))
	}
	head, args := strings.ToLower(tokens[0]), tokens[1:]
	for _, f := range forms {
		if f.head != head {
			continue
		}
		m, err := f.parse(args)
		if err != nil {
			return Expectation{}, fmt.Errorf("%s: %w (%s)", strings.Join(tokens, " "), err, f.usage)
		}
		return Expectation{text: strings.Join(tokens, " "), match: m}, nil
	}
	return Expectation{}, fmt.Errorf("unknown event %q%s", tokens[0], words.DidYouMean(head, heads()))
}

// Match reports whether ev fulfils the expectation.
func (e Expectation) Match(ev event.Event) bool { return e.match != nil && e.match(ev) }

// String is the expectation's text, its blanks made single.
func (e Expectation) String() string { return e.text }

// A Form is one way to write an expectation.
type Form struct{ Usage, Help string }

// Forms lists every way to write an expectation, in the order of a phone's
// day.
func Forms() []Form {
	list := make([]Form, len(forms))
	for i, f := range forms {
		list[i] = Form{f.usage, f.help}
	}
	return list
}

func heads() []string {
	list := make([]string, len(forms))
	for i, f := range forms {
		list[i] = f.head
	}
	return list
}

// fields splits text at blanks; what stands between double quotes is one
// field. A quote that is never closed ends with the text.
func fields(text string) []string {
	var list []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if text[0] == '"' {
			field, rest, _ := strings.Cut(text[1:], `"`)
			list, text = append(list, field), rest
			continue
		}
		end := strings.IndexAny(text, " \t\"")
		if end < 0 {
			end = len(text)
		}
		list, text = append(list, text[:end]), text[end:]
	}
	return list
}
