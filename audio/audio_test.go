//go:build cgo

package audio

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestChoose(t *testing.T) {
	devices := []Device{{Name: "Ear"}, {Name: "Monitor of Ear"}, {Name: "USB Headset"}}
	for name, want := range map[string]int{"": -1, "ear": 0, "usb": 2, "monitor": 1} {
		if got, err := choose("speaker", name, devices); err != nil || got != want {
			t.Errorf("%q: %d, %v", name, got, err)
		}
	}
	for name, want := range map[string]string{
		"x":          `no speaker named "x"; there is "Ear", "Monitor of Ear", "USB Headset"`,
		"ea":         "3 speakers are named",
		"USB Hedset": `no speaker named "USB Hedset"; did you mean USB Headset? there is "Ear", "Monitor`,
	} {
		if _, err := choose("speaker", name, devices); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestRingWrapsAround(t *testing.T) {
	r := newRing(8000)
	in, out := make([]int16, 1000), make([]int16, 1000)
	for i := range 100 {
		in[0], in[999] = int16(i), int16(-i)
		if n := r.put(in); n != len(in) {
			t.Fatalf("round %d: put %d", i, n)
		}
		if n := r.take(out); n != len(out) || !slices.Equal(in, out) {
			t.Fatalf("round %d: took %d, not what was put", i, n)
		}
	}
	if n := r.put(make([]int16, 20000)); n != 8192 || r.level() != 8192 {
		t.Errorf("a full ring took %d", n)
	}
}

func TestPlayoutAsks(t *testing.T) {
	p := newPlayout(8000)
	out := make([]int16, 80)
	ask := func(what string, want int) {
		t.Helper()
		if got := p.wants(); got != want {
			t.Errorf("%s: asks for %d, want %d", what, got, want)
		}
	}
	target := func(what string, ms int) {
		t.Helper()
		if got := p.target() / 8; got != ms {
			t.Errorf("%s the target is %d ms, want %d", what, got, ms)
		}
	}
	ask("at the start", 80)
	ask("while that is on its way", 0)
	p.play(make([]int16, 80))
	p.fill(out)
	ask("when 10 ms were taken at once", 160)
	target("then", 20)
	p.play(make([]int16, 160))
	p.fill(out[:40])
	ask("when 5 ms are gone", 40)
	p.fill(out)
	p.fill(out) // a gap of 5 ms
	p.play(make([]int16, 160))
	target("after a late answer", 30)
	for range 100 {
		p.fill(out) // nothing is played for a second
		p.wants()
	}
	p.play(make([]int16, 160))
	target("after a long silence", 30)
	for range 20 * 50 {
		p.fill(out)
		p.fill(out)
		p.play(make([]int16, 160))
	}
	target("after 20 s in time", 20)
	for range 2 * 200 {
		p.fill(out[:40])
		p.play(out[:40])
	}
	target("when 5 ms are taken at once", 15)
}

// TestTakes: what was taken at once counts for one window and a part of the next, not longer.
func TestTakes(t *testing.T) {
	takes := takes{window: 100}
	for i, tt := range []struct{ n, want int }{{80, 80}, {40, 80}, {40, 80}, {60, 80}, {40, 60}, {40, 60}, {40, 60}, {40, 40}} {
		takes.note(tt.n)
		if got := takes.most.Load(); got != int64(tt.want) {
			t.Errorf("take %d, of %d: the most is %d, want %d", i, tt.n, got, tt.want)
		}
	}
}

// TestMissing: a device is lost that is no longer listed, or no longer the default
// that it was opened as.
func TestMissing(t *testing.T) {
	now := []Device{{Name: "Ear"}, {Name: "Headset", Default: true}}
	for _, tt := range []struct {
		name      string
		byDefault bool
		now       []Device
		want      string
	}{
		{"Headset", true, now, ""},
		{"Ear", true, now, `the default speaker is now "Headset"`},
		{"Ear", false, now, ""},
		{"Gone", false, now, `the speaker "Gone" is gone`},
		{"Ear", true, now[:1], ""}, // nobody says which is the default
		{"Ear", true, nil, `the speaker "Ear" is gone`},
		{unnamed, true, now[:1], ""},
	} {
		got := ""
		if err := missing("speaker", tt.name, tt.byDefault, tt.now); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestHeartbeat: a device that has begun may pause for less than a second, one that
// has not for less than four.
func TestHeartbeat(t *testing.T) {
	var b heartbeat
	stalls := func() (checks int) {
		for checks = 1; b.check() == 0; checks++ {
		}
		return checks
	}
	if got := stalls(); got != 16 {
		t.Errorf("before the first sound it is lost after %d checks, want 16", got)
	}
	b = heartbeat{}
	b.count.Add(1)
	if got := stalls(); got != 1+16 {
		t.Errorf("with what fills its buffer it is lost after %d checks, want 1 with sound and 16 without", got)
	}
	b = heartbeat{}
	b.count.Add(25)
	if got := stalls(); got != 1+4 {
		t.Errorf("it is lost after %d checks, want 1 with sound and 4 without", got)
	}
}

// TestWithin: what takes too long is given up, and what comes of it later is not lost.
func TestWithin(t *testing.T) {
	if got, err := within(time.Hour, func() (int, error) { return 7, nil }, nil); got != 7 || err != nil {
		t.Errorf("in time: %d, %v", got, err)
	}
	for range 20 { // what comes late must not be lost by chance
		begin, late := make(chan struct{}), make(chan int)
		_, err := within(0, func() (int, error) { <-begin; return 7, nil }, func(n int) { late <- n })
		if !errors.Is(err, ErrNoAudio) {
			t.Errorf("too late: %v", err)
		}
		close(begin)
		select {
		case got := <-late:
			if got != 7 {
				t.Errorf("late: %d", got)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("what came late is lost")
		}
	}
}

// TestOpenerIsBounded: a sound system that does not answer is asked for each direction, and
// then no more until it does.
func TestOpenerIsBounded(t *testing.T) {
	var o Opener
	asked, answer := make(chan struct{}, 9), make(chan struct{})
	ask := func() error {
		_, err := o.ask(time.Millisecond, func() (*Card, error) {
			asked <- struct{}{}
			<-answer
			return nil, ErrNoAudio
		})
		return err
	}
	for range 5 {
		if err := ask(); !errors.Is(err, ErrNoAudio) {
			t.Errorf("%v, want ErrNoAudio", err)
		}
	}
	<-asked
	<-asked
	if len(asked) > 0 {
		t.Errorf("it is asked %d more times", len(asked))
	}
	close(answer)
	for o.waits.Load() > 0 {
		runtime.Gosched()
	}
	_ = ask()
	<-asked // again
}
