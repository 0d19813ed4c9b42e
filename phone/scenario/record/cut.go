package record

import (
	"bytes"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// goesOn is the last line of a recording that has not ended. It is taken away
// when it ends, so one that was cut still has it.
const goesOn = "# The recording goes on. If nobody records any more, it was cut here.\n"

// Unended is [Since] of what is still being recorded.
func Unended(log *event.Log, seq uint64, at time.Time) []byte {
	return append(Since(log, seq, at), "\n"+goesOn...)
}

// IsCut reports whether a scenario is a recording that has not ended.
func IsCut(src []byte) bool {
	return bytes.HasSuffix(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), []byte("\n"+goesOn))
}

// Shows reports whether a record may change the scenario that is made of a log:
// most do not, and a busy phone has many.
func Shows(rec event.Record) bool {
	switch rec.Event.(type) {
	case event.Audio, event.RTP, event.Message, event.Ping, event.Tick, event.TickDone, event.Check, event.Scenario, event.Step, event.Media:
		return false
	}
	return true
}
