package event

import (
	"bytes"
	"encoding/base64"
	"math/bits"
	"regexp"
	"strings"
	"sync"
)

// Mask masks the secrets in a text, which anybody may have written. It finds the
// credentials of SIP, HTTP, XMPP and SDP by their shapes:
//
//	Authorization:        response, nonce and cnonce of a digest; all of any other
//	Authentication-Info:  the same, and rspauth
//	sip:user:PASSWORD@    the password in an address of any scheme
//	<auth>, <response>    what SASL exchanges, and passwords of older XMPP
//	Bearer, eyJ….….…      access tokens, signed tokens
//	password=, "secret":  settings and JSON of that name
//	a=crypto, inline:     keys of SDES, wherever they stand in the line
//	a=key-mgmt:, k=       keys of MIKEY, and those of the line k=
//	a=ice-pwd:            passwords of ICE
//	pn-prid=              the token of a device (RFC 8599), but for its beginning
//	pn-auth=              the secret of a subscription (RFC 8291)
//
// It also finds them in a body whose Content-Transfer-Encoding is base64.
//
// A mask is as long as what it hides, so that lengths in a message remain correct,
// and masking a text again does not change it. A challenge is not a secret.
func Mask(text string) string {
	found := signsIn(text)
	for i := 0; found != 0; i, found = i+1, found>>1 {
		switch hide := shapes[i].hide; {
		case found&1 == 0:
		case hide == nil:
			text = maskEncoded(text)
		default:
			text = hide(text)
		}
	}
	return text
}

// A shape is one way in which a secret stands in a text.
type shape struct {
	// sign is contained, in either case, in every text with such a secret; most
	// texts contain none.
	sign string
	// hide masks the secrets of this shape; nil: those of all shapes, in a text in Base64.
	hide func(string) string
}

// shapes lists them.
var shapes = []shape{
	// A header field with its continuation lines (RFC 3261 §7.3.1), at the
	// beginning of a line or behind other words.
	{"authorization", secretIn(`(?i)\b(?:proxy-)?authorization[ \t]*:[ \t]*((?:[^\r\n]|\r?\n[ \t])*)`, credentials)},
	{"authorization", secretIn(`(?i)\b(?:proxy-)?authorization["'][ \t]*[:=][ \t]*["']([^"'\r\n]*)`, credentials)},
	{"authentication-info", secretIn(`(?i)\b(?:proxy-)?authentication-info[ \t]*:[ \t]*((?:[^\r\n]|\r?\n[ \t])*)`, digest)},
	{"@", userinfo},
	{"</", secretIn(`(?i)<(?:[a-z0-9]+:)?(?:auth|response|challenge|success|initial-response|additional-data)(?:\s[^<>]*)?>([^<>]{4,})</`, exchanged)},
	{"</", secretIn(`(?i)<(?:[a-z0-9]+:)?(?:password|passwd|digest|secret)(?:\s[^<>]*)?>([^<>]+)</`, dots)},
	{"<field", secretIn(`(?i)<field\b[^<>]*\bvar=["'](?:secret|password|token)["'][^<>]*>\s*<value>([^<>]*)<`, dots)},
	{"<enable", secretIn(`(?i)<enable\b[^<>]*\bnode=["']([^"']+)`, deviceToken)},
	{"bearer", secretIn(`(?i)bearer(?:[ \t]+|%20|["']?[:=]["']?)([a-z0-9._~+/=-]{16,})`, dots)},
	{"basic", secretIn(`(?i)basic(?:[ \t]+|%20|["']?[:=]["']?)([a-z0-9+/]{4,}={0,2})`, userAndPassword)},
	{"response", secretIn(`(?i)\bresponse\s*=[\s"'\\]*([0-9a-f]{32,})`, dots)},
	{"cnonce", secretIn(`(?i)\bcnonce\s*=[\s"'\\]*([0-9a-f]{16,})`, dots)},
	{"eyj", secretIn(`\beyJ[A-Za-z0-9_-]{6,}\.([A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*)`, dots)},
	{"crypto", cryptoLine},
	{"key-mgmt", mikeyLine},
	{"inline:", secretIn(`(?i)\binline:([^\s|;"]+)`, crosses)},
	{"ice-pwd", secretIn(`(?i)\bice-pwd:[ \t]*(\S+)`, dots)},
	{"k=", secretIn(`(?im)^k=(?:clear|base64|uri):(\S+)`, dots)},
	{"pn-", secretIn(`(?i)\bpn-(?:prid|tok)=([^\s;>,"?&]+)`, deviceToken)},
	{"pn-auth", secretIn(`(?i)\bpn-auth=([^\s;>,"?&]+)`, dots)},
	{"pass", named},
	{"pwd", named},
	{"secret", named},
	{"_token", named},
	{"api", named},
	{"transfer-encoding", nil},
}

// named hides settings and JSON values with the usual names of secrets.
var named = secretIn(`(?i)(?:\b`+secretNames+`=|["']`+secretNames+`["']\s*[:=]\s*)(?:"((?:[^"\\]|\\.)*)|'([^']*)|([^\s"',;&<>}]+))`, settingValue)

const secretNames = `(?:password|passwd|passphrase|pwd|secret|push-secret|client_secret|access_token|refresh_token|api[_-]?key)`

// settingValue masks the value of a setting. A switch such as clear-password is not
// a secret.
func settingValue(text string) string {
	if text == "on" || text == "off" {
		return text
	}
	return dots(text)
}

// userAndPassword masks the credentials of the scheme Basic (RFC 7617 §2). Other
// words may follow "basic", too, and are kept.
func userAndPassword(text string) string {
	plain, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil || !bytes.ContainsRune(plain, ':') {
		return text
	}
	return dots(text)
}

// secretIn returns a function that masks what the groups of a regular expression
// match, one group for each way to write the secret.
func secretIn(expr string, mask func(string) string) func(string) string {
	// Not at the start of the program: most texts have no sign of any.
	find := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
	return func(text string) string { return maskGroups(find(), text, mask) }
}

// maskGroups masks what the groups of a regular expression match.
func maskGroups(find *regexp.Regexp, text string, mask func(string) string) string {
	var b strings.Builder
	end := 0
	for _, at := range find.FindAllStringSubmatchIndex(text, -1) {
		for g := 2; g < len(at); g += 2 {
			if from, to := at[g], at[g+1]; from >= 0 {
				b.WriteString(text[end:from])
				b.WriteString(mask(text[from:to]))
				end = to
			}
		}
	}
	if end == 0 {
		return text
	}
	return b.String() + text[end:]
}

// digest masks the parameters of a digest from which a password could be guessed
// (RFC 7616).
var digest = secretIn(`(?i)\b(?:response|rspauth|nonce|cnonce|nextnonce)\s*=\s*(?:"([^"]*)|([^",\s]+))`, dots)

// digestScheme matches the beginning of the credentials of a digest.
var digestScheme = regexp.MustCompile(`(?i)\A\s*digest\b`)

// schemeName matches the scheme of other credentials, which is not a secret. A
// single word is taken for a secret without a scheme.
var schemeName = regexp.MustCompile(`\A\s*[A-Za-z0-9_-]{1,32}\s+`)

// credentials masks the value of an Authorization field.
func credentials(text string) string {
	if digestScheme.MatchString(text) {
		return digest(text)
	}
	scheme := schemeName.FindString(text)
	return scheme + dots(text[len(scheme):])
}

// exchanged masks the data of SASL. Elements of the same name that contain words
// are not SASL's.
func exchanged(text string) string {
	if text == "=" || strings.ContainsAny(strings.TrimSpace(text), " .,!?") {
		return text
	}
	return dots(text)
}

// dots replaces everything but white space with dots, byte for byte.
func dots(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			b[i] = '.'
		}
	}
	return string(b)
}

// crosses replaces a key in Base64 by an x for each character, which is Base64, too: what
// reads captures would find the message malformed.
func crosses(text string) string { return strings.Repeat("x", len(text)) }

// tokenShown is how many characters of a device token are shown, to tell two of
// them apart: 32 bits of the 256 in one of Apple's.
const tokenShown = 8

// deviceToken hides a device token, but keeps its beginning and the kinds of its
// characters, which tell the push service. A short one, as in examples, is not
// secret and is kept.
func deviceToken(text string) string {
	if len(text) < 2*tokenShown {
		return text
	}
	b := []byte(text)
	for i := tokenShown; i < len(b); i++ {
		switch c := b[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f':
			b[i] = '0'
		case c >= 'g' && c <= 'z':
			b[i] = 'x'
		case c >= 'A' && c <= 'F':
			b[i] = 'A'
		case c >= 'G' && c <= 'Z':
			b[i] = 'X'
		}
	}
	return string(b)
}

// firstOfSign and secondOfSign have the shapes, as bit masks, by the first two
// letters of their sign, in either case. A sign of one letter has any second one.
var firstOfSign, secondOfSign = func() (first, second [256]uint32) {
	for c := range first {
		for i, s := range shapes {
			if s.sign[0] == lower(byte(c)) {
				first[c] |= 1 << i
			}
			if len(s.sign) == 1 || s.sign[1] == lower(byte(c)) {
				second[c] |= 1 << i
			}
		}
	}
	return first, second
}()

// signsIn returns the shapes whose sign a text contains, as a bit mask. Every message
// passes here, so it looks closer only where two letters of a sign stand.
func signsIn(text string) (found uint32) {
	if text == "" {
		return 0
	}
	last := len(text) - 1
	for i := range last {
		if firstOfSign[text[i]]&secondOfSign[text[i+1]] != 0 {
			found |= signsAt(text[i:], found)
		}
	}
	return found | signsAt(text[last:], found)
}

// signsAt returns the shapes whose sign a text begins with, but for those that have
// been found.
func signsAt(text string, found uint32) (more uint32) {
	for candidates := firstOfSign[text[0]] &^ found; candidates != 0; candidates &= candidates - 1 {
		n := bits.TrailingZeros32(candidates)
		if hasPrefixFold(text, shapes[n].sign) {
			more |= 1 << n
		}
	}
	return more
}

// hasPrefixFold reports whether a text begins with a word, which is in lower case,
// in either case.
func hasPrefixFold(text, word string) bool {
	if len(text) < len(word) {
		return false
	}
	for i := range len(word) {
		if lower(text[i]) != word[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
