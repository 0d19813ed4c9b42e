package phone

import (
	"context"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/lines"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
)

const (
	// grain is how often a recording that grows is written. A process that is
	// killed loses about that much of it; of a very long recording, which takes
	// long to write, it loses more: share times as long as that takes.
	grain = time.Second
	// share bounds how much of the time that may take: a twentieth.
	share = 20
)

// grow writes a recording as it grows, until the function that it returns is
// called, which waits for a write that is under way. A write that fails is tried
// again, and nothing is said of it: the last one, at the end of the recording,
// tells.
func grow(p *cli.Program, log *event.Log, write func() error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	p.Go(func() {
		defer close(over)
		var seen uint64
		pending := false
		for pause := grain; ; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			began, last := time.Now(), log.Len()
			pending = pending || shows(log, seen)
			seen = last
			if pending {
				pending = write() != nil
			}
			pause = max(grain, share*time.Since(began))
		}
	})
	return func() { cancel(); <-over }
}

// growing writes a recording as far as it goes. A stream gets it at the end, once;
// a phone that never reached its server leaves what is there.
func growing(file keep.File, log *event.Log, name string, since uint64, began time.Time) error {
	if file.Stream() || !lines.Reached(log, name) {
		return nil
	}
	return file.WriteBytes(record.Unended(log, since, began))
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
