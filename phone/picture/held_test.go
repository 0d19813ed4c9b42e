package picture_test

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// woken is a call that wakes the app, and had to wait.
func woken(e event.Held) []said {
	return []said{
		{0, "alice", event.Socket{Name: "control", Phase: event.SocketOpen, Local: "192.0.2.10:49152", Remote: "192.0.2.1:5060"}},
		{10, "alice", event.State{From: event.Entering, To: event.Suspended}},
		{5000, "bob", message(true, "INVITE", 0, "")},
		{5001, "alice", event.Wake{N: 1, Cause: event.BySocket}},
		{5001, "alice", event.State{From: event.Suspended, To: event.Awake}},
		{5039, "alice", e},
		{5039, "alice", event.Frame{Wake: 1, What: "INVITE", Bytes: 913}},
		{5040, "alice", message(false, "INVITE", 0, "x")},
		{5141, "alice", message(true, "INVITE", 180, "")},
	}
}

// TestHeld: what waited in the kernel stands where it came, before the wake that it caused,
// and the message that it was begins there; the phone rings so long after it came.
func TestHeld(t *testing.T) {
	held := event.Held{Phase: event.HeldReleased, Transport: "tcp", Local: "192.0.2.10:49152", What: "INVITE", CallID: "c1", Bytes: 913, For: event.Millis(38*time.Millisecond + 600*time.Nanosecond), Wake: 1}
	l, line, dialogs, _ := folded(told(woken(held)...))
	want := "control socket open app>server; suspended app>app; INVITE far>server (bob 5000 ms); INVITE server>kernel; woken by INVITE app>app; INVITE server>app; 180  app>server"
	if got := placed(l); got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	g := &l.Rungs[3]
	if g.At != 5001*time.Millisecond || g.State != event.Suspended || g.HeldWords() != "held 38 ms" {
		t.Errorf("%+v, %s", g, g.HeldWords())
	}
	var released []string
	for _, r := range picture.Rows(l, line, picture.Show{}) {
		if r.Released {
			released = append(released, r.Title)
		}
	}
	if len(released) != 1 || released[0] != "INVITE" {
		t.Errorf("released as %q", released)
	}
	stops := l.Way(&l.Rungs[5])
	if len(stops) != 5 || stops[3].Words != "held 38 ms" || stops[3].At != 5001*time.Millisecond {
		t.Errorf("%+v", stops)
	}
	if d := dialogs.Of("c1"); d.State != event.Suspended || (d.Rang-d.Came).Round(time.Millisecond) != 140*time.Millisecond {
		t.Errorf("%+v", d)
	}
}

// TestHeldBeforeOthers: what is told of when it is read stands before all that happened while
// it waited.
func TestHeldBeforeOthers(t *testing.T) {
	l, _, _, _ := folded(told(
		said{1000, "alice", event.Ping{Out: true}}, said{3000, "alice", event.Pong{}},
		said{5000, "alice", event.Held{Phase: event.HeldReleased, What: "INVITE", For: event.Millis(3 * time.Second)}},
	))
	if got := placed(l); got != "ping app>server; INVITE server>kernel; pong server>app" {
		t.Error(got)
	}
}

// TestWaiting: what wakes nobody waits, until it is read or dropped; of that which is not
// known, at least so much.
func TestWaiting(t *testing.T) {
	waiting := event.Held{Phase: event.HeldWaiting, Transport: "tcp", Local: "192.0.2.10:49152", Bytes: 913, AtLeast: true}
	log := []said{{10, "alice", event.State{From: event.Entering, To: event.Suspended}}, {5000, "alice", waiting}, {6000, "alice", event.Ping{Out: true}}}
	for _, c := range []struct {
		name string
		next []said
		want string
		at   time.Duration
	}{
		{"waits", nil, "913 B wait, wake nobody", 5 * time.Second},
		{"is read", []said{{9000, "alice", event.Held{Phase: event.HeldReleased, Local: "192.0.2.10:49152", Bytes: 913, For: event.Millis(4 * time.Second)}}}, "held 4.0 s", 5 * time.Second},
		{"is dropped", []said{{9000, "alice", event.Held{Phase: event.HeldDropped, Local: "192.0.2.10:49152", AtLeast: true, For: event.Millis(4 * time.Second)}}}, "dropped after at least 4.0 s", 5 * time.Second},
		{"elsewhere", []said{{9000, "alice", event.Held{Phase: event.HeldReleased, Local: "192.0.2.10:2", For: event.Millis(time.Second)}}}, "913 B wait, wake nobody", 5 * time.Second},
	} {
		l, line, _, _ := folded(told(append(log, c.next...)...))
		g := &l.Rungs[1]
		if g.Kind != picture.RungHeld || g.HeldWords() != c.want || g.At != c.at {
			t.Errorf("%s: %s at %v, want %s", c.name, g.HeldWords(), g.At, c.want)
		}
		rows := picture.Rows(l, line, picture.Show{})
		for _, r := range rows {
			if r.Rung != nil && r.Kind == picture.RungPing && !r.Holding {
				t.Errorf("%s: nothing lies in the kernel meanwhile", c.name)
			}
		}
	}
}
