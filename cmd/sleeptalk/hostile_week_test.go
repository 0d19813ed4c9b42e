//go:build hostile

package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestHostileWeek has a phone spend a week in a pocket, in virtual time, and wants
// it to take no more memory than three days do, nor than it may.
func TestHostileWeek(t *testing.T) {
	t.Parallel()
	days, week := inPocket(t, 72), inPocket(t, 168)
	t.Logf("%.1f MiB for three days, %.1f for a week", days, week)
	if week > days+8 || week > 64 {
		t.Errorf("%.1f MiB for three days, %.1f for a week", days, week)
	}
}

// inPocket is how many MiB so many hours have taken at most.
func inPocket(t *testing.T, hours int) float64 {
	t.Helper()
	home := t.TempDir()
	cmd := exec.Command("sleeptalk", "pocket", "--hours", strconv.Itoa(hours))
	cmd.Dir, cmd.Env = home, append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_STATE_HOME="+home)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "all answered") {
		t.Fatalf("%v\n%s", err, out)
	}
	return float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
}
