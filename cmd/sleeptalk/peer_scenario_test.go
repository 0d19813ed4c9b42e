//go:build peers

package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
)

// counts are the numbers of a test suite in a JUnit file. An invariant counts
// as a test.
type counts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

// A performance is a "sleeptalk run" of a scenario against the server at a
// port, as the user alice; the profile bob is a user there too.
type performance struct {
	t     *testing.T
	cmd   *exec.Cmd
	out   output
	junit string
}

// perform starts one of a scenario of testdata/peers.
func perform(t *testing.T, port int, scenario string, flags ...string) *performance {
	t.Helper()
	return performFile(t, port, nil, "testdata/peers/"+scenario+script.Suffix, flags...)
}

// performFile starts one of a file, with more in its environment.
func performFile(t *testing.T, port int, env []string, file string, flags ...string) *performance {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "sleeptalk", "config.yaml")
	text := fmt.Sprintf("profiles:\n  bob:\n    server: 127.0.0.1:%d\n    user: bob\n    password-env: SLEEPTALK_TEST_PASSWORD\n", port)
	if err := os.Mkdir(filepath.Dir(config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, pcap := &performance{t: t, junit: filepath.Join(dir, "junit.xml")}, filepath.Join(dir, "sip.pcapng")
	p.cmd = exec.Command("sleeptalk", append([]string{
		"run", file, "--server", fmt.Sprintf("127.0.0.1:%d", port), "--user", "alice",
		"--password-env", "SLEEPTALK_TEST_PASSWORD", "--junit", p.junit, "--pcap", pcap, "--watch",
	}, flags...)...)
	p.cmd.Env = slices.Concat(os.Environ(), []string{"SLEEPTALK_TEST_PASSWORD=secret", "HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_STATE_HOME=" + dir}, env)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		capture, err := os.Open(pcap)
		if err == nil {
			defer capture.Close()
			wantWellFormed(t, capture)
		}
		if err != nil || t.Failed() {
			t.Errorf("sleeptalk run %s: %v\n%s", file, err, &p.out)
		}
	})
	return p
}

// exits waits for its end and looks at the exit code.
func (p *performance) exits(code int) {
	p.t.Helper()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit code %d, want %d", got, code)
	}
}

// ends waits for its end and looks at the exit code and the JUnit file.
func (p *performance) ends(code int, want counts) {
	p.t.Helper()
	p.exits(code)
	b, err := os.ReadFile(p.junit)
	if err != nil {
		p.t.Fatal(err)
	}
	var got struct {
		Suites []counts `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b, &got); err != nil || !slices.Equal(got.Suites, []counts{want}) {
		p.t.Errorf("JUnit has %+v, want %+v; %v", got.Suites, want, err)
	}
}

func TestScenarioReachable(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	perform(t, port, "reachable").ends(0, counts{Tests: 7})
}

func TestScenarioKeepalive(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	perform(t, port, "keepalive", "--clock", "x60").ends(0, counts{Tests: 7})
}

func TestScenarioWrongPassword(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	perform(t, port, "wrong-password").ends(0, counts{Tests: 2})
}

// TestScenarioRestart restarts the server while the scenario waits for it.
func TestScenarioRestart(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	first := kamailio(t, port)
	p := perform(t, port, "restart")
	p.out.wait(t, "== the server stops")
	stop(t, first)
	p.out.wait(t, "== the server is back")
	kamailio(t, port)
	p.ends(0, counts{Tests: 5})
}

// TestScenarioWrongExpectation wants what does not happen: that is a failure,
// with a likely cause, and what comes after it is skipped.
func TestScenarioWrongExpectation(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := perform(t, port, "wrong-expectation")
	p.ends(cli.ExitFailed, counts{Tests: 3, Failures: 1, Skipped: 1})
	if !strings.Contains(p.out.String(), "= likely   the app was not suspended") {
		t.Error("the likely cause is not named")
	}
}
