package live

import (
	"context"
	"sync"
	"time"
)

// A crew is the goroutines that work for the loop, and how they reach it. Nothing
// in it belongs to the loop: its methods may be called from any goroutine.
type crew struct {
	inbox chan item     // items from other goroutines for the loop
	done  chan struct{} // closed when the loop has ended
	fatal chan error    // the first panic of a goroutine
	hands sync.WaitGroup

	mourned bool // somebody else looks after the panics, and ends the host: the loop goes on
}

func newCrew() crew {
	return crew{inbox: make(chan item, 64), done: make(chan struct{}), fatal: make(chan error, 1)}
}

// Guard runs f, in any goroutine. A panic in it ends [Host.Run].
func (c *crew) Guard(where string, f func()) {
	err := Guard(where, func() error { f(); return nil })
	if err == nil {
		return
	}
	select {
	case c.fatal <- err:
	default: // an earlier panic is already on its way; the first one counts
	}
}

// safego runs f in a goroutine that Run waits for. A panic in it ends Run.
func (c *crew) safego(where string, f func()) {
	c.hands.Go(func() { c.Guard(where, f) })
}

// ask runs f in the loop and returns its error.
func (c *crew) ask(ctx context.Context, f func(now time.Time) error) error {
	req := request{f: f, answer: make(chan error, 1)}
	select {
	case c.inbox <- req:
	case <-c.done:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-req.answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-c.done:
	}
	// The loop may have answered just before it ended.
	select {
	case err := <-req.answer:
		return err
	default:
		return ErrStopped
	}
}

// post brings an item to the loop. It reports false if the loop has ended.
func (c *crew) post(it item) bool {
	select {
	case c.inbox <- it:
		return true
	case <-c.done:
		return false
	}
}

// pause waits for d. It reports false if the host ended meanwhile.
func (c *crew) pause(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.done:
		return false
	}
}

// drain empties the inbox: an item that was posted while the loop ended may
// still own a socket or a sound card.
func (c *crew) drain() {
	for {
		select {
		case it := <-c.inbox:
			discard(it)
		default:
			return
		}
	}
}
