package sip

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// visualSeparators are what people write into numbers (RFC 3966 §5.1.1).
const visualSeparators = "-.()"

// Number is the telephone number that a URI is or has for a user: of a tel URI, or
// of a SIP URI that says so (RFC 3261 §19.1.1, user=phone). It is "" if there is
// none. It comes without visual separators and parameters.
func Number(uri *sip.Uri) string {
	subscriber := ""
	switch kind, _ := URIParam(uri, "user"); {
	case uri.Scheme == "tel":
		subscriber = uri.Raw()
	case strings.EqualFold(kind, "phone"):
		subscriber = uri.User
	}
	digits, _, _ := strings.Cut(subscriber, ";")
	digits = plainNumber(digits)
	if !isNumber(digits) {
		return ""
	}
	return digits
}

func plainNumber(s string) string {
	if !strings.ContainsAny(s, visualSeparators) {
		return s
	}
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(visualSeparators, c) {
			return -1
		}
		return c
	}, s)
}

// isNumber reports whether s is a number without separators: global, "+" and digits,
// or local (RFC 3966 §3).
func isNumber(s string) bool {
	digits, global := strings.CutPrefix(s, "+")
	for _, c := range digits {
		if (c < '0' || c > '9') && (global || !strings.ContainsRune("*#ABCDEFabcdef", c)) {
			return false
		}
	}
	return digits != "" && strings.ContainsAny(digits, "0123456789*#")
}

// dialTel makes a tel URI, of which s is what follows "tel:", one that a SIP proxy
// routes: with the number and its parameters for a user in our own domain (RFC 3261
// §19.1.6; RFC 3966 leaves it to the element that knows the domain). The parameters
// are in the order that comparing them wants: isub and ext first, the others by name.
func dialTel(s, domain string) (string, error) {
	digits, rest, has := strings.Cut(s, ";")
	digits = strings.ToLower(plainNumber(digits))
	if !isNumber(digits) {
		return "", fmt.Errorf("%q is not a telephone number: a + and digits, or digits alone", digits)
	}
	if has {
		params := strings.Split(strings.ToLower(rest), ";")
		if slices.Contains(params, "") {
			return "", errors.New("an empty parameter")
		}
		slices.SortFunc(params, func(a, b string) int {
			return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
		})
		digits += ";" + strings.Join(params, ";")
	}
	return "sip:" + digits + "@" + domain + ";user=phone", nil
}

// rank is the place of a parameter of a number: isdn-subaddress, post-dial, others.
func rank(param string) int {
	switch name, _, _ := strings.Cut(param, "="); name {
	case "isub":
		return 0
	case "ext", "postd":
		return 1
	}
	return 2
}
