package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestCallLane: of a column in which a call rang and was answered the answer is
// seen, whatever rings meanwhile.
func TestCallLane(t *testing.T) {
	m, p := newTestModel(t, "registered")
	at := m.history.fold.Device.Truncate(time.Minute)
	first := int(at / time.Minute)
	add := func(after time.Duration, id int, phase event.CallPhase) {
		p.log.Append(event.Record{Phone: "alice", Device: at + after, Wall: m.history.fold.Wall, Event: event.Call{ID: id, Phase: phase, Peer: "sip:bob@lab.test"}})
	}
	add(time.Minute, 5, "incoming")
	add(2*time.Minute+time.Second, 5, "up")
	add(3*time.Minute, 6, "incoming")
	add(4*time.Minute, 6, "ended")
	add(5*time.Minute, 5, "ended")
	add(6*time.Minute, 7, "incoming")
	add(6*time.Minute+time.Second, 7, "up")
	add(6*time.Minute+2*time.Second, 7, "ended")
	add(6*time.Minute+3*time.Second, 8, "incoming")
	add(7*time.Minute+time.Second, 8, "ended")
	m.Update(logGrewMsg{log: p.log})
	got := laneText(m, "call", first+8)
	if want := "▒███ █▒"; !strings.HasSuffix(got, want) {
		t.Errorf("%q, want %q at its end", got, want)
	}
}
