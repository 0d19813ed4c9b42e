package sip

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip/quoted"
)

// An address is what From, To and Contact have: a name to be shown, as it stands
// between quotes, a URI, and the parameters of the header field. It says where to
// put them.
type address struct {
	name   *string
	uri    *sip.Uri
	params *sip.HeaderParams
}

// address reads name-addr / addr-spec with its parameters (RFC 3261 §20.10,
// §25.1). In a list it ends at a comma, and the rest is returned from there.
func (r *reading) address(s string, list bool, to address) (rest string, err error) {
	uri, rest, err := r.named(s, list, to.name)
	if err != nil {
		return "", err
	}
	if err := readURI(uri, to.uri); err != nil {
		return "", err
	}
	return r.parameters(rest, list, to.params)
}

// named cuts an address into its name, its URI as it was written, and what follows.
func (r *reading) named(s string, list bool, name *string) (uri, rest string, err error) {
	s = trimLeft(s)
	if s != "" && s[0] == '"' {
		n := quoted.Len(s)
		if n < 0 {
			return "", "", errors.New("the quotes of a display name have no end")
		}
		*name = s[1 : n-1]
		if s = trimLeft(s[n:]); s != "" && s[0] != '<' {
			r.note(bareAfterName)
		}
	} else if i := strings.IndexAny(s, nameEnds(list)); i > 0 && s[i] == '<' {
		if *name, err = r.unquotedName(trim(s[:i])); err != nil {
			return "", "", err
		}
		s = s[i:]
	}
	return splitURI(s, list)
}

// nameEnds is where a display name without quotes may end, or a URI without
// brackets.
func nameEnds(list bool) string {
	if list {
		return "<;,"
	}
	return "<;"
}

// unquotedName is a display name without quotes: tokens, as the grammar has it, or
// whatever cannot be taken for anything else.
func (r *reading) unquotedName(name string) (string, error) {
	if strings.Count(name, `"`)%2 != 0 {
		return "", errUnclosed
	}
	for word := range strings.FieldsSeq(name) {
		if !isToken(word) {
			r.note(nameUnquoted)
			return quoted.Escape(name), nil
		}
	}
	return name, nil
}

// splitURI is the URI at the beginning of s, in brackets or without, and what
// follows. Without them, all parameters are those of the header field.
func splitURI(s string, list bool) (uri, rest string, err error) {
	if s != "" && s[0] == '<' {
		i := strings.IndexByte(s, '>')
		if i < 0 {
			return "", "", errors.New(`a "<" without its ">"`)
		}
		return s[1:i], s[i+1:], nil
	}
	i := strings.IndexAny(s, nameEnds(list)+" \t")
	if i < 0 {
		i = len(s)
	}
	return s[:i], s[i:], nil
}

// readURI reads a URI of any scheme. What is no SIP URI is not looked into.
func readURI(s string, uri *sip.Uri) error {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == '<' || c == '>' || c == '"' || c == 0x7f {
			return fmt.Errorf("%q cannot be in a URI", c)
		}
	}
	if s == "*" {
		uri.Host, uri.Wildcard = s, true
		return nil
	}
	scheme, rest, ok := strings.Cut(s, ":")
	kind := schemeOf(scheme)
	switch {
	case !ok || kind == noScheme:
		return fmt.Errorf("%.40q has no scheme", s)
	case rest == "":
		return fmt.Errorf("%.40q has no host", s)
	}
	if kind == oddScheme {
		s = "x:" + rest // the library takes letters alone
	}
	if err := sip.ParseUri(s, uri); err != nil {
		return err
	}
	if kind == oddScheme {
		uri.Scheme = strings.ToLower(scheme)
	}
	switch {
	case uri.Port < 0 || uri.Port > 65535:
		return fmt.Errorf("port %d", uri.Port)
	case uri.Raw() == "" && uri.Host == "":
		return fmt.Errorf("%.40q has no host", s)
	}
	return nil
}

// The kinds of schemes (RFC 3986 §3.1).
const (
	noScheme    = iota
	plainScheme // letters alone
	oddScheme   // also digits, "+", "-" and "."
)

// schemeOf is the kind of a scheme.
func schemeOf(scheme string) int {
	kind := noScheme
	for i := range len(scheme) {
		switch c := scheme[i]; {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			kind = max(kind, plainScheme)
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
			kind = oddScheme
		default:
			return noScheme
		}
	}
	return kind
}

// single reads the one address of From or To.
func (r *reading) single(s string, to address) error {
	if several(s) {
		return errors.New("more than one address in it") // another reader may take the other one
	}
	_, err := r.address(s, false, to)
	if err == nil && to.uri.Wildcard {
		err = errors.New(`"*" is not an address here`) // RFC 3261 §20.10: in Contact alone
	}
	return err
}

// several reports whether there is more than one address between the commas of what
// should be one. A comma alone is none: it may be in a name, "Doe, John <sip:…>".
func several(s string) bool {
	if strings.IndexByte(s, ',') < 0 {
		return false
	}
	addresses := 0
	for part := range strings.SplitSeq(outside(s), ",") {
		scheme, _, ok := strings.Cut(trim(part), ":")
		if strings.Contains(part, "<") || ok && slices.Contains([]string{"sip", "sips", "tel"}, strings.ToLower(scheme)) {
			addresses++
		}
	}
	return addresses > 1
}

// outside is s without what is in quotes, and what is in brackets.
func outside(s string) string {
	var b strings.Builder
	for s != "" {
		i := strings.IndexAny(s, `"<`)
		if i < 0 {
			break
		}
		end := strings.IndexByte(s[i:], '>')
		if s[i] == '"' {
			end = quoted.Len(s[i:]) - 1
		}
		if end < 0 {
			break // it has no end, and cannot be read
		}
		b.WriteString(s[:i])
		b.WriteByte(s[i])
		s = s[i+end+1:]
	}
	return b.String() + s
}

// contacts reads a Contact, which is a list or "*", into a message.
func (r *reading) contacts(m sip.Message, s string) error {
	for {
		h := &sip.ContactHeader{}
		rest, err := r.address(s, true, address{&h.DisplayName, &h.Address, &h.Params})
		switch {
		case err != nil:
			return err
		case h.Address.Wildcard && trim(s) != "*":
			return errors.New(`"*" stands alone`) // RFC 3261 §20.10: no name-addr, and without parameters
		}
		m.AppendHeader(h)
		if rest == "" {
			return nil
		}
		s = rest[1:]
	}
}

// DisplayName is a display name as it is shown: without the backslashes of quoted
// pairs, and without control characters, which a quoted pair may hide (RFC 3261
// §25.1, quoted-pair).
func DisplayName(name string) string {
	if strings.IndexByte(name, '\\') >= 0 {
		name = quoted.Text(`"` + name + `"`)
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, name)
}

// ParseAddress reads one address as header fields have it: "Bob" <sip:bob@b>;x=y.
// The name is as it is shown, the names of parameters are in small letters.
func ParseAddress(s string) (name string, uri sip.Uri, params sip.HeaderParams, err error) {
	err = new(reading).single(s, address{&name, &uri, &params})
	return DisplayName(name), uri, params, err
}

// uriIn is the URI of one address as header fields have it, as it was written: with
// what is escaped in it.
func uriIn(s string) (string, error) {
	var name string
	uri, _, err := new(reading).named(s, false, &name)
	return trim(uri), err
}
