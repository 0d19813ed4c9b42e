package media

import (
	"testing"
	"time"
)

// TestAskingInPieces: what a speaker asks for in pieces of 5 ms waits for less than what is
// asked for in frames of 20, and lacks nothing, also with a clock that is off by 500 ppm.
func TestAskingInPieces(t *testing.T) {
	frames := newPair(20)
	frames.run(5 * time.Second)
	before := frames.b.Stats(frames.now).Delay.D()
	for _, every := range []float64{4.9975, 5, 5.0025} {
		p := newPair(20)
		p.b.card = &card{samples: 40, every: every}
		p.run(5 * time.Second)
		if d := p.b.Stats(p.now).Delay.D(); d > before-10*time.Millisecond {
			t.Errorf("every %g ms: the delay is %s, and %s in frames", every, d, before)
		}
		p.run(5 * time.Minute)
		s := p.b.Stats(p.now)
		if d := s.Delay.D(); d > 75*time.Millisecond || s.Late+s.Concealed > 5 {
			t.Errorf("every %g ms, after five minutes: delay %s, late %d, concealed %d", every, d, s.Late, s.Concealed)
		}
		wantTone(t, p.b.ear[16000:], 440, 0.97)
	}
}

// TestAskingEarly: a speaker that asks early at times has more waiting for it, and lacks
// nothing after the first time.
func TestAskingEarly(t *testing.T) {
	for name, early := range map[string]func(n int) int64{
		"12 ms, now and then":       func(n int) int64 { return 12 * int64(n%37/36) },
		"four pieces every 20 ms":   func(n int) int64 { return 5 * int64(n%4) },
		"eight of them every 40 ms": func(n int) int64 { return 5 * int64(n%8) },
	} {
		p := newPair(21)
		p.b.card = &card{samples: 40, every: 5, early: early}
		p.run(time.Minute)
		if s := p.b.Stats(p.now); s.Late+s.Concealed > 2 {
			t.Errorf("%s: late %d, concealed %d, delay %s", name, s.Late, s.Concealed, s.Delay.D())
		}
		wantTone(t, p.b.ear[8000:], 440, 0.97)
	}
}

// TestAskingForgets: how early a speaker has asked counts for a while, and not what it did not
// ask for while it stood still.
func TestAskingForgets(t *testing.T) {
	var a asking
	var at int64
	want := func(what string, ms int64) {
		t.Helper()
		at += 40
		if got := a.ask(at, 40) / 8; got != ms {
			t.Errorf("%s: %d ms early, want %d", what, got, ms)
		}
	}
	want("the first", 5)
	want("the second", 5)
	at -= 80
	want("the third, 10 ms early", 15)
	at += 16000
	want("after 2 s of nothing", 15)
	for range 4 * 200 {
		at += 40
		a.ask(at, 40)
	}
	want("after 4 s in time", 5+3) // a third of 10 is left, less what is cut off
	if got := a.ask(at, 160) / 8; got != 20 {
		t.Errorf("a frame is asked for %d ms early, want 20", got)
	}
	for range 20 {
		a.ask(at, 40)
	}
	if got := a.ask(at, 40) / 8; got != 60 {
		t.Errorf("all at once: %d ms early, want 60", got)
	}
}
