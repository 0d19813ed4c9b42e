package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/sleeptalk/sleeptalk/audio/endpoint"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// A UseSetting is a KEY=VALUE that a "use" line can have.
type UseSetting struct {
	Kind             UseKind
	Key, Value, Help string
	check            func(value string) error
}

// UseSettings lists the settings of "use" lines, but for those of devices:
// they are the device's own. Those of phones and of the lab are in the tables of
// phone/setup.
func UseSettings() []UseSetting { return slices.Clone(useSettings()) }

// useSettings is made once: every setting of a line is looked up in it.
var useSettings = sync.OnceValue(func() []UseSetting {
	var settings []UseSetting
	for _, s := range setup.LabSettings() {
		settings = append(settings, UseSetting{UseLab, s.Key, s.Value, s.Help, s.Check})
	}
	for _, key := range []string{"user", "domain", "password-env"} {
		settings = append(settings, phoneSetting(UseServer, key))
	}
	account := "the account of the config that it is, at a server that is not the lab; several, with commas, are accounts of one phone, at the lab each a user of that name, and NAME.KEY=VALUE is of one alone"
	settings = append(settings,
		UseSetting{UsePhone, setup.AccountKey, "NAME[,NAME...]", account, wrongAccounts},
		UseSetting{UsePhone, setup.ProfileKey, "NAME", "the same, as it was called before", nil})
	for _, s := range setup.Settings() {
		if s.Script {
			settings = append(settings, phoneSetting(UsePhone, s.Key))
		}
	}
	return settings
})

// phoneSetting is a setting of a phone on a "use" line.
func phoneSetting(kind UseKind, key string) UseSetting {
	s, _ := setup.Find(key) // the keys are those of the table
	check := s.Check
	switch key {
	case "device":
		check = isDevice
	case "mic":
		check = isScriptMic
	}
	return UseSetting{kind, key, s.Value, s.Help, check}
}

// isDevice wants a device of the program: a scenario is played on machines that
// have no other.
func isDevice(value string) error {
	_, err := device.Load(value)
	return err
}

// isScriptMic wants a microphone that every stage has.
func isScriptMic(value string) error {
	mic, err := endpoint.ParseMic(value)
	if err == nil && (mic.Kind == endpoint.KindDevice || mic.Kind == endpoint.KindFile) {
		err = fmt.Errorf("a phone of a scenario has tone:HZ, silence or none; to play a file it is told: speak file %s", cmp.Or(mic.Arg, "NAME"))
	}
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
	case UseRecord:
		if _, err := zone.Parse(t.text); err != nil {
			return wrong(t, "%v", err)
		}
	case UsePhone, UseAccount:
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
	at := map[string]token{}
	for len(a.tokens) > 0 {
		t, _ := a.next()
		s, problem := setting(u, t)
		if problem != nil {
			return problem
		}
		u.Settings, at[s.Key] = append(u.Settings, s), t
	}
	if problem := u.misfit(at); problem != nil {
		return problem
	}
	p.file.Uses = append(p.file.Uses, u)
	if u.Kind == UseAccount {
		p.file.Phone = u.Name
	}
	return nil
}

// twice wants one of each kind, and one server: an account names one, too.
func (p *parser) twice(u Use, name token) *problem {
	servers := []UseKind{UseAccount, UseLab, UseServer}
	for _, o := range p.file.Uses {
		switch {
		case u.Kind == UsePhone && o.Kind == UsePhone && o.Name == u.Name:
			return wrong(name, "phone %s is used in line %d already", u.Name, o.Line)
		case u.Kind == UsePhone || o.Kind == UsePhone, u.Kind == UseRecord || o.Kind == UseRecord:
		case u.Kind == o.Kind:
			return wrong(name, "there is a %s already, in line %d", u.Kind, o.Line)
		case slices.Contains(servers, u.Kind) && slices.Contains(servers, o.Kind):
			return wrong(name, "line %d says already what the server is: use %s", o.Line, strings.TrimSpace(string(o.Kind)+" "+o.Name)).
				advise("one of account, lab and server")
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
	_, own, ofOne := u.ofAccount(key)
	if ofOne {
		if problem := notOfOne(own, value, keyToken); problem != nil {
			return s, problem
		}
		key, keyToken.text = own, own
	}
	var keys []string
	for _, known := range useSettings() {
		if known.Kind != u.Kind || ofOne && !ofEach(known.Key) {
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
	if known.Value == setup.Duration {
		if _, p := parseDuration(t); p != nil {
			return p
		}
	}
	if known.check == nil {
		return nil
	}
	err := known.check(t.text)
	if choice, ok := errors.AsType[*setup.ChoiceError](err); ok {
		return unknown(t, "value", "there are", choice.Known)
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
