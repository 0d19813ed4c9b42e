package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestHeldInTheLadder: what waited in the kernel is a bar there, with how long it was, and
// the message is read from it.
func TestHeldInTheLadder(t *testing.T) {
	log := newTold()
	ms := time.Millisecond
	invite := event.Message{Method: "INVITE", CallID: "c1", CSeq: 1, From: "sip:bob@lab.test", Bytes: 913}
	log.at(0, 0, event.Socket{Name: "control", Phase: event.SocketOpen, Local: "192.0.2.10:49152", Remote: "192.0.2.1:5060"})
	log.at(10*ms, 10*ms, event.State{From: event.Entering, To: event.Suspended})
	log.at(5000*ms, 5000*ms, event.Wake{N: 1, Cause: event.BySocket}, event.State{From: event.Suspended, To: event.Awake})
	log.at(5038*ms, 5038*ms, event.Held{Phase: event.HeldReleased, Local: "192.0.2.10:49152", What: "INVITE", CallID: "c1", Bytes: 913, For: event.Millis(38 * ms), Wake: 1},
		event.Frame{Wake: 1, What: "INVITE", Bytes: 913}, invite)
	log.at(6000*ms, 6000*ms, event.State{From: event.Awake, To: event.Suspended})
	log.at(7000*ms, 7000*ms, event.Held{Phase: event.HeldWaiting, Local: "192.0.2.10:5061", Bytes: 40, AtLeast: true})
	for size, want := range map[[2]int][]string{
		{120, 40}: {"─ INVITE ┼", "▶▐ held 38 ms", "913 B ──▶┃ ", "▐ 40 B wait", "kernel  ✓ 14:00:05.000  held 38 ms"},
		{60, 20}:  {"held 38 ms", "─ 913 B ─", "40 B wait, wake nobody"},
	} {
		frame := Frame{Width: size[0], Height: size[1], Theme: "mono", Wall: log.wall.Add(8 * time.Second), Keys: []string{"s", "up", "up"}, Verbs: verbs}
		got := ansi.Strip(RenderFrame(log.log, frame))
		for _, words := range want {
			if !strings.Contains(got, words) {
				t.Errorf("%v: no %q in\n%s", size, words, got)
			}
		}
		fits(t, got, size[0], size[1])
	}
}
