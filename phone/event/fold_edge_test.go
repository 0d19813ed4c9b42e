package event

import (
	"testing"
	"time"
)

// TestFoldCalls: a call that is up matters more than one that rings, the one
// that waits for an answer is one that came in, and what ends is over.
func TestFoldCalls(t *testing.T) {
	s := newStory(t)
	id := func(c *CallRow) int {
		if c == nil {
			return 0
		}
		return c.ID
	}
	check := func(what string, call, ringing int) {
		t.Helper()
		if got, rings := id(s.fold.Call()), id(s.fold.Ringing()); got != call || rings != ringing {
			t.Errorf("%s: call %d, call %d rings; want %d and %d", what, got, rings, call, ringing)
		}
	}
	check("no call", 0, 0)
	s.at(1, Call{ID: 1, Phase: CallCalling, Out: true, Peer: "sip:bob@b", CallID: "one"})
	check("one that we made rings at the other side", 1, 0)
	s.at(2, Call{ID: 2, Phase: CallIncoming, Peer: "sip:eve@b"})
	check("the first of two", 1, 2)
	s.at(3, Call{ID: 2, Phase: CallAnswered, Peer: "eve"})
	check("answered", 1, 0)
	s.at(4, Call{ID: 2, Phase: CallUp})
	check("up", 2, 0)
	if c := s.fold.Call(); !c.Connected() || c.Up != 4*time.Second || c.Peer != "sip:eve@b" || c.Out {
		t.Errorf("the call that is up: %+v", c)
	}
	if c := s.fold.Calls[0]; c.Connected() || !c.Out || c.CallID != "one" {
		t.Errorf("the call that is not: %+v", c)
	}
	s.at(5, Call{ID: 2, Phase: CallEnded, By: "peer"})
	check("the one that is left", 1, 0)
	if last := s.fold.Recent[0]; last.ID != 2 || last.Ended != 5*time.Second || last.Connected() {
		t.Errorf("the one that is over: %+v", last)
	}
	s.at(6, Call{ID: 1, Phase: CallRinging})
	if c := s.fold.Call(); !c.Out || c.CallID != "one" {
		t.Errorf("a later step forgot what an earlier one knew: %+v", c)
	}
}

// TestFoldAudioBelongsToItsCall: what was measured in a call is shown with that call,
// and after it until another begins.
func TestFoldAudioBelongsToItsCall(t *testing.T) {
	s := newStory(t)
	s.at(1, Call{ID: 1, Phase: CallUp}, Media{Call: 1, Phase: MediaStart, Codec: "PCMU", Local: "a:1", Remote: "b:2"}, RTP{Call: 1, Lost: 7})
	s.at(2, Media{Call: 2, Phase: MediaOffer, Codec: "PCMA"})
	if m := s.fold.Sound().Media; m.Codec != "PCMU" || m.Call != 1 {
		t.Errorf("an offer of another call took over %+v", m)
	}
	s.at(3, Media{Call: 1, Phase: MediaStart, Codec: "PCMU", Local: "a:1"}, Media{Call: 1, Phase: MediaStop})
	if m := s.fold.Sound().Media; m.Codec != "PCMU" || m.Local != "a:1" || m.Phase != MediaStop {
		t.Errorf("what was agreed is gone: %+v", m)
	}
	s.at(3.5, Media{Call: 2, Phase: MediaStop})
	if m := s.fold.Sound().Media; m.Local != "a:1" {
		t.Errorf("the end of another call's audio took over %+v", m)
	}
	s.at(4, Call{ID: 2, Phase: CallIncoming})
	if q := s.fold.Sound(); !q.Counted || q.RTP.Lost != 7 {
		t.Error("a second call took the numbers of the first")
	}
	s.at(5, Call{ID: 1, Phase: CallEnded})
	if q := s.fold.Sound(); q.Counted || q.Media.Codec != "PCMA" {
		t.Errorf("a call that rings has the numbers of one that is over: %+v", q)
	}
	s.at(5, Call{ID: 2, Phase: CallEnded}, Call{ID: 3, Phase: CallIncoming})
	if q := s.fold.Sound(); q != (Sound{}) {
		t.Errorf("a new call has the numbers of one that is over: %+v", q)
	}
	s.at(6, Call{ID: 3, Phase: CallUp}, RTP{Call: 3, Lost: 9}, RTP{Call: 1, Lost: 8}, Call{ID: 3, Phase: CallEnded})
	if q := s.fold.Sound(); q.RTP.Lost != 9 {
		t.Errorf("the last call has the numbers of another: %+v", q)
	}
}

// TestFoldKeepaliveTimes: the handler is due after its timeout, unless the
// system says another time; a tick is measured against that.
func TestFoldKeepaliveTimes(t *testing.T) {
	s := newStory(t)
	k := &s.fold.Keepalive
	s.at(10, Keepalive{Phase: KeepaliveInstalled, Timeout: Seconds(600 * time.Second)})
	if k.Due != 610*time.Second {
		t.Errorf("due at %s, want 10 min after 10 s", k.Due)
	}
	s.at(20, Keepalive{Phase: KeepaliveDeferred, Timeout: Seconds(600 * time.Second), Due: Seconds(700 * time.Second)})
	if k.Due != 720*time.Second {
		t.Errorf("deferred until %s, want 720 s", k.Due)
	}
	s.sleep(30)
	s.at(700, Wake{N: 1, Cause: ByKeepalive}, State{From: Suspended, To: Awake})
	s.at(701, Tick{N: 1, Early: Seconds(19 * time.Second), Next: Seconds(600 * time.Second)})
	if w := s.fold.LastWake(); w.Due != 720*time.Second || w.Latency != time.Second || !w.Timed || w.Late {
		t.Errorf("a tick in time: %+v", w)
	}
	if k.Due != 1301*time.Second || k.Early != 19*time.Second {
		t.Errorf("the next is due at %s; early by %s", k.Due, k.Early)
	}
	s.over(702, 1, 2*time.Second)
	s.at(1310, Wake{N: 2, Cause: ByKeepalive}, Tick{N: 2, Early: -Seconds(9 * time.Second)})
	if w := s.fold.LastWake(); !w.Late || s.fold.Counts.Late != 1 || w.Timed {
		t.Errorf("a tick that came late, in the moment of its wake: %+v", w)
	}
	s.over(1311, 2, time.Second)
	s.at(1400, Wake{N: 3, Cause: ByKeepalive}, Tick{N: 3})
	if s.fold.Counts.Late != 1 {
		t.Error("a tick on the dot is late")
	}
	s.at(1400.5, Keepalive{Phase: KeepaliveCut})
	if !k.Cut {
		t.Error("a handler that was cut is not noted")
	}
	if s.at(1400.6, Tick{N: 4}); k.Cut {
		t.Error("the next tick is cut, too")
	}
	s.at(1401, Keepalive{Phase: KeepaliveRefused, Timeout: Seconds(60 * time.Second)})
	if k.Refused != "60.0 s" {
		t.Errorf("refused for want of a reason: %q", k.Refused)
	}
	s.at(1402, Keepalive{Phase: KeepaliveRefused, Why: "too short"})
	if k.Refused != "too short" {
		t.Errorf("refused: %q", k.Refused)
	}
}

// TestFoldDeath: the wake in which the app dies lasted until then, and a life
// after it does not have the old death.
func TestFoldDeath(t *testing.T) {
	s := newStory(t)
	s.sleep(10)
	s.wake(20, 1, "INVITE", 800)
	s.at(26, Killed{Code: "0xbad22222"}, State{From: Awake, To: Dead})
	if w := s.fold.LastWake(); w.Ran != 6*time.Second || !w.Over || w.Result != ResultKilled {
		t.Errorf("the wake that killed: %+v", w)
	}
	if l := s.fold.Life; l.Killed.Code != "0xbad22222" || l.Until != 0 {
		t.Errorf("the dead app: %+v", l)
	}
	s.at(30, State{From: Dead, To: Foreground})
	if l := s.fold.Life; l.Killed.Code != "" || l.Before != Dead || l.Lasted != 4*time.Second {
		t.Errorf("the app that was opened again: %+v", l)
	}
}

// TestFoldRunsOut: a state that lasts for a time ends then, one of which
// nothing is said never does.
func TestFoldRunsOut(t *testing.T) {
	s := newStory(t)
	s.at(10, State{From: Foreground, To: Task, Left: Seconds(180 * time.Second)})
	if l := s.fold.Life; l.Until != 190*time.Second || l.Window != 180*time.Second {
		t.Errorf("on borrowed time: %+v", l)
	}
	s.at(20, State{From: Task, To: Suspended})
	if l := s.fold.Life; l.Until != 0 || l.Window != 0 {
		t.Errorf("suspended: %+v", l)
	}
}

// TestFoldNotes: the remark on a message says how soon the banner came, and
// what the user did, at the last message only.
func TestFoldNotes(t *testing.T) {
	s := newStory(t)
	s.at(1, Message{Method: "OPTIONS"}, Message{Method: "INVITE"})
	s.at(1.5, Notification{ID: 1, Phase: NotificationPosted, Shown: true})
	if rows := s.fold.SIP; rows[1].Note.Text != "banner follows 500 ms later" || rows[0].Note.Text != "" {
		t.Errorf("notes %q and %q", rows[0].Note.Text, rows[1].Note.Text)
	}
	s.at(2, Message{Method: "INVITE", CSeq: 2}, Call{ID: 1, Phase: CallAnswered})
	if got := s.fold.SIP[2].Note; got != (Note{Kind: "call", Text: "answered"}) {
		t.Errorf("note %+v", got)
	}
	s.at(3, Message{Method: "BYE"}, Call{ID: 1, Phase: CallUp})
	if got := s.fold.SIP[3].Note.Text; got != "" {
		t.Errorf("a BYE is remarked on with %q", got)
	}
}

// TestFoldPushHandled: only the push that was delivered last is handled by its
// handler's return.
func TestFoldPushHandled(t *testing.T) {
	s := newStory(t)
	s.at(1, Push{Phase: PushDelivered, ID: "1"}, Push{Phase: PushDelivered, ID: "2"}, Push{Phase: PushHandled, ID: "1"})
	if p := s.fold.Pushes.Last; p.ID != "1" || p.Phase != PushHandled {
		t.Errorf("the return of an earlier handler: %+v", p)
	}
	s.at(5, Push{Phase: PushDelivered, ID: "3"})
	s.at(6, Wake{N: 1, Cause: ByPush})
	if s.fold.Pushes.Last.Woke {
		t.Error("a push woke the app a second after it was there")
	}
}

// TestFoldBounds: each list of a fold keeps so many.
func TestFoldBounds(t *testing.T) {
	s := newStory(t)
	for i := range 3000 {
		s.at(float64(i), Wake{N: i}, WakeEnd{N: i}, Message{}, Error{}, Check{OK: true},
			Notification{ID: i, Phase: NotificationMissed}, Call{ID: i, Phase: CallEnded})
	}
	for i := range 100 {
		s.at(3000, Call{ID: i, Phase: CallCalling}, Heard{})
	}
	f := &s.fold
	for what, n := range map[string][2]int{
		"wakes": {len(f.Wakes), 500}, "messages": {len(f.SIP), 1000},
		"sounds": {len(f.Heard), 8}, "problems": {len(f.Problems), 100}, "checks": {len(f.Checks), 200},
		"unanswered": {len(f.Unanswered), 8}, "recent calls": {len(f.Recent), 20}, "calls": {len(f.Calls), 16},
	} {
		if n[0] > n[1] || n[0] < n[1]*7/8-1 {
			t.Errorf("%s: %d are kept, of at most %d", what, n[0], n[1])
		}
	}
	if f.Counts.Errors != 3000 || f.Counts.Passed != 3000 || f.Counts.Wakes != 3000 || f.Messages != 3000 {
		t.Errorf("the counts go on: %+v", f.Counts)
	}
}
