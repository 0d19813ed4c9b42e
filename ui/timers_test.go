package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestLastKeepalive: the panel says how the last keepalive ended, also where the system cut
// it before its answer had come.
func TestLastKeepalive(t *testing.T) {
	timer := event.KeepaliveTimer{Installed: true, Timeout: 600 * time.Second, Due: 900 * time.Second, Ticks: 1, LastTick: 300 * time.Second}
	for want, c := range map[string]struct {
		now  time.Duration
		last func(*event.KeepaliveTimer)
	}{
		"last 00:05:00 no pong yet":   {302 * time.Second, func(*event.KeepaliveTimer) {}},
		"last 00:05:00 no pong":       {320 * time.Second, func(*event.KeepaliveTimer) {}},
		"last 00:05:00 cut, no pong":  {320 * time.Second, func(k *event.KeepaliveTimer) { k.Cut = true }},
		"last 00:05:00 pong 41 ms ok": {320 * time.Second, func(k *event.KeepaliveTimer) { k.Cut, k.Ponged, k.RTT = true, true, 41*time.Millisecond }},
	} {
		f := &event.Fold{Keepalive: timer}
		c.last(&f.Keepalive)
		got := strings.TrimRight(lineOf(2, 28, 4, func(p area) { (timersView{scene{fold: f, now: c.now}}).drawKeepalive(p, true) }), " ")
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
