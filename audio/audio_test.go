package audio

import (
	"slices"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	devices := []Device{{Name: "Ear"}, {Name: "Monitor of Ear"}, {Name: "USB Headset"}}
	for name, want := range map[string]int{"": -1, "ear": 0, "usb": 2, "monitor": 1} {
		if got, err := choose("speaker", name, devices); err != nil || got != want {
			t.Errorf("%q: %d, %v", name, got, err)
		}
	}
	for name, want := range map[string]string{
		"x":  `no speaker named "x"; there is "Ear", "Monitor of Ear", "USB Headset"`,
		"ea": "3 speakers are named",
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
	ask("at the start", 160)
	ask("while that is on its way", 0)
	p.play(make([]int16, 160))
	p.fill(out)
	ask("when half a frame is left", 160)
	p.fill(out)
	p.fill(out) // a gap of 10 ms
	p.play(make([]int16, 160))
	if p.target != p.samples(startTarget+targetStep) {
		t.Errorf("after a late answer the target is %d", p.target)
	}
	for range 100 {
		p.fill(out) // nothing is played for a second
		p.wants()
	}
	p.play(make([]int16, 160))
	if p.target != p.samples(startTarget+targetStep) {
		t.Errorf("after a long silence the target is %d", p.target)
	}
}
