package phone

import (
	"context"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
)

const (
	// grain is how often a recording that grows is written: so much is lost at
	// most with a process that is killed.
	grain = time.Second
	// share bounds how much of the time that may take: a twentieth.
	share = 20
)

// grow writes a recording as it grows, until the function that it returns is
// called. That waits for the last write. A write that fails says nothing: so does
// that at the end, which is told.
func grow(p *cli.Program, log *event.Log, write func() error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	p.Go(func() {
		defer close(over)
		var seen uint64
		for pause := grain; ; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			if grew := shows(log, seen); !grew {
				continue
			}
			seen = log.Len()
			began := time.Now()
			_ = write()
			pause = max(grain, share*time.Since(began))
		}
	})
	return func() { cancel(); <-over }
}

// shows reports whether the log has something new for a recording.
func shows(log *event.Log, seen uint64) bool {
	for rec := range log.From(seen) {
		if record.Shows(rec) {
			return true
		}
	}
	return false
}
