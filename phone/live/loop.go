package live

import (
	"cmp"
	"context"
	"net"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An item is a message from another goroutine to the loop.
type item interface{ item() }

type (
	// request is a function to be run by the loop.
	request struct {
		f      func(now time.Time) error
		answer chan error // takes one
	}
	// arrival reports that a socket is readable; its gate waits.
	arrival struct{ s socket }
	// written reports that a writer is done, what it did not write, and
	// why.
	written struct {
		s    *stream
		rest net.Buffers
		err  error
	}
	// opened is the end of a dial or a listen: a socket, or why not.
	opened struct {
		d   *opening
		s   socket
		sig system.Signal
	}
	// soundDone is the end of opening or closing the sound card.
	soundDone struct {
		s    *sound
		card Card
		err  error
	}
	// pushStep is a push that has arrived, or the outcome of one.
	pushStep struct{ push.Step }
	// resolved is the answer to a look-up.
	resolved struct{ system.Signal }
)

func (request) item()   {}
func (arrival) item()   {}
func (written) item()   {}
func (opened) item()    {}
func (soundDone) item() {}
func (pushStep) item()  {}
func (resolved) item()  {}

// Run runs the machine until ctx is done, and returns when all sockets are
// closed and all goroutines have ended. Its error is nil, a [*PanicError] if
// the machine or the host itself panicked, or the failure to create a kernel
// timer. The sockets close as those of a phone that is switched off: for an
// orderly end (BYE, unregister) use [Host.Do] before cancelling ctx. Run may be
// called once.
func (h *Host) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	h.ctx = ctx
	err := Guard("loop", func() error { return h.loop(ctx) })
	cancel()
	close(h.done)
	h.shut()
	h.hands.Wait()
	h.drain()
	if err != nil {
		return err
	}
	select {
	case err = <-h.fatal: // while it was shutting down
	default:
	}
	return err
}

// loop steps the machine whenever a deadline or an item arrives.
func (h *Host) loop(ctx context.Context) error {
	now := time.Now()
	h.clock = startClock(now)
	h.born = h.clock.device
	h.pulse = newPulse(now, asleep)
	var err error
	if h.alarm, err = h.newAlarm(); err != nil {
		return err
	}
	defer h.alarm.close()
	for ctx.Err() == nil {
		idle := !h.work()
		if err := h.await(ctx, idle); err != nil {
			return err
		}
	}
	return nil
}

// always returns a channel from which a receive never blocks.
var always = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// await handles one arrival: an item, sound, or a panic elsewhere, which it
// returns as an error. An idle loop sleeps until one arrives or the machine's
// deadline; a busy one only polls.
func (h *Host) await(ctx context.Context, idle bool) error {
	h.notice()
	var busy <-chan struct{}
	if idle {
		h.setAlarm()
	} else {
		busy = always
	}
	select {
	case <-ctx.Done():
	case <-busy:
		h.notice()
	case <-h.alarm.rang:
		h.ringsFor = alarmTime{} // it is no longer set
		h.notice()
	case it := <-h.inbox:
		h.notice()
		h.advance() // the deadline came before the item
		h.take(it)
	case <-h.sounds.mic.news():
		h.notice()
		h.advance()
		h.transferSound(&h.sounds.mic)
	case <-h.sounds.speaker.news():
		h.notice()
		h.advance()
		h.transferSound(&h.sounds.speaker)
	case err := <-h.ends():
		return err
	}
	return nil
}

// ends are the panics that end the loop.
func (h *Host) ends() <-chan error {
	if h.mourned {
		return nil
	}
	return h.fatal
}

// alarmTime is the time that the alarm is set for: a device time, at the
// clock's current rate, and a time on the wall, whichever comes first. The zero
// value means that it is not set.
type alarmTime struct {
	due          time.Time
	wall, device time.Time
	rate         float64
	beat         time.Time // when it rings at the latest, for a look at the clocks
}

// setAlarm sets the alarm for the machine's deadline, unless it is already, but at
// most a heartbeat ahead.
func (h *Host) setAlarm() {
	wall := time.Now()
	at := alarmTime{beat: h.ringsFor.beat}
	if due := h.due(); !due.IsZero() {
		at = alarmTime{due, h.clock.wall, h.clock.device, h.clock.rate, at.beat}
	}
	if at == h.ringsFor && !at.beat.IsZero() && h.pulse.settled.IsZero() {
		return
	}
	d := heartbeat
	if !at.due.IsZero() {
		d = min(d, max(h.clock.until(wall, at.due), h.pulse.settles(wall)))
	}
	at.beat = wall.Add(d)
	h.pulse.expect(wall, d)
	h.alarm.set(d)
	h.ringsFor = at
}

// work does the next piece of work that is ready, if any. Deadlines come first:
// a thawed app's overdue timers fire before its sockets are read.
func (h *Host) work() bool {
	did := h.advance()
	switch {
	case len(h.readable) > 0:
		s := h.readable[0]
		h.readable = h.readable[1:]
		h.signal(s)
	case len(h.passing) > 0:
		s := h.passing[0]
		h.passing = h.passing[1:]
		h.signal(s)
	case h.frozen && len(h.ready) > 0: // those that are drained
		h.receiveNext()
	case h.frozen:
		return did
	case len(h.pending) > 0:
		s := h.pending[0]
		h.pending = h.pending[1:]
		h.signal(s)
	case len(h.ready) > 0:
		h.receiveNext()
	default:
		return did
	}
	return true
}

// receiveNext reads the next of the sockets that are ready.
func (h *Host) receiveNext() {
	s := h.ready[0]
	h.ready = h.ready[1:]
	if g := s.gate(); g.waiting && !g.closed {
		g.waiting = false
		s.receive(h)
	}
}

// due is the machine's deadline, which it is not asked for again before it has done something.
func (h *Host) due() time.Time { return h.deadline.Deadline(h.machine.Deadline) }

// advance steps the machine if its deadline has come.
func (h *Host) advance() bool {
	due := h.due()
	if due.IsZero() {
		return false
	}
	wall := time.Now()
	if h.pulse.settles(wall) > 0 {
		return false
	}
	now := h.clock.now(wall, due)
	if now.Before(due) {
		return false
	}
	h.carry(now, h.machine.Advance(now))
	return true
}

// signal hands one signal to the machine and executes the calls that it
// returns.
func (h *Host) signal(s system.Signal) {
	now := h.now()
	h.carry(now, h.machine.Receive(now, s))
}

// now is device time. A hurried clock stops at the deadline.
func (h *Host) now() time.Time {
	if h.clock.rate == 1 {
		return h.clock.now(time.Now(), time.Time{})
	}
	return h.clock.now(time.Now(), h.due())
}

// take handles one item.
func (h *Host) take(it item) {
	switch it := it.(type) {
	case request:
		now := h.now()
		h.deadline.Forget()
		it.answer <- it.f(now)
	case arrival:
		h.arrived(it.s)
	case written:
		it.s.written(h, it.rest, it.err)
	case opened:
		h.opened(it)
	case soundDone:
		h.soundDone(it)
	case pushStep:
		h.pushed(it.Step)
	case resolved:
		h.pending = append(h.pending, it.Signal)
	}
}

// record logs an event at device time now, and the time of day that it was then.
func (h *Host) record(now time.Time, l system.Log) {
	wall := time.Now()
	if h.clock.rate == 1 {
		wall = wall.Add(min(0, now.Sub(h.clock.at(wall))))
	}
	h.log.Append(event.Record{Wall: wall, Device: now.Sub(h.born), Phone: cmp.Or(l.Phone, h.name), Account: l.Account, Event: l.Event})
}

// note writes down an event of the host's own.
func (h *Host) note(now time.Time, e event.Event) { h.record(now, system.Log{Event: e}) }

// numbers lists the open sockets in a stable order.
func (h *Host) numbers() []system.Socket {
	ids := make([]system.Socket, 0, len(h.sockets))
	for id := range h.sockets {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// shut closes everything after the loop has ended.
func (h *Host) shut() {
	for _, id := range h.numbers() {
		h.sockets[id].shut(false)
	}
	for s := range h.closing {
		s.conn.Close()
	}
	h.sounds.mic.shut(h)
	h.sounds.speaker.shut(h)
	h.push.Leave(h)
}

// discard releases the resources of an item that the loop will not take.
func discard(it item) {
	switch it := it.(type) {
	case arrival:
		if l, ok := it.s.(*listener); ok {
			l.drop()
		}
	case opened:
		if it.s != nil {
			it.s.shut(false)
		}
	case soundDone:
		if it.card != nil {
			it.card.Close()
		}
	}
}
