package stage

import (
	"os"
	"runtime"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// A phone sleeps for a week at a server that asks it every minute: it wakes ten
// thousand times, and holds no more at the end than after two days.
func TestAWeekAtABusyServer(t *testing.T) {
	f, err := scenario.ParseFile("week.talk", []byte(`use phone alice device=ios-voip-socket
== asleep
expect registered within 5s
background
expect state suspended within 30s
== a minute
lab: ask alice OPTIONS
wait 60s
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	store := func() (event.Store, error) { return os.CreateTemp(t.TempDir(), "") }
	w, err := New(Config{Casting: Casting{File: f, Log: func() *event.Log { return event.NewLog(store) }}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	player := play.NewPlayer(w)
	perform := func(steps []scenario.Step) {
		for _, s := range steps {
			if _, failure := player.Play(t.Context(), f, s); failure != nil {
				t.Fatal(failure.Message)
			}
		}
	}
	sleep := func(minutes int) uint64 {
		for range minutes {
			perform(f.Cases[2].Steps)
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	perform(f.Cases[1].Steps)
	sleep(24 * 60)
	days := sleep(24 * 60)
	records := w.Log().Len()
	week := sleep(5 * 24 * 60)
	if more := w.Log().Len() - records; week > days+1<<20 || more < 50_000 {
		t.Errorf("%d bytes after two days, %d after a week and %d more events", days, week, more)
	}
	if lost := w.Log().Lost(); lost > 0 {
		t.Errorf("%d records are lost", lost)
	}
	state := event.FoldOf(w.Log().From(0), "alice")
	if n := state.Counts.Wakes; n < 7*24*60 || !state.Registration.Active {
		t.Errorf("%d wakes, registration %+v", n, state.Registration)
	}
	runtime.KeepAlive(w)
}
