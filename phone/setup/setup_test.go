package setup

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// said builds a phone and gives the first line of its log.
func said(t *testing.T, v Values) event.Start {
	t.Helper()
	profile, err := device.Load(v.Device())
	if err != nil {
		t.Fatal(err)
	}
	v = v.Over(Values{"server": "192.0.2.1:5060", "user": "alice", "wake-server": "192.0.2.1:5070"})
	cfg, err := Build(v, Kit{Name: "alice", Seed: 7, Device: profile, Mic: v["mic"], Instance: "urn:uuid:00000000-0000-8000-8000-00000000a11c"})
	if err != nil {
		t.Fatal(err)
	}
	h, err := phone.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range h.Start(time.Unix(0, 0)) {
		if l, ok := c.(system.Log); ok {
			if start, ok := l.Event.(event.Start); ok {
				return start
			}
		}
	}
	t.Fatal("the log has no first line")
	return event.Start{}
}

// TestRecorded: what is set of a phone is in the first line of its log, and
// read from there again.
func TestRecorded(t *testing.T) {
	if got := Recorded(said(t, Values{"mic": UsualMic}))["mic"]; got != "" {
		t.Errorf("the usual microphone is recorded as %q", got)
	}
	for mic, want := range map[string]string{"tone:300": "tone:300", "silence": "silence", "none": "none", "device": "", "file:a.wav": ""} {
		if got := Recorded(event.Start{Mic: mic})["mic"]; got != want {
			t.Errorf("the microphone %s is recorded as %q", mic, got)
		}
	}
	for key, v := range map[string]Values{
		"device":             {"device": "ios-pushkit"},
		"strategy":           {"strategy": "push", "device": "ios-pushkit"},
		"transport":          {"transport": "udp"},
		"accept-from":        {"accept-from": "any"},
		"redirects":          {"redirects": "show"},
		"control":            {"control": "xmpp"},
		"raw":                {"raw": "lines"},
		"background-modes":   {"background-modes": "none"},
		"mark":               {"mark": "never"},
		"mark-by":            {"mark-by": "gcdasyncsocket"},
		"keepalive-at":       {"keepalive-at": "launch"},
		"keepalive-handler":  {"keepalive-handler": "wait"},
		"keepalive-round":    {"keepalive-round": "on"},
		"auto":               {"auto": "echo"},
		"auto-answer-header": {"auto-answer-header": "on"},
		"mic":                {"mic": "none"},
		"display":            {"display": "Alice"},
		"expires":            {"expires": "5m"},
		"max-calls":          {"max-calls": "2"},
		"comfort-noise":      {"comfort-noise": "on"},
		"codecs":             {"codecs": "g722, l16/16000, pcma"},
		"100rel":             {"100rel": "required"},
		"session-timer":      {"session-timer": "30m"},
		"min-se":             {"min-se": "2m"},
		"vq-report":          {"vq-report": "sip:collector@example.com"},
		"rtcp-xr":            {"rtcp-xr": "on"},
		"push-provider":      {"push-provider": "fcm"},
		"push-param":         {"push-param": "TEAM.org.example"},
		"refresh":            {"refresh": "timer"},
		"report":             {"report": "late"},
		"early-audio":        {"early-audio": "on"},
		"invite-wait":        {"invite-wait": "5s"},
		"stay-awake-by":      {"stay-awake-by": "options", "strategy": "stay-awake"},
		"fault":              {"fault": "latency 50ms"},
	} {
		got := Recorded(said(t, v))
		if got[key] != v[key] {
			t.Errorf("%s: %q is recorded as %q", key, v[key], got[key])
		}
		if plain := Recorded(said(t, Values{"device": v["device"], "strategy": v["strategy"]})); plain[key] == v[key] && key != "device" && key != "strategy" {
			t.Errorf("%s: %q is recorded where nobody says it", key, v[key])
		}
	}
}

// TestTrue: a switch is on where YAML writes true.
func TestTrue(t *testing.T) {
	for _, key := range []string{"auto-answer-header", "early-audio"} {
		if got := Recorded(said(t, Values{key: "true"})); got[key] != "on" {
			t.Errorf("%s: true is recorded as %q", key, got[key])
		}
	}
}

// TestTable wants of each setting what its readers need.
func TestTable(t *testing.T) {
	keys := Keys()
	if slices.Sort(keys); len(slices.Compact(slices.Clone(keys))) != len(keys) {
		t.Errorf("a key stands twice: %v", keys)
	}
	for _, s := range Settings() {
		if s.Help == "" || s.Value == "" || s.set == nil {
			t.Errorf("%s: no help, no value, or nothing that sets it", s.Key)
		}
		for _, value := range []string{s.Example, s.Usual()} {
			if err := s.Check(value); err != nil {
				t.Errorf("%s: its own value %q: %v", s.Key, value, err)
			}
		}
	}
}

// TestUsual: the defaults are those of the app.
func TestUsual(t *testing.T) {
	for key, want := range map[string]string{"strategy": "voip-socket", "keepalive": "10m", "expires": "1h", "device": DefaultDevice, "report": ""} {
		if s, _ := Find(key); s.Usual() != want {
			t.Errorf("%s: %q, want %q", key, s.Usual(), want)
		}
	}
}

func TestOver(t *testing.T) {
	below := Values{"user": "a", "password": "plain", "mic": "none"}
	got := Values{"user": "b", "password-env": "PW", "mic": ""}.Over(below)
	if want := (Values{"user": "b", "password-env": "PW", "mic": "none"}); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if below["password"] != "plain" {
		t.Error("what is below has changed")
	}
}

// TestOutboundProxy: the flow leads to the proxy, and the address is that of the
// server or the domain behind it.
func TestOutboundProxy(t *testing.T) {
	profile, err := device.Load(DefaultDevice)
	if err != nil {
		t.Fatal(err)
	}
	for proxy, want := range map[string][3]string{
		"edge":                               {"edge:5060", "sip:edge:5060;transport=tcp;lr", "sip:alice@pbx"},
		"sip:192.0.2.9:5070;lr":              {"192.0.2.9:5070", "sip:192.0.2.9:5070;transport=tcp;lr", "sip:alice@pbx"},
		"sip:edge.example.com;transport=UDP": {"edge.example.com:5060", "sip:edge.example.com;transport=udp;lr", "sip:alice@pbx"},
		"sips:edge.example.com":              {"edge.example.com:5061", "sip:edge.example.com;transport=tls;lr", "sip:alice@pbx"},
		"[2001:db8::1]:5070":                 {"[2001:db8::1]:5070", "sip:[2001:db8::1]:5070;transport=tcp;lr", "sip:alice@pbx"},
		"wss://edge.example.com/ws":          {"edge.example.com:443", "sip:edge.example.com:443;transport=ws;lr", "sip:alice@pbx"},
		"":                                   {"pbx:5060", "", "sip:alice@pbx"},
	} {
		v := Values{"server": "pbx", "user": "alice", "outbound-proxy": proxy}
		cfg, err := Build(v, Kit{Device: profile})
		if err != nil {
			t.Fatal(err)
		}
		if hop, err := v.Hop(); err != nil || hop.Target() != want[0] {
			t.Errorf("%q: the hop is %v, %v", proxy, hop, err)
		}
		a := cfg.App.Account.(sip.Config)
		if got := [3]string{a.Server, a.Proxy, a.AOR}; got != want {
			t.Errorf("%q: %q, want %q", proxy, got, want)
		}
		if strings.HasPrefix(proxy, "wss:") && a.Path != "/ws" {
			t.Errorf("%q: the path is %q", proxy, a.Path)
		}
	}
}

func TestRefused(t *testing.T) {
	for want, v := range map[string]Values{
		"the server says transport=udp": {"server": "sip:pbx;transport=udp", "transport": "tcp"},
		"there is one with SIP alone":   {"control": "xmpp", "outbound-proxy": "edge"},
		"XMPP goes over tcp or tls":     {"control": "xmpp", "transport": "udp"},
		"needs the description":         {"control": "raw"},
		"has no port":                   {"raw": "lines", "server": "pbx"},
		"nobody has looked up PW":       {"password-env": "PW"},
		"at least 1s":                   {"expires": "500ms"},
		"did you mean late?":            {"report": "lat"},
		"from 0 to 1000":                {"max-calls": "many"},
		"too short: at least 1m30s":     {"session-timer": "60s"},
		"or supported, or off":          {"session-timer": "soon"},
	} {
		if _, err := Build(v, Kit{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", v, err, want)
		}
	}
}

// TestLab: zero is a value of the lab's settings that can be nothing, and of no
// other; and what is set is there for the log.
func TestLab(t *testing.T) {
	cfg, pushes, err := Lab(Values{"domain": "example.test", "push-ttl": "0s", "ping-every": "18s", "push-drop": "0.5"})
	if err != nil || cfg.Domain != "example.test" || cfg.PingEvery != 18*time.Second || pushes.Drop != 0.5 {
		t.Errorf("%+v, %+v, %v", cfg, pushes, err)
	}
	if want := []string{"ping-every=18s", "push-ttl=0s", "push-drop=0.5"}; !slices.Equal(cfg.Settings, want) {
		t.Errorf("settings %v, want %v", cfg.Settings, want)
	}
	for _, v := range []Values{{"ping-every": "0s"}, {"push-ttl": "-1s"}, {"algorithm": "MD6"}, {"push-drop": "2"}} {
		if _, _, err := Lab(v); err == nil {
			t.Errorf("%v: no error", v)
		}
	}
}

// TestDropTransport: where a setting is to count, the server says no transport.
func TestDropTransport(t *testing.T) {
	v := Values{"server": "sip:pbx.test:5070;transport=udp", "transport": "tcp", "user": "a"}
	v.DropTransport()
	profile, err := device.Load(DefaultDevice)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Build(v, Kit{Device: profile, Instance: "urn:uuid:00000000-0000-8000-8000-00000000a11c"})
	if err != nil {
		t.Fatal(err)
	}
	if a := cfg.App.Account.(sip.Config); a.Server != "pbx.test:5070" || a.Transport != sip.TCP {
		t.Errorf("%+v", a)
	}
}
