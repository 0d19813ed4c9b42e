package scenario

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// A UseSetting is a KEY=VALUE that a "use" line can have.
type UseSetting struct {
	Kind             UseKind
	Key, Value, Help string
	check            func(value string) error
}

// UseSettings lists the settings of "use" lines, but for those of devices:
// they are the device's own.
func UseSettings() []UseSetting {
	settings := []UseSetting{
		{UseLab, "domain", "NAME", "the domain of the addresses; lab.test unless said", anything},
		{UseLab, "algorithm", "MD5|SHA-256", "the digest algorithm", oneOfValues("MD5", "SHA-256")},
		{UseLab, "nonce-life", "DURATION", "how long a nonce is good for", isDuration},
		{UseLab, "min-expires", "DURATION", "the shortest registration", isDuration},
		{UseLab, "max-expires", "DURATION", "the longest registration", isDuration},
		{UseLab, "ping-every", "DURATION", "how often the lab pings each connection", isDuration},
		{UseLab, "flow-timer", "DURATION", "the time within which phones are told to ping (RFC 5626 §4.4.1)", isDuration},
		{UseLab, "wake-wait", "DURATION", "how long an INVITE waits after the wake line of a wake socket", isDuration},
		{UseLab, "push", "on|off", "off pushes to nobody", oneOfValues("on", "off")},
		{UseLab, "push-wait", "DURATION", "how long an INVITE is held for a phone that was pushed to; 30s unless said (OpenSIPS has 6s, an Asterisk dial plan in the wild 8s, Flexisip 90s)", isDuration},
		{UseLab, "push-ttl", "DURATION", "how long a push may take (apns-expiration); 0s has it tried once; as long as push-wait unless said", isDurationOrZero},
		{UseLab, "push-refresh", "DURATION", "how long before its end a registration is refreshed by a push; 120s unless said (RFC 8599 §5.5), 0s is never", isDurationOrZero},
		{UseServer, "user", "NAME", "the user of the phone under test", anything},
		{UseServer, "domain", "NAME", "the domain of its address, where it is not the server", anything},
		{UseServer, "password-env", "VARIABLE", "the environment variable with its password", anything},
		{UsePhone, "profile", "NAME", "the profile of the config to take the account from", anything},
		{UsePhone, "device", "NAME", "the device to emulate", isDevice},
		{UsePhone, "auto", "answer|echo|busy|ring", "what it does by itself when called", oneOfValues(string(app.Accept), string(app.Echo), string(app.Busy), string(app.Ring))},
		{UsePhone, "display", "NAME", "the name that others see", anything},
		{UsePhone, "password", "TEXT", "its password at the lab; to have it wrong, on purpose", anything},
		{UsePhone, "mic", noMic, "it sends no audio until it speaks; a tone of 440 Hz unless said", oneOfValues(noMic)},
		{UsePhone, "expires", "DURATION", "for how long to register", isDuration},
		{UsePhone, "keepalive", "DURATION", "the keepalive timeout that the app asks of the device", isDuration},
		{UsePhone, "strategy", strings.Join(app.StrategyNames(), "|"), "how the app stays reachable asleep", isStrategy},
		{UsePhone, "stay-awake-by", strings.Join(app.AwakeByNames(), "|"), "what the strategy stay-awake asks the server for: a pong, or the answer to OPTIONS", oneOfValues(app.AwakeByNames()...)},
		{UsePhone, "control", "sip|raw|xmpp", "what it speaks on its control connection; raw where raw= is set, else sip", oneOfValues(control.SIP, control.Raw, control.XMPP)},
		{UsePhone, "raw", "NAME|FILE.yaml", "the raw protocol: " + raw.List() + ", or a profile beside the scenario", isRaw},
		{UsePhone, "transport", "tcp|udp|tls", "what carries SIP; tcp, or udp with the strategy wake-socket", oneOfValues(sip.Transports()...)},
		{UsePhone, "push-provider", "NAME", "pn-provider of RFC 8599; that of the device unless said", isParam},
		{UsePhone, "push-param", "TEXT", "pn-param of RFC 8599", isParam},
		{UsePhone, "refresh", "push|timer", "timer tells the server that the app refreshes its registration by itself (+sip.pnsreg of RFC 8599), which one that sleeps does not", oneOfValues("push", "timer")},
		{UsePhone, "report", "late|never", "when the app reports the call of a push: when the INVITE is there, or never; before all else unless said", oneOfValues(string(app.ReportLate), string(app.ReportNever))},
		{UsePhone, "early-audio", "on|off", "on does not wait for the audio session that the system activates", oneOfValues("on", "off")},
		{UsePhone, "invite-wait", "DURATION", "how long a reported call waits for its INVITE; 15s unless said", isDuration},
		{UsePhone, "fault", "FAULT", "what is broken on its way to the server from the start, between quotes: fault=\"nat short, loss 1%\"", areFaults},
		{UsePhone, "strict", "on|off", "off allows numbers that no real device allowed", oneOfValues("on", "off")},
	}
	for _, r := range push.Rules {
		settings = append(settings, UseSetting{UseLab, PushRule + r.Key, r.Value, r.Help, r.Check})
	}
	return settings
}

// PushRule begins the settings of "use lab" that are rules of the push service.
const PushRule = "push-"

func anything(string) error { return nil }

func isDuration(value string) error {
	if _, p := parseDuration(token{text: value}); p != nil {
		return p
	}
	return nil
}

// isDurationOrZero is for settings in which zero turns something off.
func isDurationOrZero(value string) error {
	if d, err := time.ParseDuration(value); err == nil && d == 0 {
		return nil
	}
	return isDuration(value)
}

func isParam(value string) error { return push.CheckValue(value) }

func oneOfValues(known ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(known, value) {
			return unknown(token{text: value}, "value", "there are", known)
		}
		return nil
	}
}

func isDevice(value string) error {
	_, err := device.Load(value)
	return err
}

func areFaults(value string) error {
	_, err := link.ParseList(value)
	return err
}

func isRaw(value string) error {
	if raw.IsFile(value) {
		return nil // it is read when the scenario is played
	}
	_, err := raw.Source(value)
	return err
}

func isStrategy(value string) error {
	_, err := app.ParseStrategy(value)
	return err
}

// useLab is "use lab", which has no name.
func useLab(p *parser, l source, a *args) *problem { return p.use(l, a, Use{Kind: UseLab}, a.head) }

// useNamed is a "use" that names something.
func useNamed(kind UseKind) func(*parser, source, *args) *problem {
	return func(p *parser, l source, a *args) *problem {
		t, problem := a.need("a name")
		if problem == nil {
			problem = wrongName(kind, t)
		}
		if problem != nil {
			return problem
		}
		return p.use(l, a, Use{Kind: kind, Name: t.text}, t)
	}
}

// wrongName says what is wrong with the name of a "use".
func wrongName(kind UseKind, t token) *problem {
	switch kind {
	case UseServer:
		return wrongServer(t)
	case UseDevice:
		if name, _, _ := strings.Cut(t.text, "@"); !slices.Contains(device.Names(), name) {
			return unknown(t, "device", "devices", device.Names())
		}
		if err := isDevice(t.text); err != nil {
			return wrong(t, "%v", err)
		}
	case UsePhone, UseProfile:
		if !IsName(t.text) || t.is(LabActor) {
			return wrong(t, "%q is no name for a phone", t.text).advise("use letters, digits, - and _")
		}
	}
	return nil
}

// IsName reports whether s can stand before a colon.
func IsName(s string) bool {
	return s != "" && len(s) <= maxName && strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' && r != '.'
	}) < 0
}

// wrongServer wants HOST or HOST:PORT, an IPv6 address between brackets if a
// port follows.
func wrongServer(t token) *problem {
	host, port := t.text, "5060"
	if i := strings.LastIndexByte(host, ':'); i >= 0 && (strings.IndexByte(host, ':') == i || host[i-1] == ']') {
		host, port = host[:i], host[i+1:]
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if _, err := netip.ParseAddr(bare); err != nil && !IsName(host) {
		return wrong(t, "%q is no server", t.text).advise("write it as pbx.example.com or 192.0.2.5:5060")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return wrong(t, "%q is no port of a server", port)
	}
	return nil
}

// use adds a "use" to the file.
func (p *parser) use(l source, a *args, u Use, name token) *problem {
	u.Place = l.place(l.all())
	if problem := p.twice(u, name); problem != nil {
		return problem
	}
	for len(a.tokens) > 0 {
		t, _ := a.next()
		s, problem := setting(u, t)
		if problem != nil {
			return problem
		}
		u.Settings = append(u.Settings, s)
	}
	p.file.Uses = append(p.file.Uses, u)
	if u.Kind == UseProfile {
		p.file.Phone = u.Name
	}
	return nil
}

// twice wants one of each kind, and one server: a profile names one, too.
func (p *parser) twice(u Use, name token) *problem {
	servers := []UseKind{UseProfile, UseLab, UseServer}
	for _, o := range p.file.Uses {
		switch {
		case u.Kind == UsePhone && o.Kind == UsePhone && o.Name == u.Name:
			return wrong(name, "phone %s is used in line %d already", u.Name, o.Line)
		case u.Kind == UsePhone || o.Kind == UsePhone:
		case u.Kind == o.Kind:
			return wrong(name, "there is a %s already, in line %d", u.Kind, o.Line)
		case slices.Contains(servers, u.Kind) && slices.Contains(servers, o.Kind):
			return wrong(name, "line %d says already what the server is: use %s", o.Line, strings.TrimSpace(string(o.Kind)+" "+o.Name)).
				advise("one of profile, lab and server")
		}
	}
	return nil
}

// setting reads KEY=VALUE.
func setting(u Use, t token) (Setting, *problem) {
	key, value, ok := strings.Cut(t.text, "=")
	if !ok || key == "" {
		return Setting{}, wrong(t, "%q is not KEY=VALUE", t.text).advise("write it as " + strings.Trim(t.text, "=") + "=VALUE")
	}
	keyToken, valueToken := t, t
	keyToken.text, keyToken.width = key, len([]rune(key))
	valueToken.text = value
	if t.width > keyToken.width+1 {
		valueToken.col, valueToken.width = t.col+keyToken.width+1, t.width-keyToken.width-1
	}
	s := Setting{key, value}
	if _, twice := u.Setting(key); twice {
		return s, wrong(keyToken, "%s is set twice", key)
	}
	if u.Kind == UseDevice {
		return s, deviceSetting(u, s, keyToken, valueToken)
	}
	var keys []string
	for _, known := range UseSettings() {
		if known.Kind != u.Kind {
			continue
		}
		keys = append(keys, known.Key)
		if known.Key == key {
			return s, wrongValue(known, valueToken)
		}
	}
	if len(keys) == 0 {
		return s, wrong(t, "use %s takes no settings", u.Kind)
	}
	return s, unknown(keyToken, "setting", "settings", keys)
}

func wrongValue(known UseSetting, t token) *problem {
	if t.text == "" {
		return wrong(t, "%s has no value", known.Key).advise("write: " + known.Key + "=" + known.Value)
	}
	err := known.check(t.text)
	if p, ok := err.(*problem); ok {
		p.col, p.width = t.col, t.width
		return p
	}
	if err != nil {
		return wrong(t, "%s: %v", known.Key, err)
	}
	return nil
}

// deviceSetting asks the device.
func deviceSetting(u Use, s Setting, key, value token) *problem {
	const strict = "strict"
	profile, err := device.Load(u.Name)
	if err != nil { // wrongName has looked
		return wrong(key, "%v", err)
	}
	if s.Key == strict {
		if s.Value != "on" && s.Value != "off" {
			return unknown(value, "value", "there are", []string{"on", "off"})
		}
		return nil
	}
	known := append([]string{"era", strict}, device.Settings()...)
	if !slices.Contains(known, s.Key) {
		return unknown(key, "setting", "settings", known)
	}
	set := map[string]string{s.Key: s.Value} // and those before it, with which it must agree
	for _, before := range u.Settings {
		if before.Key != strict {
			set[before.Key] = before.Value
		}
	}
	off, _ := u.Setting(strict)
	if _, err := profile.With(set, off != "off"); err != nil {
		_, message, _ := strings.Cut(err.Error(), ": ") // "device NAME: "
		return wrong(value, "%s", message)
	}
	return nil
}
