package media

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestWhatTheKernelRefuses is not sent: it is counted apart, said at most every ten
// seconds, and the direction is dead as long as it goes on.
func TestWhatTheKernelRefuses(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	s.Answered(epoch)
	var said []string
	note := func(effects []system.Effect) {
		for _, e := range logged(effects) {
			if e.Kind() != (event.RTP{}).Kind() {
				what, detail := e.Text()
				said = append(said, what+": "+detail)
			}
		}
	}
	speak := func(from, to time.Duration, refused func(n int) bool) {
		for at := from; at < to; at += 20 * time.Millisecond {
			now := epoch.Add(at)
			for _, e := range s.Capture(now, make([]int16, 160)) {
				send, ok := e.(system.Send)
				if !ok {
					note([]system.Effect{e})
				} else if refused(int(at / (20 * time.Millisecond))) {
					note(s.Unsent(now, system.Unsent{Socket: rtpSocket, To: send.To, Data: send.Data, Err: fmt.Errorf("write: %w", system.NoBuffers)}))
				}
			}
		}
	}
	want := func(unsent, sent uint64, dead time.Duration, at time.Duration) {
		t.Helper()
		if st := s.Stats(epoch.Add(at)); st.Unsent != unsent || st.Sent != sent || st.DeadOut.D() != dead {
			t.Errorf("at %s: %d refused, %d sent, dead for %s; want %d, %d, %s", at, st.Unsent, st.Sent, st.DeadOut, unsent, sent, dead)
		}
	}
	never, always := func(int) bool { return false }, func(int) bool { return true }
	speak(0, time.Second, never)
	want(0, 50, 0, time.Second)
	speak(time.Second, 3*time.Second, always)
	want(100, 50, 0, 3*time.Second-1)
	want(100, 50, 2*time.Second, 3*time.Second)
	speak(3*time.Second, 12*time.Second, always)
	want(550, 50, 11*time.Second, 12*time.Second)
	speak(12*time.Second, 14*time.Second, never)
	want(550, 150, 0, 14*time.Second)
	speak(14*time.Second, 30*time.Second, func(n int) bool { return n%50 == 0 }) // now and then
	want(566, 934, 0, 30*time.Second)
	if s.out.octets != 934*160 {
		t.Errorf("%d octets of 934 packets", s.out.octets)
	}
	for i, prefix := range []string{
		"warning: send-refused, call 1: this computer does not send our audio to 192.0.2.2:5000: write: no buffer space available; 1 packet so far; try: the queue",
		"warning: send-refused, call 1: this computer does not send our audio to 192.0.2.2:5000: write: no buffer space available; 501 packets so far;",
		"audio back: out, after 11.1 s in which this computer refused 550 packets",
		"warning: send-refused, call 1: ",
	} {
		if i >= len(said) || !strings.HasPrefix(said[i], prefix) {
			t.Errorf("said %q, want %q there", said, prefix)
		}
	}
	if len(said) != 4 {
		t.Errorf("said %d times: %q", len(said), said)
	}
}

// TestSentAgainIsNotDead: that the far end has none of what the kernel refused says nothing of
// what goes out now; its next report does.
func TestSentAgainIsNotDead(t *testing.T) {
	for name, lost := range map[string]bool{"the network takes it": false, "the network loses it": true} {
		s := newTestSession(addrA, addrB, 1)
		s.Answered(epoch)
		var highest uint32
		speak := func(from, to time.Duration, refused bool) {
			for at := from; at < to; at += 20 * time.Millisecond {
				for _, e := range s.Capture(epoch.Add(at), make([]int16, 160)) {
					if send, ok := e.(system.Send); ok && refused {
						s.Unsent(epoch.Add(at), system.Unsent{Socket: rtpSocket, To: send.To, Data: send.Data, Err: system.Unreachable})
					}
				}
			}
		}
		report := func(at time.Duration, news uint32) bool {
			highest += news
			s.outward.reportedOn(epoch.Add(at), s.out.packets, []rtcp.ReceptionReport{{LastSequenceNumber: highest}})
			return s.Stats(epoch.Add(at)).DeadOut > 0
		}
		speak(0, 5*time.Second, false)
		if report(5*time.Second, 250) {
			t.Errorf("%s: dead though all arrives", name)
		}
		speak(5*time.Second, 5200*time.Millisecond, false) // and is lost
		speak(5200*time.Millisecond, 12*time.Second, true)
		if !report(12*time.Second, 0) {
			t.Errorf("%s: alive though nothing arrives", name)
		}
		speak(12*time.Second, 14*time.Second, false)
		if got := s.Stats(epoch.Add(14 * time.Second)).DeadOut.D(); got != 0 {
			t.Errorf("%s: two seconds after it is sent again it is dead for %s", name, got)
		}
		speak(14*time.Second, 17*time.Second, false)
		if lost != report(17*time.Second, map[bool]uint32{false: 250}[lost]) {
			t.Errorf("%s: the next report says dead: %t", name, !lost)
		}
	}
}

// TestNobodyIsDeadWhoSendsNothing: of what is refused, the numbers say that it goes on only as
// long as it does.
func TestNobodyIsDeadWhoSendsNothing(t *testing.T) {
	hold := func(s *Session, now time.Time, send bool) {
		n := s.n
		n.Send = send
		s.Renegotiate(now, n)
	}
	refuse := func(s *Session, now time.Time) {
		for _, e := range logged(s.Capture(now, append(make([]int16, 159), 9000))) {
			t.Errorf("said %+v", e)
		}
		s.Unsent(now, system.Unsent{Socket: rtpSocket, Data: make([]byte, 172), Err: system.NoBuffers})
	}
	for name, c := range map[string]struct {
		refused time.Duration // how long all is
		then    func(s *Session, now time.Time)
		want    bool // dead a little later
	}{
		"one, then hold":            {0, func(s *Session, now time.Time) { hold(s, now, false) }, false},
		"three seconds, then hold":  {3 * time.Second, func(s *Session, now time.Time) { hold(s, now, false) }, false},
		"one, then a leap":          {0, func(s *Session, now time.Time) { s.Stood(now, 3*time.Second) }, false},
		"three seconds, then":       {3 * time.Second, func(*Session, time.Time) {}, true},
		"three seconds, a leap":     {3 * time.Second, func(s *Session, now time.Time) { s.Stood(now, time.Second) }, false},
		"three seconds, then noise": {3 * time.Second, func(s *Session, now time.Time) { s.n.NoiseType = 13 }, true},
	} {
		s := newTestSession(addrA, addrB, 1)
		s.Answered(epoch)
		now := epoch
		for ; now.Sub(epoch) <= c.refused; now = now.Add(20 * time.Millisecond) {
			refuse(s, now)
		}
		c.then(s, now)
		for range 15 {
			now = now.Add(100 * time.Millisecond)
			s.Advance(now)
		}
		if got := s.Stats(now).DeadOut.D(); got > 0 != c.want {
			t.Errorf("%s: dead for %s", name, got)
		}
		for range 6 {
			now = now.Add(time.Second)
			s.Advance(now)
		}
		if got := s.Stats(now).DeadOut.D(); got > 0 {
			t.Errorf("%s: after 7.5 s of nothing it is dead for %s", name, got)
		}
		hold(s, now, true)
		if refuse(s, now); s.Stats(now).DeadOut > 0 {
			t.Errorf("%s: with the first that is refused again it is dead for %s", name, s.Stats(now).DeadOut.D())
		}
	}
}

// TestNoiseIsRefusedToo: in a pause the kernel has one packet a second to refuse, or to take.
func TestNoiseIsRefusedToo(t *testing.T) {
	for _, refused := range []int{0, 1, 6} {
		s := newTestSession(addrA, addrB, 1)
		s.Answered(epoch)
		s.n.NoiseType = 13
		var dead time.Duration
		var back []event.Media
		now, noises := epoch, 0
		for range 1000 {
			now = now.Add(20 * time.Millisecond)
			for _, e := range s.Capture(now, make([]int16, 160)) {
				switch e := e.(type) {
				case system.Send:
					if noises++; now.Sub(epoch) > time.Second && noises <= 11+refused {
						s.Unsent(now, system.Unsent{Socket: rtpSocket, To: e.To, Data: e.Data, Err: system.NoBuffers})
					}
				case system.Log:
					back = append(back, e.Event.(event.Media))
				}
			}
			dead = max(dead, s.Stats(now).DeadOut.D())
		}
		if dead > 0 != (refused > 2) || len(back) > 0 != (refused > 2) || len(back) > 1 || s.Stats(now).DeadOut > 0 {
			t.Errorf("%d of %d refused: dead for %s, %s in the end; %+v", refused, noises, dead, s.Stats(now).DeadOut, back)
		}
	}
}

// TestNothingWasSentAsItWasRefused: there is a microphone.
func TestNothingWasSentAsItWasRefused(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	s.Unsent(epoch, system.Unsent{Socket: rtpSocket, Data: make([]byte, 172), Err: system.Unreachable})
	if why := s.whyNothing(); !strings.Contains(why, "send-refused") {
		t.Errorf("nothing comes, as it seems, for %q", why)
	}
}

// TestReportsAreNotAudio: a report that is refused is no packet of audio.
func TestReportsAreNotAudio(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	for _, data := range [][]byte{{0x80, 200, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0}, nil} {
		if said := s.Unsent(epoch, system.Unsent{Data: data, Err: errors.New("x")}); said != nil || s.out.unsent.total != 0 {
			t.Errorf("% x: %v", data, said)
		}
	}
}

func TestWhyUnsent(t *testing.T) {
	for want, err := range map[string]error{
		"routes": system.Unreachable, "network": system.NotLocal, "packet filter": system.Forbidden, "queue": system.NoBuffers, "sendto": errors.New("x"),
	} {
		if got := whyUnsent(fmt.Errorf("write: %w", err)); !strings.Contains(got, want) {
			t.Errorf("%v: %q", err, got)
		}
	}
}
