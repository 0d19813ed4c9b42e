//go:build peers

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/bench"
)

// TestBench runs a small bench beside all peers. What the figures are is no
// matter of a test.
func TestBench(t *testing.T) {
	need(t, "baresip", "baresip-core")
	need(t, "sipp", "sip-tester")
	sleeptalk, err := exec.LookPath("sleeptalk")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sleeptalk", "bench", "--json", "--calls", "5", "--only", "invite,setup", "--before", sleeptalk)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var report bench.Report
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	if len(report.Results) != 2 {
		t.Fatalf("want two measurements:\n%s", out)
	}
	for _, result := range report.Results {
		if len(result.Rows) != 5 || len(result.Missing) != 0 {
			t.Fatalf("want %s of five phones:\n%s", result.Name, out)
		}
		for _, row := range result.Rows {
			if row.N != 5 || len(row.Figures) != 2 || row.Figures[0].Value <= 0 {
				t.Errorf("%+v: want two figures of 5 calls", row)
			}
		}
	}
}
