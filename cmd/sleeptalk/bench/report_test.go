package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

func sample() Report {
	r := Result{
		Name: "invite", Title: "INVITE to 180", Unit: seconds,
		Rows: []Row{
			{Who: "sleeptalk, suspended", N: 1000, Figures: []Figure{{Name: "p50", Value: 0.000461}, {Name: "p99", Value: 0.0012}}},
			{Who: baresipAwake, N: 1000, Figures: []Figure{{Name: "p50", Value: 0.000922}, {Name: "p99", Value: 0.0008}}},
		},
		Aim:     &Aim{Figure: "p50", Peer: baresipAwake, Limit: 1},
		Notes:   []string{"the phone ran with wake-window=20ms"},
		Missing: []string{"sipp, which is not installed: apt-get install sip-tester"},
	}
	r.compare()
	return Report{Version: version, Go: "go1.26", OS: "linux", Arch: "amd64", CPUs: 2, Results: []Result{r}}
}

func TestTable(t *testing.T) {
	const want = `go1.26, linux/amd64, 2 processors

INVITE to 180
                         p50      p99
  sleeptalk, suspended   461 µs   1.2 ms
  baresip, awake         922 µs   800 µs
    ratio                0.50     1.50
  note: the phone ran with wake-window=20ms
  aim: p50 at most 1.00 of baresip, awake: 0.50, met
  NOT MEASURED: sipp, which is not installed: apt-get install sip-tester
`
	var got bytes.Buffer
	r := sample()
	if err := r.Print(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestJSONReadsBack(t *testing.T) {
	b, err := json.Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	var got Report
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), got); diff != "" {
		t.Error(diff)
	}
}

// TestAimWithoutPeer drops an aim that nobody can judge.
func TestAimWithoutPeer(t *testing.T) {
	r := Result{Rows: []Row{{Who: "sleeptalk", Figures: []Figure{{Name: "p50", Value: 1}}}}, Aim: &Aim{Figure: "p50", Peer: "baresip", Limit: 1}}
	r.compare()
	if r.Aim != nil {
		t.Errorf("aim %+v, want none", r.Aim)
	}
	empty := Result{Aim: &Aim{Figure: "p50", Limit: 1}}
	empty.compare()
	if empty.Aim != nil {
		t.Errorf("aim %+v, want none", empty.Aim)
	}
}

func TestRank(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100 - i) // 100 to 1
	}
	for _, c := range []struct {
		took []time.Duration
		q    float64
		want time.Duration
	}{
		{hundred, 0.5, 50},
		{hundred, 0.99, 99},
		{hundred, 1, 100},
		{hundred[:1], 0.5, 100},
		{hundred[:1], 0.99, 100},
		{hundred[:3], 0.5, 99},
	} {
		if got := rank(c.took, c.q); got != c.want {
			t.Errorf("rank(%d values, %g) = %d, want %d", len(c.took), c.q, got, c.want)
		}
	}
}

func TestUnits(t *testing.T) {
	for want, got := range map[string]string{
		"12 µs": seconds.format(12e-6), "1.86 ms": seconds.format(0.00186), "52.6 ms": seconds.format(0.0526),
		"1.98 s": seconds.format(1.98), "14.5 MiB": octets.format(14.5 * (1 << 20)),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestClickDelays delays the clicks of the microphone's file by 171 samples.
func TestClickDelays(t *testing.T) {
	const late = 171
	heard := append(make([]int16, late), clickSamples()...)
	got := clickDelays(heard)
	if len(got) != clicks {
		t.Fatalf("%d clicks, want %d", len(got), clicks)
	}
	for _, d := range got {
		if d != late*time.Second/pcm.Rate {
			t.Errorf("late by %s, want %d samples", d, late)
		}
	}
}

func TestDrawn(t *testing.T) {
	if _, err := drawn(io.MultiReader(strings.NewReader("\x1b[2J q qu"), strings.NewReader("it"))); err != nil {
		t.Error(err)
	}
	if _, err := drawn(strings.NewReader("error: no terminal")); !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want io.EOF and what was drawn", err)
	}
}
