package phone

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/ui"
)

// TestSettingsAreKept: what was changed on the screen is written into the file of the user, and
// into none whose word would not count.
func TestSettingsAreKept(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	paths := config.Paths{User: filepath.Join(dir, "config", "config.yaml"), Project: config.ProjectFile}
	env := func(string) string { return "" }
	keep := func(account, device string, list ...ui.Setting) (string, error) {
		file, _, err := config.Read(paths, func() (config.Trust, error) { return config.Trust{}, nil })
		if err != nil {
			t.Fatal(err)
		}
		w := writer{paths: paths, account: account, device: device, file: file, env: env}
		return w.keep(list)
	}
	words, err := keep("alice", "ios-voip-socket", ui.Setting{Key: "keepalive", Value: "15m"}, ui.Setting{Key: "keepalive", OfDevice: true, Value: "off"})
	if err != nil || !strings.HasPrefix(words, "wrote keepalive, keepalive into ") {
		t.Fatal(words, err)
	}
	got, err := os.ReadFile(paths.User)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Template() + "accounts:\n  alice:\n    keepalive: 15m\ndevices:\n  ios-voip-socket:\n    keepalive: \"off\"\n"
	if string(got) != want {
		t.Errorf("%s", strings.TrimPrefix(string(got), config.Template()))
	}
	if info, err := os.Stat(paths.User); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if _, err := keep("", "ios-voip-socket", ui.Setting{Key: "auto", Value: "busy"}); err == nil || !strings.Contains(err.Error(), "no account in a config") {
		t.Error(err)
	}
	if err := os.WriteFile(config.ProjectFile, []byte("accounts:\n  alice:\n    auto: echo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keep("alice", "ios-voip-socket", ui.Setting{Key: "auto", Value: "busy"}); err == nil || !strings.Contains(err.Error(), ".sleeptalk.yaml:3 says it, and counts more") {
		t.Error(err)
	}
	paths.User = ""
	if _, err := keep("alice", "desktop", ui.Setting{Key: "auto", Value: "busy"}); err != errNoConfig {
		t.Error(err)
	}
}

// TestOrigins: a setting says which flag, variable or line has set it.
func TestOrigins(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	name := filepath.Join(dir, "config.yaml")
	text := "accounts:\n  alice:\n    display: Alice\ndevices:\n  ios-voip-socket:\n    grace: 3s\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, _, err := config.Read(config.Paths{User: name, Project: config.ProjectFile}, func() (config.Trust, error) { return config.Trust{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	w := writer{
		account: "alice", device: "ios-voip-socket@ios7", file: file, choice: config.Choice{Flags: setup.Values{"expires": "5m"}},
		env: func(key string) string { return map[string]string{"SLEEPTALK_AUTO": "busy"}[key] },
	}
	for _, c := range []struct {
		key, want string
		ofDevice  bool
	}{
		{"display", "config.yaml:3", false},
		{"expires", "--expires", false},
		{"auto", "SLEEPTALK_AUTO", false},
		{"grace", "config.yaml:6", true},
		{"rearm", "", true},
		{"keepalive", "", false},
	} {
		if got := w.origin(c.key, c.ofDevice); got != c.want {
			t.Errorf("%s: %q, want %q", c.key, got, c.want)
		}
	}
}
