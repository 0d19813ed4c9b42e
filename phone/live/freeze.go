package live

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A doze is how sockets are read while the machine is frozen, and right after it.
type doze struct {
	frozen   bool
	watch    map[system.Socket]bool // watched, and not yet reported as readable
	drained  map[system.Socket]bool // read in a freeze too: given up to the network, or of a process apart
	readable []system.Readable      // to be reported now, though the machine is frozen
	passing  []system.Signal        // of sockets that are read in a freeze too: that they opened, or never did
	ready    []socket               // to be read as soon as the machine is not frozen
}

// freeze stops all signals to the machine except that a watched socket is
// readable. A watched socket that already holds data is reported at once.
func (h *Host) freeze(watch []system.Socket) {
	h.frozen = true
	h.repace(h.now(), h.pace.Freeze())
	h.ready = h.stillReady() // the other sockets stay unread, with their gates unarmed
	h.readable = nil
	h.watch = make(map[system.Socket]bool, len(watch))
	for _, id := range watch {
		h.watch[id] = true
	}
	for _, id := range watch {
		if s, ok := h.sockets[id]; ok && s.gate().waiting {
			h.announce(id, s)
		}
	}
}

// announce tells the machine that a watched socket is readable, once in each freeze; s is nil
// if it has never opened.
func (d *doze) announce(id system.Socket, s socket) {
	if d.watch[id] {
		delete(d.watch, id)
		n, known := unread(s)
		d.readable = append(d.readable, system.Readable{Socket: id, Bytes: n, Unknown: !known})
	}
}

// thaw resumes all signals: first what happened to the sockets, then the data
// in them, in the order of their numbers. Device time runs at x1 from now on.
func (h *Host) thaw(now time.Time) {
	if !h.frozen {
		return
	}
	h.frozen = false
	h.watch = nil
	h.readable = nil
	h.ready = nil
	for _, id := range h.numbers() {
		if s := h.sockets[id]; s.gate().waiting {
			h.ready = append(h.ready, s)
		}
	}
	h.repace(now, h.pace.Thaw())
}

// repace sets the device clock to the current pace, and logs a change.
func (h *Host) repace(now time.Time, said event.Event) {
	if said == nil {
		return
	}
	h.clock.set(time.Now(), now, h.pace.Rate())
	h.note(now, said)
}

// arrived notes that a socket is readable.
func (h *Host) arrived(s socket) {
	g := s.gate()
	if g.closed {
		discard(arrival{s})
		return
	}
	if g.waiting {
		return
	}
	g.waiting = true
	if h.frozen && !h.drained[g.id] {
		h.announce(g.id, s)
		return
	}
	h.ready = append(h.ready, s)
}

// setRate changes the speed of the device clock: now, or at each freeze.
func (h *Host) setRate(now time.Time, set func(float64) (event.Event, error), x float64) error {
	said, err := set(x)
	if err == nil {
		h.repace(now, said)
	}
	return err
}

// skip sets the device clock to the next deadline; the loop then finds it due.
func (h *Host) skip(now time.Time) error {
	if !h.frozen {
		return ErrNotFrozen
	}
	due := h.due()
	if due.IsZero() {
		return ErrNothingDue
	}
	if !due.After(now) {
		return nil // the loop is about to find it
	}
	h.clock.set(time.Now(), due, h.clock.rate)
	why := fmt.Sprintf("skipped %s to the next timer", event.Round(due.Sub(now)))
	h.note(due, event.ClockRate{Rate: h.clock.rate, Why: why})
	return nil
}
