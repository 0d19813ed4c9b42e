package phone_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/seeds"
)

// called is a stage with a call to the echo that has been up for a while under
// these faults, and the last report about its audio.
func called(t *testing.T, faults string) event.RTP {
	t.Helper()
	s := newStage(t, "ios-voip-socket", "")
	do := func(line string) {
		t.Helper()
		if err := s.command(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	do("advance 1s")
	do("call echo")
	do("advance 2s")
	for _, f := range strings.Split(faults, ", ") {
		if f != "" {
			do("fault " + f)
		}
	}
	do("advance 30s")
	var last event.RTP
	for _, r := range s.log.After(0) {
		if e, ok := r.Event.(event.RTP); ok && r.Phone == "alice" {
			last = e
		}
	}
	return last
}

// TestFaultsShowInTheAudio: what is done to the packets of a call is what its
// statistics say.
func TestFaultsShowInTheAudio(t *testing.T) {
	clean := called(t, "")
	if clean.Lost+clean.Late != 0 || clean.JitterMax.D() > time.Millisecond || clean.Received < 1400 {
		t.Fatalf("a clean call: %+v", clean)
	}
	for faults, ok := range map[string]func(event.RTP) bool{
		// The echo hears 95 of 100 and sends those back, of which 95 of 100 come.
		"loss 5%":             func(e event.RTP) bool { return e.LossPct > 3 && e.LossPct < 15 },
		"jitter 40ms":         func(e event.RTP) bool { return e.JitterMax.D() > 5*time.Millisecond && e.Lost == 0 },
		"reorder 20%":         func(e event.RTP) bool { return e.JitterMax.D() > 5*time.Millisecond && e.Lost < 10 },
		"duplicate 50%":       func(e event.RTP) bool { return e.Lost == 0 && e.LossPct == 0 },
		"latency 150ms":       func(e event.RTP) bool { return e.RTT.D() > 300*time.Millisecond && e.MOS < clean.MOS },
		"bandwidth 60 kbit/s": func(e event.RTP) bool { return e.LossPct > 10 },
		// A new source port: the echo answers to where the audio comes from.
		"nat drop":                    func(e event.RTP) bool { return e.Received > 1500 && e.Lost > 0 && e.Lost < 20 },
		"network wifi -> cell":        func(e event.RTP) bool { return e.Received > 1500 && e.Lost > 0 && e.Lost < 20 },
		"network offline":             func(e event.RTP) bool { return e.Received < 200 },
		"loss 5%, latency 1ms, clear": func(e event.RTP) bool { return e.Lost == 0 },
	} {
		if e := called(t, faults); !ok(e) {
			t.Errorf("%s: %+v", faults, e)
		}
	}
}

// lines are what a tester may do in a random life.
var lines = []string{
	"background", "foreground", "lock", "unlock", "kill", "crash", "reboot", "call echo", "answer", "answer from notification", "decline",
	"hang up", "register", "unregister", "hold", "resume", "lab: bob calls alice", "lab: bob hangs up", "lab: close alice", "lab: ping alice",
	"fault nat drop", "fault nat short", "fault nat short reset", "fault network cell", "fault network wifi", "fault network offline",
	"fault server close", "fault server reset", "fault server half-open", "fault server stall", "fault server unstall", "fault latency 300ms",
	"fault jitter 100ms", "fault loss 10%", "fault duplicate 10%", "fault reorder 10%", "fault bandwidth 32 kbit/s", "fault clear",
	"advance 100ms", "advance 1s", "advance 10s", "advance 1m", "advance 11m",
}

// live plays a life that a seed decides, and gives back all that happened.
func live(t *testing.T, seed uint64) string {
	s := newStage(t, "ios-voip-socket", "")
	rng := rand.New(rand.NewPCG(seed, 3))
	for range 60 {
		// A verb that makes no sense now is refused, and that is all.
		_ = s.command(lines[rng.IntN(len(lines))])
		if rng.IntN(2) == 0 {
			_ = s.command("advance 1s")
		}
	}
	var b strings.Builder
	for _, r := range s.log.After(0) {
		fmt.Fprintln(&b, event.Line(r))
		if e, ok := r.Event.(event.Error); ok && strings.Contains(e.Hint, "a mistake in the program") {
			t.Errorf("seed %d: %s", seed, event.Line(r))
		}
	}
	return b.String()
}

// TestRandomLives breaks the network in every way at any time of a phone's day.
// The kernel is never asked for what makes no sense, nothing stands still, and
// the same seed gives the same life.
func TestRandomLives(t *testing.T) {
	for seed := range seeds.Runs(25) {
		first := live(t, seed)
		if seed < 2 && live(t, seed) != first {
			t.Errorf("seed %d gave two lives", seed)
		}
	}
}
