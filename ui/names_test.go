package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestNoNamePushesAnythingAway: whatever a peer calls itself, and however long its address and
// the reason that it gives: the state of its call, what came of it, and the Call-ID are on the
// screen, and no line is wider than its cells.
func TestNoNamePushesAnythingAway(t *testing.T) {
	for i, name := range hostileNames {
		peer := "sip:" + strings.Repeat(name+"x", 1+i%3) + "@pbx.example.test"
		call := func(id int, phase event.CallPhase) event.Call {
			return event.Call{ID: id, Phase: phase, Peer: peer, Name: name, CallID: "7f3c9b2e-" + name, By: "peer"}
		}
		refused := call(1, event.CallEnded)
		refused.Status, refused.Reason = 486, name
		other := event.Call{ID: 9, Phase: event.CallUp, Peer: "sip:dave@lab.test", Name: "Dave"}
		for _, c := range []struct {
			events []event.Event
			want   []string // at every size that has room for all panels
			wide   string   // at 120 columns
		}{
			{[]event.Event{call(1, event.CallIncoming)}, []string{"ringing 00:00"}, "7f3c9b2e"},
			{[]event.Event{call(1, event.CallIncoming), call(1, event.CallUp)}, []string{"00:00 ─"}, "█ up 00:00"},
			{[]event.Event{call(1, event.CallIncoming), call(1, event.CallUp), call(1, event.CallHeld)}, []string{"held by peer 00:00"}, "7f3c9b2e"},
			{[]event.Event{call(1, event.CallIncoming), refused}, []string{"missed"}, " 486 "},
			{[]event.Event{call(1, event.CallIncoming), call(1, event.CallUp), call(1, event.CallEnded)}, []string{"00:00 ended by peer"}, ""},
			{[]event.Event{other, call(1, event.CallIncoming)}, []string{"▌9 █ up 00:00  Dave", "1 ▒ waiting 00:00"}, "7f3c9b2e"},
			{[]event.Event{call(1, event.CallUp), call(2, event.CallUp), call(3, event.CallIncoming)}, []string{"▌1 █ up 00:00", "2 █ up 00:00", "3 ▒ waiting 00:00"}, "7f3c9b2e"},
		} {
			log := newTold()
			log.at(time.Second, time.Second, event.State{To: event.Foreground})
			log.at(time.Second, time.Second, c.events...)
			for _, size := range []struct{ w, h int }{{200, 60}, {160, 50}, {120, 40}, {80, 24}, {60, 24}, {40, 10}, {41, 11}, {97, 30}} {
				for _, keys := range []string{"", "s", "d", "?"} {
					frame := Frame{Width: size.w, Height: size.h, Theme: "mono", Wall: log.wall.Add(time.Second), Verbs: verbs, Keys: strings.Fields(keys)}
					got := ansi.Strip(RenderFrame(log.log, frame))
					fits(t, got, size.w, size.h)
					if keys != "" || size.h < 24 {
						continue
					}
					want := c.want
					if size.w >= 120 && c.wide != "" {
						want = append([]string{c.wide}, want...)
					}
					for _, words := range want {
						if !strings.Contains(got, words) {
							t.Errorf("%q at %s: no %q in\n%s", name, fmt.Sprint(size), words, got)
						}
					}
				}
			}
		}
	}
}
