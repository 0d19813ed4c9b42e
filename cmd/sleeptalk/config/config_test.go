package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func env(pairs ...string) Env {
	return func(key string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == key {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFind(t *testing.T) {
	tmp := filepath.Join(os.TempDir(), fmt.Sprintf("sleeptalk-%d", os.Getuid()))
	for name, c := range map[string]struct {
		env         Env
		user, state string
	}{
		"home":     {env("HOME", "/h"), "/h/.config/sleeptalk/config.yaml", "/h/.local/state/sleeptalk"},
		"xdg":      {env("HOME", "/h", "XDG_CONFIG_HOME", "/c", "XDG_STATE_HOME", "/s"), "/c/sleeptalk/config.yaml", "/s/sleeptalk"},
		"relative": {env("HOME", "/h", "XDG_CONFIG_HOME", "c"), "/h/.config/sleeptalk/config.yaml", "/h/.local/state/sleeptalk"},
		"none":     {env(), "", tmp},
	} {
		if p := Find(c.env); p.User != filepath.FromSlash(c.user) || p.State != filepath.FromSlash(c.state) {
			t.Errorf("%s: got %+v", name, p)
		}
	}
}

func TestParseErrorsShowThePlace(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key": {
			"profiles:\n  alice:\n    sevrer: pbx\n",
			"f.yaml:3:5 unknown key \"sevrer\"; did you mean server?\n3 |     sevrer: pbx\n  |     ^^^^^^",
		},
		"unknown top": {"profils:\n  alice: {}\n", "f.yaml:1:1 unknown key \"profils\"; did you mean profiles?\n1 | profils:\n  | ^^^^^^^"},
		"not a map":   {"profiles: 5\n", "f.yaml:1:11 "},
		"syntax":      {"profiles:\n  a: {\n", "f.yaml:2:"},
		"twice":       {"profile: a\nprofile: b\n", "f.yaml:2:1 "},
		"two ways":    {"profiles: {a: {server: 'sip:pbx;transport=udp', transport: tcp}}", "f.yaml: profile a: transport: the server says transport=udp, and transport is tcp"},
		"wake server": {"profiles: {a: {wake-server: pbx}}", "f.yaml: profile a: wake-server: \"pbx\" is not host:port"},
		"transport":   {"profiles: {a: {transport: sctp}}", "f.yaml: profile a: transport: tcp, udp and tls are all that this tool speaks, not sctp"},
		"bad server":  {"profiles: {a: {server: 'a b'}}", "f.yaml: profile a: server: \"a b\" is no server"},
		"expires":     {"profiles: {a: {expires: soon}}", "f.yaml: profile a: expires: \"soon\" is no duration"},
		"strict":      {"profiles: {a: {strict: maybe}}", "have: on, off"},
		"theme":       {"ui: {theme: drak}", "did you mean dark?"},
		"list":        {"- a\n- b\n", "f.yaml:1:"},
	} {
		_, err := Parse("f.yaml", []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got\n%v\nwant\n%s", name, err, c.want)
		}
	}
}

func TestParseTakesWhatPeopleWrite(t *testing.T) {
	f, err := Parse("f", []byte("profiles:\n  a: {server: pbx:5080, user: 100, strict: off, expires: 600s}\ndevices:\n  ios-voip-socket: {wake-window: 5s, wake-budget: 20}\n"))
	if err != nil {
		t.Fatal(err)
	}
	a := f.Profiles["a"]
	if a.User != "100" || a.Strict != "off" || f.Devices["ios-voip-socket"]["wake-budget"] != "20" {
		t.Errorf("got %+v, %+v", a, f.Devices)
	}
}

func TestTemplateIsEmptyUntilUncommented(t *testing.T) {
	f, err := Parse("f", []byte(Template()))
	if err != nil || len(f.Profiles) != 0 {
		t.Fatalf("got %+v, %v", f, err)
	}
	var all strings.Builder
	for line := range strings.Lines(Template()) {
		if strings.Contains(line, ":") && strings.HasPrefix(line, "# ") && !strings.Contains(line, "sleeptalk:") {
			all.WriteString(strings.TrimPrefix(line, "# "))
		}
	}
	f, err = Parse("f", []byte(all.String()))
	if err != nil {
		t.Fatalf("uncommented, the template is wrong: %v\n%s", err, all.String())
	}
	if f.Profiles["alice"].Server != "pbx.example.com:5060" {
		t.Errorf("got %+v", f)
	}
}

func TestPrecedence(t *testing.T) {
	user := write(t, "user.yaml", "profiles:\n  alice: {server: user-file, user: alice, device: desktop, mic: 'tone:1', password: plain}\ndevices:\n  desktop: {grace: 1s, jitter: 2s}\n")
	project := write(t, "project.yaml", "profiles:\n  alice: {server: project, display: P, mic: 'tone:2', password-env: PW}\ndevices:\n  desktop: {grace: 3s}\n")
	paths := Paths{User: user, Project: project}
	f, warnings, err := Read(paths)
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0].Text, "profile alice has its password in plain text") {
		t.Errorf("warnings %+v", warnings)
	}
	e := env("SLEEPTALK_MIC", "tone:3", "SLEEPTALK_DISPLAY", "E", "PW", "secret")
	got, err := f.Resolve(t.Context(), paths, Choice{Flags: Profile{Display: "F"}}, e)
	if err != nil {
		t.Fatal(err)
	}
	want := Phone{
		Profile: "alice", Server: Server{Host: "project"}, User: "alice", Display: "F", Domain: "project", Password: "secret",
		Expires: time.Hour, Keepalive: 10 * time.Minute, Device: "desktop", Strategy: "voip-socket", Strict: true, Mic: "tone:3", Speaker: got.Speaker,
	}
	if got.Overrides["grace"] != "3s" || got.Overrides["jitter"] != "2s" {
		t.Errorf("overrides %v", got.Overrides)
	}
	got.Overrides = nil
	if got.AOR() != "sip:alice@project" || got.Server != want.Server || got.Display != "F" || got.Password != "secret" || got.Mic != "tone:3" ||
		got.Device != "desktop" || got.Expires != time.Hour || got.Keepalive != 10*time.Minute || !got.Strict {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestChoose(t *testing.T) {
	two := File{Profiles: map[string]Profile{"alice": {}, "bob": {}}}
	if name, _, err := two.Choose("", ""); name != "" || err != nil {
		t.Errorf("of two, none is named: %q, %v", name, err)
	}
	two.Profile = "bob"
	if name, _, _ := two.Choose("", ""); name != "bob" {
		t.Errorf("the default: %q", name)
	}
	_, _, err := two.Choose("alcie", "/c.yaml")
	if want := `no profile "alcie" in /c.yaml; did you mean alice?   have: alice, bob`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	one := File{Profiles: map[string]Profile{"only": {}}}
	if name, _, _ := one.Choose("", ""); name != "only" {
		t.Errorf("the only one: %q", name)
	}
}

func TestPassword(t *testing.T) {
	for name, c := range map[string]struct {
		profile Profile
		want    string
		fails   string
	}{
		"none":        {Profile{}, "", ""},
		"plain":       {Profile{Password: "a"}, "a", ""},
		"env":         {Profile{PasswordEnv: "PW"}, "b", ""},
		"env empty":   {Profile{PasswordEnv: "NO"}, "", "NO is empty"},
		"command":     {Profile{PasswordCommand: "echo c"}, "c", ""},
		"no command":  {Profile{PasswordCommand: "exit 3"}, "", "exit status 3"},
		"silent":      {Profile{PasswordCommand: "exit 0"}, "", "printed nothing"},
		"env, before": {Profile{PasswordEnv: "PW", PasswordCommand: "echo c"}, "b", ""},
	} {
		got, err := c.profile.password(t.Context(), env("PW", "b"))
		if got != c.want || (c.fails == "") != (err == nil) || err != nil && (!errors.Is(err, ErrCredentials) || !strings.Contains(err.Error(), c.fails)) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestParseServer(t *testing.T) {
	for text, want := range map[string]string{
		"pbx.example.com":                        "pbx.example.com:5060",
		"pbx.example.com:5080":                   "pbx.example.com:5080",
		"sip:pbx.example.com;transport=tcp":      "pbx.example.com:5060",
		"SIP:pbx.example.com:5070;transport=TCP": "pbx.example.com:5070",
		"sip:pbx.example.com;lr":                 "pbx.example.com:5060",
		"192.0.2.5":                              "192.0.2.5:5060",
		"2001:db8::1":                            "[2001:db8::1]:5060",
		"[2001:db8::1]:5070":                     "[2001:db8::1]:5070",
		"sip:[2001:db8::1];transport=tcp":        "[2001:db8::1]:5060",
		" pbx ":                                  "pbx:5060",
		"":                                       "error",
		":5060":                                  "error",
		"sip:":                                   "error",
		"sips:pbx":                               "pbx:5061",
		"SIPS:pbx:5070":                          "pbx:5070",
		"sip:pbx;transport=TLS":                  "pbx:5061",
		"sips:pbx;transport=udp":                 "error",
		"pbx:":                                   "error",
		"pbx:0":                                  "error",
		"pbx:65536":                              "error",
		"pbx:sip":                                "error",
		"a b":                                    "error",
		"sip:alice@pbx":                          "error",
		"sip:pbx;maddr=192.0.2.1":                "error",
		"http://pbx":                             "error",
		strings.Repeat("a", maxServer+1) + ".com": "error",
	} {
		got, err := ParseServer(text)
		if want == "error" {
			if err == nil {
				t.Errorf("%.40q: got %v, want an error", text, got)
			}
		} else if err != nil || got.Target() != want {
			t.Errorf("%q: got %v, %v, want %s", text, got.Target(), err, want)
		}
	}
	for _, text := range []string{"sip:pbx;transport=sctp", "pbx;transport=ws"} {
		if _, err := ParseServer(text); !errors.Is(err, ErrTransport) {
			t.Errorf("%q: got %v, want %v", text, err, ErrTransport)
		}
	}
}

func TestTransport(t *testing.T) {
	for text, want := range map[string]string{"pbx": "", "sip:pbx;transport=UDP": "udp", "pbx:5070;transport=tcp": "tcp", "pbx;transport=tls": "tls", "sips:pbx": "tls", "sips:pbx;transport=tcp": "tls"} {
		if got, err := ParseServer(text); err != nil || got.Transport != want {
			t.Errorf("%s: %q, %v", text, got.Transport, err)
		}
	}
	f := File{Profiles: map[string]Profile{"a": {Server: "pbx", User: "a", Transport: "UDP"}}}
	if got, err := f.Resolve(t.Context(), Paths{}, Choice{}, env()); err != nil || got.Server.Transport != "udp" {
		t.Errorf("%+v, %v", got.Server, err)
	}
}

func TestReadRefusesWhatIsNoConfigFile(t *testing.T) {
	if _, _, err := Read(Paths{User: write(t, "big", strings.Repeat("#", maxFile+1))}); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a file that is too large: %v", err)
	}
	if _, _, err := Read(Paths{User: t.TempDir()}); err == nil {
		t.Error("a directory: no error")
	}
	if f, _, err := Read(Paths{User: filepath.Join(t.TempDir(), "none"), Project: ""}); err != nil || len(f.Profiles) > 0 {
		t.Errorf("no file: %+v, %v", f, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("profiles:\n  alice: {server: pbx, user: alice}\n"))
	f.Add([]byte(Template()))
	f.Add([]byte("a: &a [*a]\n\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4096 {
			return
		}
		Parse("f", data)
	})
}

func FuzzParseServer(f *testing.F) {
	f.Add("sip:pbx.example.com:5060;transport=tcp")
	f.Add("[::1]:5060")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseServer(text)
		if err != nil {
			return
		}
		again, err := ParseServer("sip:" + s.Target() + ";transport=" + s.Transport)
		if err != nil || again.Target() != s.Target() || again.Transport != s.Transport {
			t.Errorf("%q is %v, and that is %v, %v", text, s, again, err)
		}
	})
}
