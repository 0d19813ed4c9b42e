package push

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Params are the parameters of a Contact by which a phone tells its server
// where to push (RFC 8599 §8.7).
type Params struct {
	Provider string // pn-provider: which push service
	PRID     string // pn-prid: the device's token there; with webpush the address of the subscription
	Param    string // pn-param: the app; with apns TEAMID.BUNDLE, and ".voip" behind it for VoIP pushes; none with webpush
	// P256DH and Auth are the keys for what a push of webpush carries (RFC 8291).
	// RFC 8599 has no parameters for them, for it pushes without a payload: these
	// are our own.
	P256DH, Auth string
	// Timer is the media feature tag +sip.pnsreg, which is not in the URI: the
	// phone refreshes its binding without being pushed to (RFC 8599 §8.5).
	Timer bool
}

// The names of the parameters.
const (
	providerKey = "pn-provider"
	pridKey     = "pn-prid"
	paramKey    = "pn-param"
	p256dhKey   = "pn-p256dh"
	authKey     = "pn-auth"
	// PURRKey names a binding in the Contact of a dialog (RFC 8599 §6).
	PURRKey = "pn-purr"
	// TimerTag is the media feature tag of [Params.Timer].
	TimerTag = "+sip.pnsreg"
)

// ReadParams reads the parameters of a Contact's URI. ok is false if it has
// none of them. A phone that sends no token only asks for the server's
// capabilities (RFC 8599 §4.1.5).
func ReadParams(get func(key string) (value string, ok bool)) (p Params, ok bool) {
	provider, ok := get(providerKey)
	p.Provider = provider
	p.PRID, _ = get(pridKey)
	p.Param, _ = get(paramKey)
	p.P256DH, _ = get(p256dhKey)
	p.Auth, _ = get(authKey)
	if address, err := url.PathUnescape(p.PRID); err == nil && provider == WebPush {
		p.PRID = address
	}
	return p, ok
}

// Wakes reports whether the parameters suffice for a push: a token and, except
// for webpush, the app (RFC 8599 §5.6.1.1).
func (p Params) Wakes() bool {
	return p.PRID != "" && (p.Param != "" || p.Provider == WebPush)
}

// WebPush is the push service of RFC 8030. It has no pn-param (RFC 8599 §12).
const WebPush = "webpush"

// Providers are the push services that RFC 8599 registers.
var Providers = []string{"apns", "fcm", WebPush}

// Local is local push: no service, but a connection that the phone's own provider holds
// to its server. RFC 8599 has no name for it; this one is our own.
const Local = "localpush"

// mistaken maps wrong names that real phones send to the right ones (Flexisip,
// rfc8599-push-params.cc).
var mistaken = map[string]string{"android": "fcm", "firebase": "fcm", "google": "fcm", "apple": "apns", "apns.dev": "apns"}

// CheckProvider refuses a push service that RFC 8599 does not name, but for [Local]. The error
// suggests the right name.
func CheckProvider(name string) error {
	if name == Local || slices.Contains(Providers, name) {
		return nil
	}
	hint := words.DidYouMean(name, Providers)
	if meant := mistaken[name]; meant != "" {
		hint = "; did you mean " + meant + "?"
	}
	return fmt.Errorf("no push service %q%s (there are: %s)", name, hint, strings.Join(Providers, ", "))
}

// maxValue bounds a parameter, so that it fits in a header field. Apple's
// tokens have 64 digits today, Google's about 160 characters.
const maxValue = 1024

// CheckValue refuses a value that would need escaping in a parameter of a URI
// (RFC 3261 §25.1: paramchar).
func CheckValue(value string) error {
	if len(value) > maxValue {
		return fmt.Errorf("%d characters; at most %d fit", len(value), maxValue)
	}
	if i := strings.IndexFunc(value, unfit); i >= 0 {
		return fmt.Errorf("%q has a character that cannot stand in a SIP URI", value[i:])
	}
	return nil
}

func unfit(r rune) bool {
	switch {
	case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		return false
	}
	return !strings.ContainsRune("-_.!~*'()[]/:&+$", r)
}

// String returns the parameters in the form of a URI, those that there are.
func (p Params) String() string {
	var b strings.Builder
	if p.Provider != WebPush {
		fmt.Fprintf(&b, ";%s=%s;%s=%s;%s=%s", providerKey, p.Provider, paramKey, p.Param, pridKey, p.PRID)
		return b.String()
	}
	for _, param := range [][2]string{{providerKey, p.Provider}, {pridKey, escaped(p.PRID)}, {p256dhKey, p.P256DH}, {authKey, p.Auth}} {
		if param[1] != "" {
			fmt.Fprintf(&b, ";%s=%s", param[0], param[1])
		}
	}
	return b.String()
}

// escaped is a text as it can stand in a parameter of a URI.
func escaped(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; unfit(rune(c)) {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
