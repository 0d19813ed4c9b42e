// Package place reads YAML, within limits, and reports where in a text an error
// is: file, line and column, and the line itself with carets below the place. The
// config, the device profiles, the raw protocols and the rules share it.
//
// It is pure and safe for concurrent use.
package place

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// An Error is a mistake in a file.
type Error struct {
	File         string
	Line, Column int
	Message      string
	Excerpt      string // the line, and carets below the place
}

func (e *Error) Error() string {
	return strings.TrimSuffix(fmt.Sprintf("%s:%d:%d %s\n%s", e.File, e.Line, e.Column, e.Message, e.Excerpt), "\n")
}

// At returns an error at a token of the YAML text of a file.
func At(file string, text []byte, t *token.Token, message string) *Error {
	if t == nil {
		return &Error{File: file, Line: 1, Column: 1, Message: message, Excerpt: excerpt(text, 1, 1, 1)}
	}
	line, column := t.Position.Line, t.Position.Column
	return &Error{
		File: file, Line: line, Column: column, Message: message,
		Excerpt: excerpt(text, line, column, len([]rune(t.Value))),
	}
}

// fromYAML adds the place to an error of the YAML library. For an unknown key it
// names the nearest known one.
func fromYAML(file string, text []byte, err error, known []string) *Error {
	var at yaml.Error
	if !errors.As(err, &at) {
		return At(file, text, nil, err.Error())
	}
	message, t := at.GetMessage(), at.GetToken()
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) && t != nil {
		message = fmt.Sprintf("unknown key %.120q%s", t.Value, words.DidYouMean(t.Value, known))
	}
	var other *yaml.TypeError
	if errors.As(err, &other) {
		message = fmt.Sprintf("%s is wanted here, not %s", shape(other.DstType), shape(other.SrcType))
	}
	return At(file, text, t, message)
}

// shape is what a value of a type looks like in YAML.
func shape(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Map, reflect.Struct:
		return "a mapping (KEY: VALUE)"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	default:
		return "a number"
	}
}

// secret is the value of a key whose value nobody but its owner should read: what
// is between quotes if something else follows them as it may, or all of the line.
var secret = regexp.MustCompile(`(?i)\b(?:password|passwd|push-secret|secret)["']?\s*:\s*` +
	`(?:("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(?:\s*[}\]]|,\s|\s+#|\s*$)|(\S.*))`)

// masked is a line without secrets, with as many characters as before, so that
// carets stand where they stood.
func masked(line string) string {
	var b strings.Builder
	end := 0
	for _, at := range secret.FindAllStringSubmatchIndex(line, -1) {
		from, to := max(at[2], at[4]), max(at[3], at[5])
		b.WriteString(line[end:from])
		b.WriteString(strings.Repeat(".", utf8.RuneCountInString(line[from:to])))
		end = to
	}
	return b.String() + line[end:]
}

// maxExcerpt bounds the excerpt of a line, in characters.
const maxExcerpt = 120

// excerpt returns one line of a text, with a caret below each of the n
// characters from column on. Of a long line it returns what is around them.
func excerpt(text []byte, line, column, n int) string {
	lines := strings.Split(string(text), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	shown, before := around(masked(strings.TrimRight(strings.ReplaceAll(lines[line-1], "\t", " "), "\r")), column-1)
	margin := fmt.Sprintf("%d | ", line)
	return margin + string(shown) + "\n" + strings.Repeat(" ", len(margin)-2) + "| " +
		strings.Repeat(" ", max(before, 0)) + strings.Repeat("^", max(1, min(n, len(shown)-before)))
}

// around returns at most maxExcerpt characters of a line around one of them, and
// how many are before that.
func around(line string, at int) ([]rune, int) {
	shown := []rune(line)
	if from := at - maxExcerpt/2; len(shown) > maxExcerpt && from > 0 {
		from = min(from, len(shown))
		shown, at = append([]rune("…"), shown[from:]...), at-from+1
	}
	if len(shown) > maxExcerpt {
		shown = append(shown[:maxExcerpt:maxExcerpt], '…')
	}
	return shown, min(at, maxExcerpt)
}
