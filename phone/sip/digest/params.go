package digest

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/sip/quoted"
)

// A schemed is a scheme and its parameters, by their names in small letters:
// "Digest realm="r", nonce="n"".
type schemed struct {
	scheme string
	params map[string]string
}

// get returns the value of a parameter, "" if it is not there.
func (s *schemed) get(name string) string { return s.params[name] }

// white is what may stand around "=" and "," (RFC 3261 §25.1, LWS).
const white = " \t\r\n"

// unfold makes a space of each line break (RFC 3261 §7.3.1).
var unfold = strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ")

// splitSchemes cuts a header field at its commas. An element with white space
// before its "=" and something in front of that begins another scheme. Of a
// parameter that comes twice the first counts.
func splitSchemes(field string) (all []schemed) {
	for rest := unfold.Replace(field); ; {
		rest = strings.TrimLeft(rest, white+",")
		if rest == "" {
			return all
		}
		var name, value string
		name, value, rest = element(rest)
		if scheme, first, ok := cutScheme(name); ok {
			all = append(all, schemed{scheme, map[string]string{}})
			name = first
		}
		if len(all) == 0 || name == "" {
			continue
		}
		params := all[len(all)-1].params
		if name = strings.ToLower(name); params[name] == "" {
			params[name] = value
		}
	}
}

// cutScheme finds a scheme in front of the name of its first parameter.
func cutScheme(name string) (scheme, first string, ok bool) {
	i := strings.IndexAny(name, white)
	if i < 0 {
		return "", name, false
	}
	return name[:i], strings.Trim(name[i:], white), true
}

// element reads "name = value" up to the next comma outside of quotes; without
// "=" there is no value.
func element(s string) (name, value, rest string) {
	i := strings.IndexAny(s, "=,")
	if i < 0 || s[i] == ',' {
		if i < 0 {
			i = len(s)
		}
		return strings.TrimRight(s[:i], white), "", s[i:]
	}
	name, s = strings.TrimRight(s[:i], white), strings.TrimLeft(s[i+1:], white)
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexByte(s, ',')
		if end < 0 {
			end = len(s)
		}
		return name, strings.TrimRight(s[:end], white), s[end:]
	}
	value, s = quoted.Cut(s)
	end := strings.IndexByte(s, ',')
	if end < 0 {
		end = len(s)
	}
	return name, value, s[end:]
}

// A writer writes parameters: tokens that are not empty, and quoted strings.
type writer struct{ b strings.Builder }

func (w *writer) String() string { return w.b.String() }

func (w *writer) token(name, value string) {
	if value == "" {
		return
	}
	if w.b.Len() == 0 {
		w.b.WriteString("Digest ")
	} else {
		w.b.WriteString(", ")
	}
	w.b.WriteString(name + "=" + value)
}

func (w *writer) quoted(name, value string) {
	w.token(name, `"`+quoted.Escape(value)+`"`)
}

func (w *writer) optional(name, value string) {
	if value != "" {
		w.quoted(name, value)
	}
}

func (w *writer) count(n int) {
	if n != 0 {
		w.token("nc", counted(n))
	}
}

func (w *writer) flag(name string, on bool) {
	if on {
		w.token(name, "true")
	}
}
