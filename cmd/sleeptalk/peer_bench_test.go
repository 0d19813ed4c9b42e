//go:build peers

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/bench"
)

// TestBenchOfAudio has calls in Opus and with SRTP measured beside baresip, which both ends
// keep up until they are.
func TestBenchOfAudio(t *testing.T) {
	need(t, "baresip", "baresip-core")
	for _, name := range []string{"cpu-opus", "cpu-srtp"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := benched(t, "--only", name)
			if len(report.Results) != 1 || len(report.Results[0].Rows) != 2 || len(report.Results[0].Missing) != 0 {
				t.Fatalf("want one measurement of two phones: %+v", report)
			}
			for _, row := range report.Results[0].Rows {
				if len(row.Figures) != 1 || row.Figures[0].Value <= 0 {
					t.Errorf("%+v: want the processor time", row)
				}
			}
		})
	}
}

// benched runs a bench.
func benched(t *testing.T, flags ...string) (report bench.Report) {
	t.Helper()
	cmd := exec.Command("sleeptalk", append([]string{"bench", "--json"}, flags...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	return report
}

// TestBench runs a small bench beside all peers. What the figures are is no
// matter of a test.
func TestBench(t *testing.T) {
	need(t, "baresip", "baresip-core")
	need(t, "sipp", "sip-tester")
	sleeptalk, err := exec.LookPath("sleeptalk")
	if err != nil {
		t.Fatal(err)
	}
	report := benched(t, "--calls", "5", "--only", "invite,setup", "--before", sleeptalk)
	if len(report.Results) != 2 {
		t.Fatalf("want two measurements: %+v", report)
	}
	for _, result := range report.Results {
		if len(result.Rows) != 5 || len(result.Missing) != 0 {
			t.Fatalf("want %s of five phones: %+v", result.Name, result)
		}
		for _, row := range result.Rows {
			if row.N != 5 || len(row.Figures) != 2 || row.Figures[0].Value <= 0 {
				t.Errorf("%+v: want two figures of 5 calls", row)
			}
		}
	}
}

// TestBenchOfTheScreen has the screen measured beside sngrep, on the same packets.
func TestBenchOfTheScreen(t *testing.T) {
	need(t, "sngrep", "sngrep")
	report := benched(t, "--only", "keys,messages", "--messages", "4000")
	if len(report.Results) != 2 {
		t.Fatalf("want two measurements: %+v", report)
	}
	for i, figures := range []int{5, 3} { // the keys' percentiles and the processor; memory twice, and its growth
		result := report.Results[i]
		if len(result.Rows) != 2 || len(result.Missing) != 0 || result.Aim == nil {
			t.Fatalf("want %s of two programs: %+v", result.Name, result)
		}
		for _, row := range result.Rows {
			if len(row.Figures) != figures || row.Figures[0].Value <= 0 {
				t.Errorf("%s: %+v", result.Name, row)
			}
		}
	}
}
