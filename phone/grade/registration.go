package grade

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// The checks of the REGISTER. They look at the last one that the phone has
// sent, with credentials or without.

func judgeRegister(v view) finding {
	first, asked := v.first(v.sent("REGISTER"))
	ok, granted := v.first(v.granted())
	refused, wasRefused := v.last(v.told("REGISTER", 402, 699))
	switch {
	case granted:
		return passed("registered in %s, with %d REGISTER", event.Round(ok.Device-first.Device), len(v.all(v.sent("REGISTER")))).
			showing(shows(first), shows(ok, "Contact"))
	case wasRefused:
		return failed("the lab refused it: %d %s", refused.Event.(event.Message).Status, hintOf(refused)).showing(shows(first), shows(refused))
	case asked:
		return failed("it did not go on after the challenge").showing(shows(first))
	}
	return untold("nobody has registered as %s", v.cfg.User)
}

// hintOf explains a refusal of the lab.
func hintOf(r event.Record) string {
	m := r.Event.(event.Message)
	switch m.Status {
	case 403:
		return m.Reason + ": is the password right?"
	case 404:
		return m.Reason + ": is the domain right?"
	case 555:
		return m.Reason + ": see push-params"
	}
	return m.Reason
}

// registers returns the phone's last REGISTER that binds a contact.
func (v view) registers() (event.Record, bool) {
	sent := v.sent("REGISTER")
	return v.last(func(r event.Record) bool { return sent(r) && contactOf(r) != nil })
}

// onRegister judges the last REGISTER, if there is one.
func (v view) onRegister(judge func(r event.Record) finding) finding {
	r, ok := v.registers()
	if !ok {
		return untold("it has sent no REGISTER")
	}
	return judge(r)
}

func judgeExpires(v view) finding {
	return v.onRegister(func(r event.Record) finding {
		param, _ := sip.Param(contactOf(r).Params, "expires")
		switch {
		case param != "":
			return passed("it asks for %s s, in the Contact", param).showing(shows(r, "Contact"))
		case header(r, "Expires") != "":
			return passed("it asks for %s s", header(r, "Expires")).showing(shows(r, "Expires"))
		}
		return failed("neither an Expires header field nor an expires parameter").showing(shows(r, "Contact"))
	})
}

// urn matches a valid +sip.instance: a URN between angle brackets (RFC 5626
// §4.1); one with a UUID is recommended.
var urn = regexp.MustCompile(`^"?<urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}:[^>]+>"?$`)

func judgeInstance(v view) finding {
	return v.onRegister(func(r event.Record) finding {
		instance, ok := sip.Param(contactOf(r).Params, "+sip.instance")
		switch {
		case !ok:
			return failed("no +sip.instance: at each new address it counts as another phone").showing(shows(r, "Contact"))
		case !urn.MatchString(instance):
			return failed("+sip.instance %s is not a URN in angle brackets", instance).showing(shows(r, "Contact"))
		}
		return passed("%s", strings.Trim(instance, `"<>`)).showing(shows(r, "Contact"))
	})
}

func judgeOutbound(v view) finding {
	return v.onRegister(func(r event.Record) finding {
		id, has := sip.Param(contactOf(r).Params, "reg-id")
		n, err := strconv.ParseUint(id, 10, 31)
		evidence := shows(r, "Contact", "Supported")
		switch supports := supports(r, "outbound"); {
		case has && (err != nil || n == 0):
			return failed("reg-id=%s is not a number from 1 to 2^31-1", id).showing(evidence)
		case !has && !supports:
			return failed("neither reg-id nor Supported: outbound").showing(evidence)
		case !has:
			return failed("Supported: outbound without reg-id: the registrar binds no connection").showing(evidence)
		case !supports:
			return failed("reg-id without Supported: outbound: the registrar may ignore it").showing(evidence)
		}
		return passed("reg-id=%s, Supported: outbound", id).showing(evidence)
	})
}

// supports reports whether a message names an extension.
func supports(r event.Record, extension string) bool { return lists(r, extension, "Supported", "k") }

// lists reports whether one of these header fields of a message lists a tag.
func lists(r event.Record, tag string, names ...string) bool {
	m := messageOf(r)
	if m == nil {
		return false
	}
	for _, name := range names {
		if slices.ContainsFunc(sip.Values(m, name), func(v string) bool { return strings.EqualFold(v, tag) }) {
			return true
		}
	}
	return false
}

// wakeable reports whether the phone asks to be pushed to.
func (v view) wakeable() bool {
	r, ok := v.registers()
	if !ok {
		return false
	}
	_, ok = push.ReadParams(sip.URIParams(&contactOf(r).Address))
	return ok
}

func judgePushParams(v view) finding {
	return v.onRegister(func(r event.Record) finding {
		c := contactOf(r)
		for _, p := range c.Params {
			switch name := strings.ToLower(p.K); {
			case strings.HasPrefix(name, "pn-"):
				return failed("%s is a parameter of the header field: it belongs inside the angle brackets", p.K).showing(shows(r, "Contact"))
			case name == "+sip.pns" || name == "+sip.vapid" || name == "+sip.pnspurr":
				return failed("%s is for the server to say, in Feature-Caps", p.K).showing(shows(r, "Contact"))
			}
		}
		p, ok := push.ReadParams(sip.URIParams(&c.Address))
		if !ok {
			return untold("it gave no pn- parameters: it does not ask to be pushed to").showing(shows(r, "Contact"))
		}
		if p.Provider == "" && p.PRID == "" { // RFC 8599 §4.1.5
			return untold("it only asks by which services it could be pushed to").showing(shows(r, "Contact"))
		}
		if err := checkParams(p); err != nil {
			return failed("%v", err).showing(shows(r, "Contact"))
		}
		return passed("pn-provider=%s pn-param=%s", p.Provider, p.Param).showing(shows(r, "Contact"))
	})
}

var (
	// apnsParam matches TEAMID.BUNDLE, followed by the service as in
	// Apple's VoIP topics (RFC 8599 §10; Apple: a team ID is ten capitals
	// and digits).
	apnsParam = regexp.MustCompile(`^[A-Z0-9]{10}\.[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$`)
	apnsToken = regexp.MustCompile(`^[0-9A-Fa-f]{64,200}$`)
)

// checkParams checks the push parameters.
func checkParams(p push.Params) error {
	if err := push.CheckProvider(p.Provider); err != nil {
		return err
	}
	multiple := strings.ContainsAny(p.PRID+p.Param, "&")
	switch {
	case p.PRID == "":
		return fmt.Errorf("no pn-prid: the service does not know which device")
	case multiple:
		return fmt.Errorf("several tokens or services in one parameter: Flexisip's own form")
	case p.Provider == "apns" && !apnsParam.MatchString(p.Param):
		return fmt.Errorf("pn-param=%s is not TEAMID.BUNDLE, such as DEF123GHIJ.com.example.app.voip", p.Param)
	case p.Provider == "apns" && !apnsToken.MatchString(p.PRID):
		return fmt.Errorf("pn-prid=%s is not the device token in hexadecimal", p.PRID)
	case p.Provider == "fcm" && p.Param == "":
		return fmt.Errorf("no pn-param: with fcm it is the project ID")
	case p.Provider == "webpush" && !strings.HasPrefix(p.PRID, "https:"):
		return fmt.Errorf("pn-prid=%s is no push resource's URL", p.PRID)
	}
	return nil
}

// quotedQop matches a mistake that some registrars forgive and some do not.
var quotedQop = regexp.MustCompile(`(?i)\bqop\s*=\s*"`)

func judgeDigest(v view) finding {
	var seen []event.Record
	for _, r := range v.all(v.sent("REGISTER")) {
		if header(r, "Authorization") != "" {
			seen = append(seen, r)
		}
	}
	if len(seen) == 0 {
		return untold("it has sent no credentials")
	}
	again := 0
	var last *digest.Credentials
	for _, r := range seen {
		cred, err := digest.ParseCredentials(header(r, "Authorization"))
		if err != nil {
			return failed("the credentials cannot be read: %v", err).showing(shows(r, "Authorization"))
		}
		challenged := last == nil || v.challengedBefore(r)
		if why := faultOf(cred, last, challenged); why != "" {
			return failed("%s", why).showing(shows(r, "Authorization"))
		}
		if uri := r.Event.(event.Message).URI; !strings.EqualFold(cred.URI, uri) {
			return failed("uri=%q is not the Request-URI, %s", cred.URI, uri).showing(shows(r, "Authorization"))
		}
		if quotedQop.MatchString(header(r, "Authorization")) {
			return failed(`qop is quoted: a response has qop=auth (only a challenge has quotes)`).showing(shows(r, "Authorization"))
		}
		if !challenged {
			again++
		}
		last = cred
	}
	r := seen[len(seen)-1]
	if again == 0 {
		return passed("qop=auth, cnonce, nc=%08x; no nonce was used again", last.Count).showing(shows(r, "Authorization"))
	}
	return passed("qop=auth, cnonce, and nc counts up: a nonce was used again %d times", again).showing(shows(r, "Authorization"))
}

// faultOf returns what is wrong with credentials, or ""; last are the previous
// ones, with the same nonce unless there was a challenge since.
func faultOf(cred, last *digest.Credentials, challenged bool) string {
	switch {
	case cred.QOP == "":
		return "no qop, though the challenge offers auth"
	case cred.QOP != "auth":
		return fmt.Sprintf("qop=%s was not offered", cred.QOP)
	case cred.Cnonce == "":
		return "qop without cnonce"
	case challenged && cred.Count != 1:
		return fmt.Sprintf("nc=%08x at the first use of a nonce", cred.Count)
	case !challenged && cred.Count <= last.Count:
		return fmt.Sprintf("nc=%08x though the nonce was used before, with nc=%08x: a server that counts takes it for a replay", cred.Count, last.Count)
	}
	return ""
}

// challengedBefore reports whether the last response before a REGISTER was a
// challenge.
func (v view) challengedBefore(r event.Record) bool {
	was := false
	for _, other := range v.all(v.told("REGISTER", 200, 699)) {
		if other.Seq < r.Seq {
			was = other.Event.(event.Message).Status == 401
		}
	}
	return was
}
