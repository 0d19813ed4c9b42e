package event

import (
	"testing"
	"time"
)

// TestFoldSocket: the control socket is lost when it was open and somebody else
// has closed it; what is not said again stays.
func TestFoldSocket(t *testing.T) {
	s := newStory(t)
	c := &s.fold.Socket
	s.at(1, Socket{Name: "rtp", Phase: SocketOpen, Local: "other:1"})
	if c.Phase != "" || c.Open() {
		t.Errorf("an audio socket is taken for the control socket: %+v", c)
	}
	s.at(2, Socket{Name: "control", Phase: SocketConnecting, Remote: "b:5061"}, Socket{Name: "control", Phase: SocketOpen, Local: "a:1"})
	if c.Local != "a:1" || c.Remote != "b:5061" || c.At != 2*time.Second || !c.Open() || c.Losses != 0 {
		t.Errorf("open: %+v", c)
	}
	s.at(3, Socket{Name: "control", Phase: SocketClosed})
	if c.Losses != 0 || !c.ByUs || c.Open() || c.Local != "a:1" {
		t.Errorf("closed by the app: %+v", c)
	}
	s.at(4, Socket{Name: "control", Phase: SocketBroken, Error: "refused"})
	if c.Losses != 0 || c.ByUs || c.Error != "refused" {
		t.Errorf("a socket that was not open is lost: %+v", c)
	}
	s.at(5, Socket{Name: "control", Phase: SocketOpen, Local: "a:2", Remote: "c:3"}, Socket{Name: "control", Phase: SocketConnecting})
	if c.Losses != 0 || c.Local != "a:2" || c.Remote != "c:3" {
		t.Errorf("connecting anew: %+v", c)
	}
	s.at(6, Socket{Name: "control", Phase: SocketOpen}, Socket{Name: "control", Phase: SocketBroken, Error: "reset"})
	s.at(7, Socket{Name: "control", Phase: SocketOpen}, Socket{Name: "control", Phase: SocketClosed, Error: "the peer closed it"})
	if c.Losses != 2 {
		t.Errorf("%d losses, want 2: %+v", c.Losses, c)
	}
}

// TestFoldSocketServesItsWake: a wake in which the socket is opened was good
// for that.
func TestFoldSocketServesItsWake(t *testing.T) {
	s := newStory(t)
	s.sleep(1)
	s.wake(2, 1, "", 0)
	s.at(3, Socket{Name: "control", Phase: SocketOpen})
	if w := s.fold.LastWake(); w.Result != ResultConnected {
		t.Errorf("a wake that connected: %+v", w)
	}
}

// TestFoldBinding: a binding lapses and is refreshed by its own numbers, and
// each way to lose it is one.
func TestFoldBinding(t *testing.T) {
	for _, over := range []RegistrationPhase{RegistrationFailed, RegistrationLost, RegistrationRemoved} {
		s := newStory(t)
		b := &s.fold.Registration
		s.at(10, Registration{Phase: RegistrationActive, Contact: "sip:a@b", Expires: Seconds(600 * time.Second), Refresh: Seconds(300 * time.Second), RTT: Millis(30 * time.Millisecond), Status: 200})
		if b.At != 10*time.Second || b.Contact != "sip:a@b" || b.Until != 610*time.Second || b.Refresh != 310*time.Second || b.RTT != 30*time.Millisecond || !b.Active {
			t.Errorf("bound: %+v", b)
		}
		s.at(20, Registration{Phase: RegistrationActive, Expires: Seconds(60 * time.Second)})
		if b.Until != 80*time.Second || b.Refresh != 0 || b.Expires != time.Minute {
			t.Errorf("bound without a refresh: %+v", b)
		}
		s.at(25, Registration{Phase: RegistrationSending})
		if !b.Active {
			t.Errorf("a refresh on its way has lost the binding: %+v", b)
		}
		s.at(30, Registration{Phase: over, Status: 403, Reason: "Forbidden", Hint: "the password"})
		if b.Active || b.Phase != over || b.Status != 403 || b.Reason != "Forbidden" || b.Hint != "the password" {
			t.Errorf("%s: %+v", over, b)
		}
	}
}

// TestFoldWireRows: each row says what went over the socket and which way.
func TestFoldWireRows(t *testing.T) {
	s := newStory(t)
	s.at(1,
		Message{Method: "INVITE", URI: "sip:a\x1b", From: "\"Bob\x1b\"", Reason: "no\x1b", Bytes: 812},
		Data{Out: true, What: "auth", To: "server", From: "alice", CallID: "c", Bytes: 70, Segments: 2, Raw: "AUTH\n", Hex: "00"},
		Ping{Out: true}, Pong{RTT: Millis(40 * time.Millisecond)}, Ping{}, Pong{Out: true})
	rows := s.fold.SIP
	if s.fold.Messages != 2 || len(rows) != 6 {
		t.Fatalf("%d messages, %d rows", s.fold.Messages, len(rows))
	}
	for _, r := range rows {
		if r.At != time.Second || r.State != Foreground {
			t.Errorf("row of %s at %s in %s", r.Message.Method, r.At, r.State)
		}
	}
	if m := rows[0].Message; m.URI != Printable("sip:a\x1b") || m.From != Printable("\"Bob\x1b\"") || m.Reason != Printable("no\x1b") || m.URI == "sip:a\x1b" {
		t.Errorf("what comes from outside is not printable: %+v", m)
	}
	if m := rows[1].Message; !m.Out || m.Method != "auth" || m.URI != "server" || m.From != "alice" || m.CallID != "c" || m.Bytes != 70 || m.Segments != 2 || m.Raw != "AUTH\n\n00" {
		t.Errorf("a frame: %+v", m)
	}
	for i, want := range []struct {
		what string
		out  bool
		rtt  time.Duration
	}{{"ping", true, 0}, {"pong", false, 40 * time.Millisecond}, {"ping", false, 0}, {"pong", true, 0}} {
		if r := rows[i+2]; r.Message.Method != want.what || r.Message.Out != want.out || r.RTT != want.rtt {
			t.Errorf("row %d: %+v, want %+v", i+2, r, want)
		}
	}
	if k := s.fold.Keepalive; !k.Ponged || k.RTT != 40*time.Millisecond || k.PongAt != time.Second {
		t.Errorf("our own pong is taken for the answer: %+v", k)
	}
}

// TestFoldWakeWasOK: a final answer of the app's to anything but a call served
// its wake.
func TestFoldWakeWasOK(t *testing.T) {
	for _, tt := range []struct {
		m    Message
		want Result
	}{
		{Message{Out: true, Method: "OPTIONS", Status: 200}, ResultOK},
		{Message{Out: true, Method: "OPTIONS", Status: 299}, ResultOK},
		{Message{Out: true, Method: "OPTIONS", Status: 199}, ResultNone},
		{Message{Out: true, Method: "OPTIONS", Status: 300}, ResultNone},
		{Message{Method: "OPTIONS", Status: 200}, ResultNone},
		{Message{Out: true, Method: "INVITE", Status: 200}, ResultNone},
	} {
		s := newStory(t)
		s.sleep(1)
		s.wake(2, 1, "frame", 10)
		s.at(3, tt.m)
		if got := s.fold.LastWake().Result; got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.m, got, tt.want)
		}
	}
}

// TestFoldRemarks: what a row is remarked on with, and what it is not.
func TestFoldRemarks(t *testing.T) {
	refused, none := Note{Kind: "fault", Text: "refused"}, Note{}
	for status, want := range map[int]Note{200: none, 399: none, 400: refused, 401: none, 402: refused, 406: refused, 407: none, 408: refused, 503: refused} {
		s := newStory(t)
		s.at(1, Message{Method: "REGISTER", Status: status}, Message{Method: "INVITE", Out: true, Status: status})
		if got := s.fold.SIP[0].Note; got != want {
			t.Errorf("%d: %+v, want %+v", status, got, want)
		}
		if got := s.fold.SIP[1].Note; got != none {
			t.Errorf("%d that we sent: %+v", status, got)
		}
	}
	post := func(s *story, sec float64) { s.at(sec, Notification{ID: 1, Phase: NotificationPosted, Shown: true}) }
	for _, tt := range []struct {
		what string
		m    Event
		text string
	}{
		{"180", Message{Out: true, Method: "INVITE", Status: 180}, "the banner is up since 1.0 s"},
		{"a ringing frame", Data{Out: true, What: "ringing"}, "the banner is up since 1.0 s"},
		{"183", Message{Out: true, Method: "INVITE", Status: 183}, ""},
		{"their 180", Message{Method: "INVITE", Status: 180}, ""},
	} {
		s := newStory(t)
		post(s, 1)
		s.at(2, tt.m)
		if got := s.fold.SIP[0].Note.Text; got != tt.text {
			t.Errorf("%s: %q, want %q", tt.what, got, tt.text)
		}
	}
	for d, want := range map[time.Duration]string{0: "the banner is up", time.Millisecond - 1: "the banner is up", time.Millisecond: "the banner is up since 1 ms"} {
		if got := bannerBefore(d); got != want {
			t.Errorf("%s after the banner: %q, want %q", d, got, want)
		}
	}
}

// TestFoldRemarksOnWakes: only bytes that came in while the app slept woke it,
// only a keepalive's pong is one's, and only the first frame out is the first.
func TestFoldRemarksOnWakes(t *testing.T) {
	asleep := func() *story { s := newStory(t); s.sleep(1); return s }
	woken := func(cause WakeCause) *story {
		s := asleep()
		s.at(2, Wake{N: 3, Cause: cause}, State{From: Suspended, To: Awake}, Frame{Wake: 3, Bytes: 1, What: "x"})
		return s
	}
	note := func(s *story) Note { return s.fold.SIP[len(s.fold.SIP)-1].Note }

	s := woken(BySocket)
	s.at(3, Message{Method: "OPTIONS", Out: true})
	if r := s.fold.SIP[0]; r.Wake != 0 {
		t.Errorf("what went out woke it: %+v", r)
	}
	s = woken(BySocket)
	s.at(3, WakeEnd{N: 3}, Message{Method: "INVITE"}, Message{Method: "INVITE", Out: true, Status: 100})
	for _, r := range s.fold.SIP {
		if r.Wake != 0 || r.Note.Text != "" {
			t.Errorf("after the wake is over: %+v", r)
		}
	}
	s = woken(BySocket)
	s.at(3, Message{Method: "INVITE"})
	if r := s.fold.SIP[0]; r.Wake != 3 || r.Note != (Note{Kind: "wake", Text: "arrived while suspended"}) {
		t.Errorf("what woke: %+v", r)
	}
	s.at(3, Message{Method: "INVITE"})
	if r := s.fold.SIP[1]; r.Wake != 0 || r.Note.Text != "" {
		t.Errorf("the next: %+v", r)
	}
	s.at(4, Message{Method: "INVITE", Out: true, Status: 100})
	if got := note(s); got.Text != "first byte out after waking" {
		t.Errorf("the first out: %+v", got)
	}
	s.at(5, Message{Method: "INVITE", Out: true, Status: 100})
	if got := note(s); got.Text != "" {
		t.Errorf("the second out: %+v", got)
	}
	s = woken(ByPush)
	s.at(3, Message{Method: "INVITE"})
	if r := s.fold.SIP[0]; r.Wake != 0 || r.Note.Text != "" {
		t.Errorf("after a push: %+v", r)
	}
	s = asleep()
	s.at(2, Wake{N: 1, Cause: BySocket}, State{From: Suspended, To: Awake}, Frame{Wake: 1, Bytes: 0, What: "FIN"})
	s.at(3, Message{Method: "INVITE"})
	if r := s.fold.SIP[0]; r.Wake != 0 {
		t.Errorf("no byte woke it: %+v", r)
	}
	s = woken(ByKeepalive)
	s.at(3, Tick{N: 7}, Ping{Out: true}, Pong{RTT: Millis(50 * time.Millisecond)})
	if got := note(s); got.Text != "keepalive 7, after 50 ms" {
		t.Errorf("the pong of a keepalive: %+v", got)
	}
	s.at(3, Message{Method: "OPTIONS"})
	if got := note(s); got.Text != "" {
		t.Errorf("another frame in the wake of a keepalive: %+v", got)
	}
	s.at(3, Pong{Out: true})
	if got := note(s); got.Text != "" {
		t.Errorf("our own pong: %+v", got)
	}
	s = woken(BySocket)
	s.at(3, Message{Method: "NOTIFY"}, Message{Method: "NOTIFY", Out: true, Status: 200}, Pong{})
	if got := note(s); got.Text != "" {
		t.Errorf("a pong in another wake: %+v", got)
	}
}

// TestFoldFrame: a read counts for the wake that goes on, and is late after
// more than a second.
func TestFoldFrame(t *testing.T) {
	for latency, late := range map[time.Duration]int{time.Second: 0, time.Second + time.Millisecond: 1} {
		s := newStory(t)
		s.sleep(1)
		s.wake(2, 4, "", 0)
		s.at(3, Frame{Wake: 3, What: "old", Bytes: 9, Latency: Millis(2 * time.Second)})
		if w := s.fold.LastWake(); w.Timed || w.What != "" || s.fold.Counts.Late != 0 {
			t.Errorf("the frame of another wake: %+v", w)
		}
		s.at(3, Frame{Wake: 4, What: "INVITE", Bytes: 812, Latency: Millis(latency)}, Frame{Wake: 4, What: "INVITE", Bytes: 812, Latency: Millis(latency)})
		if w := s.fold.LastWake(); !w.Timed || w.Latency != latency || w.Bytes != 812 || w.Late != (late > 0) || s.fold.Counts.Late != late {
			t.Errorf("%s after the wake: %+v, %d late", latency, w, s.fold.Counts.Late)
		}
	}
}

// TestFoldWakeEnd: the end of a wake is that of the one that goes on, and says
// how long it ran.
func TestFoldWakeEnd(t *testing.T) {
	s := newStory(t)
	s.at(1, WakeEnd{N: 1})
	s.sleep(1)
	s.wake(2, 1, "", 0)
	w := s.fold.LastWake()
	if got := w.Running(5 * time.Second); got != 3*time.Second {
		t.Errorf("runs for %s, want 3 s", got)
	}
	s.at(4, WakeEnd{N: 9, Ran: Seconds(time.Hour)})
	if w.Over || s.fold.Counts.Unexplained != 0 {
		t.Errorf("ended by another's end: %+v", w)
	}
	s.over(6, 1, 4*time.Second)
	if !w.Over || w.Ran != 4*time.Second || w.Running(time.Minute) != 4*time.Second || w.Why != "suspended again" || w.Result != ResultNoCause || s.fold.Counts.Unexplained != 1 {
		t.Errorf("over: %+v, %d unexplained", w, s.fold.Counts.Unexplained)
	}
	s.at(7, Frame{Wake: 1, What: "late", Bytes: 1}, WakeEnd{N: 1, Ran: Seconds(time.Hour)})
	if w.Ran != 4*time.Second || w.Timed {
		t.Errorf("a wake that is over goes on: %+v", w)
	}
	s.at(8, Wake{N: 2, Cause: ByKeepalive}, State{From: Suspended, To: Awake}, Pong{}, WakeEnd{N: 2})
	if w := s.fold.LastWake(); w.Result != ResultOK {
		t.Errorf("a keepalive with its pong: %+v", w)
	}
	s.at(9, Wake{N: 3, Cause: ByKeepalive}, WakeEnd{N: 3})
	if w := s.fold.LastWake(); w.Result != ResultNoPong {
		t.Errorf("a keepalive without one: %+v", w)
	}
}
