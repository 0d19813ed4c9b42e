//go:build peers

package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// kamailio starts a registrar and proxy at port and returns it when it
// listens. Each of defines is a name of its configuration and a value.
func kamailio(t *testing.T, port int, defines ...string) *exec.Cmd {
	t.Helper()
	cmd, _ := kamailioSays(t, port, defines...)
	return cmd
}

// kamailioSays is kamailio, with what it prints.
func kamailioSays(t *testing.T, port int, defines ...string) (*exec.Cmd, *output) {
	t.Helper()
	need(t, "kamailio", "kamailio")
	dir := t.TempDir()
	args := []string{"-f", "testdata/peers/kamailio.cfg", "-Y", dir, "-P", dir + "/pid", "-DD", "-E", "-m", "64", "-M", "16"}
	for _, d := range append(defines, fmt.Sprintf("PORT=%d", port)) {
		args = append(args, "-A", d)
	}
	cmd, out := spawn(t, "", "kamailio", args...)
	out.wait(t, "processes (at least)")
	if !slices.Contains(defines, "NOTCP") {
		dialUntil(t, fmt.Sprintf("127.0.0.1:%d", port))
	}
	return cmd, out
}

// stop ends a peer as a service manager would, and waits for it.
func stop(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
}

func TestKamailioRegistration(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port)
	expect(p, "challenge", func(e event.Registration) bool { return e.Phase == "challenged" && e.Status == 401 })
	p.registered()
	p.say("register")
	p.registered()
	p.say("unregister")
	expect(p, "unregistered", func(e event.Registration) bool { return e.Phase == "removed" })
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestKamailioAuthInt has Kamailio ask for auth-int. It hashes memory that it never wrote
// in the place of the body (auth_check_response in modules/auth/api.c, until today), so
// it refuses every answer; the phone does not call that a wrong password alone.
func TestKamailioAuthInt(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port, "INTEGRITY")
	p := alice(t, port)
	expect(p, "a challenge with auth-int", func(e event.Message) bool { return e.Status == 401 && strings.Contains(e.Raw, `qop="auth-int"`) })
	failed := expect(p, "refusal", func(e event.Registration) bool { return e.Phase == "failed" })
	if failed.Status != 401 || !strings.Contains(failed.Hint, "auth-int") {
		t.Errorf("refusal %+v: want a hint at auth-int", failed)
	}
	p.quit()
}

// TestKamailioInforms has Kamailio show that it knows the password (Authentication-Info).
func TestKamailioInforms(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port, "INFORM")
	p := alice(t, port)
	expect(p, "an rspauth", func(e event.Message) bool { return e.Status == 200 && strings.Contains(e.Raw, "rspauth=") })
	p.registered()
	p.say("register")
	p.registered()
	for _, r := range p.log.After(0) {
		if w, is := r.Event.(event.Warning); is && w.Rule == event.RuleUnprovenServer {
			t.Errorf("warned: %+v", w)
		}
	}
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestKamailioSHA256 registers by the strongest digest that Kamailio has.
func TestKamailioSHA256(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port, `ALGORITHM="SHA-256"`)
	p := alice(t, port)
	expect(p, "a challenge with SHA-256", func(e event.Message) bool { return e.Status == 401 && strings.Contains(e.Raw, "algorithm=SHA-256") })
	p.registered()
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestKamailioWrongPassword(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--password-env", "SLEEPTALK_TEST_WRONG_PASSWORD")
	failed := expect(p, "refusal", func(e event.Registration) bool { return e.Phase == "failed" })
	if failed.Status != 401 || failed.Hint == "" {
		t.Errorf("refusal %+v: want status 401 and a hint", failed)
	}
	p.quit()
}

// TestKamailioRestart restarts the server while the phone sleeps: the FIN
// wakes it, and it registers again on a new connection.
func TestKamailioRestart(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	first := kamailio(t, port)
	p := alice(t, port)
	p.registered()
	p.asleep()
	stop(t, first)
	expect(p, "wake by socket", func(e event.Wake) bool { return e.Cause == event.BySocket })
	expect(p, "FIN", func(e event.Frame) bool { return e.What == "FIN" || e.What == "RST" })
	kamailio(t, port)
	p.registered()
	expect(p, "suspended again", func(e event.State) bool { return e.To == event.Suspended })
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}
