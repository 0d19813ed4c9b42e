package live

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// carry executes the machine's calls at now, in order. Their results reach the
// machine in a later step, never inside this one.
//
// A record has the time of what was carried out last before it, and of one that nothing was
// before, that of the step: the time that the machine measures from.
func (h *Host) carry(now time.Time, effects []system.Effect) {
	h.deadline.Forget()
	at := now
	for _, c := range effects {
		if l, is := c.(system.Log); is {
			l.Event = event.Later(l.Event, at.Sub(now))
			h.record(at, l)
			continue
		}
		h.carryOut(now, c)
		at = h.carriedOut(now)
	}
}

// carryOut executes one effect of a step that began at now.
func (h *Host) carryOut(now time.Time, c system.Effect) {
	switch c := c.(type) {
	case system.Freeze:
		h.freeze(c.Watch)
	case system.Thaw:
		h.thaw(now)
	case system.Drain:
		h.drainSocket(c.Socket)
	case system.SendPush, system.OpenPush, system.Subscribe, system.ClosePush:
		h.carryPush(now, c)
	case system.OpenSound:
		h.openSound(c)
	case system.CloseSound:
		h.closeSound(c.Way)
	case system.Play:
		h.sounds.speaker.play(c.Samples)
	default:
		h.carrySocket(now, c)
	}
}

// carriedOut is the time after an effect of a step that began at now: what was sent has gone to
// the kernel then, and not when the step began. A hurried clock is not read twice in a step.
func (h *Host) carriedOut(now time.Time) time.Time {
	if h.clock.rate != 1 {
		return now
	}
	return h.now()
}

// carrySocket carries out a call on a socket.
func (h *Host) carrySocket(now time.Time, c system.Effect) {
	switch c := c.(type) {
	case system.Resolve:
		h.lookups.resolve(h.ctx, c)
	case system.Query:
		h.lookups.query(h.ctx, c)
	case system.Connect:
		if h.unused(now, "connect", c.Socket) {
			if c.Apart {
				h.drained[c.Socket] = true
			}
			h.connect(c)
		}
	case system.Bind:
		if h.unused(now, "bind", c.RTP) && (c.RTCP == 0 || h.unused(now, "bind", c.RTCP)) {
			h.bind(c)
		}
	case system.Listen:
		if h.unused(now, "listen", c.Socket) {
			h.listen(c)
		}
	case system.Send:
		h.send(now, c)
	case system.Close:
		h.closeSocket(c)
	default:
		h.misused(now, fmt.Sprintf("%T", c), "this call is not one for the kernel")
	}
}

// send writes to a socket.
func (h *Host) send(now time.Time, c system.Send) {
	switch s := h.sockets[c.Socket].(type) {
	case *stream:
		s.send(h, c.Data)
	case *datagram:
		s.send(h, c.To, c.Data)
	default:
		h.misused(now, "send", fmt.Sprintf("socket %d is not open", c.Socket))
	}
}

// closeSocket closes a socket. Closing one that is already gone is not an
// error.
func (h *Host) closeSocket(c system.Close) {
	s, ok := h.sockets[c.Socket]
	if !ok {
		return
	}
	h.forget(c.Socket)
	h.withdraw(c.Socket)
	if st, ok := s.(*stream); ok && !c.Reset {
		st.linger(h)
		return
	}
	s.shut(c.Reset)
}

// withdraw drops the pending signals of a socket: no signal follows a close.
func (h *Host) withdraw(id system.Socket) {
	about := func(s system.Signal) bool {
		of, ok := system.SocketOf(s)
		return ok && of == id
	}
	h.pending = slices.DeleteFunc(h.pending, about)
	h.passing = slices.DeleteFunc(h.passing, about)
	h.readable = slices.DeleteFunc(h.readable, func(s system.Readable) bool { return s.Socket == id })
}

// unused reports whether a program may use a number for a new socket.
func (h *Host) unused(now time.Time, op string, id system.Socket) bool {
	if _, taken := h.sockets[id]; taken {
		h.misused(now, op, fmt.Sprintf("socket %d is in use", id))
		return false
	}
	return true
}

// misused logs a call that makes no sense, which is a bug in the program.
func (h *Host) misused(now time.Time, op, what string) {
	h.note(now, event.Error{Op: op, Err: what, Rule: event.RuleProgramMistake})
}
