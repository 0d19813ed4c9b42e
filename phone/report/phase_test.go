package report

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// A shelf is a store that counts how often it is read.
type shelf struct {
	data  []byte
	reads int
}

func (s *shelf) WriteAt(b []byte, at int64) (int, error) {
	if need := int(at) + len(b); need > len(s.data) {
		s.data = append(s.data, make([]byte, need-len(s.data))...)
	}
	return copy(s.data[at:], b), nil
}

func (s *shelf) ReadAt(b []byte, at int64) (int, error) {
	s.reads++
	return copy(b, s.data[at:]), nil
}

// packed returns a run of so many cases over a log of which most is in a store.
func packed(cases, records int) (*play.Result, *event.Log, *shelf) {
	store := new(shelf)
	log := event.NewLog(func() (event.Store, error) { return store, nil })
	add := func(i int, e event.Event) {
		log.Append(event.Record{Device: time.Duration(i) * time.Millisecond, Phone: "alice", Event: e})
	}
	add(0, event.Start{AOR: "sip:alice@lab.test"})
	add(0, event.State{To: event.Foreground})
	r := &play.Result{File: "long.talk", Phone: "sip:alice@lab.test"}
	for c := range cases {
		first := log.Len() + 1
		for i := range records / cases {
			add(c*records/cases+i, event.Message{Method: "OPTIONS", CallID: fmt.Sprint(i)})
		}
		r.Cases = append(r.Cases, play.CaseResult{
			Name: fmt.Sprint("case ", c), Line: c + 1, Verdict: play.Passed, Tries: 1, FirstSeq: first, LastSeq: log.Len(),
		})
	}
	return r, log, store
}

// TestPageGoesOnThroughTheLog: what is read of a packed log does not grow with the
// cases times the log. Each case reads its own records again, which begin and end
// within a block.
func TestPageGoesOnThroughTheLog(t *testing.T) {
	reads := func(cases int) int {
		r, log, store := packed(cases, 60_000)
		newPage(r, log, nil)
		return store.reads
	}
	const many = 60
	if one, all := reads(1), reads(many); one == 0 || all > one+6*many {
		t.Errorf("a page of one case reads %d blocks, one of %d reads %d", one, many, all)
	}
}

// TestCourse: the state before a record is that after all earlier ones, also for
// who asks for an earlier one again; and it is the caller's own.
func TestCourse(t *testing.T) {
	_, log := passing(t)
	c := newCourse(log, "alice")
	for _, seq := range []uint64{1, 2, 30, 30, 7, log.Len()} {
		want := picture.FoldFor("alice", log.From(0))
		for r := range log.Span(0, seq-1) {
			want.Apply(r)
		}
		got := c.before(seq)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("before %d: %+v, want %+v", seq, got, want)
		}
		got.Apply(event.Record{Seq: seq, Phone: "alice", Event: event.State{To: event.Dead}})
	}
}

// BenchmarkPage is a page of 200,000 records, most of them packed, by how many
// cases it has. In ratio is how often the time of one pass through the log it takes.
func BenchmarkPage(b *testing.B) {
	for _, cases := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(cases), func(b *testing.B) {
			r, log, _ := packed(cases, 200_000)
			began := time.Now()
			for range log.From(0) {
			}
			pass := time.Since(began)
			for b.Loop() {
				newPage(r, log, nil)
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(pass), "passes")
		})
	}
}
