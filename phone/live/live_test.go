package live

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestDoKeepsOrder(t *testing.T) {
	r := newRig(t, Config{Name: "alice"})
	for i := range 100 {
		r.do(
			system.Log{Event: event.Server{What: string(rune('A' + i))}},
			system.Log{Phone: "bob", Event: event.Server{What: string(rune('a' + i))}},
		)
	}
	var last time.Duration
	for i, rec := range r.log.After(0) {
		want, phone := string(rune('A'+i/2)), "alice"
		if i%2 == 1 {
			want, phone = string(rune('a'+i/2)), "bob"
		}
		if got := rec.Event.(event.Server).What; got != want || rec.Phone != phone {
			t.Fatalf("record %d: %s of %s, want %s of %s", i, got, rec.Phone, want, phone)
		}
		if rec.Device < last || rec.Wall.IsZero() {
			t.Fatalf("record %d: device time %v after %v, wall time %v", i, rec.Device, last, rec.Wall)
		}
		last = rec.Device
	}
	if got := len(r.log.After(0)); got != 200 {
		t.Errorf("%d records, want 200", got)
	}
}

func TestDoOnAStoppedHost(t *testing.T) {
	r := newRig(t, Config{})
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	err := r.host.Do(context.Background(), func(time.Time) []system.Effect { return nil })
	if !errors.Is(err, ErrStopped) {
		t.Errorf("do: %v", err)
	}
	if err := r.host.Skip(); !errors.Is(err, ErrStopped) {
		t.Errorf("skip: %v", err)
	}
}

func TestDoGivesUpWithItsContext(t *testing.T) {
	h := New(Config{Log: new(event.Log), Machine: newScript()}) // never runs
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.Do(ctx, func(time.Time) []system.Effect { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("do: %v", err)
	}
}

func (r *rig) firedAt() time.Time {
	r.Helper()
	select {
	case at := <-r.fired:
		return at
	case <-time.After(patience):
		r.Fatal("the deadline did not come")
	}
	return time.Time{}
}

// dueIn sets the machine's deadline, and returns it.
func (r *rig) dueIn(d time.Duration) (due time.Time) {
	r.Helper()
	err := r.host.Do(context.Background(), func(now time.Time) []system.Effect {
		due = now.Add(d)
		r.due = due
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
	return due
}

func TestDeadline(t *testing.T) {
	r := newRig(t, Config{})
	for _, d := range []time.Duration{-time.Hour, 0, time.Millisecond} {
		if due := r.dueIn(d); r.firedAt().Before(due) {
			t.Errorf("a deadline in %v fired early", d)
		}
	}
}

func TestClockStandsFirmWhileTheAppRuns(t *testing.T) {
	r := newRig(t, Config{})
	r.dueIn(time.Hour)
	if err := r.host.SetRate(60); !errors.Is(err, ErrNotFrozen) {
		t.Errorf("set rate: %v", err)
	}
	if err := r.host.Skip(); !errors.Is(err, ErrNotFrozen) {
		t.Errorf("skip: %v", err)
	}
	if err := r.host.SetRate(1); err != nil {
		t.Errorf("set rate to 1: %v", err)
	}
	if got := events[event.ClockRate](r); len(got) > 0 {
		t.Errorf("log: %+v", got)
	}
}

func TestSetRateRefusesNonsense(t *testing.T) {
	r := newRig(t, Config{})
	r.do(system.Freeze{})
	for _, x := range []float64{0, -1, MinRate / 2, MaxRate + 1, math.Inf(1), math.NaN()} {
		if r.host.SetRate(x) == nil {
			t.Errorf("clock x%g was accepted", x)
		}
	}
}

// Half an hour at x3600 takes half a second; the deadline is met to the
// nanosecond, and the thaw returns the clock to x1.
func TestHurriedClock(t *testing.T) {
	r := newRig(t, Config{})
	r.onDue = func(time.Time) []system.Effect { return []system.Effect{system.Thaw{}} }
	r.do(system.Freeze{})
	due := r.dueIn(30 * time.Minute)
	if err := r.host.SetRate(3600); err != nil {
		t.Fatal(err)
	}
	if got := r.firedAt(); !got.Equal(due) {
		t.Errorf("the deadline came %v late", got.Sub(due))
	}
	r.do()
	got := events[event.ClockRate](r)
	if len(got) != 2 || got[0].Rate != 3600 || got[1].Rate != 1 {
		t.Errorf("log: %+v", got)
	}
	if err := r.host.SetRate(60); !errors.Is(err, ErrNotFrozen) {
		t.Errorf("set rate after the thaw: %v", err)
	}
}

func TestSkip(t *testing.T) {
	r := newRig(t, Config{})
	r.do(system.Freeze{})
	if err := r.host.Skip(); !errors.Is(err, ErrNothingDue) {
		t.Errorf("skip to nothing: %v", err)
	}
	due := r.dueIn(10 * time.Minute)
	if err := r.host.Skip(); err != nil {
		t.Fatal(err)
	}
	if got := r.firedAt(); got.Before(due) || got.After(due.Add(patience)) {
		t.Errorf("the deadline came at %v after it", got.Sub(due))
	}
	log := r.log.After(0)
	if len(log) != 1 || log[0].Device < 9*time.Minute {
		t.Fatalf("log: %+v", log)
	}
	if got := log[0].Event.(event.ClockRate); got.Rate != 1 || got.Why != "skipped 10:00 to the next timer" && got.Why != "skipped 09:59 to the next timer" {
		t.Errorf("log: %+v", got)
	}
}

func TestPanics(t *testing.T) {
	tests := map[string]struct {
		cfg  Config
		when func(r *rig)
		want string
	}{
		"machine": {when: func(r *rig) {
			r.dueIn(0)
		}, want: "panic in the loop: boom"},
		"do": {when: func(r *rig) {
			err := r.host.Do(context.Background(), func(time.Time) []system.Effect { panic("boom") })
			if !errors.Is(err, ErrStopped) {
				r.Errorf("do: %v", err)
			}
		}, want: "panic in the loop: boom"},
		"goroutine": {
			cfg: Config{Sound: func(system.OpenSound, SoundEvents) (Card, error) { panic("boom") }},
			when: func(r *rig) {
				r.do(system.OpenSound{Way: event.Speaker, Rate: 8000})
			}, want: "panic in the sound card: boom",
		},
		"sound": {
			cfg: Config{Sound: func(_ system.OpenSound, on SoundEvents) (Card, error) {
				go on.Guard(func() { panic("boom") })
				return nil, ErrNoSound
			}},
			when: func(r *rig) {
				r.do(system.OpenSound{Way: event.Speaker, Rate: 8000})
			}, want: "panic in the sound card: boom",
		},
		"somebody else's": {when: func(r *rig) {
			go r.host.Guard("prompt", func() { panic("boom") })
		}, want: "panic in the prompt: boom"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, tt.cfg)
			r.connect(server(t), 1)
			r.do(system.Bind{RTP: 2, RTCP: 3}, system.Listen{Socket: 4, Addr: "127.0.0.1:0"})
			r.within(func() []system.Effect {
				r.onDue = func(time.Time) []system.Effect { panic("boom") }
				return nil
			})
			tt.when(r)
			<-r.host.done
			e, ok := errors.AsType[*PanicError](r.stop())
			if !ok || e.Error() != tt.want || e.Stack == "" {
				t.Errorf("run: %v, want %s", e, tt.want)
			}
		})
	}
}

// A machine that is always due must not starve the loop's other work.
func TestBusyMachine(t *testing.T) {
	r := newRig(t, Config{})
	r.fired = make(chan time.Time, 1<<20)
	r.within(func() []system.Effect {
		r.due = time.Unix(1, 0)
		r.onDue = func(time.Time) []system.Effect {
			for len(r.fired) > 0 {
				<-r.fired
			}
			r.due = time.Unix(1, 0)
			return nil
		}
		return nil
	})
	peer := r.connect(server(t), 1)
	r.write(peer, "x")
	next[system.Received](r)
}

// A peer that never stops sending must not starve the other peers, the timers
// or the commands.
func TestFlood(t *testing.T) {
	r := newRig(t, Config{})
	heard := make(chan struct{}, 1)
	r.within(func() []system.Effect {
		r.on = func(_ time.Time, s system.Signal) []system.Effect {
			got, ok := s.(system.Received)
			if !ok {
				return nil
			}
			<-r.seen
			if got.Socket == 2 {
				heard <- struct{}{}
			}
			return nil
		}
		return nil
	})
	ln := server(t)
	flood, quiet := r.connect(ln, 1), r.connect(ln, 2)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for block := make([]byte, 1<<20); ; {
			if _, err := flood.Write(block); err != nil {
				return
			}
		}
	}()
	for range 20 {
		r.write(quiet, "x")
		<-heard
		r.dueIn(time.Millisecond)
		r.firedAt()
	}
	r.do(system.Close{Socket: 1, Reset: true})
	<-ended
}

func TestRunClosesEverything(t *testing.T) {
	open, opened := cards()
	r := newRig(t, Config{Sound: open})
	ln := server(t)
	peer := r.connect(ln, 1)
	rtp := r.bound(2)
	r.do(system.Listen{Socket: 4, Addr: "127.0.0.1:0"})
	at := next[system.Bound](r).Local
	r.do(system.OpenSound{Way: event.Speaker, Rate: 8000}, system.Connect{Socket: 5, Target: ln.Addr().String()})
	c := <-opened
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	<-c.closed
	if _, err := peer.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the peer reads %v, want EOF", err)
	}
	if again, err := listenUDP(rtp.Addr(), rtp.Port()); err != nil {
		t.Error(err)
	} else {
		again.Close()
	}
	if again, err := net.Listen("tcp", at.String()); err != nil {
		t.Error(err)
	} else {
		again.Close()
	}
}
