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
func (d *Device) Call(now time.Time, c system.Effect) Output {
	switch d.state {
	case event.Dead:
		return Output{}
	case event.Suspended:
		panic(fmt.Sprintf("device: %T by an app that is suspended", c))
	}
	d.family.busy(now)
	if !d.family.call(now, c) && !d.call(now, c) {
		d.kernelCall(now, c)
	}
	return d.take()
}

// call carries out a call to the mobile system as every system does, and
// reports whether it was one.
func (d *Device) call(now time.Time, c system.Effect) bool {
	switch c := c.(type) {
	case system.MarkVoIP:
		d.unknownMark(c)
	case system.SetKeepAlive:
		d.keepAlive.absent(c.Timeout)
	case system.KeepAliveDone:
		d.keepAliveDone(now)
	case system.BeginTask:
		d.tasks.begin(c)
	case system.EndTask:
		d.endTask(now, c.Task)
	case system.ActivateAudio:
		d.audio = c.On
	case system.Notify:
		d.tray.notify(now, c, d.state == event.Foreground)
	case system.Withdraw:
		d.tray.withdraw(c)
	case system.RegisterPush:
		d.noPush("push")
	case system.RegisterWebPush:
		d.noPush("distributor of Web Push")
	case system.SaveAppPush:
		d.noPush("local push")
	case system.ReportCall:
		d.refuseCall(c, ErrNoCallScreen)
	case system.Exit:
		d.exit(now, c.Code)
	case system.BackgroundReady, system.PushDone, system.AnswerReported, system.ReportEnd: // nothing waits for it
	default:
		return false
	}
	return true
}

// kernelCall passes a call on to the kernel, and notes what the process has
// open there.
func (d *Device) kernelCall(now time.Time, c system.Effect) {
	switch c := c.(type) {
	case system.Send, system.Connect:
		d.radio.traffic = now
	case system.OpenSound:
		d.sound = true
	case system.CloseSound:
		d.sound = d.sound && c.Way != "" // else the other direction is open
	}
	if d.sockets.called(c) {
		d.kernel(c)
	}
}

// Announced is a call that the local push provider tells the system of.
func (d *Device) Announced(now time.Time, c system.AnnounceCall) Output {
	d.family.call(now, c) // whether the app runs or not
	return d.take()
}

// Receive takes in a signal of the kernel. [system.Readable],
// [system.PushArrived] and [system.PushOpened] are for the system itself; the rest it hands on to the
// app that it is for, if that still is.
func (d *Device) Receive(now time.Time, s system.Signal) Output {
	switch s := s.(type) {
	case system.PushArrived:
		d.family.pushed(now, s.Push)
		return d.take()
	case system.PushOpened:
		if a, ok := d.family.(*android); ok { // the only one with a distributor
			a.subscribed(now, s.Token)
		}
		return d.take()
	}
	switch s.(type) {
	case system.Received, system.Readable:
		d.radio.traffic = now
		d.family.radioWakes()
	}
	switch d.state {
	case event.Dead:
		d.sockets.orphan(s)
	case event.Suspended:
		d.whileSuspended(now, s)
	default:
		if _, about := subject(s); about && d.frozen { // it was on its way when the network closed
			d.sockets.hold(s)
			break
		}
		d.deliver(now, s)
	}
	return d.take()
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
	d.sockets.hold(s)
	if d.isWatched(id) {
		d.socketWake(now, id)
	}
}

// deliver hands a signal to the app, unless it is about a socket that the app
// has no longer.
func (c *core) deliver(now time.Time, s system.Signal) {
	if _, ok := s.(system.Readable); ok {
		return // it crossed the thaw: the app reads for itself
	}
	id, about := subject(s)
	if about && c.sockets.owned(id) == nil {
		c.sockets.orphan(s)
		return
	}
	c.family.busy(now)
	switch s := s.(type) {
	case system.Accepted:
		c.sockets.own(socket{id: s.Socket, kind: accepted})
	case system.Secured:
		c.sockets.owned(id).securing = false
	case system.Received:
		c.read(now, id, c.frameName(s), len(s.Data))
	case system.Closed:
		c.read(now, id, closeOf(s.Err), 0)
		c.sockets.disown(id)
	case system.Failed:
		c.sockets.failed(id)
	}
	c.tell(s)
}

// frameName names what the app reads, if it is what woke it.
func (c *core) frameName(s system.Received) string {
	if !c.wake.isFrame(s.Socket) {
		return ""
	}
	return c.name(s.Socket, s.Data)
}

// refuseCall says that the system does not show a call on a call screen.
func (c *core) refuseCall(call system.ReportCall, why error) {
	c.tray.logCard(event.NotificationRefused, card{id: call.ID, title: call.Name, body: call.Peer + ": " + why.Error(), screen: true})
	c.tell(system.CallReported{ID: call.ID, Err: why})
}

// noPush refuses an app a push token: what it waits for will not come.
func (d *Device) noPush(what string) {
	d.log(event.Push{Phase: event.PushRefused, Why: "this system has no " + what})
	d.log(event.Warning{
		Rule: event.RuleNotWakeable, Note: "the app waits for pushes, and this system has none: asleep, nobody can reach it",
		Hint: "a device with push (sleeptalk profile), or another strategy",
	})
}

// refusePush refuses one to an app that the system will not wake.
func (c *core) refusePush(why string) {
	c.log(event.Push{Phase: event.PushRefused, Why: why})
	c.log(event.Warning{Rule: event.RuleNotWakeable, Note: "the app gets no push token: " + why, Hint: "voip in UIBackgroundModes"})
}
