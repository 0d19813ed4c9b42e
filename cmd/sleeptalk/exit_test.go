package main

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestEveryExitCode has the real binary end with each exit code and, where
// several apply, with the first of 70, 130 or 143, 3, 1, 4 and 5. It has them in
// numbers, by which others' scripts go. What else leads to them is in
// testdata/script: usage, config, unreachable, crash, run, phone.
func TestEveryExitCode(t *testing.T) {
	dir := t.TempDir()
	const passes = "register\nexpect registered within 3s\n"
	for name, text := range map[string]string{
		"passes": passes, "fails": "answer\n", "invalid": "expect registred\n", "lasts": passes + "== and then\nwait 1h\n",
		"refused": "use server 127.0.0.1:" + strconv.Itoa(freePort(t)) + " user=alice password-env=PW\n" + passes,
		"invariant": "never stay awake > 1ms\nregister\nexpect registered within 3s\nbackground\nexpect suspended within 15s\n" +
			"bob: call alice\nexpect wake within 1s\nexpect suspended again within 20s\n",
	} {
		write(t, dir, name+".talk", text)
	}
	for _, tt := range []struct {
		want   int
		why    string
		args   string
		signal syscall.Signal // sent when the first test case has ended
	}{
		{0, "all passed", "run passes.talk", 0},
		{0, "nothing was tested, as allowed", "run passes.talk --tag none --allow-empty", 0},
		{1, "a test failed", "run fails.talk", 0},
		{1, "an invariant was broken", "run invariant.talk", 0},
		{2, "no such flag", "run passes.talk --jnuit x", 0},
		{3, "a file is invalid", "run invalid.talk", 0},
		{4, "nothing listens there", "run refused.talk", 0},
		{4, "a report cannot be written", "run passes.talk --junit nowhere/junit.xml", 0},
		{5, "the limit has passed", "run lasts.talk --live --limit 3s", 0},
		{5, "nothing was tested", "run passes.talk --tag none", 0},
		{70, "a bug", "crash", 0},
		{130, "an interrupt", "run lasts.talk --live", syscall.SIGINT},
		{143, "a termination", "run lasts.talk --live", syscall.SIGTERM},

		{130, "an interrupt before a failure", "run fails.talk lasts.talk --live", syscall.SIGINT},
		{3, "an invalid file before a failure", "run fails.talk invalid.talk", 0},
		{3, "an invalid file before what cannot be", "run refused.talk invalid.talk", 0},
		{1, "a failure before what cannot be", "run refused.talk fails.talk", 0},
		{1, "a failure before the limit", "run fails.talk lasts.talk --live --limit 3s", 0},
		{4, "what cannot be before the limit", "run refused.talk lasts.talk --live --limit 3s", 0},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			name, args := "sleeptalk", append(strings.Fields(tt.args), "--trace", "never", "--trust")
			if tt.args == "crash" {
				name, args = "crashing-sleeptalk", nil
			}
			run := launch(t, dir, name, args...)
			if tt.signal != 0 {
				run.dots(1)
			}
			if got, out := run.end(tt.signal); got != tt.want {
				t.Errorf("%s: exit code %d, want %d\n%s", tt.args, got, tt.want, out)
			}
		})
	}
}
