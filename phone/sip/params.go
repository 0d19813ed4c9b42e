package sip

import (
	"errors"
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip/quoted"
)

// maxParams bounds the parameters of one header field value (our own number; the
// longest Contact of RFC 8599 has nine).
const maxParams = 64

var errUnclosed = errors.New("a quoted string has no end")

// parameters reads *( SEMI generic-param ) from s, up to a comma if the value is
// one of a list, and returns what follows. Names are put in small letters, for they
// are the same in any (RFC 3261 §7.3.1); values stay as they are, quotes and all,
// so that a tag goes back as it came: see [Param].
func (r *reading) parameters(s string, list bool, to *sip.HeaderParams) (rest string, err error) {
	if n := strings.Count(s, ";"); n > 0 && *to == nil {
		*to = make(sip.HeaderParams, 0, min(n, 8))
	}
	for s = trimLeft(s); s != ""; s = trimLeft(s) {
		if s[0] == ',' && list {
			return s, nil
		}
		if s[0] != ';' {
			r.note(textAfterValue)
		} else if s = trimLeft(s[1:]); s == "" || s[0] == ';' || s[0] == ',' && list {
			r.note(emptyParameter)
			continue
		}
		var p sip.HeaderKV
		if p, s, err = r.parameter(s, list); err != nil {
			return "", err
		}
		switch {
		case p.K == "":
			r.note(emptyParameter)
		case strings.Contains(p.K, `"`):
			return "", fmt.Errorf("a parameter called %.40q", p.K)
		case to.Has(p.K):
			r.note(parameterTwice)
		case len(*to) >= maxParams:
			return "", errors.New("too many parameters")
		default:
			*to = append(*to, p)
		}
	}
	return "", nil
}

// parameter reads one name, with its value if it has one.
func (r *reading) parameter(s string, list bool) (p sip.HeaderKV, rest string, err error) {
	end, ends := 0, ";"
	if list {
		ends = ";,"
	}
	for end < len(s) && s[end] != '=' && !isSpace(s[end]) && strings.IndexByte(ends, s[end]) < 0 {
		end++
	}
	p.K = strings.ToLower(s[:end])
	rest = trimLeft(s[end:])
	if rest == "" || rest[0] != '=' {
		return p, rest, nil
	}
	rest = trimLeft(rest[1:])
	if rest != "" && rest[0] == '"' {
		n := quoted.Len(rest)
		if n < 0 {
			return p, "", errUnclosed
		}
		p.V = r.quoted(p.K, rest[:n])
		return p, rest[n:], nil
	}
	before, after := until(rest, ends)
	p.V = trim(before)
	if strings.Contains(p.V, `"`) {
		return p, "", fmt.Errorf("a quote within the value %.40q", p.V)
	}
	if strings.ContainsAny(p.V, " \t") {
		r.note(spaceInValue)
		p.V = quoted.Escape(p.V) // it will be written in quotes
	}
	return p, after, nil
}

// quoted is a quoted value as it is kept: with its quotes, unless whoever writes
// parameters would add them because there is white space in it.
func (r *reading) quoted(name, value string) string {
	switch name {
	case "tag", "branch", "received", "rport", "ttl", "maddr", "expires", "q", "reg-id":
		r.note(quotedToken) // RFC 3261 §25.1, RFC 5626 §10: a token, a number or a host
	}
	if strings.ContainsAny(value, " \t") {
		return value[1 : len(value)-1]
	}
	return value
}

// Param is the value of a parameter of a header field as it is meant, without
// quotes and quoted pairs. Names are those of a message that was read here: in
// small letters.
func Param(params sip.HeaderParams, name string) (value string, ok bool) {
	value, ok = params.Get(name)
	return quoted.Text(value), ok
}

// ParseValue cuts a value of the form "token *( ; parameter )", as Reason, Event or
// Feature-Caps have it, into what comes first and the parameters, for [Param]. What
// cannot be read of them is left out.
func ParseValue(s string) (value string, params sip.HeaderParams) {
	value, rest := until(s, ";")
	_, _ = new(reading).parameters(rest, false, &params)
	return trim(value), params
}

// URIParams are the parameters of a URI, to be asked for by name: see [URIParam].
func URIParams(uri *sip.Uri) func(name string) (string, bool) {
	return func(name string) (string, bool) { return URIParam(uri, name) }
}

// URIParam is the value of a parameter of a URI, by its name in any letters. The
// URI itself keeps those that it came with.
func URIParam(uri *sip.Uri, name string) (value string, ok bool) {
	for _, p := range uri.UriParams {
		if strings.EqualFold(trim(p.K), name) {
			return quoted.Text(trim(p.V)), true
		}
	}
	return "", false
}
