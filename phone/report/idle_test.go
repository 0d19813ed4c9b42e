package report

import (
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// dozing returns the log of a phone whose device becomes idle, and which gets
// pushes.
func dozing() []event.Record {
	var records []event.Record
	at := func(minutes float64, events ...event.Event) {
		for _, e := range events {
			d := time.Duration(minutes * float64(time.Minute))
			records = append(records, event.Record{Seq: uint64(len(records) + 1), Device: d, Phone: "alice", Event: e})
		}
	}
	at(0, event.State{To: event.Foreground})
	at(1, event.State{From: event.Foreground, To: event.Background}, event.DeviceIdle{To: "inactive"})
	at(7, event.DeviceIdle{To: "light-idle"}, event.State{From: event.Background, To: event.Suspended})
	at(9, event.DeviceIdle{To: "sensing"}, event.Push{Phase: "token"})
	at(12, event.DeviceIdle{To: "light-maintenance"})
	at(13, event.DeviceIdle{To: "light-idle"})
	at(20, event.DeviceIdle{To: "deep-idle"})
	at(22, event.Push{Phase: "queued", Why: "the device is idle"})
	at(26, event.Push{Phase: "delivered"}, event.Wake{N: 1, Cause: event.ByPush}, event.State{From: event.Suspended, To: event.Awake})
	at(26.1, event.State{From: event.Awake, To: event.Suspended})
	at(30, event.Push{Phase: "expired"}, event.DeviceIdle{To: "active"})
	at(32, event.State{From: event.Suspended, To: event.Foreground})
	return records
}

// TestIdleLane: a device that dozes has a lane for it, and no step of deep Doze
// hides one of light Doze.
func TestIdleLane(t *testing.T) {
	marks := picture.Of(slices.Values(dozing()), "alice")
	var kinds []string
	for _, s := range marks.Idle.Runs {
		kinds = append(kinds, string(s.State))
	}
	if len(kinds) != 6 || len(marks.Pushes) != 3 {
		t.Errorf("idle %v, pushes %v", kinds, marks.Pushes)
	}
	golden(t, "idle.svg", drawLanes(marks, laneView{title: "dozing", shown: stretch{0, marks.End}}, themes[0]))
}
