package event

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogNumbersWithoutGaps(t *testing.T) {
	var log Log
	for i := range 100 {
		if r := log.Append(Record{Seq: 999, Event: Lock{}}); r.Seq != uint64(i)+1 {
			t.Fatalf("record %d has number %d", i, r.Seq)
		}
	}
	for i, r := range log.After(0) {
		if r.Seq != uint64(i)+1 {
			t.Fatalf("record %d has number %d in the log", i, r.Seq)
		}
	}
}

// A log truncates times to the precision of a recording, but keeps the
// monotonic clock: setting the computer's clock does not change a duration
// measured since a record.
func TestLogKeepsMicroseconds(t *testing.T) {
	now := time.Now()
	r := new(Log).Append(Record{Wall: now, Device: 1234567*time.Nanosecond + time.Hour, Event: Lock{}})
	if r.Device != time.Hour+1234*time.Microsecond || r.Wall.Nanosecond() != now.Nanosecond()/1000*1000 {
		t.Errorf("got %s, %s of %s", r.Device, r.Wall, now)
	}
	if !strings.Contains(r.Wall.String(), "m=") {
		t.Error("the monotonic clock is lost")
	}
	line, err := AppendJSON(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ParseJSON(line); err != nil || again.Device != r.Device || !again.Wall.Equal(r.Wall) {
		t.Errorf("read back as %+v, %v", again, err)
	}
}

func TestLogCursor(t *testing.T) {
	var log Log
	if got := log.After(0); got != nil {
		t.Errorf("an empty log gave %v", got)
	}
	for range 5 {
		log.Append(Record{Event: Lock{}})
	}
	for _, c := range []struct {
		seq  uint64
		want int
	}{{0, 5}, {1, 4}, {4, 1}, {5, 0}, {6, 0}, {1 << 63, 0}} {
		if got := log.After(c.seq); len(got) != c.want || c.want > 0 && got[0].Seq != c.seq+1 {
			t.Errorf("after %d: got %v", c.seq, got)
		}
	}
}

// A reader may keep a batch: later records do not appear in it, and appending
// to it does not change the log.
func TestLogBatchIsStable(t *testing.T) {
	var log Log
	log.Append(Record{Phone: "a", Event: Lock{}})
	batch := log.After(0)
	_ = append(batch, Record{Phone: "intruder", Event: Lock{}})
	log.Append(Record{Phone: "b", Event: Lock{}})
	if len(batch) != 1 || log.After(1)[0].Phone != "b" {
		t.Errorf("got %v, then %v", batch, log.After(1))
	}
}

// A burst reaches a reader that was busy as one batch, and none is lost.
func TestWaitGivesABurstAsOneBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log Log
		var batches []int
		go func() {
			for seq := uint64(0); seq < 1101; {
				batch, err := log.Wait(t.Context(), seq)
				if err != nil {
					t.Error(err)
					return
				}
				batches = append(batches, len(batch))
				seq = batch[len(batch)-1].Seq
				time.Sleep(time.Second) // a slow reader
			}
		}()
		synctest.Wait()
		log.Append(Record{Event: Lock{}})
		synctest.Wait()
		for range 1100 {
			log.Append(Record{Event: Lock{}})
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if len(batches) != 2 || batches[0] != 1 || batches[1] != 1100 {
			t.Errorf("batches of %v", batches)
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log Log
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		if _, err := log.Wait(ctx, 0); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
		log.Append(Record{Event: Lock{}})
		if batch, err := log.Wait(ctx, 0); err != nil || len(batch) != 1 {
			t.Errorf("what is there is given even so: got %v, %v", batch, err)
		}
	})
}

// A reader that is ahead of the log (its cursor is from another log) waits
// until the log has caught up.
func TestWaitAheadOfTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log Log
		var got []Record
		go func() { got, _ = log.Wait(t.Context(), 2) }()
		for range 2 {
			synctest.Wait()
			log.Append(Record{Event: Lock{}})
		}
		synctest.Wait()
		if got != nil {
			t.Fatalf("got %v", got)
		}
		log.Append(Record{Event: Lock{}})
		synctest.Wait()
		if len(got) != 1 || got[0].Seq != 3 {
			t.Errorf("got %v", got)
		}
	})
}

// TestConcurrentUse is for the race detector: writers and readers at once,
// and each reader sees every record once, in order.
func TestConcurrentUse(t *testing.T) {
	const writers, each, readers = 4, 500, 4
	var log Log
	var all sync.WaitGroup
	for range readers {
		all.Go(func() {
			for seq := uint64(0); seq < writers*each; {
				batch, err := log.Wait(t.Context(), seq)
				if err != nil {
					t.Error(err)
					return
				}
				for _, r := range batch {
					if r.Seq != seq+1 {
						t.Errorf("%d after %d", r.Seq, seq)
						return
					}
					seq = r.Seq
				}
			}
		})
	}
	for range writers {
		all.Go(func() {
			for range each {
				log.Append(Record{Event: Lock{}})
			}
		})
	}
	all.Wait()
}

func BenchmarkLogAppend(b *testing.B) {
	var log Log
	b.ReportAllocs()
	for b.Loop() {
		log.Append(Record{Event: Lock{}})
	}
}

// TestFollow: what is there and what comes, once each, until the context is
// over.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		log := new(Log)
		for range 3 {
			log.Append(Record{Event: Lock{}})
		}
		go func() {
			time.Sleep(time.Second)
			log.Append(Record{Event: Lock{On: true}})
			time.Sleep(time.Second)
			cancel()
		}()
		var seen []uint64
		for r := range log.Follow(ctx, 1) {
			seen = append(seen, r.Seq)
		}
		if !slices.Equal(seen, []uint64{2, 3, 4}) {
			t.Errorf("followed %v", seen)
		}
		for r := range log.Follow(t.Context(), 0) {
			if r.Seq == 2 {
				break // the rest is another's
			}
		}
	})
}
