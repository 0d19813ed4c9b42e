package link

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// note tracks the sockets while the link is a straight wire.
func (l *Link) note(now time.Time, s system.Signal) {
	f := l.flows.about(s)
	switch s := s.(type) {
	case system.Connected:
		if f != nil {
			f.open, f.local, f.remote = true, s.Local, s.Remote
		}
	case system.Bound:
		if f != nil {
			f.local = s.Local
		}
	case system.Accepted:
		l.flows = append(l.flows, &flow{
			kind: stream, app: s.Socket, kernel: s.Socket, asked: true, open: true, local: s.Local, remote: s.Remote,
		})
	case system.Readable:
		if f != nil {
			f.told = true
			l.comes(now, f, s)
		}
	case system.Received:
		if f != nil {
			l.releases(now, f, s.Data)
		}
	case system.Failed:
		l.forget(s.Socket)
	case system.Closed:
		l.forget(s.Socket)
	}
}

// forget removes a flow that neither the kernel nor the app has any more.
func (l *Link) forget(id system.Socket) {
	for i, f := range l.flows {
		if f.kernel == id {
			l.flows = append(l.flows[:i], l.flows[i+1:]...)
			return
		}
	}
}

// receive handles a signal of the kernel while the link is not a straight wire.
// It returns a signal that passes at once.
func (l *Link) receive(now time.Time, s system.Signal) system.Signal {
	switch s := s.(type) {
	case system.Accepted:
		l.note(now, s)
		return s
	case system.PushArrived:
		if l.offline() {
			return nil // lost on the way: the service has sent it
		}
		return s
	}
	f := l.flows.about(s)
	if f == nil {
		return s
	}
	switch s := s.(type) {
	case system.Connected:
		l.connected(now, f, s)
		return nil
	case system.Bound:
		return l.bound(f, s)
	case system.Failed:
		return l.failed(f, s)
	case system.Received:
		l.received(now, f, s)
		return nil
	case system.Unsent:
		s.Socket = f.appOf(s.Socket)
		return s
	case system.Closed:
		return l.closed(now, f, s)
	case system.Readable:
		l.readable(now, f, s)
		return nil
	}
	return s
}

// connected handles the end of a handshake in the kernel.
func (l *Link) connected(now time.Time, f *flow, s system.Connected) {
	if !f.alive() {
		l.drop(f)
		return
	}
	f.local, f.remote, f.touched = s.Local, s.Remote, now
	if l.nat.on() {
		l.mapping(now, f, event.MappingMade, "")
	}
	s.Socket = f.app
	f.down.push(packet{sig: s})
}

func (l *Link) bound(f *flow, s system.Bound) system.Signal {
	f.local = s.Local
	if f.rebinding {
		f.rebinding, f.dead, f.touched = false, false, time.Time{}
		f.sent, f.sent2 = false, false
		l.know(f, "new source "+s.Local.String())
		return nil
	}
	s.Socket = f.app
	return s
}

func (l *Link) failed(f *flow, s system.Failed) system.Signal {
	switch {
	case f.rebinding:
		f.rebinding, f.kernel, f.kernel2 = false, 0, 0
		l.log(event.Error{Op: "open a new source port", Err: s.Err.Error(), Rule: event.RuleHostFailed})
		return nil
	case f.kind == datagram:
		s.Socket = f.app
		f.app, f.app2, f.kernel, f.kernel2 = 0, 0, 0, 0
		return s
	}
	f.kernel = 0
	if f.alive() {
		s.Socket = f.app
		f.down.push(packet{sig: s})
	}
	return nil
}

func (l *Link) received(now time.Time, f *flow, s system.Received) {
	if f.kind == datagram {
		l.receivedDatagram(now, f, s)
		return
	}
	s.Socket = f.app
	l.receivedSegment(now, f, s, len(s.Data))
}

// closed handles a FIN, an RST or an error, which follows the data before it.
func (l *Link) closed(now time.Time, f *flow, s system.Closed) system.Signal {
	if f.kind == datagram { // one that is bound to an address which is gone
		s.Socket = f.appOf(s.Socket)
		l.know(f, "the app has been told")
		f.app, f.app2, f.kernel, f.kernel2 = 0, 0, 0, 0
		return s
	}
	f.kernel, f.theirs = 0, time.Time{}
	s.Socket = f.app
	if f.alive() {
		l.receivedSegment(now, f, s, 0)
	}
	return nil
}

// receivedSegment handles a piece of a stream from the server. On a dead stream
// it never arrives: the server retransmits until its TCP gives up.
func (l *Link) receivedSegment(now time.Time, f *flow, s system.Signal, size int) {
	if !f.alive() {
		if r, ok := s.(system.Received); ok {
			l.swallow(now, f, r.Data, f.remote, false, l.lost(f))
		}
		l.unanswered(now, f)
		return
	}
	f.touched = now
	if f.down.fill(s, size) {
		return
	}
	if !f.down.push(packet{sig: s, size: size}) {
		l.end(f, system.Closed{Socket: f.app, Err: system.NoBuffers}, now)
		l.drop(f)
	}
}

// readable handles the kernel's report that a watched socket of the frozen app
// is readable.
func (l *Link) readable(now time.Time, f *flow, s system.Readable) {
	switch {
	case !f.alive():
		l.unanswered(now, f)
	case f.kind == datagram:
		// Only a stream wakes a suspended app. When its datagram would have come over the
		// emulated network is not known before it is read.
		f.held.seen = s
	case !f.told && !f.down.hasUnread():
		f.touched, f.held.seen = now, s
		f.down.push(packet{})
	}
}

// unanswered notes that the server has sent data that will not be acknowledged.
func (l *Link) unanswered(now time.Time, f *flow) {
	if f.theirs.IsZero() && f.kernel != 0 {
		f.theirs = now.Add(DataTimeout)
	}
}

// receivedDatagram handles a datagram from the network. A NAT lets none in
// before one has gone out.
func (l *Link) receivedDatagram(now time.Time, f *flow, s system.Received) {
	s.Socket = f.appOf(s.Socket)
	if l.offline() || !f.alive() || s.Socket == 0 || f.rebinding || l.nat.on() && !f.mapped(s.Socket) {
		l.swallow(now, f, s.Data, s.From, false, l.lost(f))
		return
	}
	f.touched = now
	data := s.Data
	if !f.down.scatter(now, &l.down, data, func(data []byte) packet {
		s.Data = data
		return packet{sig: s}
	}) {
		l.shaped(now, f, &l.down, data, s.From, false)
	}
}
