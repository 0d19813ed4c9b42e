package app

import (
	"testing"
	"time"
)

// TestWakeRace: what is said of an INVITE that came late, or never.
func TestWakeRace(t *testing.T) {
	const half = 500 * time.Millisecond // the first copy
	for name, c := range map[string]struct {
		lost, registered time.Duration // from the wake line; 0: not
		offered          time.Duration // 0: never
		want             string
	}{
		"in time":          {offered: half - 1},
		"the second copy":  {offered: half, want: "the INVITE was read 500 ms after the wake line: its first copies were lost, or the server held it"},
		"never":            {want: "the INVITE did not come within 32.0 s of the wake line"},
		"a lost socket":    {lost: -half + 1, want: "the INVITE did not come within 32.0 s of the wake line; the UDP socket was gone"},
		"lost long before": {lost: -half, want: "the INVITE did not come within 32.0 s of the wake line"},
		"lost after":       {lost: half, want: "the INVITE did not come within 32.0 s of the wake line"},
		"registered":       {registered: time.Second, want: "the INVITE did not come within 32.0 s of the wake line; we were registered again 1.0 s after the line"},
	} {
		var r wakeRace
		line := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		if c.lost != 0 {
			r.lost(line.Add(c.lost))
		}
		if !r.woken(line) || !r.waits() {
			t.Errorf("%s: no INVITE is waited for", name)
		}
		if c.registered > 0 {
			r.registered(line.Add(c.registered))
			r.registered(line.Add(c.registered + time.Second)) // a refresh
		}
		note := ""
		if c.offered > 0 {
			note, _ = r.offered(line.Add(c.offered))
		} else {
			note = r.missed(r.inviteBy)
		}
		if note != c.want {
			t.Errorf("%s:\n got %q\nwant %q", name, note, c.want)
		}
		if r.waits() {
			t.Errorf("%s: it still waits", name)
		}
	}
}
