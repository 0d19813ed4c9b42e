package event

import (
	"fmt"
	"reflect"
	"testing"
	"time"
)

// longLife is the log of a phone that is called and woken n times over, once in a while beside a
// robot, with what a screen has of it.
func longLife(n int) (*Log, *Snapshots, *Fold) {
	log, s, f := NewLog(func() (Store, error) { return new(pages), nil }), new(Snapshots), NewFold("alice")
	add := func(who string, e Event) {
		d := time.Duration(log.Len()) * time.Second
		r := log.Append(Record{Wall: epoch.Add(d), Device: d, Phone: who, Event: e})
		f.Apply(r)
		s.Take(r, f)
	}
	add("alice", Start{AOR: "sip:alice@pbx.example.test"})
	for i := 1; int(log.Len()) < n; i++ {
		add("alice", State{From: Awake, To: Suspended})
		add("alice", Wake{N: i, Cause: BySocket})
		add("alice", State{From: Suspended, To: Awake})
		add("alice", options(i))
		add("bob", Message{Method: "OPTIONS", Out: true})
		add("alice", WakeEnd{N: i, Ran: Seconds(time.Second)})
		if i%7 == 0 {
			add("alice", Warning{Rule: "log-cut", Note: fmt.Sprint(i)})
		}
	}
	return log, s, f
}

// tails compares two folds of which one has forgotten older rows.
func tails(t *testing.T, short, whole *Fold) {
	t.Helper()
	a, b := reflect.ValueOf(*short), reflect.ValueOf(*whole)
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		x, y := a.Field(i), b.Field(i)
		if name == "text" {
			continue
		}
		if x.Kind() == reflect.Slice && x.Len() >= snapshotRows && y.Len() > x.Len() {
			y = y.Slice(y.Len()-x.Len(), y.Len())
		}
		if got, want := fmt.Sprintf("%+v", x), fmt.Sprintf("%+v", y); got != want && x.Kind() != reflect.Pointer && name != "reach" {
			t.Errorf("after record %d, %s is\n%s\nand was\n%s", whole.Revision, name, got, want)
		}
	}
	if x, y := short.reach.bindings, whole.reach.bindings; !reflect.DeepEqual(x, y) {
		t.Errorf("reach is %+v, and was %+v", x, y)
	}
}

// TestSnapshots: the state at an instant is that of the log up to there, wherever one comes from.
func TestSnapshots(t *testing.T) {
	log, s, _ := longLife(6000)
	begin := func() *Fold { return NewFold("alice") }
	var near Instant
	for _, seq := range []uint64{0, 1, 700, 1023, 1024, 1025, 5990, 3000, 3001, 3100, 2, log.Len()} {
		near = s.After(log, near, seq, begin)
		if want := FoldOf(log.Span(0, seq), "alice"); near.Seq != seq || near.Fold.Revision != want.Revision {
			t.Errorf("after %d: %d, revision %d, want %d", seq, near.Seq, near.Fold.Revision, want.Revision)
		} else {
			tails(t, near.Fold, want)
		}
		at := near.Fold.Device
		byTime := s.At(log, near, at, log.Len(), begin)
		tails(t, byTime.Fold, near.Fold)
		if alone := s.At(log, Instant{}, at, log.Len(), begin); alone.Seq != byTime.Seq {
			t.Errorf("at %v: record %d, from near %d", at, alone.Seq, byTime.Seq)
		}
	}
	if got := s.At(log, near, time.Hour, 1500, begin); got.Seq != 1500 {
		t.Errorf("it looks as far as record %d, and is to see 1500", got.Seq)
	}
}

// TestSnapshotsOfOneMoment: of several records of one moment all have happened, what somebody
// else did until the phone's next included.
func TestSnapshotsOfOneMoment(t *testing.T) {
	log, s := new(Log), new(Snapshots)
	for _, r := range []Record{
		{Phone: "alice", Event: Start{}},
		{Phone: "alice", Device: time.Second, Event: Lock{On: true}},
		{Phone: "alice", Device: time.Second, Event: Lock{}},
		{Phone: "bob", Device: time.Hour, Event: Lock{On: true}},
		{Phone: "alice", Device: 2 * time.Second, Event: Lock{On: true}},
	} {
		log.Append(r)
	}
	for at, want := range map[time.Duration]uint64{0: 1, time.Second - 1: 1, time.Second: 4, 2 * time.Second: 5, time.Hour: 5} {
		if got := s.At(log, Instant{}, at, log.Len(), func() *Fold { return NewFold("alice") }); got.Seq != want {
			t.Errorf("at %v: record %d, want %d", at, got.Seq, want)
		}
	}
}

// TestSnapshotsAreBounded: their number and what one holds do not grow with the log.
func TestSnapshotsAreBounded(t *testing.T) {
	s, f := new(Snapshots), NewFold("alice")
	f.Apply(Record{Seq: 1, Phone: "alice", Event: Start{}})
	for i := range 300 {
		f.Apply(Record{Seq: 2, Phone: "alice", Event: Message{Method: "MESSAGE", Raw: string(make([]byte, 4000))}})
		f.Apply(Record{Seq: 2, Phone: "alice", Event: Wake{N: i}})
	}
	for seq := range uint64(maxSnapshots * firstInterval * 5) {
		s.Take(Record{Seq: seq + 1}, f)
	}
	if n := len(s.list); n > maxSnapshots || n < maxSnapshots/2 {
		t.Errorf("%d snapshots", n)
	}
	for i, one := range s.list {
		if one.Seq%s.interval != 0 || i > 0 && one.Seq != s.list[i-1].Seq+s.interval {
			t.Fatalf("one at %d, %d records apart", one.Seq, s.interval)
		}
		text := 0
		for j := range one.Fold.SIP {
			text += one.Fold.SIP[j].length()
		}
		if text > snapshotText || len(one.Fold.Wakes) > snapshotRows || one.Fold.Counts.Wakes != 300 || one.Fold.text != text {
			t.Fatalf("%d bytes of text (%d), %d wakes", text, one.Fold.text, len(one.Fold.Wakes))
		}
	}
}

// BenchmarkJump is a jump to and fro in a log of a million records, to where the way from the
// snapshot before is longest.
func BenchmarkJump(b *testing.B) {
	log, s, _ := longLife(1_000_000)
	begin := func() *Fold { return NewFold("alice") }
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		seq := (uint64(i*37)%uint64(len(s.list)-1)+1)*s.interval - 1
		if got := s.After(log, Instant{}, seq, begin); got.Seq != seq {
			b.Fatalf("record %d, want %d", got.Seq, seq)
		}
	}
	b.ReportMetric(float64(s.interval), "records/jump")
	b.ReportMetric(float64(len(s.list)), "snapshots")
}
