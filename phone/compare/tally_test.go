package compare

import (
	"reflect"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A diary writes the log of a day by hand: what happens, and when.
type diary struct {
	*tally
	seq uint64
}

func newDiary() *diary { return &diary{tally: newTally()} }

// at writes down what happens to alice's phone at a second of the day.
func (d *diary) at(seconds float64, events ...event.Event) {
	for _, e := range events {
		d.seq++
		d.apply(event.Record{Seq: d.seq, Phone: alice, Device: time.Duration(seconds * float64(time.Second)), Event: e})
	}
}

func (d *diary) counted(day time.Duration) Row {
	var r Row
	d.row(&r, day)
	return r
}

func become(to event.Lifecycle) event.State { return event.State{To: to} }

var banner = event.Notification{Phase: event.NotificationPosted, Shown: true}

// TestTallyRings: a call rings once, by a banner that is shown or on the
// screen, and only while bob calls.
func TestTallyRings(t *testing.T) {
	d := newDiary()
	d.at(1, banner)
	d.offer(10 * time.Second)
	d.at(11, event.Notification{Phase: event.NotificationPosted}, event.Notification{Phase: event.NotificationMissed, Shown: true})
	d.at(12, event.Call{Phase: event.CallRinging})
	if d.rung != 0 || d.call.rung {
		t.Errorf("rung %d: before the call, unseen, missed, or in the background", d.rung)
	}
	d.at(13, become(event.Foreground), event.Call{Phase: event.CallIncoming}, event.Call{Phase: event.CallRinging})
	d.at(14, banner, event.Call{Phase: event.CallRinging}, event.Call{Phase: event.CallUp})
	if d.rung != 1 || !d.call.rung || !d.call.up {
		t.Errorf("rung %d, %+v; want once", d.rung, d.call)
	}
	d.answer()
	d.at(20, banner)
	d.offer(100 * time.Second)
	d.at(101, banner)
	d.miss("no-push")
	d.offer(200 * time.Second)
	d.miss("a-rule")
	d.offer(300 * time.Second)
	d.miss("no-push")
	want := Row{
		Offered: 4, Rung: 2, Answered: 1, Missed: []Reason{{"no-push", 2}, {"a-rule", 1}},
		RingP50: event.Millis(time.Second), RingP95: event.Millis(3 * time.Second),
	}
	if got := d.counted(time.Hour); !reflect.DeepEqual(got, want) {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// TestTallyHours: what is said per hour is divided by the hours of the day, and
// only what the system does in the background counts.
func TestTallyHours(t *testing.T) {
	d := newDiary()
	d.at(0, become(event.Foreground))
	d.at(100, become(event.Entering))
	d.at(101, become(event.Background))
	d.at(103, become(event.Task))
	d.at(107, become(event.Suspended))
	d.at(200, event.Wake{Cause: event.BySocket}, event.Wake{Cause: event.ByPush}, event.Wake{Cause: event.ByKeepalive}, become(event.Awake))
	d.at(208, become(event.InCall))
	d.at(300, event.Wake{Cause: event.ByUser}, event.Wake{Cause: event.ByQuit}, event.Wake{Cause: event.ByNotification}, event.Killed{Code: "0x8badf00d"}, event.Killed{}, become(event.Dead))
	d.at(400, become(event.Awake))
	d.end(416 * time.Second)
	d.apply(event.Record{Seq: 99, Phone: bob, Event: event.Wake{Cause: event.BySocket}})
	d.apply(event.Record{Seq: 100, Phone: bob, Event: event.Message{Bytes: 1000}})
	if d.seen != 100 {
		t.Errorf("read up to record %d, want 100", d.seen)
	}
	want := Row{Wakes: 1.5, Awake: 31.0 / 2, Kills: 1}
	if got := d.counted(2 * time.Hour); !reflect.DeepEqual(got, want) {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// TestTallyTraffic: each frame has its bytes, and a tail of the radio of which
// overlaps count once.
func TestTallyTraffic(t *testing.T) {
	for _, tt := range []struct {
		what         string
		write        func(d *diary)
		bytes, radio float64
	}{
		{"nothing", func(*diary) {}, 0, 0},
		{"a message", func(d *diary) { d.at(5, event.Message{Bytes: 700}) }, 700, 10},
		{"a frame", func(d *diary) { d.at(5, event.Data{Bytes: 70}) }, 70, 10},
		{"a ping of SIP's", func(d *diary) { d.at(5, event.Ping{}) }, 4, 10},
		{"a pong of SIP's", func(d *diary) { d.at(5, event.Pong{}) }, 2, 10},
		{"others' ping and pong", func(d *diary) { d.at(5, event.Ping{Bytes: 40}, event.Pong{Bytes: 50}) }, 90, 10},
		{"a push that arrives", func(d *diary) { d.at(5, event.Push{Phase: event.PushDelivered}) }, 0, 10},
		{"a push on its way", func(d *diary) { d.at(5, event.Push{Phase: event.PushSent}) }, 0, 0},
		{"in the tail", func(d *diary) { d.at(5, event.Ping{}); d.at(8, event.Pong{}) }, 6, 13},
		{"at the end of the tail", func(d *diary) { d.at(5, event.Ping{}); d.at(15, event.Pong{}) }, 6, 20},
		{"after the tail", func(d *diary) { d.at(5, event.Ping{}); d.at(30, event.Pong{}) }, 6, 20},
	} {
		d := newDiary()
		tt.write(d)
		if got := d.counted(time.Hour); got.Bytes != tt.bytes || got.Radio != tt.radio {
			t.Errorf("%s: %g bytes and %g s of radio in an hour, want %g and %g", tt.what, got.Bytes, got.Radio, tt.bytes, tt.radio)
		}
	}
}

// TestQuantile: by the nearest rank, at the edges of the ranks.
func TestQuantile(t *testing.T) {
	for _, tt := range []struct{ n, median, most int }{{0, 0, 0}, {1, 1, 1}, {2, 1, 2}, {3, 2, 3}, {19, 10, 19}, {20, 10, 19}, {21, 11, 20}, {100, 50, 95}} {
		var list []time.Duration
		for i := range tt.n {
			list = append(list, time.Duration(i+1))
		}
		if p50, p95 := quantile(list, 0.5), quantile(list, 0.95); p50 != event.Millis(tt.median) || p95 != event.Millis(tt.most) {
			t.Errorf("of %d: %d and %d, want %d and %d", tt.n, p50, p95, tt.median, tt.most)
		}
	}
}

// TestRing: the unit fits the longer time.
func TestRing(t *testing.T) {
	for want, r := range map[string]Row{
		"-":          {},
		"0/0 ms":     {Rung: 1},
		"120/999 ms": {Rung: 1, RingP50: event.Millis(120 * time.Millisecond), RingP95: event.Millis(999 * time.Millisecond)},
		"0.1/1 s":    {Rung: 1, RingP50: event.Millis(120 * time.Millisecond), RingP95: event.Millis(time.Second)},
	} {
		if got := r.Ring(); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
}

// TestCheckAtTheEdges: the most and the least that a day may be.
func TestCheckAtTheEdges(t *testing.T) {
	for _, tt := range []struct {
		hours float64
		calls int
		ok    bool
	}{
		{168, 0, true},
		{168.1, 0, false},
		{0.01, 0, true},
		{0, 0, false},
		{-1, 0, false},
		{1, 20, true},
		{1, 21, false},
		{0.01, 1, false},
		{0.05, 1, true},
		{168, 3360, true},
		{168, -1, false},
	} {
		cfg := aDay(1, 1)
		cfg.Hours, cfg.Calls = tt.hours, tt.calls
		if err := cfg.check(); (err == nil) != tt.ok {
			t.Errorf("%g hours, %d calls: %v", tt.hours, tt.calls, err)
		}
	}
	for _, empty := range []func(*Config){
		func(c *Config) { c.Profiles = nil }, func(c *Config) { c.Strategies = nil },
		func(c *Config) { c.Faults = nil }, func(c *Config) { c.Controls = nil },
	} {
		cfg := aDay(1, 1)
		empty(&cfg)
		if cfg.check() == nil {
			t.Errorf("%+v: nothing is compared", cfg)
		}
	}
}
