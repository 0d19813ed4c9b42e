package ui

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestMarkWords: the panel of the device says by which call the connection was marked, or why
// nothing on it wakes the app.
func TestMarkWords(t *testing.T) {
	for name, c := range map[string]struct {
		mark   event.SocketMark
		more   []event.Event
		want   string
		asleep string
		urgent bool
	}{
		"marked":              {mark: event.SocketMark{Phase: event.MarkAccepted, By: event.ByNSStream}, want: "marked by NSStream", asleep: "socket held open"},
		"by a library":        {mark: event.SocketMark{Phase: event.MarkAccepted, By: event.ByGCDAsyncSocket}, want: "marked by GCDAsyncSocket", asleep: "socket held open"},
		"refused":             {mark: event.SocketMark{Phase: event.MarkRefused, By: event.ByCFStream, Why: "too late", Rule: event.RuleMarkLate}, want: "MARK REFUSED: too late", asleep: "its socket is not watched", urgent: true},
		"ignored":             {mark: event.SocketMark{Phase: event.MarkIgnored, By: event.ByCFStream, Why: "no more", Rule: event.RuleMarkIgnored}, want: "MARK IGNORED: no more", asleep: "its socket is not watched", urgent: true},
		"missing":             {mark: event.SocketMark{Phase: event.MarkMissing, Why: "none", Rule: event.RuleNotMarked}, want: "NO SOCKET MARKED: nothing on it wakes the app", asleep: "its socket is not watched", urgent: true},
		"on a computer":       {mark: event.SocketMark{Phase: event.MarkIgnored, By: event.ByCFStream, Why: "this system knows no marked sockets"}, asleep: "socket held open"},
		"by a foreign log":    {mark: event.SocketMark{Phase: event.MarkAccepted, By: "\x1b[31mcall"}, want: `marked by \x1b[31mcall`, asleep: "socket held open"},
		"of a foreign phase":  {mark: event.SocketMark{Phase: "\x1b[2J", By: event.ByCFStream, Why: "x", Rule: event.RuleNotMarked}, want: `MARK \X1B[2J: x`, asleep: "its socket is not watched", urgent: true},
		"of another that was": {mark: event.SocketMark{Phase: event.MarkAccepted, By: event.ByCFStream, Remote: "192.0.2.1:5060"}, more: []event.Event{event.Socket{Name: "control", Phase: event.SocketConnecting, Remote: "192.0.2.1:5060"}}, asleep: "no socket"},
	} {
		t.Run(name, func(t *testing.T) {
			m, p := newTestModel(t, "registered")
			for _, e := range append([]event.Event{c.mark}, c.more...) {
				p.log.Append(event.Record{Phone: "alice", Device: m.history.fold.Device, Wall: m.history.fold.Wall, Event: e})
			}
			m.Update(logGrewMsg{log: p.log})
			v := deviceView{scene: m.scene()}
			var words []string
			for _, f := range v.allFacts() {
				words = append(words, f.words)
			}
			if got := strings.Join(words, "|"); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if got := len(v.deviceFacts()) > 0; got != c.urgent {
				t.Errorf("where there is little room it is told: %t", got)
			}
			if got := v.socketWord(); got != c.asleep {
				t.Errorf("asleep: %q, want %q", got, c.asleep)
			}
		})
	}
}
