package picture_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// story is a log of one phone: an event a second.
func story(events ...event.Event) (records []event.Record) {
	records = append(records, event.Record{Seq: 1, Phone: "alice", Event: event.Start{AOR: "sip:alice@lab.test"}})
	for i, e := range events {
		at := time.Duration(i+1) * time.Second
		records = append(records, event.Record{Seq: uint64(i + 2), Phone: "alice", Device: at, Wall: time.Time{}.Add(at), Event: e})
	}
	return records
}

// runs are a lane in a line.
func runs[S comparable](l picture.Lane[S]) string {
	var list []string
	for _, r := range l.Runs {
		list = append(list, fmt.Sprintf("%d-%d %v %s", r.From/time.Second, r.To/time.Second, r.State, r.Label))
	}
	return strings.Join(list, "; ")
}

func pins[K ~string](list []picture.Pin[K]) string {
	var out []string
	for _, p := range list {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s %s", p.At/time.Second, p.Kind, p.Label)))
	}
	return strings.Join(out, "; ")
}

func control(phase event.SocketPhase, err string) event.Socket {
	return event.Socket{Name: "control", Phase: phase, Error: err}
}

func call(id int, phase event.CallPhase) event.Call {
	return event.Call{ID: id, Phase: phase, Peer: fmt.Sprintf("sip:%d@lab.test", id)}
}

// TestLanes: each case is one in which the screen and the report once drew
// different lanes.
func TestLanes(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []event.Event
		got    func(*picture.Timeline) string
		want   string
	}{
		{
			"securing loses no socket",
			[]event.Event{control("connecting", ""), control("securing", ""), control("open", ""), control("reset", "x")},
			func(l *picture.Timeline) string { return runs(l.Socket) + " | " + pins(l.Faults) }, "3-4 open  | 4 socket socket reset",
		},
		{
			"an app that closes its own socket loses none",
			[]event.Event{control("open", ""), control("closed", "by us: asleep"), control("connecting", ""), control("failed", "refused")},
			func(l *picture.Timeline) string { return runs(l.Socket) + " | " + pins(l.Faults) }, "1-2 open  | 4 socket socket failed",
		},
		{
			"an app that exits in peace is not killed",
			[]event.Event{event.Killed{Reason: "exit(0)"}, event.Killed{Code: "0xdead10cc", Reason: "x"}},
			func(l *picture.Timeline) string { return pins(l.Faults) }, "2 killed killed 0xdead10cc",
		},
		{
			"a call is mute while its app is suspended",
			[]event.Event{call(1, "up"), event.RTP{Call: 1}, event.State{To: event.Suspended}, event.State{To: event.Foreground}, call(1, "ended")},
			func(l *picture.Timeline) string { return runs(l.Call) }, "1-3 up 1; 3-4 frozen 1; 4-5 up 1",
		},
		{
			"a call that waits does not hide the one that is up",
			[]event.Event{call(1, "incoming"), call(1, "up"), call(2, "incoming"), call(2, "ended"), call(1, "ended")},
			func(l *picture.Timeline) string { return runs(l.Call) }, "1-2 ring 1; 2-5 up 1",
		},
		{
			"a call dies with its process, and so does the binding",
			[]event.Event{event.Registration{Phase: "active"}, call(1, "incoming"), call(1, "up"), event.Killed{Code: "x"}, event.Lock{}},
			func(l *picture.Timeline) string {
				return runs(l.Call) + " | " + runs(l.Bound) + " | " + pins(l.Bindings)
			},
			"2-3 ring 1; 3-4 up 1 | 1-4 bound  | 1 active; 4 lost the process is gone",
		},
		{
			"more time in a state is no other state",
			[]event.Event{event.State{To: event.Awake}, event.State{From: event.Awake, To: event.Awake}, event.State{From: event.Awake, To: event.Suspended}},
			func(l *picture.Timeline) string { return runs(l.App) }, "1-3 awake ; 3-3 suspended ",
		},
		{
			"a notification that nobody sees is none",
			[]event.Event{
				event.Notification{ID: 1, Phase: "posted"},
				event.Notification{ID: 1, Phase: "withdrawn"},
				event.Notification{ID: 2, Phase: "posted", Shown: true},
				event.Notification{ID: 3, Phase: "refused"},
				event.Notification{ID: 2, Phase: "tapped", Shown: true},
			},
			func(l *picture.Timeline) string { return runs(l.Cards) + " | " + pins(l.Posts) }, "3-5 shown  | 3 posted; 4 refused; 5 tapped",
		},
		{
			"the fault that began last is the one that is named",
			[]event.Event{
				event.Fault{Name: "loss", On: true}, event.Fault{Name: "jitter", On: true}, event.Fault{Name: "jitter"}, event.Fault{Name: "loss"},
			},
			func(l *picture.Timeline) string { return runs(l.Broken) }, "1-2 loss ; 2-3 jitter ; 3-4 loss ",
		},
	} {
		if got := c.got(picture.Of(slices.Values(story(c.events...)), "alice")); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestSentPushes are on the timeline of the phone to which they are sent, by
// that phone's clock.
func TestSentPushes(t *testing.T) {
	records := story(event.Push{Phase: "token", Token: "t"}, event.Push{Phase: "delivered"})
	push := func(token string) event.Record {
		return event.Record{Phone: "lab", Device: time.Hour, Wall: time.Time{}.Add(1500 * time.Millisecond), Event: event.Push{Phase: "sent", Token: token}}
	}
	records = append(records[:2:2], push("t"), push("of another"), push(""), records[2])
	l := picture.Of(slices.Values(records), "alice")
	if got := pins(l.Pushes); got != "1 sent; 2 delivered" || l.Pushes[0].At != 1500*time.Millisecond {
		t.Errorf("%q, sent at %v", got, l.Pushes[0].At)
	}
}

// TestWakePins know what the fold finds out after the wake.
func TestWakePins(t *testing.T) {
	for _, c := range []struct {
		events []event.Event
		want   string
		wrong  bool
	}{
		{[]event.Event{event.Frame{Wake: 1, What: "INVITE", Bytes: 9}}, "I INVITE", false},
		{[]event.Event{event.Frame{Wake: 1, What: "FIN"}}, "C FIN", false},
		{[]event.Event{event.Frame{Wake: 1, What: "INVITE", Bytes: 9, Latency: event.Millis(2 * time.Second)}}, "L INVITE", true},
		{[]event.Event{event.WakeEnd{N: 1}}, "? socket", true},
	} {
		l := picture.Of(slices.Values(story(append([]event.Event{event.Wake{N: 1, Cause: event.BySocket}}, c.events...)...)), "alice")
		if w := l.Wakes[0]; w.Letter+" "+w.Label != c.want || w.Wrong() != c.wrong {
			t.Errorf("%+v: %+v", c.events, w)
		}
	}
}

// TestLimit: a timeline that is limited forgets the oldest.
func TestLimit(t *testing.T) {
	l, f := picture.Timeline{Limit: 10}, &event.Fold{}
	var events []event.Event
	for range 100 {
		events = append(events, event.Lock{}, event.Audio{Mic: []int{0}}, event.RTP{FarOf: 1})
	}
	for _, r := range story(events...) {
		f.Apply(r)
		l.Apply(r, f)
	}
	if n := len(l.Hands); n > 10 || l.Hands[n-1].At != 298*time.Second {
		t.Errorf("%d hands", n)
	}
	if n := len(l.Sound); n > 50 {
		t.Errorf("%d cells", n)
	}
}
