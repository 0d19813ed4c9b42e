package event

import (
	"testing"
	"time"
)

func TestFoldIdle(t *testing.T) {
	s := newStory(t)
	if s.fold.Idle.State != "" {
		t.Errorf("a device of which nothing is said is %q", s.fold.Idle.State)
	}
	left := func(d time.Duration) Seconds { return Seconds(d) }
	for _, c := range []struct {
		sec   float64
		e     DeviceIdle
		want  string
		until time.Duration
	}{
		{60, DeviceIdle{From: "active", To: "inactive", Left: left(3 * time.Minute)}, "inactive", 4 * time.Minute},
		{240, DeviceIdle{From: "inactive", To: "light-idle", Left: left(5 * time.Minute)}, "light-idle", 9 * time.Minute},
		{300, DeviceIdle{From: "inactive", To: "idle-pending", Left: left(time.Hour)}, "light-idle", 9 * time.Minute},
		{540, DeviceIdle{From: "light-idle", To: "light-maintenance", Left: left(time.Minute)}, "light-maintenance", 10 * time.Minute},
		{550, DeviceIdle{From: "locating", To: "deep-idle", Left: left(time.Hour)}, "deep-idle", 550*time.Second + time.Hour},
		{560, DeviceIdle{From: "deep-idle", To: "active"}, "active", 0},
		{570, DeviceIdle{From: "inactive", To: "sensing"}, "sensing", 0},
	} {
		s.at(c.sec, c.e)
		if i := s.fold.Idle; i.State != c.want || i.Until != c.until {
			t.Errorf("after %s: %s until %s, want %s until %s", c.e.To, i.State, i.Until, c.want, c.until)
		}
	}
	s.at(600, Standby{Bucket: "rare", Allowlisted: true, Why: "by the tester"})
	if b := s.fold.Standby; b.Bucket != "rare" || !b.Allowlisted {
		t.Errorf("standby %+v", b)
	}
}

func TestFoldPushes(t *testing.T) {
	s := newStory(t)
	s.at(1, Push{Phase: "token", Token: "fcm:0123456789abcdef"})
	if got := s.fold.Pushes.TokenTail(); got != "abcdef" || s.fold.Pushes.Last.Phase != "" {
		t.Errorf("token ends in %q, last push %+v", got, s.fold.Pushes.Last)
	}
	s.sleep(10)
	s.at(20, Push{Phase: "delivered", ID: "1", Priority: "high", Age: Millis(time.Second)}, Wake{N: 1, Cause: ByPush})
	s.at(22, Push{Phase: "handled", ID: "1"})
	if p := s.fold.Pushes.Last; !p.Woke || p.Phase != "handled" || p.Priority != "high" || p.At != 20*time.Second {
		t.Errorf("the push that woke it: %+v", p)
	}
	s.at(30, Push{Phase: "queued", ID: "2", Priority: "normal"}, Push{Phase: "expired", ID: "2", Priority: "normal"})
	if p := s.fold.Pushes; p.Last.Woke || p.Last.Phase != "expired" || p.Count["delivered"] != 1 || p.Count["queued"] != 1 || p.Blocked() {
		t.Errorf("the push that did not: %+v", p)
	}
	s.at(40, Push{Phase: "blocked", Why: "no call was reported"})
	if !s.fold.Pushes.Blocked() {
		t.Error("the app is not blocked")
	}
}

// TestFoldPushedCall: the wake ends when the call keeps the app running; the
// call is still its result.
func TestFoldPushedCall(t *testing.T) {
	s := newStory(t)
	s.sleep(10)
	s.at(20, Wake{N: 1, Cause: ByPush}, State{From: Suspended, To: Awake}, WakeEnd{N: 1, Why: "a call"}, State{From: Awake, To: InCall})
	s.at(21, Call{ID: 1, Phase: "incoming", Peer: "sip:bob@b"})
	if w := s.fold.LastWake(); w.Result != ResultRinging || w.From != "bob" {
		t.Errorf("the wake gave %q, from %q", w.Result, w.From)
	}
	s.at(22, Call{ID: 1, Phase: "ended", By: "us"})
	s.sleep(30)
	s.at(31, State{From: Suspended, To: Foreground}, Call{ID: 2, Phase: "incoming", Peer: "sip:eve@b"})
	if w := s.fold.LastWake(); w.Call != 1 {
		t.Errorf("the wake is tied to call %d", w.Call)
	}
}

// TestFoldPushesAreBounded: a foreign log may have unknown phases.
func TestFoldPushesAreBounded(t *testing.T) {
	s := newStory(t)
	for i := range 1000 {
		s.at(1, Push{Phase: PushPhase(rune('a' + i))})
	}
	if n := len(s.fold.Pushes.Count); n > maxPhases {
		t.Errorf("%d phases are counted", n)
	}
}

func TestFoldCallScreen(t *testing.T) {
	s := newStory(t)
	s.at(1, Notification{ID: 1, Phase: "posted", Shown: true, Screen: true, Title: "Bob"})
	if b := s.fold.Banner; b == nil || !b.Screen {
		t.Errorf("banner %+v", b)
	}
}
