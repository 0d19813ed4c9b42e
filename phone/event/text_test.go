package event

import (
	"strings"
	"testing"
	"time"
)

func TestEveryEventHasText(t *testing.T) {
	for _, e := range everyEvent(t) {
		what, _ := e.Text()
		if strings.TrimSpace(what) == "" {
			t.Errorf("%s: no text", e.Kind())
		}
		if line := Line(Record{Phone: "alice", Event: e}); strings.ContainsAny(line, "\r\n\x1b") || strings.Contains(line, "%!") {
			t.Errorf("%s: %q", e.Kind(), line)
		}
	}
}

func TestLine(t *testing.T) {
	r := Record{Device: 126*time.Second + 31*time.Millisecond, Phone: "alice", Event: Frame{Wake: 1, What: "INVITE", Bytes: 812, Latency: Millis(38 * time.Millisecond)}}
	want := "02:06.03  alice   wake frame INVITE                  812 B, read 38 ms after the wake"
	if got := Line(r); got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	r.Event = Lock{}
	if got := Line(r); got != "02:06.03  alice   unlocked" {
		t.Errorf("got %q", got)
	}
}

func TestDurations(t *testing.T) {
	for _, c := range []struct {
		d            time.Duration
		round, stamp string
	}{
		{0, "0 µs", "00:00.00"},
		{38 * time.Millisecond, "38 ms", "00:00.03"},
		{2100 * time.Millisecond, "2.1 s", "00:02.10"},
		{126 * time.Second, "02:06", "02:06.00"},
		{time.Hour + 2*time.Minute + 6*time.Second, "01:02:06", "01:02:06.00"},
		{101 * time.Hour, "101:00:00", "101:00:00.00"},
	} {
		if got := Round(c.d); got != c.round {
			t.Errorf("Round(%d) = %q, want %q", c.d, got, c.round)
		}
		if got := Stamp(c.d); got != c.stamp {
			t.Errorf("Stamp(%d) = %q, want %q", c.d, got, c.stamp)
		}
	}
	if got := Round(-time.Second); got != "-1.0 s" {
		t.Errorf("got %q", got)
	}
}
