package event

import (
	"reflect"
	"testing"
	"time"
)

var epoch = time.Date(2026, 8, 23, 14, 5, 20, 0, time.UTC)

// A story folds events, each at a device time in seconds.
type story struct {
	t    *testing.T
	fold Fold
	seq  uint64
}

func newStory(t *testing.T) *story {
	s := &story{t: t}
	s.at(0, Start{Profile: "ios-voip-socket", AOR: "sip:alice@pbx.example.test", Window: Seconds(10 * time.Second)})
	s.at(0, State{From: Dead, To: Foreground, Why: "opened"})
	return s
}

func (s *story) at(sec float64, events ...Event) {
	for _, e := range events {
		s.seq++
		d := time.Duration(sec * float64(time.Second))
		s.fold.Apply(Record{Seq: s.seq, Wall: epoch.Add(d), Device: d, Phone: "alice", Event: e})
	}
}

func (s *story) sleep(sec float64) {
	s.at(sec, State{From: Foreground, To: Suspended, Why: "asleep"})
}

// wake is a wake by the socket in which the given frame was read.
func (s *story) wake(sec float64, n int, frame string, bytes int) {
	s.at(sec, Wake{N: n, Cause: BySocket, Window: Seconds(10 * time.Second)}, State{From: Suspended, To: Awake, Left: Seconds(10 * time.Second)})
	if frame != "" {
		s.at(sec, Frame{Wake: n, What: frame, Bytes: bytes, Latency: Millis(38 * time.Millisecond)})
	}
}

func (s *story) over(sec float64, n int, ran time.Duration) {
	s.at(sec, State{From: Awake, To: Suspended}, WakeEnd{N: n, Ran: Seconds(ran), Why: "suspended again"})
}

func TestFoldNamesTheFirstPhoneThatStarts(t *testing.T) {
	var f Fold
	f.Apply(Record{Seq: 1, Phone: "lab", Wall: epoch, Event: Server{What: "listening"}})
	f.Apply(Record{Seq: 2, Phone: "alice", Wall: epoch, Event: Start{AOR: "sip:alice@a"}})
	f.Apply(Record{Seq: 3, Phone: "bob", Wall: epoch, Event: Start{AOR: "sip:bob@a"}})
	f.Apply(Record{Seq: 4, Phone: "bob", Wall: epoch, Event: Wake{N: 1}})
	if f.Phone != "alice" || f.Start.AOR != "sip:alice@a" || f.Counts.Wakes != 0 || f.Revision != 2 {
		t.Errorf("fold of %q, %q, %d wakes, revision %d", f.Phone, f.Start.AOR, f.Counts.Wakes, f.Revision)
	}
}

func TestFoldWakeResults(t *testing.T) {
	call := func(phase CallPhase, by string) Call {
		return Call{ID: 1, Phase: phase, Peer: "sip:bob@b", Name: "Bob", By: by}
	}
	for _, c := range []struct {
		name   string
		play   func(s *story)
		result Result
		late   bool
	}{
		{"ringing", func(s *story) { s.wake(20, 1, "INVITE", 812); s.at(20.1, call("incoming", "")) }, ResultRinging, false},
		{"answered after the wake", func(s *story) {
			s.wake(20, 1, "INVITE", 812)
			s.at(20.1, call("incoming", ""))
			s.over(25, 1, 5*time.Second)
			s.at(26, call("up", ""))
			s.at(30, call("ended", "peer"))
		}, ResultAnswered, false},
		{"missed", func(s *story) {
			s.wake(20, 1, "INVITE", 812)
			s.at(20.1, call("incoming", ""), call("ended", "peer"))
			s.over(21, 1, time.Second)
		}, ResultMissed, false},
		{"declined", func(s *story) {
			s.wake(20, 1, "INVITE", 812)
			s.at(20.1, call("incoming", ""), call("ended", "us"))
		}, ResultDeclined, false},
		{"refused unheard", func(s *story) {
			s.wake(20, 1, "INVITE", 812)
			s.at(20.1, call("incoming", ""), Call{ID: 1, Phase: "ended", By: "us", Status: 486, Missed: true})
		}, ResultMissed, false},
		{"answered elsewhere", func(s *story) {
			s.wake(20, 1, "INVITE", 812)
			s.at(20.1, call("incoming", ""), Call{ID: 1, Phase: "ended", By: "peer", Elsewhere: "answered elsewhere"})
		}, ResultElsewhere, false},
		{"re-registered", func(s *story) {
			s.wake(20, 1, "FIN", 0)
			s.at(20.1, Socket{Name: "control", Phase: "closed"}, Socket{Name: "control", Phase: "open"}, Registration{Phase: "active", Status: 200})
			s.over(21, 1, time.Second)
		}, ResultRegistered, false},
		{"nothing useful", func(s *story) { s.wake(20, 1, "NOTIFY", 300); s.over(21, 1, time.Second) }, ResultNothing, false},
		{"no cause", func(s *story) { s.wake(20, 1, "", 0); s.over(21, 1, time.Second) }, ResultNoCause, false},
		{"options", func(s *story) {
			s.wake(20, 1, "OPTIONS", 300)
			s.at(20, Message{Method: "OPTIONS"}, Message{Out: true, Method: "OPTIONS", Status: 200})
			s.over(21, 1, time.Second)
		}, ResultOK, false},
		{"pong", func(s *story) {
			s.at(600, Wake{N: 1, Cause: ByKeepalive}, Tick{N: 1, Early: Seconds(time.Second), Next: Seconds(600 * time.Second)}, Ping{Out: true}, Pong{RTT: Millis(time.Millisecond)})
			s.over(600.1, 1, time.Second/10)
		}, ResultOK, false},
		{"no pong", func(s *story) {
			s.at(600, Wake{N: 1, Cause: ByKeepalive}, Tick{N: 1, Early: Seconds(-time.Second), Next: Seconds(600 * time.Second)}, Ping{Out: true})
			s.over(610, 1, 10*time.Second)
		}, ResultNoPong, true},
		{"killed", func(s *story) { s.wake(20, 1, "OPTIONS", 10); s.at(21, Killed{Code: "0xbad22222"}) }, ResultKilled, false},
		{"tapped", func(s *story) {
			s.at(20, Wake{N: 1, Cause: ByNotification})
			s.at(21, WakeEnd{N: 1, Ran: Seconds(time.Second)})
		}, ResultTapped, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t)
			s.sleep(10)
			c.play(s)
			w := s.fold.LastWake()
			if w.Result != c.result || w.Late != c.late {
				t.Errorf("result %q, late %v; want %q, %v", w.Result, w.Late, c.result, c.late)
			}
		})
	}
}

func TestFoldLifeAndWokenTime(t *testing.T) {
	s := newStory(t)
	s.sleep(10)
	s.wake(20, 1, "INVITE", 812)
	f := &s.fold
	if f.Life.State != Awake || f.Life.Until != 30*time.Second || f.Life.Before != Suspended || f.Life.Lasted != 10*time.Second {
		t.Errorf("life %+v", f.Life)
	}
	if got := f.Woken(23 * time.Second); got != 3*time.Second {
		t.Errorf("woken for %v, want 3s", got)
	}
	s.over(24, 1, 4*time.Second)
	if got := f.Woken(60 * time.Second); got != 4*time.Second {
		t.Errorf("woken for %v, want 4s", got)
	}
}

func TestFoldMoreTimeInTheSameState(t *testing.T) {
	s := newStory(t)
	s.sleep(10)
	s.wake(20, 1, "INVITE", 812)
	s.at(25, State{From: Awake, To: Awake, Why: "more data came", Left: Seconds(10 * time.Second)})
	if l := s.fold.Life; l.Since != 20*time.Second || l.Until != 35*time.Second || l.Before != Suspended || s.fold.Woken(26*time.Second) != 6*time.Second {
		t.Errorf("life %+v", l)
	}
}

func TestFoldMuteAndHold(t *testing.T) {
	s := newStory(t)
	s.at(1, Call{ID: 1, Phase: "up", Peer: "sip:bob@b", Name: "Bob"}, Call{ID: 1, Phase: "muted"}, Call{ID: 1, Phase: "held"})
	if c := s.fold.Call(); !c.Muted || !c.Held || !c.Connected() || c.Name != "Bob" {
		t.Errorf("muted and held: %+v", c)
	}
	s.at(2, Call{ID: 1, Phase: "unmuted"}, Call{ID: 1, Phase: "resumed"})
	if c := s.fold.Call(); c.Muted || c.Held || !c.Connected() {
		t.Errorf("neither: %+v", c)
	}
	s.at(3, Call{ID: 1, Phase: "held", By: "us"}, Call{ID: 1, Phase: "held", By: "peer"})
	if c := s.fold.Call(); !c.Held || !c.HeldByPeer {
		t.Errorf("held by both: %+v", c)
	}
	s.at(4, Call{ID: 1, Phase: "resumed", By: "us"})
	if c := s.fold.Call(); c.Held || !c.HeldByPeer {
		t.Errorf("held by the peer: %+v", c)
	}
}

func TestFoldNowFollowsTheRate(t *testing.T) {
	s := newStory(t)
	s.at(10, ClockRate{Rate: 60})
	for _, c := range []struct{ after, want time.Duration }{{-time.Second, 10 * time.Second}, {0, 10 * time.Second}, {2 * time.Second, 130 * time.Second}} {
		if got := s.fold.Now(epoch.Add(10*time.Second + c.after)); got != c.want {
			t.Errorf("now %v after the record is %v, want %v", c.after, got, c.want)
		}
	}
	if !s.fold.Warped {
		t.Error("not noted that the clock was warped")
	}
}

func TestFoldBanners(t *testing.T) {
	s := newStory(t)
	s.at(1, Notification{ID: 1, Phase: "posted", Title: "Incoming call", Body: "Bob\x1b[2J", Shown: true})
	if b := s.fold.Banner; b == nil || b.Body != `Bob\x1b[2J` {
		t.Fatalf("banner %+v", b)
	}
	s.at(2, Notification{ID: 1, Phase: "missed"})
	if s.fold.Banner != nil || len(s.fold.Unanswered) != 1 || s.fold.Unanswered[0].Title != "Incoming call" {
		t.Errorf("banner %v, unanswered %+v", s.fold.Banner, s.fold.Unanswered)
	}
	s.at(3, Notification{ID: 2, Phase: "posted", Title: "in the foreground", Shown: false})
	if s.fold.Banner != nil {
		t.Error("a notification that was not shown is on the screen")
	}
}

func TestFoldKeepaliveAndRegistration(t *testing.T) {
	s := newStory(t)
	s.at(1, Keepalive{Phase: "refused", Timeout: Seconds(30 * time.Second), Why: "below 600 s"})
	if k := s.fold.Keepalive; k.Installed || k.Refused == "" {
		t.Errorf("keepalive %+v", k)
	}
	s.at(2, Keepalive{Phase: "installed", Timeout: Seconds(600 * time.Second)})
	s.at(601, Tick{N: 1, Early: Seconds(time.Second), Next: Seconds(601 * time.Second)}, Pong{RTT: Millis(41 * time.Millisecond)})
	if k := s.fold.Keepalive; k.Due != 1202*time.Second || !k.Ponged || k.RTT != 41*time.Millisecond {
		t.Errorf("keepalive %+v", k)
	}
	s.at(602, Registration{Phase: "active", Status: 200, Expires: Seconds(3600 * time.Second), Refresh: Seconds(3000 * time.Second)})
	if b := s.fold.Registration; !b.Active || b.Until != 4202*time.Second || b.Refresh != 3602*time.Second {
		t.Errorf("registration %+v", b)
	}
	s.at(603, Killed{Code: "0xdead10cc"})
	if s.fold.Registration.Active || s.fold.Keepalive.Installed {
		t.Error("a dead app is registered")
	}
}

func TestFoldMarksTheMessageThatWoke(t *testing.T) {
	s := newStory(t)
	s.sleep(10)
	s.wake(20, 1, "INVITE", 812)
	s.at(20.04, Message{Method: "INVITE"}, Message{Out: true, Method: "INVITE", Status: 100}, Message{Out: true, Method: "INVITE", Status: 180})
	rows := s.fold.SIP
	if rows[0].Wake != 1 || rows[0].Note.Kind != "wake" || rows[1].Note.Text != "first byte out after waking" || rows[2].Note.Text != "" {
		t.Errorf("notes %+v %+v %+v", rows[0].Note, rows[1].Note, rows[2].Note)
	}
	s.over(21, 1, time.Second)
	s.wake(30, 2, "FIN", 0)
	s.at(30.1, Message{Method: "REGISTER", Status: 200})
	if got := s.fold.SIP[3]; got.Wake != 0 {
		t.Errorf("a message on the new connection is said to have woken the app: %+v", got)
	}
}

func TestFoldIsBounded(t *testing.T) {
	s := newStory(t)
	for i := range 3000 {
		at := float64(i + 1)
		s.at(at, Message{Method: "OPTIONS"}, Error{Op: "x"}, Check{Name: "x"}, Heard{What: "tone"})
		s.wake(at, i+1, "x", 1)
		s.at(at, Call{ID: i, Phase: "incoming"}, Notification{ID: i, Phase: "missed"})
		if i%2 == 0 {
			s.at(at, Call{ID: i, Phase: "ended"})
		}
	}
	f := &s.fold
	for name, c := range map[string][2]int{
		"SIP": {len(f.SIP), maxSIP}, "problems": {len(f.Problems), maxProblems},
		"checks": {len(f.Checks), maxChecks}, "heard": {len(f.Heard), maxHeard}, "wakes": {len(f.Wakes), maxWakes},
		"calls": {len(f.Calls), maxCalls}, "unanswered": {len(f.Unanswered), maxUnanswered}, "recent": {len(f.Recent), maxRecent},
	} {
		if c[0] > c[1] || cap(f.SIP) > 2*maxSIP {
			t.Errorf("%d %s, at most %d", c[0], name, c[1])
		}
	}
	if f.Messages != 3000 || f.Counts.Wakes != 3000 || f.Wakes[len(f.Wakes)-1].N != 3000 {
		t.Errorf("counts %+v, %d messages", f.Counts, f.Messages)
	}
}

func TestFoldIsDeterministic(t *testing.T) {
	play := func() Fold {
		s := newStory(t)
		s.sleep(10)
		s.wake(20, 1, "INVITE", 812)
		s.at(21, Call{ID: 1, Phase: "incoming", Peer: "sip:bob@b"}, Socket{Name: "control", Phase: "reset"}, RTP{Sent: 5})
		return s.fold
	}
	if a, b := play(), play(); !reflect.DeepEqual(a, b) {
		t.Errorf("two folds of one log differ:\n%+v\n%+v", a, b)
	}
}

func BenchmarkFoldApply(b *testing.B) {
	var f Fold
	f.Apply(Record{Seq: 1, Wall: epoch, Phone: "alice", Event: Start{}})
	r := Record{Wall: epoch, Phone: "alice", Event: Message{Method: "OPTIONS", URI: "sip:alice@192.0.2.10"}}
	b.ReportAllocs()
	for b.Loop() {
		f.Apply(r)
	}
}

func TestFoldLink(t *testing.T) {
	var s Fold
	at := time.Duration(0)
	apply := func(e Event) {
		at += time.Second
		s.Apply(Record{Seq: 1, Device: at, Phone: "alice", Event: e})
	}
	apply(Start{})
	if s.Network != "wifi" {
		t.Errorf("it begins on %q", s.Network)
	}
	apply(Network{Name: "cell"})
	apply(Network{Name: "offline"})
	if s.Network != "offline" || s.Joined != "cell" {
		t.Errorf("on %q, joined by %q", s.Network, s.Joined)
	}
	apply(Network{Name: "cell"})
	apply(Fault{Name: "loss", On: true, Detail: "1%"})
	apply(Fault{Name: "nat drop", On: true})
	apply(Fault{Name: "loss", On: true, Detail: "5%"})
	if f, on := s.Fault("loss"); s.Network != "cell" || len(s.Faults) != 2 || !on || f.Detail != "5%" || f.At != 5*time.Second {
		t.Errorf("on %q with %+v", s.Network, s.Faults)
	}
	apply(Fault{Name: "loss"})
	apply(Fault{Name: "jitter"}) // is not on
	if _, on := s.Fault("loss"); on || len(s.Faults) != 1 {
		t.Errorf("left: %+v", s.Faults)
	}
}
