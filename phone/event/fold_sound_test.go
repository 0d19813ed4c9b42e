package event

import (
	"testing"
	"time"
)

// TestSnapshotsThatFollowAtOnce: of two that are a few milliseconds apart, nobody says that
// nothing was sent between them.
func TestSnapshotsThatFollowAtOnce(t *testing.T) {
	var f Fold
	f.Apply(Record{Seq: 1, Phone: "alice", Event: Start{}})
	for i, c := range []struct {
		at    time.Duration
		sent  uint64
		sends bool
	}{
		{time.Second, 0, false},
		{2 * time.Second, 50, true},
		{3 * time.Second, 100, true},
		{3005 * time.Millisecond, 100, true},
		{4005 * time.Millisecond, 150, true},
		{5 * time.Second, 150, false}, // the clock of the statistics is not that even
		{6 * time.Second, 150, false},
		{6010 * time.Millisecond, 150, false},
	} {
		f.Apply(Record{Seq: uint64(i + 2), Phone: "alice", Device: c.at, Event: RTP{Call: 1, Sent: c.sent, Received: c.sent, Unsent: c.sent}})
		if s := f.SoundOf(1); s.Sends() != c.sends || s.Hears() != c.sends || s.Refuses() != c.sends {
			t.Errorf("at %s it sends: %t, want %t", c.at, s.Sends(), c.sends)
		}
	}
}

// TestHeardIsOfOneCall: what was heard in one call is not taken for what is heard in the next.
func TestHeardIsOfOneCall(t *testing.T) {
	f := NewFold("alice")
	is := func(e Event) { f.Apply(Record{Phone: "alice", Device: time.Second, Event: e}) }
	is(Start{})
	is(Call{ID: 1, Phase: CallUp})
	is(Call{ID: 2, Phase: CallIncoming})
	for _, c := range []struct {
		what string
		e    Event
		kept bool
	}{
		{"it is muted", Call{ID: 1, Phase: CallMuted}, true},
		{"the peer holds it", Call{ID: 1, Phase: CallHeld, By: "peer"}, true},
		{"another rings", Call{ID: 3, Phase: CallIncoming}, true},
		{"it is held", Call{ID: 1, Phase: CallHeld, By: "us"}, false},
		{"another is up", Call{ID: 2, Phase: CallUp}, false},
		{"that ends", Call{ID: 2, Phase: CallEnded}, false},
	} {
		is(Heard{What: "tone"})
		is(c.e)
		if kept := len(f.Heard) > 0; kept != c.kept {
			t.Errorf("%s: kept %t", c.what, kept)
		}
		f.Heard = nil
	}
}
