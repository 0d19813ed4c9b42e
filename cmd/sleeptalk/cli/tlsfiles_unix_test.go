//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOpenKeyLog: a file of secrets is closed to others, and added to; anything
// else is left as it is.
func TestOpenKeyLog(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		name = filepath.Join(dir, name)
		if text != "" {
			if err := os.WriteFile(name, []byte(text), mode); err != nil {
				t.Fatal(err)
			}
		}
		return name
	}
	const line = "CLIENT_RANDOM 00 11\n"
	for _, before := range []string{"", line, "# SSL/TLS secrets log file\n"} {
		name := file("keys.log", before, 0o644)
		k, err := OpenKeyLog("tls-keylog", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Write([]byte(line)); err != nil {
			t.Error(err)
		}
		text, err := os.ReadFile(name)
		if err != nil || string(text) != before+line {
			t.Errorf("%q became %q, %v", before, text, err)
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%q: mode %v, %v", before, info.Mode(), err)
		}
		if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	}
	mine := file("mine.txt", "This is mine.\n", 0o644)
	for name, want := range map[string]string{mine: "it is left as it is", dir: "there is a folder of that name"} {
		if k, err := OpenKeyLog("SSLKEYLOGFILE", name); k != nil || err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "SSLKEYLOGFILE ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if info, err := os.Stat(mine); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the file of somebody else has changed: %v, %v", info.Mode(), err)
	}
	if k, err := OpenKeyLog("tls-keylog", ""); k != nil || err != nil {
		t.Errorf("no name: %v, %v", k, err)
	}
}
