package live

import (
	"errors"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A fakeCard is a sound card whose thread is the test.
type fakeCard struct {
	way    event.SoundWay
	on     SoundEvents
	played chan []int16
	closed chan struct{}
}

func (c *fakeCard) Play(samples []int16) { c.played <- samples }
func (c *fakeCard) Close() error         { close(c.closed); return nil }
func (c *fakeCard) Device() (name, of string) {
	return "Headset", "PulseAudio"
}

// cards returns a way to open sound cards, and the opened ones.
func cards() (OpenSound, <-chan *fakeCard) {
	opened := make(chan *fakeCard, 10)
	return func(s system.OpenSound, on SoundEvents) (Card, error) {
		c := &fakeCard{way: s.Way, on: on, played: make(chan []int16, 10), closed: make(chan struct{})}
		opened <- c
		return c, nil
	}, opened
}

// opens has the card of a direction opened, of which the program hears.
func (r *rig) opens(way event.SoundWay, opened <-chan *fakeCard) *fakeCard {
	r.do(system.OpenSound{Way: way, Rate: 8000})
	c := <-opened
	next[system.SoundOpened](r)
	return c
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
	r.do(system.OpenSound{Way: event.Microphone, Rate: 8000})
	mic := <-opened
	if got, want := next[system.SoundOpened](r), (system.SoundOpened{Way: event.Microphone, Name: "Headset", System: "PulseAudio"}); got != want {
		t.Errorf("opened %+v, want %+v", got, want)
	}
	speaker := r.opens(event.Speaker, opened)
	if mic.way != event.Microphone || speaker.way != event.Speaker {
		t.Errorf("opened %s and %s", mic.way, speaker.way)
	}
	// The card's blocks do not align with frames.
	mic.on.Captured(samples(0, 100))
	mic.on.Captured(samples(100, 100))
	got := next[system.Captured](r)
	if len(got.Samples) != 160 || got.Samples[0] != 0 || got.Samples[159] != 159 {
		t.Errorf("captured %v", got.Samples)
	}
	mic.on.Captured(samples(200, 120))
	if got := next[system.Captured](r); got.Samples[0] != 160 || got.Samples[159] != 319 {
		t.Errorf("captured %v", got.Samples)
	}
	speaker.on.PlayoutDue(80)
	if got := next[system.PlayoutDue](r); got.N != 80 {
		t.Errorf("due: %d", got.N)
	}
	r.do(system.Play{Samples: samples(7, 80)})
	if got := <-speaker.played; len(got) != 80 || got[0] != 7 {
		t.Errorf("played %v", got)
	}
	r.do(system.CloseSound{})
	<-mic.closed
	<-speaker.closed
	mic.on.Captured(samples(0, 160))
	speaker.on.PlayoutDue(80)
	r.silent()
}

// TestSoundClosesOneWay: who closes a direction keeps the other.
func TestSoundClosesOneWay(t *testing.T) {
	open, opened := cards()
	r := newRig(t, Config{Sound: open})
	mic, speaker := r.opens(event.Microphone, opened), r.opens(event.Speaker, opened)
	r.do(system.CloseSound{Way: event.Microphone})
	<-mic.closed
	speaker.on.PlayoutDue(80)
	if got := next[system.PlayoutDue](r); got.N != 80 {
		t.Errorf("due: %d", got.N)
	}
	r.stop()
	<-speaker.closed
}

func TestSoundReopens(t *testing.T) {
	open, opened := cards()
	r := newRig(t, Config{Sound: open})
	again := system.OpenSound{Way: event.Microphone, Rate: 8000}
	// The second request comes while the first is under way.
	r.do(again, system.CloseSound{}, again, again)
	first := <-opened
	<-first.closed
	second := <-opened
	first.on.Lost(errors.New("late word of the first"), false)
	next[system.SoundOpened](r) // of the second
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
				r.do(system.OpenSound{Way: event.Speaker, Rate: 8000}, system.Play{Samples: samples(0, 1)})
				if got := next[system.SoundFailed](r); !errors.Is(got.Err, tt.want) || got.Way != event.Speaker {
					t.Errorf("failed: %v", got.Err)
				}
			}
			r.silent()
		})
	}
}

// TestSoundLost: a direction that is lost is said, the other goes on, and it can be
// opened again.
func TestSoundLost(t *testing.T) {
	for _, moved := range []bool{false, true} {
		open, opened := cards()
		r := newRig(t, Config{Sound: open})
		speaker, mic := r.opens(event.Speaker, opened), r.opens(event.Microphone, opened)
		gone := errors.New("unplugged")
		speaker.on.Lost(gone, moved)
		if got := next[system.SoundFailed](r); !errors.Is(got.Err, gone) || got.Way != event.Speaker || got.Moved != moved {
			t.Errorf("failed: %+v", got)
		}
		<-speaker.closed
		mic.on.Captured(samples(0, 160))
		next[system.Captured](r)
		r.opens(event.Speaker, opened)
		r.silent()
	}
}

func TestSoundWhileFrozen(t *testing.T) {
	open, opened := cards()
	r := newRig(t, Config{Sound: open})
	c := r.opens(event.Microphone, opened)
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
	first := f.take()
	got, due := first.captured, first.due
	if len(got) != 1600 || got[0] != 10000-1600 || got[len(got)-1] != 9999 {
		t.Errorf("%d samples, %d to %d: want the newest", len(got), got[0], got[len(got)-1])
	}
	if due != 8000 {
		t.Errorf("due: %d", due)
	}
	f.capture(samples(0, 5*1600))
	if got := f.take().captured; len(got) != 1600 || got[0] != 4*1600 {
		t.Errorf("%d samples from %d: want the newest", len(got), got[0])
	}
}
