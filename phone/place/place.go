// Package place reports where in a text an error is: file, line and column, and
// the line itself with carets below the place. It imports no other package of
// the phone: the config and the device profiles, both YAML, share it.
//
// It is pure and safe for concurrent use.
package place

import (
	"errors"
	"fmt"
	"strings"

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
	return fmt.Sprintf("%s:%d:%d %s\n%s", e.File, e.Line, e.Column, e.Message, e.Excerpt)
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

// YAML adds the place to an error of the YAML library. For an unknown key it
// names the nearest known one.
func YAML(file string, text []byte, err error, known []string) *Error {
	var at yaml.Error
	if !errors.As(err, &at) {
		return At(file, text, nil, err.Error())
	}
	message, t := at.GetMessage(), at.GetToken()
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) && t != nil {
		message = fmt.Sprintf("unknown key %q%s", t.Value, words.DidYouMean(t.Value, known))
	}
	return At(file, text, t, message)
}

// excerpt returns one line of a text, with a caret below each of the n
// characters from column on.
func excerpt(text []byte, line, column, n int) string {
	lines := strings.Split(string(text), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	shown := strings.TrimRight(strings.ReplaceAll(lines[line-1], "\t", " "), "\r")
	room := len([]rune(shown)) - (column - 1)
	margin := fmt.Sprintf("%d | ", line)
	return margin + shown + "\n" + strings.Repeat(" ", len(margin)-2) + "| " +
		strings.Repeat(" ", max(column-1, 0)) + strings.Repeat("^", max(1, min(n, room)))
}
