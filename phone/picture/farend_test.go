package picture_test

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// TestFarEnds: a call's far end is found by its Call-ID, among others who number their calls alike,
// and tells nothing before it has counted.
func TestFarEnds(t *testing.T) {
	var ends picture.FarEnds
	for i, r := range []event.Record{
		{Phone: "alice", Event: event.Call{ID: 1, CallID: "a"}},
		{Phone: "bob", Event: event.Call{ID: 1, CallID: "a"}},
		{Phone: "carol", Event: event.Call{ID: 1, CallID: "b"}},
		{Phone: "bob", Event: event.RTP{Call: 1, Sent: 50, Received: 40}},
		{Phone: "carol", Event: event.RTP{Call: 1, Sent: 7}},
		{Phone: "alice", Event: event.RTP{Call: 1, Sent: 99}},
		{Phone: "bob", Event: event.RTP{Call: 1, Sent: 100, Received: 90}},
		{Phone: "bob", Event: event.Call{ID: 2}},
		{Phone: "bob", Event: event.RTP{Call: 2, Sent: 1}},
	} {
		r.Seq = uint64(i + 1)
		ends.Apply(r, "alice")
	}
	for _, c := range []struct {
		callID string
		seq    uint64
		sent   uint64
	}{{"a", 9, 100}, {"a", 6, 50}, {"b", 9, 7}, {"a", 3, 0}, {"c", 9, 0}, {"", 9, 0}} {
		got := ends.Of(c.callID, c.seq)
		if (got == nil) != (c.sent == 0) || got != nil && got.Sent != c.sent {
			t.Errorf("%q by %d: %+v, want %d", c.callID, c.seq, got, c.sent)
		}
	}
}

// TestWhyWithBothEnds: what the far end has counted itself comes before what can be guessed without
// it, but not before what this side knows for sure.
func TestWhyWithBothEnds(t *testing.T) {
	ours := event.RTP{Call: 1, Sent: 300, Received: 12}
	for want, c := range map[string]struct {
		w   picture.OneWay
		far event.RTP
	}{
		"one-way audio: Bob hears us, and none of its packets reach us: Bob has sent 250 packets, and 12 have come":       {picture.OneWay{In: time.Second}, event.RTP{Sent: 250, Received: 290}},
		"one-way audio: we hear Bob, and none of our packets reach Bob: we have sent 300 packets, and 5 have arrived":     {picture.OneWay{Out: time.Second}, event.RTP{Sent: 250, Received: 5, DeadIn: 3}},
		"no audio gets through: Bob has sent 250 packets, and 12 have come; we have sent 300 packets, and 0 have arrived": {picture.OneWay{In: time.Second}, event.RTP{Sent: 250}},
		"no audio gets through: Bob has sent 250 packets, and 12 have come; we have sent 300 packets, and 9 have arrived": {picture.OneWay{In: time.Second}, event.RTP{Sent: 250, Received: 9, DeadIn: 3}},
		"Bob hears us, and sends nothing: it has sent 0 packets":                                                          {picture.OneWay{In: time.Second}, event.RTP{Received: 290}},
		"the app is suspended in the call, for 6.0 s: it sends nothing, and plays nothing of what comes":                  {picture.OneWay{In: 6 * time.Second, Out: 6 * time.Second, Asleep: true}, event.RTP{Sent: 250, Received: 290}},
	} {
		if got := c.w.Why(event.Sound{RTP: ours, Counted: true}, &c.far, "Bob", 0); got.Words != want || got.Rule == "" {
			t.Errorf("%s: %q, want %q", got.Rule, got.Words, want)
		}
	}
	if got := (picture.OneWay{}).Why(event.Sound{RTP: ours, Counted: true}, &event.RTP{}, "Bob", 0); got.Words != "" {
		t.Errorf("of a call that is well: %q", got.Words)
	}
}
