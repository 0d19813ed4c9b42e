//go:build hostile && unix

package main

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// next reads records up to one for which is holds, and returns that.
func next(t *testing.T, from *bufio.Reader, is func(event.Record) bool) event.Record {
	t.Helper()
	for {
		line, err := from.ReadBytes('\n')
		if err != nil {
			t.Fatalf("the log has ended: %v", err)
		}
		r, err := event.ParseJSON(line)
		if err != nil {
			t.Fatal(err)
		}
		if is(r) {
			return r
		}
	}
}

// TestHostileStandstill stops a phone in a call, for as long as its frames cannot make up
// for, and for longer than its socket for RTP holds packets.
func TestHostileStandstill(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{300 * time.Millisecond, 6 * time.Second} {
		t.Run(d.String(), func(t *testing.T) { stopInCall(t, d) })
	}
}

// stopInCall stops a phone in a call: it says for how long, its statistics are those of
// the network alone, the call goes on, and its recording is as long as the call.
func stopInCall(t *testing.T, stoppedFor time.Duration) {
	t.Parallel()
	dir := t.TempDir()
	lab := serve(t, dir)
	ph := lab.plays(dir, "wait for registered\ncall echo\nwait for call up\nwait 12s\nhang up\nwait for call ended\nquit\n")
	n := 0
	next(t, ph.stdout, func(r event.Record) bool {
		if _, ok := r.Event.(event.RTP); ok {
			n++
		}
		return n == 2
	})
	began := time.Now()
	stopFor(t, ph.cmd.Process, stoppedFor)
	stood := next(t, ph.stdout, func(r event.Record) bool {
		e, ok := r.Event.(event.Standstill)
		return ok && e.For.D() > stoppedFor/2 // of a busy machine there may be shorter ones
	}).Event.(event.Standstill)
	// The phone may have waited for its turn before it was stopped, and after it.
	least, most := stoppedFor-time.Second, time.Since(began)+time.Second
	if d := stood.For.D(); d < least || d > most || stood.Asleep {
		t.Errorf("stood still for %s, want from %s to %s", d, least, most)
	}
	var last event.RTP
	ended := next(t, ph.stdout, func(r event.Record) bool {
		switch e := r.Event.(type) {
		case event.RTP:
			last = e
		case event.Call:
			return e.Phase == event.CallEnded
		case event.Registration:
			if e.Phase == event.RegistrationFailed || e.Phase == event.RegistrationLost {
				t.Errorf("registration %s", e.Phase)
			}
		}
		return false
	}).Event.(event.Call)
	// Six seconds would be 300 packets that are lost or late, and a jitter of
	// 375 ms: a sixteenth of it (RFC 3550 §6.4.1).
	slack := max(stoppedFor/4, 200*time.Millisecond)
	if last.Lost > 0 || last.Late > 20 || last.JitterMax.D() > 250*time.Millisecond || last.Received < 200 {
		text, _ := json.Marshal(last)
		t.Errorf("the standstill is in the statistics: %s", text)
	}
	if ended.By != "us" {
		t.Errorf("the call was ended by %s: %s", ended.By, ended.Reason)
	}
	if code := ph.code(); code != 0 {
		t.Errorf("exit code %d\n%s", code, &ph.stderr)
	}
	samples := readTape(t, filepath.Join(dir, "heard.wav")).Samples
	wav, call := float64(len(samples))/pcm.Rate, ended.Lasted.D().Seconds()
	if math.Abs(wav-call) > slack.Seconds() {
		t.Errorf("heard.wav has %.2f s of a call of %.2f s", wav, call)
	}
}

// stopFor stops a process, and lets it go on.
func stopFor(t *testing.T, p *os.Process, d time.Duration) {
	t.Helper()
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	<-time.After(d)
	if err := p.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// TestHostileStandstillVerdict stops a run while a claim waits, beyond its time:
// nobody can tell. What was seen in time before holds.
func TestHostileStandstillVerdict(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := write(t, dir, "waits.talk", "register\nexpect registered within 60s\ncall ring\nexpect call ringing within 60s\nexpect call up within 6s\n")
	run := launch(t, dir, "sleeptalk", "run", file, "--live", "--watch", "--trace", "never")
	run.all("180 Ringing")
	stopFor(t, run.cmd.Process, 8*time.Second)
	code, out := run.end(0)
	if code != 4 || !strings.Contains(out, "could not tell") || !strings.Contains(out, "this process did not run for") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}
