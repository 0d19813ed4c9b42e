package phone

import (
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A counted store counts how often it is read.
type counted struct {
	mu    sync.Mutex
	bytes []byte
	reads int
}

func (c *counted) WriteAt(b []byte, at int64) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if more := int(at) + len(b) - len(c.bytes); more > 0 {
		c.bytes = append(c.bytes, make([]byte, more)...)
	}
	return copy(c.bytes[at:], b), nil
}

func (c *counted) ReadAt(b []byte, at int64) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	n := copy(b, c.bytes[min(int(at), len(c.bytes)):])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (c *counted) read() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reads
}

// TestGrowLooksOnce: what shows nothing in a recording is read once, although the
// log has put it away.
func TestGrowLooksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(counted)
		log := event.NewLog(func() (event.Store, error) { return store, nil })
		for range 50_000 {
			log.Append(event.Record{Phone: "alice", Event: event.Audio{}})
		}
		stop := grow(new(cli.Program), log, func() error { t.Error("there is nothing to write"); return nil })
		defer stop()
		time.Sleep(10 * time.Second)
		before := store.read()
		if before == 0 {
			t.Fatal("the log has put nothing away")
		}
		time.Sleep(time.Minute)
		if more := store.read() - before; more > 0 {
			t.Errorf("the log was read %d times more", more)
		}
	})
}

// TestGrowTriesAgain: a write that fails is tried again, and one that succeeds is
// not, until there is more.
func TestGrowTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log event.Log
		began := time.Now()
		var at []time.Duration
		stop := grow(new(cli.Program), &log, func() error {
			at = append(at, time.Since(began))
			if len(at) == 1 {
				return errors.New("the disk is full")
			}
			time.Sleep(time.Second / 2)
			return nil
		})
		log.Append(event.Record{Phone: "alice", Event: event.Call{Phase: event.CallUp}})
		time.Sleep(5 * time.Second)
		log.Append(event.Record{Phone: "alice", Event: event.Call{Phase: event.CallEnded}})
		time.Sleep(15 * time.Second)
		stop()
		// The write of half a second, from 2 s on, is followed by a pause of ten.
		if want := []time.Duration{time.Second, 2 * time.Second, 12500 * time.Millisecond}; !slices.Equal(at, want) {
			t.Errorf("it was written at %v, want %v", at, want)
		}
	})
}
