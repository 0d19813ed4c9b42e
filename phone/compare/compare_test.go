package compare

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
)

// aDay returns a day with two profiles, in which one phone is unreachable.
func aDay(seed uint64, jobs int) Config {
	return Config{
		Profiles: []string{"ios-voip-socket", "desktop"}, Strategies: []string{"voip-socket", "none"}, Faults: []string{NoFault}, Controls: []string{control.SIP},
		Hours: 24, Calls: 48, Seed: seed, Jobs: jobs,
	}
}

func table(t *testing.T, cfg Config) string {
	t.Helper()
	rows, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := Table(&b, cfg, rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTable(t *testing.T) {
	golden.File(t, filepath.Join("testdata", "table.txt"), table(t, aDay(1, 2)))
}

// TestRawTable: long polling wakes the phone four times as often.
func TestRawTable(t *testing.T) {
	cfg := aDay(1, 2)
	cfg.Profiles, cfg.Strategies, cfg.Controls, cfg.Hours, cfg.Calls = cfg.Profiles[:1], cfg.Strategies[:1], []string{control.SIP, "lines", "long-polling"}, 6, 12
	golden.File(t, filepath.Join("testdata", "raw.txt"), table(t, cfg))
}

// TestXMPPTable compares the long connection of XMPP with that of SIP, and a
// push after which the session is resumed.
func TestXMPPTable(t *testing.T) {
	cfg := aDay(1, 2)
	cfg.Profiles, cfg.Strategies, cfg.Controls, cfg.Hours, cfg.Calls = []string{"ios-voip-socket", "ios-pushkit"}, []string{"voip-socket", "push"}, []string{control.SIP, control.XMPP}, 6, 12
	golden.File(t, filepath.Join("testdata", "xmpp.txt"), table(t, cfg))
}

// TestSameSeedSameTable plays the runs one at a time and all at once.
func TestSameSeedSameTable(t *testing.T) {
	morning := func(seed uint64, jobs int) Config {
		cfg := aDay(seed, jobs)
		cfg.Hours, cfg.Calls = 6, 12
		return cfg
	}
	one := table(t, morning(7, 1))
	if all := table(t, morning(7, 8)); all != one {
		t.Errorf("the same seed gave\n%s\nand\n%s", one, all)
	}
	if table(t, morning(8, 8)) == one {
		t.Error("two seeds gave the same table")
	}
}

func TestRunRefuses(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"nothing to compare":        func(c *Config) { c.Profiles = nil },
		"0 hours":                   func(c *Config) { c.Hours = 0 },
		"-1 calls":                  func(c *Config) { c.Calls = -1 },
		"too many":                  func(c *Config) { c.Calls = 1000 },
		"did you mean desktop?":     func(c *Config) { c.Profiles = []string{"destkop"} },
		"did you mean voip-socket?": func(c *Config) { c.Strategies = []string{"voip-soket"} },
	} {
		cfg := aDay(1, 1)
		change(&cfg)
		if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// BenchmarkDay is one phone's day of 24 hours and 48 calls.
func BenchmarkDay(b *testing.B) {
	cfg := aDay(1, 1)
	cfg.Profiles, cfg.Strategies = cfg.Profiles[:1], cfg.Strategies[:1]
	for b.Loop() {
		if _, err := Run(b.Context(), cfg); err != nil {
			b.Fatal(err)
		}
	}
}

// TestFaultOfTheDay: a fault is on the whole day, before the first call, and a
// fault that makes no sense ends it.
func TestFaultOfTheDay(t *testing.T) {
	cfg := aDay(1, 2)
	cfg.Profiles, cfg.Strategies, cfg.Hours, cfg.Calls = cfg.Profiles[:1], cfg.Strategies[:1], 2, 4
	cfg.Faults = []string{NoFault, "loss 100%"}
	rows, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if good, bad := rows[0], rows[1]; good.Rung != 4 || bad.Rung != 0 || bad.Answered != 0 || len(bad.Missed) == 0 {
		t.Errorf("without a fault %+v, with all packets lost %+v", good, bad)
	}
	cfg.Faults = []string{"los 100%"}
	if _, err := Run(t.Context(), cfg); err == nil {
		t.Error("a fault that there is not is played")
	}
}

// TestAgain: a day is the same when it is played again; one that was another is not passed off
// for it.
func TestAgain(t *testing.T) {
	cfg := aDay(1, 2)
	cfg.Hours, cfg.Calls = 2, 4
	began, ended := make(chan int, 8), make(chan int, 8)
	cfg.Began = func(i int) { began <- i }
	cfg.Ended = func(i int, r Row) {
		if r.Offered != cfg.Calls {
			t.Errorf("row %d has ended with %+v", i, r)
		}
		ended <- i
	}
	rows, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(began) != len(rows) || len(ended) != len(rows) {
		t.Errorf("of %d days %d began and %d ended", len(rows), len(began), len(ended))
	}
	log, err := Again(t.Context(), cfg, rows[1])
	if err != nil || log.Len() == 0 {
		t.Fatalf("%v, %d records", err, log.Len())
	}
	other := rows[1]
	other.Rung++
	if _, err := Again(t.Context(), cfg, other); err == nil {
		t.Error("another day is shown for it")
	}
}
