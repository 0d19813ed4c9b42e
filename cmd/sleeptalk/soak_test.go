//go:build hostile

package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	// soakCycles is how many cycles a soak has at least, the length of it where
	// SLEEPTALK_SOAK does not say one. What leaks one thing a cycle grows by six.
	soakCycles = 8
	// soakFew is how many more descriptors or goroutines a process may have in
	// the last quarter of a soak than in the first.
	soakFew = 4
	// soakThreads is the same for threads, which the runtime makes as it needs
	// them and does not end.
	soakThreads = 8
	// soakHeapMiB is by how much the heap may have grown, and soakMiB is the
	// most that a process may ever have taken.
	soakHeapMiB, soakMiB = 8, 96
)

// TestSoak has a lab and phones over everything that they speak sleep, be woken
// by a call, talk, lose the network and be started again, over and over:
//
//	SLEEPTALK_SOAK=30m go test -tags hostile -run Soak -timeout 0 -v ./cmd/sleeptalk
//
// Its verdict is what grew between the first quarter and the last, in each of the
// processes: descriptors, goroutines, threads and memory.
func TestSoak(t *testing.T) {
	t.Parallel()
	var length time.Duration
	if v := os.Getenv("SLEEPTALK_SOAK"); v != "" {
		var err error
		if length, err = time.ParseDuration(v); err != nil {
			t.Fatalf("SLEEPTALK_SOAK: %v", err)
		}
	}
	s := newSoak(t)
	samples := make([][]usage, len(s.all()))
	for start := time.Now(); len(samples[0]) < soakCycles || time.Since(start) < length; {
		for _, p := range s.phones {
			s.cycle(p)
		}
		for i, v := range s.all() {
			samples[i] = append(samples[i], v.usage())
		}
	}
	for i, v := range s.all() {
		v.flat(samples[i])
		v.within(soakMiB)
	}
	for _, v := range append(s.phones, &soaked{victim: s.lab}) {
		if code := v.quit(); code != 0 {
			t.Errorf("%v ends with exit code %d", v.cmd.Args, code)
		}
	}
}

// flat wants a process to have no more in the last quarter of its samples than
// in the first.
func (v *victim) flat(samples []usage) {
	v.t.Helper()
	quarter := len(samples) / 4
	least := func(of []usage, what func(usage) int) int {
		n := what(of[0])
		for _, u := range of {
			n = min(n, what(u))
		}
		return n
	}
	v.t.Logf("%v: %d cycles, first %v, last %v", v.cmd.Args[1:5], len(samples), samples[0], samples[len(samples)-1])
	for name, m := range map[string]struct {
		of   func(usage) int
		most int
	}{
		"descriptors":   {func(u usage) int { return u.descriptors }, soakFew},
		"goroutines":    {func(u usage) int { return u.Goroutines }, soakFew},
		"threads":       {func(u usage) int { return u.threads }, soakThreads},
		"bytes of heap": {func(u usage) int { return int(u.Heap) }, soakHeapMiB << 20},
		"KiB in memory": {func(u usage) int { return int(u.residentMiB * 1024) }, 2 * soakHeapMiB << 10},
	} {
		first, last := least(samples[:quarter], m.of), least(samples[len(samples)-quarter:], m.of)
		if last-first > m.most {
			v.t.Errorf("%v: from %d to %d %s in %d cycles, want %d more at most", v.cmd.Args[1:], first, last, name, len(samples), m.most)
		}
	}
}

// A soaked process is a phone of the soak.
type soaked struct {
	*victim
	user   string
	sleeps bool // the device suspends the app, and a call wakes it
	speaks bool // its protocol has audio here
}

// A soak is a lab and its phones.
type soak struct {
	lab    *victim
	phones []*soaked
}

func (s *soak) all() []*victim {
	all := []*victim{s.lab}
	for _, p := range s.phones {
		all = append(all, p.victim)
	}
	return all
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "lab.pem")
	args := []string{
		"lab", "--json", "--listen", "127.0.0.1:0", "--write-ca", ca, "--push-listen", "127.0.0.1:0",
		"--xmpp-listen", "127.0.0.1:0", "--raw", "lines", "--raw-listen", "127.0.0.1:0",
	}
	// The first iOS had no wake budget, which a soak would use up.
	const socket = "ios-voip-socket@ios4"
	users := []string{"udp", "tcp", "tls", "xmpp", "raw", "push"}
	for _, user := range users {
		args = append(args, "--account", user+":secret")
	}
	s := &soak{lab: attacked(t, args...)}
	raw, xmpp, sip := s.lab.listens("listening for raw"), s.lab.listens("listening for xmpp"), s.lab.listens("listening")
	push := s.lab.said("push: APNs and FCM on https://")
	for _, user := range users {
		args := map[string][]string{
			"udp":  {"--server", "sip:" + sip + ";transport=udp", "--device", "desktop"},
			"tcp":  {"--server", "sip:" + sip + ";transport=tcp", "--device", socket},
			"tls":  {"--server", "sips:" + sip, "--ca", ca, "--device", socket},
			"xmpp": {"--server", xmpp, "--control", "xmpp", "--device", socket},
			"raw":  {"--server", raw, "--raw", "lines", "--device", socket},
			"push": {"--server", "sip:" + sip + ";transport=tcp", "--device", "ios-pushkit", "--strategy", "push", "--push-service", "https://" + push},
		}[user]
		if user != "udp" {
			args = append(args, "--set", "grace=10ms")
		}
		p := &soaked{user: user, sleeps: user != "udp", speaks: user != "xmpp" && user != "raw", victim: attacked(t, append([]string{
			"phone", "--json", "--user", user, "--domain", "lab.test", "--password-env", "SLEEPTALK_TEST_PASSWORD",
			"--mic", "tone:440", "--speaker", "file:heard.wav", "--record", "record.talk",
		}, args...)...)}
		p.registered()
		// The link keeps eight connections open for a server that does not know
		// that they are lost. The soak begins when they are there.
		for range 9 {
			p.lose()
		}
		s.phones = append(s.phones, p)
	}
	return s
}

// cycle has a phone sleep, be called, answer, hang up, and lose all that it has.
func (s *soak) cycle(p *soaked) {
	if p.sleeps {
		p.asleep()
	}
	s.lab.say("bob: call " + p.user)
	p.call("ringing")
	p.say("answer")
	p.call("up")
	if p.speaks {
		expect(s.lab.tester, "sound of "+p.user, func(e event.Heard) bool { return e.What == "tone" })
	}
	p.say("hang up")
	p.call("ended")
	p.lose()
}

// lose has a phone lose its network for a moment, and its process altogether.
func (p *soaked) lose() {
	p.t.Helper()
	p.say("fault nat drop", "crash", "foreground")
	p.registered()
}
