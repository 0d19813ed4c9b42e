package main

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A process is a sleeptalk of its own, that is read and written line by line.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner // of standard output and error
	said  []string
}

// sleeptalk starts a process of the binary in a folder of its own. It is killed
// at the end of the test.
func sleeptalk(t *testing.T, args ...string) *process {
	t.Helper()
	return beginIn(t, t.TempDir(), (*exec.Cmd).Start, "sleeptalk", args...)
}

// beginIn starts a program in a folder, which is its home, too. It is killed at
// the end of the test.
func beginIn(t *testing.T, dir string, start func(*exec.Cmd) error, name string, args ...string) *process {
	t.Helper()
	ctx, tooLate := context.WithTimeout(context.Background(), 5*time.Minute) // a guard against hanging, never waited out
	t.Cleanup(tooLate)
	p := &process{t: t, cmd: exec.CommandContext(ctx, name, args...)}
	p.cmd.Dir = dir
	p.cmd.Env = append(p.cmd.Environ(), "PW=secret", "HOME="+dir, "XDG_CONFIG_HOME="+dir)
	out, w := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = w, w
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := start(p.cmd); err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewScanner(out)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.CloseWithError(p.cmd.Wait())
	}()
	t.Cleanup(func() {
		tooLate()
		out.Close()
		<-ended
	})
	return p
}

// says returns the part of the next line that fits which the expression has in
// parentheses.
func (p *process) says(expression string) string {
	p.t.Helper()
	want := regexp.MustCompile(expression)
	for p.lines.Scan() {
		p.said = append(p.said, p.lines.Text())
		if m := want.FindStringSubmatch(p.lines.Text()); m != nil {
			return m[len(m)-1]
		}
	}
	p.t.Fatalf("%v has not said %s, but\n%s", p.cmd.Args, expression, strings.Join(p.said, "\n"))
	return ""
}

// hears gives it lines.
func (p *process) hears(lines ...string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, strings.Join(lines, "\n")+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

// ends closes its input and waits for its end, with the exit code 0.
func (p *process) ends() {
	p.t.Helper()
	p.in.Close()
	if err := p.gone(); err != nil {
		p.t.Errorf("%v: %v\n%s", p.cmd.Args, err, strings.Join(p.said, "\n"))
	}
}

// gone waits for its end.
func (p *process) gone() error {
	for p.lines.Scan() {
		p.said = append(p.said, p.lines.Text())
	}
	return p.lines.Err()
}

// pushPhone starts a phone that is reached by push, and falls asleep at once.
func pushPhone(t *testing.T, lab string, args ...string) *process {
	return sleeptalk(t, append([]string{
		"phone", "--json", "--server", lab, "--domain", "lab.test", "--user", "alice", "--password-env", "PW",
		"--device", "ios-pushkit", "--strategy", "push", "--mic", "tone:440", "--speaker", "none", "--strict", "off", "--set", "grace=0.01s",
	}, args...)...)
}

// TestPushBetweenProcesses: a push service, a lab and a phone, that meet over
// the network only. The lab pushes for a call, and the phone takes it.
func TestPushBetweenProcesses(t *testing.T) {
	service := sleeptalk(t, "push", "serve", "--listen", "127.0.0.1:0")
	url := service.says(`APNs on (https://[^/]+)/`)
	lab := sleeptalk(t, "lab", "--plain", "--listen", "127.0.0.1:0", "--account", "alice:secret", "--push-service", url)
	alice := pushPhone(t, lab.says(`listening on (\S+)`), "--push-service", url)
	alice.hears("wait for registered within 20s", "background", "wait for suspended within 20s")
	service.says(`alice +reachable`)
	alice.says(`"ev":"state".*"to":"suspended"`)
	lab.hears("bob calls alice")
	alice.hears("wait for wake by push within 20s", "wait for notification within 5s", "wait for call incoming within 20s",
		"answer from notification", "wait for call up within 10s", "hang up", "wait for call ended within 5s")
	service.says(`apns +push sent +[-0-9a-f]{36}, high`)
	service.says(`alice +push delivered +[-0-9a-f]{36}, high`)
	alice.ends()
	service.says(`alice +gone`)
}

// TestPushIntoThePhone: the phone answers the provider APIs itself, and a push
// of another process wakes it, through either.
func TestPushIntoThePhone(t *testing.T) {
	lab := sleeptalk(t, "lab", "--plain", "--listen", "127.0.0.1:0", "--account", "alice:secret")
	alice := pushPhone(t, lab.says(`listening on (\S+)`), "--push-listen", "127.0.0.1:0")
	url := alice.says(`on (https://\S+), for any provider`)
	token := alice.says(`"ev":"push","phase":"token","token":"([0-9a-f]+)"`)
	for _, api := range [][]string{{"--topic", "org.example.sleeptalk.voip"}, {"--fcm", "--project", "example"}} {
		alice.hears("wait for registered within 20s", "background", "wait for suspended within 20s")
		alice.says(`"ev":"state".*"to":"suspended"`)
		send := append([]string{"push", "send", "--to", url, "--token", token, "name=Carol"}, api...)
		out, err := exec.Command("sleeptalk", send...).CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), "200 taken ") {
			t.Fatalf("%s, %v", out, err)
		}
		alice.hears("wait for wake by push within 20s", "wait for notification from Carol within 5s", "foreground")
	}
	alice.ends()
}

// TestFCMWakesAnIdleDevice: an Android device dozes, and a message of high
// priority through Google's API wakes the app.
func TestFCMWakesAnIdleDevice(t *testing.T) {
	lab := sleeptalk(t, "lab", "--plain", "--listen", "127.0.0.1:0", "--account", "alice:secret")
	alice := pushPhone(t, lab.says(`listening on (\S+)`), "--push-listen", "127.0.0.1:0", "--device", "android-doze")
	url := alice.says(`on (https://\S+), for any provider`)
	token := alice.says(`"ev":"push","phase":"token","token":"([^"]+)"`)
	alice.hears("wait for registered within 20s", "background", "screen off", "doze force-idle deep", "wait for suspended within 20s")
	alice.says(`"ev":"state".*"to":"suspended"`)
	for _, c := range []struct{ priority, phase string }{{"normal", "queued"}, {"high", "delivered"}} {
		out, err := exec.Command("sleeptalk", "push", "send", "--to", url, "--token", token, "--fcm", "--project", "example",
			"--priority", c.priority, "--expires", "1h", "name=Carol").CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), "200 taken ") {
			t.Fatalf("%s, %v", out, err)
		}
		alice.says(`"ev":"push","phase":"` + c.phase + `"`)
	}
	alice.hears("wait for wake by push within 20s", "wait for notification from Carol within 5s")
	alice.ends()
}
