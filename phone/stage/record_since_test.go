package stage

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
)

// TestRecordSince begins to record the program's own scenarios wherever a
// person could, and plays what comes out: a fresh phone gets to where the old
// one was, and does the same.
func TestRecordSince(t *testing.T) {
	for name, often := range map[string]time.Duration{
		"reachable-asleep": time.Second, "keepalive": time.Minute, "cancel-while-asleep": time.Second, "audio-across-background": 7 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, log := playFile(t, builtin(t, name), 1)
			played := map[string]bool{}
			for _, seq := range moments(log, often) {
				src := record.Since(log, seq, time.Time{})
				if played[string(src)] {
					continue // of two moments with nothing between them
				}
				played[string(src)] = true
				f, err := scenario.ParseFile("recorded.talk", src, nil)
				if err != nil {
					t.Fatalf("%v\n%s", err, src)
				}
				if r, replayed := playFile(t, f, 2); r.Verdict() != play.Passed {
					t.Logf("after %s\n%s", event.Line(log.After(seq - 1)[0]), src)
					explain(t, r, replayed)
				}
			}
		})
	}
}

// moments are the records before a verb, and one so often in between.
func moments(log *event.Log, often time.Duration) []uint64 {
	var list []uint64
	var last event.Record
	for _, rec := range log.After(0) {
		_, verb := rec.Event.(event.Verb)
		_, verdict := rec.Event.(event.Check)
		if last.Seq > 0 && (verb || rec.Device/often > last.Device/often) {
			list = append(list, last.Seq)
		}
		if !verdict {
			last = rec
		}
	}
	return list
}

// TestRecordBeginsWhenItIsTold leaves out what was before, however long ago the
// last record is, and does not believe a clock that was set.
func TestRecordBeginsWhenItIsTold(t *testing.T) {
	_, log := playFile(t, parse(t, asleep+"wait 5m\nforeground\n"), 1)
	var last, before, sleep event.Record // before: the last of an earlier moment; sleep: that of the last verb
	for _, rec := range log.After(0) {
		if rec.Device > last.Device {
			before = last
		}
		if _, verb := rec.Event.(event.Verb); verb {
			sleep = before
		}
		last = rec
	}
	for later, want := range map[time.Duration]string{
		2 * time.Minute: "== as recorded\nwait 3m\nforeground\n", 0: "== as recorded\nwait 5m\nforeground\n",
		-time.Hour: "== as recorded\nwait 5m\nforeground\n", time.Hour: "== as recorded\nforeground\n",
	} {
		if src := string(record.Since(log, sleep.Seq, sleep.Wall.Add(later))); !strings.HasSuffix(src, want) {
			t.Errorf("%s later:\n%s", later, src)
		}
	}
}
