package config

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/setup"
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

func everybody() (Trust, error) { return Trust{All: true}, nil }
func nobody() (Trust, error)    { return Trust{}, nil }

func TestFind(t *testing.T) {
	tmp := filepath.Join(os.TempDir(), "sleeptalk")
	appdata := env("HOME", "/h", "APPDATA", "/roaming", "LOCALAPPDATA", "/local")
	for name, c := range map[string]struct {
		env         Env
		user, state string
	}{
		"appdata": {appdata, "/roaming/sleeptalk/config.yaml", "/local/sleeptalk"},
		"roaming": {env("USERPROFILE", "/h", "APPDATA", "/roaming"), "/roaming/sleeptalk/config.yaml", "/h/.local/state/sleeptalk"},
		"xdg":     {env("XDG_CONFIG_HOME", "/c", "APPDATA", "/roaming", "LOCALAPPDATA", "/local"), "/c/sleeptalk/config.yaml", "/local/sleeptalk"},
		"none":    {env(), "", tmp},
	} {
		if p := find(c.env, true, -1); p.User != filepath.FromSlash(c.user) || p.State != filepath.FromSlash(c.state) {
			t.Errorf("on Windows, %s: got %+v", name, p)
		}
	}
	if p := find(appdata, false, 7); p.User != filepath.FromSlash("/h/.config/sleeptalk/config.yaml") {
		t.Errorf("AppData elsewhere: got %+v", p)
	}
	for name, c := range map[string]struct {
		env         Env
		user, state string
	}{
		"home":     {env("HOME", "/h"), "/h/.config/sleeptalk/config.yaml", "/h/.local/state/sleeptalk"},
		"xdg":      {env("HOME", "/h", "XDG_CONFIG_HOME", "/c", "XDG_STATE_HOME", "/s"), "/c/sleeptalk/config.yaml", "/s/sleeptalk"},
		"relative": {env("HOME", "/h", "XDG_CONFIG_HOME", "c"), "/h/.config/sleeptalk/config.yaml", "/h/.local/state/sleeptalk"},
		"none":     {env(), "", tmp + "-7"},
	} {
		if p := find(c.env, false, 7); p.User != filepath.FromSlash(c.user) || p.State != filepath.FromSlash(c.state) {
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
		"two ways":    {"profiles: {a: {server: 'sip:pbx;transport=udp', transport: tcp}}", "f.yaml: account a: transport: the server says transport=udp, and transport is tcp"},
		"wake server": {"profiles: {a: {wake-server: pbx}}", "f.yaml: account a: wake-server: \"pbx\" is not host:port"},
		"transport":   {"profiles: {a: {transport: sctp}}", "f.yaml: account a: transport: tcp, udp, tls, ws and wss are all that this tool speaks, not sctp"},
		"bad server":  {"profiles: {a: {server: 'a b'}}", "f.yaml: account a: server: \"a b\" is no server"},
		"expires":     {"profiles: {a: {expires: soon}}", "f.yaml: account a: expires: \"soon\" is no duration"},
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
	a := f.Accounts["a"]
	if a["user"] != "100" || a["strict"] != "off" || f.Devices["ios-voip-socket"]["wake-budget"] != "20" {
		t.Errorf("got %+v, %+v", a, f.Devices)
	}
}

func TestTemplateIsEmptyUntilUncommented(t *testing.T) {
	f, err := Parse("f", []byte(Template()))
	if err != nil || len(f.Accounts) != 0 {
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
	if f.Accounts["alice"]["server"] != "pbx.example.com:5060" {
		t.Errorf("got %+v", f)
	}
}

func TestPrecedence(t *testing.T) {
	user := write(t, "user.yaml", "profiles:\n  alice: {server: user-file, user: alice, device: desktop, mic: 'tone:441', password: plain}\ndevices:\n  desktop: {grace: 1s, jitter: 2s}\n")
	project := write(t, "project.yaml", "profiles:\n  alice: {server: project, display: P, mic: 'tone:442', password-env: PW}\ndevices:\n  desktop: {grace: 3s}\n")
	paths := Paths{User: user, Project: project}
	f, warnings, err := Read(paths, everybody)
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 3 || !strings.Contains(warnings[1].Text, "account alice has its password in plain text") ||
		!strings.Contains(warnings[0].Text, "user.yaml says profile where it is account now") {
		t.Errorf("warnings %+v", warnings)
	}
	e := env("SLEEPTALK_MIC", "tone:443", "SLEEPTALK_DISPLAY", "E", "PW", "secret")
	got, err := f.Resolve(t.Context(), paths, Choice{Flags: setup.Values{"display": "F"}}, e)
	if err != nil {
		t.Fatal(err)
	}
	if got.Device.Numbers["grace"] != "3s" || got.Device.Numbers["jitter"] != "2s" || got.Device.Base != "desktop" {
		t.Errorf("device %+v", got.Device)
	}
	want := setup.Values{
		"server": "project", "user": "alice", "display": "F", "password": "secret", "push-secret": "", "mic": "tone:443", "device": "desktop",
	}
	if got.Account != "alice" || !maps.Equal(got.Values, want) || got.Values.Address() != "sip:alice@project" {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// TestOldWords: a file from before accounts had that name means the same.
func TestOldWords(t *testing.T) {
	old, err := Parse("f", []byte("profile: a\nprofiles:\n  a: {server: pbx, user: u}\n"))
	if err != nil {
		t.Fatal(err)
	}
	now, err := Parse("f", []byte("account: a\naccounts:\n  a: {server: pbx, user: u}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := old.Accounts["a"], now.Accounts["a"]; old.Account != now.Account || !maps.Equal(got, want) {
		t.Errorf("got %v, %v; want %v, %v", old.Account, got, now.Account, want)
	}
	if len(old.warnings("f")) != 1 || len(now.warnings("f")) != 0 {
		t.Errorf("warnings %v, %v", old.warnings("f"), now.warnings("f"))
	}
	for _, variable := range []string{"SLEEPTALK_ACCOUNT", "SLEEPTALK_PROFILE"} {
		two := File{Accounts: map[string]account{"a": {}, "b": {}}}
		if name, _, err := two.Layer(Paths{}, Choice{}, env(variable, "b")); name != "b" || err != nil {
			t.Errorf("%s: %q, %v", variable, name, err)
		}
	}
}

// TestEverySetting is in a file, in the environment and in the template.
func TestEverySetting(t *testing.T) {
	for _, s := range setup.Settings() {
		value := example(s)
		if f, err := Parse("f", []byte("accounts:\n  a: {"+s.Key+": \""+value+"\"}\n")); err != nil || f.Accounts["a"][s.Key] != value {
			t.Errorf("%s: %v, %v", s.Key, f, err)
		}
		if v := fromEnv(env(s.Env(), "x")); v[s.Key] != "x" {
			t.Errorf("%s: %v", s.Env(), v)
		}
		if !strings.Contains(Template(), "#     "+s.Key+": ") {
			t.Errorf("%s is not in the template", s.Key)
		}
	}
}

func TestChoose(t *testing.T) {
	two := File{Accounts: map[string]account{"alice": {}, "bob": {}}}
	if name, _, err := two.Choose("", ""); name != "" || err != nil {
		t.Errorf("of two, none is named: %q, %v", name, err)
	}
	two.Account = "bob"
	if name, _, _ := two.Choose("", ""); name != "bob" {
		t.Errorf("the default: %q", name)
	}
	_, _, err := two.Choose("alcie", "/c.yaml")
	if want := `no account "alcie" in /c.yaml; did you mean alice?   have: alice, bob`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	one := File{Accounts: map[string]account{"only": {}}}
	if name, _, _ := one.Choose("", ""); name != "only" {
		t.Errorf("the only one: %q", name)
	}
}

func TestPassword(t *testing.T) {
	for name, c := range map[string]struct {
		values setup.Values
		want   string
		fails  string
	}{
		"none":        {setup.Values{}, "", ""},
		"plain":       {setup.Values{"password": "a"}, "a", ""},
		"env":         {setup.Values{"password-env": "PW"}, "b", ""},
		"env empty":   {setup.Values{"password-env": "NO"}, "", "NO is empty"},
		"command":     {setup.Values{"password-command": "echo c"}, "c", ""},
		"no command":  {setup.Values{"password-command": "exit 3"}, "", "exit status 3"},
		"silent":      {setup.Values{"password-command": "exit 0"}, "", "printed nothing"},
		"env, before": {setup.Values{"password-env": "PW", "password-command": "echo c"}, "b", ""},
	} {
		got, err := password(t.Context(), c.values, env("PW", "b"), "")
		if got != c.want || (c.fails == "") != (err == nil) || err != nil && (!errors.Is(err, ErrCredentials) || !strings.Contains(err.Error(), c.fails)) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestReadRefusesWhatIsNoConfigFile(t *testing.T) {
	if _, _, err := Read(Paths{User: write(t, "big", strings.Repeat("#", place.MaxSize+1))}, nobody); err == nil || !strings.Contains(err.Error(), "has more than") {
		t.Errorf("a file that is too large: %v", err)
	}
	if _, _, err := Read(Paths{User: t.TempDir()}, nobody); err == nil {
		t.Error("a directory: no error")
	}
	if f, _, err := Read(Paths{User: filepath.Join(t.TempDir(), "none"), Project: ""}, nobody); err != nil || len(f.Accounts) > 0 {
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
