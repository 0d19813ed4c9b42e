package event

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// spilling is a log that packs all but its newest records at once.
func spilling(open func() (Store, error)) *Log {
	l := NewLog(open)
	l.cool.limit = 1
	return l
}

// inMemory opens a store in memory.
func inMemory() (Store, error) { return new(pages), nil }

// options is an event as a busy server brings them about.
func options(n int) Message {
	return Message{
		Method: "OPTIONS", URI: "sip:alice@lab.test", CallID: fmt.Sprint(n), CSeq: uint32(n), Bytes: 300,
		Raw: fmt.Sprintf("OPTIONS sip:alice@lab.test SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK%032x\r\nCall-ID: %016x\r\n%s\r\n", n*7919, n*104729, strings.Repeat("X-Filler: as usual\r\n", 10)),
	}
}

// oddEvents has an event of each kind, with something in each of its fields that JSON
// does not keep as it is.
func oddEvents() (list []Event) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, e := range Types() {
		v := reflect.New(reflect.TypeOf(e)).Elem()
		fillOddly(v, rnd)
		list = append(list, v.Interface().(Event))
	}
	return append(list, // 0 is not unknown
		MessageWaiting{}, MessageWaiting{Tally: &Tally{}}, Call{}, Call{Cause: Cause{Wait: &Wait{}}})
}

func fillOddly(v reflect.Value, rnd *rand.Rand) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillOddly(v.Field(i), rnd)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillOddly(v.Elem(), rnd)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fillOddly(v.Index(i), rnd)
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"a": "b\xff"}))
	case reflect.String:
		v.SetString(fmt.Sprintf("%d \xff\x00\u2028", rnd.Int()))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(rnd.Float64())
	case reflect.Uint64, reflect.Uint32:
		v.SetUint(uint64(rnd.Uint32()))
	default:
		v.SetInt(rnd.Int64N(1 << 30)) // of a time: not whole microseconds
	}
}

// What is packed comes back as it was, byte for byte: what is not UTF-8 too,
// and a time shorter than a microsecond.
func TestPackedRecordsAreTheSame(t *testing.T) {
	packed, kept := spilling(inMemory), new(Log)
	wall := time.Now().Round(0)
	events := oddEvents()
	for i := range 3 * blockRecords {
		r := Record{Wall: wall.Add(time.Duration(i) * time.Second), Device: time.Duration(i) * time.Second, Phone: "alice", Event: events[i%len(events)]}
		packed.Append(r)
		kept.Append(r)
	}
	if n := len(packed.older.blocks); n != 3 || len(packed.hot) != 0 {
		t.Fatalf("%d blocks, and %d records that are not in them", n, len(packed.hot))
	}
	want := kept.After(0)
	for i, got := range packed.After(0) {
		if got.Wall.Equal(want[i].Wall) {
			got.Wall = want[i].Wall
		}
		if !reflect.DeepEqual(got, want[i]) {
			t.Fatalf("got %#v, want %#v", got, want[i])
		}
	}
}

// A reader does not see where a record is.
func TestReadersOfAPackedLog(t *testing.T) {
	log := spilling(inMemory)
	const n = 5*blockRecords + 100
	for i := range n {
		log.Append(Record{Event: options(i)})
	}
	for _, seq := range []uint64{0, 1, blockRecords - 1, blockRecords, blockRecords + 1, n - 101, n - 100, n - 1} {
		next := seq
		for r := range log.From(seq) {
			if next++; r.Seq != next || r.Event.(Message).CallID != fmt.Sprint(next-1) {
				t.Fatalf("after %d: record %d is %+v", seq, next, r)
			}
		}
		if all := log.After(seq); next != n || len(all) != n-int(seq) || all[0].Seq != seq+1 {
			t.Errorf("after %d: up to %d, and %d at once", seq, next, len(all))
		}
		batch, err := log.Wait(t.Context(), seq)
		if err != nil || batch[0].Seq != seq+1 || len(batch) > blockRecords {
			t.Errorf("a batch after %d: %d records, %v", seq, len(batch), err)
		}
	}
	if log.Lost() != 0 {
		t.Errorf("%d records are lost", log.Lost())
	}
	again := log.From(2)
	for range 2 {
		for r := range again {
			if r.Seq != 3 {
				t.Errorf("the first after 2 is %d", r.Seq)
			}
			break
		}
	}
	for range log.From(1 << 63) {
		t.Error("there is something after the end")
	}
	for last, want := range map[uint64]int{1: 0, 2: 0, 3: 1, blockRecords + 1: blockRecords - 1, 1 << 63: n - 2} {
		if span := slices.Collect(log.Span(2, last)); len(span) != want || want > 0 && span[0].Seq != 3 {
			t.Errorf("after 2 up to %d: %d records, want %d", last, len(span), want)
		}
	}
}

// limited is a store with room for so many bytes, on which reading can fail.
type limited struct {
	pages
	room    int64
	reading error
}

var errFull = errors.New("no space left on device")

func (l *limited) WriteAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) > l.room {
		return 0, errFull
	}
	return l.pages.WriteAt(b, at)
}

func (l *limited) ReadAt(b []byte, at int64) (int, error) {
	if l.reading != nil {
		return 0, l.reading
	}
	return l.pages.ReadAt(b, at)
}

// random is an event that cannot be compressed.
func random(rnd *rand.Rand) Message {
	b := make([]byte, 1000)
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return Message{Method: "OPTIONS", Raw: string(b)}
}

// A log whose disk is full lets go of the oldest records, and says so: once, in
// the log, and how many at any time. It keeps the newest without a gap.
func TestAFullDisk(t *testing.T) {
	for _, c := range []struct {
		name  string
		store Store // nil: it cannot be opened
		kept  int64 // bytes, at least
	}{
		{"none", nil, 10 << 20},
		{"full at once", &limited{}, 10 << 20},
		{"soon full", &limited{room: 2 << 20}, 10 << 20},
		{"full", &limited{room: 10 << 20}, 12 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, 2))
			log := NewLog(func() (Store, error) {
				if c.store == nil {
					return nil, errFull
				}
				return c.store, nil
			})
			for range 18_000 {
				log.Append(Record{Phone: "alice", Event: random(rnd)})
			}
			next, kept, first := log.Lost(), int64(0), uint64(0)
			for r := range log.From(0) {
				if next++; r.Seq != next {
					t.Fatalf("record %d comes where %d should", r.Seq, next)
				}
				if m, ok := r.Event.(Message); ok {
					kept += int64(len(m.Raw))
				}
				if first == 0 {
					first = r.Seq
				}
			}
			if log.Lost() == 0 || first != log.Lost()+1 || next != log.Len() {
				t.Errorf("%d records are lost, and there are those from %d to %d of %d", log.Lost(), first, next, log.Len())
			}
			if kept < c.kept || kept > c.kept+2<<20 {
				t.Errorf("%d bytes were kept", kept)
			}
		})
	}
}

// What a disk has that is soon full moves into memory: nothing is lost by that.
func TestADiskThatIsSoonFull(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	store := &limited{room: 2 << 20}
	log := NewLog(func() (Store, error) { return store, nil })
	for log.older.limit != MaxUnstored { // until it has moved
		log.Append(Record{Phone: "alice", Event: random(rnd)})
	}
	n := uint64(0)
	for r := range log.From(0) {
		if n++; r.Seq != n {
			t.Fatalf("record %d comes where %d should", r.Seq, n)
		}
	}
	if log.Lost() != 0 || n != log.Len() || n < 2000 {
		t.Errorf("%d of %d records, %d are lost", n, log.Len(), log.Lost())
	}
}

// The log says at once that it goes on in memory, and then that it lets go.
func TestACutLogSaysSo(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	log := NewLog(func() (Store, error) { return nil, errFull })
	var said []string
	for log.Lost() == 0 {
		log.Append(Record{Phone: "alice", Device: time.Minute, Event: random(rnd)})
	}
	for r := range log.From(0) {
		if w, ok := r.Event.(Warning); ok {
			if w.Rule != RuleLogCut || r.Phone != "alice" || r.Device != time.Minute {
				t.Errorf("%+v", r)
			}
			said = append(said, w.Note)
		}
	}
	if len(said) != 2 || !strings.Contains(said[0], "in memory as long as it fits into 8 MiB: no space left") || !strings.Contains(said[1], "the first 2") {
		t.Errorf("it said %q", said)
	}
}

// spoiltAt is a store on which some places cannot be read.
type spoiltAt struct {
	pages
	at map[int64]bool
}

func (s *spoiltAt) ReadAt(b []byte, at int64) (int, error) {
	if s.at[at] {
		return 0, io.ErrUnexpectedEOF
	}
	return s.pages.ReadAt(b, at)
}

// What cannot be read back is lost, and nothing else: the reader goes on behind it,
// and is told at once, once.
func TestAStoreThatCannotBeRead(t *testing.T) {
	store := &spoiltAt{at: map[int64]bool{}}
	log := spilling(func() (Store, error) { return store, nil })
	const n = 4*blockRecords + 1
	wall := time.Unix(1, 0)
	for i := range n {
		log.Append(Record{Wall: wall, Device: time.Minute, Phone: "alice", Event: options(i)})
	}
	woken := log.growth(n)
	store.at[log.older.blocks[2].at] = true
	for range 2 {
		var seen []uint64
		var said []Record
		for r := range log.From(0) {
			seen = append(seen, r.Seq)
			if _, ok := r.Event.(Warning); ok {
				said = append(said, r)
			}
		}
		if len(seen) != 3*blockRecords+2 || seen[2*blockRecords-1] != 2*blockRecords || seen[2*blockRecords] != 3*blockRecords+1 || log.Lost() != 3*blockRecords {
			t.Errorf("%d records were read, %d are lost", len(seen), log.Lost())
		}
		if len(said) != 1 || said[0].Seq != n+1 || !said[0].Wall.Equal(wall) || said[0].Device != time.Minute || said[0].Phone != "alice" {
			t.Fatalf("it said %+v", said)
		}
		if w := said[0].Event.(Warning); w.Rule != RuleLogCut || w.Note != "the records 513 to 768 of the event log cannot be read back: unexpected EOF" {
			t.Errorf("it said %+v", w)
		}
	}
	select {
	case <-woken:
	default:
		t.Error("whoever waits for records was not told")
	}
}

// Of a disk that is gone the log does not say each block, and it ends.
func TestADiskThatIsGone(t *testing.T) {
	store := &limited{room: 1 << 30}
	log := spilling(func() (Store, error) { return store, nil })
	for i := range 2*maxBad*blockRecords + 1 {
		log.Append(Record{Event: options(i)})
	}
	store.reading = io.ErrUnexpectedEOF
	said := 0
	for r := range log.From(0) {
		if w, ok := r.Event.(Warning); ok {
			if said++; strings.HasSuffix(w.Note, "; the log does not say what else cannot") != (said == maxBad) {
				t.Errorf("%d: %s", said, w.Note)
			}
		} else if r.Seq != 2*maxBad*blockRecords+1 {
			t.Errorf("record %d could be read", r.Seq)
		}
	}
	if said != maxBad || log.Lost() != 2*maxBad*blockRecords {
		t.Errorf("it said %d, %d are lost", said, log.Lost())
	}
}

// A week at a server that asks every fifteen seconds: the memory does not grow
// with the number of events.
func TestALongLogIsFlat(t *testing.T) {
	store := &limited{room: 1 << 30}
	log := NewLog(func() (Store, error) { return discarded{store}, nil })
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	grow := func(n int) {
		for i := range n {
			log.Append(Record{Phone: "alice", Event: options(i)})
		}
	}
	grow(40_000)
	before := heap()
	grow(80_000)
	after := heap()
	if grown := int64(after) - int64(before); grown > 2<<20 {
		t.Errorf("80,000 events more take %d bytes", grown)
	}
	if after > 32<<20 {
		t.Errorf("120,000 events take %d bytes", after)
	}
	runtime.KeepAlive(log)
}

// What is packed holds no memory, also where long messages follow many short
// events.
func TestPackedRecordsAreLetGo(t *testing.T) {
	log := NewLog(func() (Store, error) { return discarded{new(pages)}, nil })
	for range 20_000 {
		log.Append(Record{Event: Ping{}})
	}
	for cap(log.hot)-len(log.hot) < 2500 {
		log.Append(Record{Event: Ping{}})
	}
	for range 2000 {
		log.Append(Record{Event: Message{Raw: strings.Repeat("x", 60_000)}})
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 24<<20 {
		t.Errorf("the log takes %d bytes", m.HeapAlloc)
	}
	runtime.KeepAlive(log)
}

// discarded is a store that keeps nothing, as a disk is no memory of ours.
type discarded struct{ Store }

func (discarded) WriteAt(b []byte, _ int64) (int, error) { return len(b), nil }

// TestFoldClone: a clone shares nothing that changes.
func TestFoldClone(t *testing.T) {
	var f Fold
	v := reflect.ValueOf(&f).Elem()
	shared := func(i int) (uintptr, bool) {
		switch c := v.Field(i); c.Kind() {
		case reflect.Slice:
			return c.Pointer(), v.Type().Field(i).IsExported()
		case reflect.Pointer:
			return c.Pointer(), true
		}
		return 0, false
	}
	f.Banner, f.Pushes.Count = new(Banner), map[PushPhase]int{PushSent: 1}
	for i := range v.NumField() {
		if c := v.Field(i); c.Kind() == reflect.Slice {
			c.Set(reflect.MakeSlice(c.Type(), 1, 1))
		}
	}
	clone := reflect.ValueOf(f.Clone()).Elem()
	for i := range v.NumField() {
		if at, ok := shared(i); ok && clone.Field(i).Pointer() == at {
			t.Errorf("%s is shared", v.Type().Field(i).Name)
		}
	}
	if f.Clone().Pushes.Count[PushSent]++; f.Pushes.Count[PushSent] != 1 {
		t.Error("the counts are shared")
	}
}

func BenchmarkAppendOptions(b *testing.B) {
	log := NewLog(func() (Store, error) { return discarded{new(pages)}, nil })
	m := options(1)
	b.ReportAllocs()
	for b.Loop() {
		log.Append(Record{Phone: "alice", Event: m})
	}
}

func BenchmarkFrom(b *testing.B) {
	log := new(Log)
	for i := range 100_000 {
		log.Append(Record{Phone: "alice", Event: options(i)})
	}
	b.ReportAllocs()
	for b.Loop() {
		for range log.From(0) {
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*100_000), "ns/event")
}
