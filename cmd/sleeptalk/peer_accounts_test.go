//go:build peers

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestKamailioTwoAccounts has one phone be registered at two servers, fall asleep with
// one word, and be woken by a call at the second.
func TestKamailioTwoAccounts(t *testing.T) {
	t.Parallel()
	work, home := freePort(t), freePort(t)
	kamailio(t, work)
	kamailio(t, home)
	p := readByTshark(begin(t, twoAccounts(t, work, home)))
	p.claim("wait for registered as work within 5s and registered as private")
	p.asleep()
	caller := phoneAt(t, "carol", address(home))
	caller.registered()
	caller.say("call ally")
	p.claim("wait for wake by INVITE as private within 5s")
	p.claim("wait for call incoming as private within 2s")
	p.say("answer from notification")
	p.claim("wait for call up as private within 5s")
	caller.say("hang up")
	p.claim("wait for call ended by peer as private within 5s")
	p.claim("wait for registered within 1s")
	caller.quit()
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// twoAccounts is a phone that is alice at one server and ally at another.
func twoAccounts(t *testing.T, work, home int) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "sleeptalk", "config.yaml")
	text := fmt.Sprintf(`accounts:
  work: {server: %q, domain: 127.0.0.1, user: alice, password-env: SLEEPTALK_TEST_PASSWORD}
  private: {server: %q, domain: 127.0.0.1, user: ally, password-env: SLEEPTALK_TEST_PASSWORD}
`, address(work), address(home))
	if err := os.MkdirAll(filepath.Dir(config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sleeptalk", "phone", "--json", "--account", "work", "--account", "private", "--mic", "tone:440", "--speaker", "none", "--set", "grace=1s")
	cmd.Env = []string{"XDG_CONFIG_HOME=" + dir}
	return cmd
}
