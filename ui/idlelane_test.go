package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// laneText is a lane as text, without its name.
func laneText(m *model, name string, cols int) string {
	for _, ln := range m.selections.timelineView(m.situation(""), &m.history).lanes() {
		if ln.name == name {
			c := newCanvas(cols, 1, m.opt.ASCII)
			ln.draw(m.selections.timelineView(m.situation(""), &m.history), area{c, rect{0, 0, cols, 1}}, window{per: time.Minute, cols: cols, live: true})
			return strings.TrimRight(ansi.Strip(c.render(m.display.pal)), " ")
		}
	}
	return "no lane"
}

func TestIdleLane(t *testing.T) {
	m, p := newTestModel(t, "registered")
	if got := laneText(m, "idle", 10); got != "no lane" {
		t.Errorf("a device that does not doze has the lane %q", got)
	}
	at := m.history.fold.Device.Truncate(time.Minute)
	first := int(at / time.Minute)
	for i, to := range []string{"inactive", "light-idle", "light-maintenance", "light-idle", "deep-idle", "active"} {
		p.log.Append(event.Record{Phone: "alice", Device: at + time.Duration(i+1)*time.Minute, Wall: m.history.fold.Wall, Event: event.DeviceIdle{To: to}})
	}
	p.log.Append(event.Record{Phone: "alice", Device: at + 7*time.Minute, Wall: m.history.fold.Wall, Event: event.Lock{}})
	m.Update(logGrewMsg{log: p.log})
	if got, want := laneText(m, "idle", first+8), strings.Repeat(" ", first+1)+"·░○░▒"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestPushMarks: what did not come through is not hidden by what did.
func TestPushMarks(t *testing.T) {
	m, p := newTestModel(t, "registered")
	at := m.history.fold.Device.Truncate(time.Minute)
	first := int(at / time.Minute)
	add := func(minutes int, phone string, e event.Event) {
		d := at + time.Duration(minutes)*time.Minute
		p.log.Append(event.Record{Phone: phone, Device: d, Wall: m.history.fold.Epoch.Add(d), Event: e})
	}
	add(1, "alice", event.Push{Phase: "token", Token: "t"})
	add(1, "lab", event.Push{Phase: "sent", Token: "t"})
	add(1, "lab", event.Push{Phase: "sent", Token: "of another"})
	add(2, "alice", event.Push{Phase: "delivered"})
	add(2, "alice", event.Notification{Phase: "posted", Shown: true})
	add(3, "alice", event.Push{Phase: "delivered"})
	add(4, "alice", event.Push{Phase: "expired"})
	add(4, "alice", event.Notification{Phase: "withdrawn"})
	m.Update(logGrewMsg{log: p.log})
	if got, want := laneText(m, "notify", first+6), strings.Repeat(" ", first+1)+"↑◆↓╳"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestPushWords say what became of the last push.
func TestPushWords(t *testing.T) {
	for _, c := range []struct {
		push event.Push
		want string
	}{
		{event.Push{Phase: "token", Token: "fcm:1234567890"}, "push token …567890"},
		{event.Push{Phase: "away", Why: "stop(with: .noNetworkAvailable): \x1b[2J"}, `NO PUSH COMES: stop(with: .noNetworkAvailable): \x1b[2J`},
		{event.Push{Phase: "delivered", Priority: "high"}, "push now, high: delivered"},
		{event.Push{Phase: "queued", Priority: "normal", Why: "the device is idle"}, "push now, normal: queued, the device is idle"},
		{event.Push{Phase: "expired", Why: "too late"}, "push now: expired, too late"},
		{event.Push{Phase: "blocked", Why: "three calls were not reported"}, "PUSHES BLOCKED: three calls were not reported"},
	} {
		m, p := newTestModel(t, "registered")
		p.log.Append(event.Record{Phone: "alice", Device: m.history.fold.Device, Wall: m.clock.wall, Event: c.push})
		m.Update(logGrewMsg{log: p.log})
		if _, got := (deviceView{scene: m.scene()}).pushWords(); got != c.want {
			t.Errorf("%+v: %q", c.push, got)
		}
		m.display.w, m.display.h = 80, 24
		if got := ansi.Strip(screen(m)); !strings.Contains(got, c.want) {
			t.Errorf("%+v: not on the screen:\n%s", c.push, got)
		}
	}
}

// TestAwayWords: that nothing is delivered now is told for as long as it is so, whatever
// became of the last push.
func TestAwayWords(t *testing.T) {
	m, p := newTestModel(t, "registered")
	m.display.w, m.display.h = 80, 24
	for _, c := range []struct {
		push event.Push
		told bool
	}{
		{event.Push{Phase: event.PushDelivered, Priority: "high"}, false},
		{event.Push{Phase: event.PushAway, Why: "the device is \x1b[31midle"}, true},
		{event.Push{Phase: event.PushSent, ID: "a"}, true},
		{event.Push{Phase: event.PushBack}, false},
	} {
		p.log.Append(event.Record{Phone: "alice", Device: m.history.fold.Device, Wall: m.clock.wall, Event: c.push})
		m.Update(logGrewMsg{log: p.log})
		if got := ansi.Strip(screen(m)); strings.Contains(got, `NO PUSH COMES: the device is \x1b[31midle`) != c.told {
			t.Errorf("%+v: told on the screen: %t\n%s", c.push, !c.told, got)
		}
	}
}

// TestOurOwnCloseIsNoFault: an app that closes its connection before it sleeps
// has lost nothing; one whose server closes it has.
func TestOurOwnCloseIsNoFault(t *testing.T) {
	for why, lost := range map[string]bool{"": false, "by us: nothing is held while asleep": false, "the server closed the connection": true} {
		m, p := newTestModel(t, "registered")
		losses := m.history.fold.Socket.Losses
		p.log.Append(event.Record{Phone: "alice", Device: m.clock.now, Wall: m.clock.wall, Event: event.Socket{Name: "control", Phase: "closed", Error: why}})
		m.Update(logGrewMsg{log: p.log})
		var lane string
		for line := range strings.Lines(ansi.Strip(screen(m))) {
			if strings.Contains(line, "│ socket ") {
				lane = line
			}
		}
		if got := strings.Contains(lane, m.scene().glyphs.of(picture.Lost)); got != lost || (m.history.fold.Socket.Losses > losses) != lost {
			t.Errorf("closed, %q: lost %v, %d losses: %s", why, got, m.history.fold.Socket.Losses, lane)
		}
	}
}
