package device

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Call takes in a call of the app: one to the mobile system is carried out,
// one to the kernel is noted and passed on. Calls that a process had still to
// make when it died are dropped. A suspended app makes none: to hand one in
// is a mistake of the handset, and panics.
func (d *Device) Call(now time.Time, c system.Call) Output {
	switch d.state {
	case event.Dead:
		return Output{}
	case event.Suspended:
		panic(fmt.Sprintf("device: %T by an app that is suspended", c))
	}
	d.idle(now)
	if !d.mobileCall(now, c) && d.kernelCall(c) && !d.keepUnsent(now, c) {
		d.kernel(c)
	}
	return d.take()
}

// mobileCall carries out a call to the mobile system, and reports whether it
// was one.
func (d *Device) mobileCall(now time.Time, c system.Call) bool {
	if d.profile.Doze && d.dozeCall(now, c) {
		return true
	}
	switch c := c.(type) {
	case system.MarkVoIP:
		d.mark(now, c.Socket)
	case system.SetKeepAlive:
		d.setKeepAlive(now, c.Timeout)
	case system.KeepAliveDone:
		d.keepAliveDone(now)
	case system.BackgroundReady:
		d.backgroundReady(now)
	case system.BeginTask:
		d.beginTask(now, c)
	case system.EndTask:
		d.endTask(now, c.Task)
	case system.ActivateAudio:
		d.askAudio(now, c.On)
	case system.Notify:
		d.notify(now, c)
	case system.Withdraw:
		d.withdraw(c)
	case system.RegisterPush:
		d.setPushDelegate()
	case system.PushDone:
		d.delegateReturned(now, c.ID)
	case system.ReportCall:
		d.putOnScreen(now, c)
	case system.AnswerReported:
		d.answerOnScreen(now, c.ID)
	case system.ReportEnd:
		d.takeOffScreen(now, c)
	case system.Exit:
		d.exit(now, c.Code)
	default:
		return false
	}
	return true
}

// kernelCall notes which sockets the process has. It reports whether the call
// goes on to the kernel: one on a socket that the system has reclaimed, and
// the app does not know it yet, is lost (EPIPE), and so is sound that the
// system does not let the app have.
func (d *Device) kernelCall(c system.Call) bool {
	switch c := c.(type) {
	case system.Connect:
		d.own(socket{id: c.Socket, kind: stream})
	case system.Listen:
		d.own(socket{id: c.Socket, kind: listener})
	case system.Bind:
		d.own(socket{id: c.RTP, kind: datagram, pair: c.RTCP})
		if c.RTCP != 0 {
			d.own(socket{id: c.RTCP, kind: datagram, pair: c.RTP})
		}
	case system.StartTLS:
		return d.owned(c.Socket) != nil
	case system.Send:
		return d.owned(c.Socket) != nil
	case system.Close:
		known := d.owned(c.Socket) != nil
		d.disown(c.Socket)
		return known
	case system.OpenSound:
		if !d.mayStartAudio() {
			d.tell(system.SoundFailed{Err: errNoAudio})
			return false
		}
		d.sound = true
	case system.CloseSound:
		d.sound = false
	}
	return true
}

// Receive takes in a signal of the kernel. [system.Readable] and
// [system.PushArrived] are for the system itself; the rest it hands on to the
// app that it is for, if that still is.
func (d *Device) Receive(now time.Time, s system.Signal) Output {
	if p, ok := s.(system.PushArrived); ok {
		d.pushArrived(now, p.Push)
		return d.take()
	}
	switch d.state {
	case event.Dead:
		d.orphan(s)
	case event.Suspended:
		d.whileSuspended(now, s)
	default:
		if _, about := subject(s); about && d.offline { // it was on its way when the network closed
			d.held = append(d.held, s)
			break
		}
		d.deliver(now, s)
	}
	return d.take()
}

// orphan is a signal for a process that is gone. A connection that was
// accepted for it is closed.
func (d *Device) orphan(s system.Signal) {
	if a, ok := s.(system.Accepted); ok {
		d.kernel(system.Close{Socket: a.Socket})
	}
}

// whileSuspended is a signal while the app sleeps: that a watched socket is
// readable, or one that was already on its way when the kernel froze. The
// latter waits for the app, and wakes it if it is from a watched socket.
func (d *Device) whileSuspended(now time.Time, s system.Signal) {
	if r, ok := s.(system.Readable); ok {
		if d.isWatched(r.Socket) {
			d.socketWake(now, r.Socket)
		}
		return
	}
	id, ok := subject(s)
	if !ok {
		return // a frame of sound, which nobody hears
	}
	d.held = append(d.held, s)
	if d.isWatched(id) {
		d.socketWake(now, id)
	}
}

// deliver hands a signal to the app, unless it is about a socket that the app
// has no longer.
func (d *Device) deliver(now time.Time, s system.Signal) {
	if _, ok := s.(system.Readable); ok {
		return // it crossed the thaw: the app reads for itself
	}
	id, about := subject(s)
	if about && d.owned(id) == nil {
		d.orphan(s)
		return
	}
	d.idle(now)
	switch s := s.(type) {
	case system.Accepted:
		d.own(socket{id: s.Socket, kind: accepted})
	case system.Received:
		d.read(now, id, frameOf(s.Data), len(s.Data))
	case system.Closed:
		d.read(now, id, closeOf(s.Err), 0)
		d.disown(id)
	case system.Failed:
		d.openFailed(id)
	}
	d.tell(s)
}
