//go:build peers

package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestTsharkMoments: of a call that wakes a phone, the times of the log and those of tshark
// are in the order in which one thing causes the next, so that none is of another moment than
// it says. What the log counts from the wake is the difference of its records.
func TestTsharkMoments(t *testing.T) {
	t.Parallel()
	need(t, "tshark", "tshark")
	lab := start(t, "lab", "--json", "--listen", "127.0.0.1:0")
	addr := lab.listens("listening")
	_, port, _ := strings.Cut(addr, ":")
	_, wired := spawn(t, "", "tshark", "-n", "-l", "-i", "lo", "-f", "tcp port "+port, "-Y", `sip.CSeq.method == "INVITE"`,
		"-T", "fields", "-e", "frame.time_epoch", "-e", "sip.Method", "-e", "sip.Status-Code")
	wired.wait(t, "File: ")
	p := start(t, phoneOf("alice", addr, "--device", "ios-voip-socket", "--set", "grace=1s", "--mic", "silence", "--speaker", "none")...)
	p.registered()
	p.asleep()
	lab.say("bob calls alice")
	expect(p, "180", func(e event.Message) bool { return e.Out && e.Status == 180 })
	p.quit()
	wired.wait(t, "\t180\n")

	log, wire := momentsOf(t, p.log), wireTimes(t, wired.String())
	order := []struct {
		what string
		at   time.Time
	}{
		{"INVITE on the wire", wire["INVITE"]},
		{"the wake", log["wake"].Wall},
		{"the wake frame", log["frame"].Wall},
		{"100 on the wire", wire["100"]},
		{"100 in the log", log["100"].Wall},
		{"180 on the wire", wire["180"]},
		{"180 in the log", log["180"].Wall},
	}
	for i, m := range order {
		if m.at.IsZero() {
			t.Fatalf("there is no %s", m.what)
		}
		if before := order[max(0, i-1)]; m.at.Before(before.at.Add(-2 * time.Microsecond)) { // the log has no more digits
			t.Errorf("%s is %s before %s", m.what, before.at.Sub(m.at), before.what)
		}
	}
	frame, banner := log["frame"], log["banner"]
	wantSinceWake(t, log["wake"], frame, frame.Event.(event.Frame).Latency)
	wantSinceWake(t, log["wake"], banner, banner.Event.(event.Notification).AfterWake)
}

// momentsOf are the records of a call that wakes a phone.
func momentsOf(t *testing.T, log *event.Log) map[string]event.Record {
	t.Helper()
	found := map[string]event.Record{}
	for _, r := range log.After(0) {
		switch e := r.Event.(type) {
		case event.Wake:
			found["wake"] = r
		case event.Frame:
			found["frame"] = r
		case event.Notification:
			if e.Phase == event.NotificationPosted {
				found["banner"] = r
			}
		case event.Message:
			if e.Out && e.Status != 0 {
				found[strconv.Itoa(e.Status)] = r
			}
		}
	}
	return found
}

// wireTimes are those of the first INVITE that tshark prints, and of the responses of each status.
func wireTimes(t *testing.T, printed string) map[string]time.Time {
	t.Helper()
	found := map[string]time.Time{}
	for line := range strings.Lines(printed) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 3 { // of tshark itself
			continue
		}
		seconds, nanos, _ := strings.Cut(f[0], ".")
		s, err := strconv.ParseInt(seconds, 10, 64)
		ns, err2 := strconv.ParseInt(nanos, 10, 64)
		if err != nil || err2 != nil || len(nanos) != 9 {
			t.Fatalf("tshark says %q", line)
		}
		if what := f[1] + f[2]; found[what].IsZero() {
			found[what] = time.Unix(s, ns)
		}
	}
	return found
}

// wantSinceWake fails the test unless the records are as far apart as the second one says.
func wantSinceWake(t *testing.T, wake, r event.Record, said event.Millis) {
	t.Helper()
	if apart := r.Device - wake.Device; (apart - said.D()).Abs() > 2*time.Microsecond {
		t.Errorf("%s says %s after the wake, and its record is %s after that of the wake", r.Event.Kind(), said.D(), apart)
	}
}
