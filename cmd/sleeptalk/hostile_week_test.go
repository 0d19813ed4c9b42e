//go:build hostile

package main

import (
	"io"
	"strconv"
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

// inPocket is how many MiB so many hours have taken at most, as the process itself
// has it: what its parent is told of it begins with the parent's own.
func inPocket(t *testing.T, hours int) float64 {
	t.Helper()
	v := attacked(t, "pocket", "--hours", strconv.Itoa(hours))
	<-v.ended
	v.cmd.Wait()
	status, err := io.ReadAll(v.told)
	if code := v.cmd.ProcessState.ExitCode(); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v\n%s", code, err, &v.err)
	}
	return field(t, status, "VmHWM") / 1024
}
