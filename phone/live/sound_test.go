package live

import (
	"errors"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A fakeCard is a sound card whose thread is the test.
type fakeCard struct {
	for_   system.OpenSound
	on     SoundEvents
	played chan []int16
	closed chan struct{}
}

func (c *fakeCard) Play(samples []int16) { c.played <- samples }
func (c *fakeCard) Close() error         { close(c.closed); return nil }

// cards returns a way to open sound cards, and the opened ones.
func cards() (OpenSound, <-chan *fakeCard) {
	opened := make(chan *fakeCard, 10)
	return func(s system.OpenSound, on SoundEvents) (Card, error) {
		c := &fakeCard{for_: s, on: on, played: make(chan []int16, 10), closed: make(chan struct{})}
		opened <- c
		return c, nil
	}, opened
}

// samples returns n samples that count up from first.
func samples(first, n int) []int16 {
	s := make([]int16, n)
	for i := range s {
		s[i] = int16(first + i)
	}
	return s
}

func TestSound(t *testing.T) {
	open, opened := cards()
	r := newRig(t, Config{Sound: open})
	r.do(system.OpenSound{Capture: true, Playout: true, Rate: 8000})
	c := <-opened
	if !c.for_.Capture || !c.for_.Playout {
		t.Errorf("opened for %+v", c.for_)
	}
	// The card's blocks do not align with frames.
	c.on.Captured(samples(0, 100))
	c.on.Captured(samples(100, 100))
	got := next[system.Captured](r)
	if len(got.Samples) != 160 || got.Samples[0] != 0 || got.Samples[159] != 159 {
		t.Errorf("captured %v", got.Samples)
	}
	c.on.Captured(samples(200, 120))
	if got := next[system.Captured](r); got.Samples[0] != 160 || got.Samples[159] != 319 {
		t.Errorf("captured %v", got.Samples)
	}
	c.on.PlayoutDue(80)
	if got := next[system.PlayoutDue](r); got.N != 80 {
		t.Errorf("due: %d", got.N)
	}
	for r.sounding() == nil {
	}
	r.do(system.Play{Samples: samples(7, 80)})
	if got := <-c.played; len(got) != 80 || got[0] != 7 {
		t.Errorf("played %v", got)
	}
	r.do(system.CloseSound{})
	<-c.closed
	c.on.Captured(samples(0, 160))
	c.on.PlayoutDue(80)
	r.silent()
}

// sounding waits until the loop has an open card, and returns it.
func (r *rig) sounding() (c Card) {
	r.within(func() []system.Effect {
		c = r.host.sound.card
		return nil
	})
	return c
}

func TestSoundReopens(t *testing.T) {
	open, opened := cards()
	r := newRig(t, Config{Sound: open})
	// The second request comes while the first is under way.
	r.do(system.OpenSound{Playout: true, Rate: 8000}, system.CloseSound{}, system.OpenSound{Capture: true, Rate: 8000}, system.OpenSound{Capture: true, Rate: 8000})
	first := <-opened
	<-first.closed
	second := <-opened
	if first.for_.Capture || !second.for_.Capture {
		t.Errorf("opened for %+v, then for %+v", first.for_, second.for_)
	}
	first.on.Lost(errors.New("late word of the first"))
	second.on.Captured(samples(0, 160))
	next[system.Captured](r)
	if len(opened) > 0 {
		t.Error("a third was opened")
	}
	r.stop()
	<-second.closed
}

func TestSoundFails(t *testing.T) {
	broken := errors.New("no such device")
	refuse := func(system.OpenSound, SoundEvents) (Card, error) { return nil, broken }
	tests := map[string]struct {
		open OpenSound
		want error
	}{
		"no card":      {nil, ErrNoSound},
		"broken card":  {refuse, broken},
		"twice broken": {refuse, broken},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{Sound: tt.open})
			for range 2 {
				r.do(system.OpenSound{Playout: true, Rate: 8000}, system.Play{Samples: samples(0, 1)})
				if got := next[system.SoundFailed](r); !errors.Is(got.Err, tt.want) {
					t.Errorf("failed: %v", got.Err)
				}
			}
			r.silent()
		})
	}
}

func TestSoundLost(t *testing.T) {
	open, opened := cards()
	r := newRig(t, Config{Sound: open})
	r.do(system.OpenSound{Playout: true, Rate: 8000})
	c := <-opened
	gone := errors.New("unplugged")
	c.on.Lost(gone)
	if got := next[system.SoundFailed](r); !errors.Is(got.Err, gone) {
		t.Errorf("failed: %v", got.Err)
	}
	<-c.closed
	r.do(system.OpenSound{Playout: true, Rate: 8000})
	<-opened
	r.silent()
}

func TestSoundWhileFrozen(t *testing.T) {
	open, opened := cards()
	r := newRig(t, Config{Sound: open})
	r.do(system.OpenSound{Capture: true, Playout: true, Rate: 8000})
	c := <-opened
	r.do(system.Freeze{})
	c.on.Captured(samples(0, 160))
	c.on.PlayoutDue(80)
	r.silent()
}

func TestFeedIsBounded(t *testing.T) {
	f := newFeed(8000)
	for i := range 100 {
		f.capture(samples(100*i, 100))
		f.playoutDue(1000)
	}
	got, due, _ := f.take()
	if len(got) != 1600 || got[0] != 10000-1600 || got[len(got)-1] != 9999 {
		t.Errorf("%d samples, %d to %d: want the newest", len(got), got[0], got[len(got)-1])
	}
	if due != 8000 {
		t.Errorf("due: %d", due)
	}
	f.capture(samples(0, 5*1600))
	if got, _, _ := f.take(); len(got) != 1600 || got[0] != 4*1600 {
		t.Errorf("%d samples from %d: want the newest", len(got), got[0])
	}
}
