package raw

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// maxWord bounds a template and a pattern, in bytes.
const maxWord = 4 << 10

// places are the names that may stand in braces.
var places = []string{"user", "password", "token", "instance", "server", "id", "from", "name", "text", "reason", "length"}

// values maps the places of a word to their values.
type values map[string]string

// A word is one kind of frame that an end sends: how it is written, and how it
// is read. The zero word stands for one that the protocol lacks.
type word struct {
	parts []part // nil: the file has no template
	match *regexp.Regexp
	hex   bool
}

// A part of a template is literal bytes, or a place.
type part struct {
	literal string
	place   string
	escape  string // "", json or url
}

func (w word) known() bool  { return w.match != nil }
func (w word) spoken() bool { return w.parts != nil }

// has reports whether the template has that place.
func (w word) has(place string) bool {
	return slices.ContainsFunc(w.parts, func(p part) bool { return p.place == place })
}

// parseTemplate reads a template.
func parseTemplate(s string, inHex bool) ([]part, error) {
	parts := []part{}
	literal := ""
	for s != "" {
		switch {
		case strings.HasPrefix(s, "{{") || strings.HasPrefix(s, "}}"):
			literal, s = literal+s[:1], s[2:]
		case s[0] == '{':
			inside, rest, closed := strings.Cut(s[1:], "}")
			if !closed {
				return nil, fmt.Errorf("%q has no end: a place is written {id}, a brace {{", s)
			}
			p, err := parsePlace(inside)
			if err != nil {
				return nil, err
			}
			parts, literal, s = append(parts, part{literal: literal}, p), "", rest
		case s[0] == '}':
			return nil, errors.New("a brace that ends nothing: it is written }}")
		default:
			literal, s = literal+s[:1], s[1:]
		}
	}
	parts = append(parts, part{literal: literal})
	if inHex {
		return parts, unhex(parts)
	}
	return parts, nil
}

func parsePlace(inside string) (part, error) {
	name, escape, _ := strings.Cut(inside, ":")
	if !slices.Contains(places, name) {
		return part{}, fmt.Errorf("no place {%s}%s (there are: %s)", name, words.DidYouMean(name, places), strings.Join(places, ", "))
	}
	if escape != "" && escape != "json" && escape != "url" {
		return part{}, fmt.Errorf("no escape %q: there are json and url", escape)
	}
	return part{place: name, escape: escape}, nil
}

// unhex reads the literals of a template that is written in hex.
func unhex(parts []part) error {
	for i, p := range parts {
		b, err := hex.DecodeString(strings.Join(strings.Fields(p.literal), ""))
		if err != nil {
			return fmt.Errorf("%q is not pairs of hex digits", p.literal)
		}
		parts[i].literal = string(b)
	}
	return nil
}

// pattern returns a regular expression that matches what the template writes.
func pattern(parts []part, inHex bool) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for i, p := range parts {
		if p.place == "" {
			b.WriteString(regexp.QuoteMeta(latin1(p.literal, inHex)))
			continue
		}
		group := p.place
		if p.escape != "" {
			group += "_" + p.escape
		}
		if slices.ContainsFunc(parts[:i], func(q part) bool { return q.place == p.place }) {
			return nil, fmt.Errorf("{%s} stands twice", p.place)
		}
		fmt.Fprintf(&b, "(?P<%s>%s)", group, p.shape(inHex))
	}
	b.WriteString(`\z`)
	return regexp.Compile(b.String())
}

// shape returns the pattern of a place.
func (p part) shape(inHex bool) string {
	switch {
	case p.place == "length":
		return `\d+`
	case p.escape == "json":
		return `(?:[^"\\]|\\.)*`
	case p.escape == "url":
		return `[^\s&]*`
	case inHex, p.place == "text", p.place == "name", p.place == "reason":
		return `.*?`
	}
	return `\S*?`
}

// parsePattern reads a pattern of the file.
func parsePattern(s string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, err
	}
	for _, group := range re.SubexpNames() {
		if group == "" {
			continue
		}
		if _, err := parsePlace(strings.Replace(group, "_", ":", 1)); err != nil {
			return nil, fmt.Errorf("group %s: %w", group, err)
		}
	}
	return re, nil
}

// latin1 maps each byte of a binary frame to one character, for patterns.
func latin1(s string, inHex bool) string {
	if !inHex {
		return s
	}
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// bytesOf is the inverse of latin1.
func bytesOf(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// read reports whether a frame is the word, and returns the values of its
// places.
func (w word) read(frame []byte) (values, bool) {
	if !w.known() {
		return nil, false
	}
	m := w.match.FindStringSubmatch(latin1(string(frame), w.hex))
	if m == nil {
		return nil, false
	}
	v := values{}
	for i, group := range w.match.SubexpNames() {
		if group == "" || m[i] == "" {
			continue
		}
		s := m[i]
		if w.hex {
			s = bytesOf(s)
		}
		name, escape, _ := strings.Cut(group, "_")
		v[name] = strings.ToValidUTF8(unescape(s, escape), "\ufffd")
	}
	return v, true
}

func unescape(s, escape string) string {
	plain := s
	var err error
	switch escape {
	case "json":
		err = json.Unmarshal([]byte(`"`+s+`"`), &plain)
	case "url":
		plain, err = url.QueryUnescape(s)
	}
	if err != nil {
		return s // as the peer has written it, if it is not valid
	}
	return plain
}

// write returns the word with values in its places.
func (w word) write(v values) []byte {
	text := w.fill(v, 0)
	if _, body, _ := strings.Cut(text, "\r\n\r\n"); w.has("length") {
		text = w.fill(v, len(body))
	}
	return []byte(text)
}

func (w word) fill(v values, length int) string {
	var b strings.Builder
	for _, p := range w.parts {
		b.WriteString(p.literal)
		switch s := v[p.place]; {
		case p.place == "length":
			b.WriteString(strconv.Itoa(length))
		case p.escape == "json":
			quoted, _ := json.Marshal(s) // cannot fail for a string
			b.Write(quoted[1 : len(quoted)-1])
		case p.escape == "url":
			b.WriteString(url.QueryEscape(s))
		default:
			b.WriteString(w.tame(s))
		}
	}
	return b.String()
}

// tame removes from a value what could end the frame: control characters, in
// text.
func (w word) tame(s string) string {
	if w.hex {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
