package link

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// connect opens a stream: the SYN crosses the link like every packet.
func (l *Link) connect(now time.Time, c system.Connect) {
	f := &flow{kind: stream, app: c.Socket, kernel: l.number(c.Socket), began: now, touched: now, apart: c.Apart}
	l.flows = append(l.flows, f)
	c.Socket = f.kernel
	if l.busy || f.kernel != f.app {
		f.up.push(packet{effect: c})
		l.settle(now)
		return
	}
	f.asked = true
	l.kernel(c)
}

// bind opens UDP sockets, which the network does not know of before they send.
func (l *Link) bind(c system.Bind) {
	f := &flow{kind: datagram, app: c.RTP, app2: c.RTCP, bind: c, asked: true}
	f.kernel = l.number(c.RTP)
	f.kernel2 = l.number(c.RTCP)
	l.flows = append(l.flows, f)
	l.busy = l.busy || f.kernel != f.app || f.kernel2 != f.app2
	c.RTP, c.RTCP = f.kernel, f.kernel2
	l.kernel(c)
}

// send passes on what the app sends.
func (l *Link) send(now time.Time, c system.Send) {
	f := l.flows.of(c.Socket)
	switch {
	case f == nil:
		// Dropped, as if it had been on the way when the socket ended.
	case f.kind == datagram:
		l.sendDatagram(now, f, c)
	default:
		l.sendSegment(now, f, c)
	}
}

// sendSegment sends a piece of a stream. On a dead one nothing comes back, or
// after a round trip an RST from somebody who does not know the connection.
func (l *Link) sendSegment(now time.Time, f *flow, c system.Send) {
	switch {
	case f.ended:
	case f.dead && f.answers && !l.offline():
		l.end(f, system.Closed{Socket: f.app, Err: system.Reset}, now.Add(l.up.Latency+l.down.Latency))
	case f.dead:
		l.swallow(now, f, c.Data, f.remote, true, l.lost(f))
		if f.ours.IsZero() {
			f.ours = now.Add(DataTimeout)
		}
	default:
		f.touched = now
		c.Socket = f.kernel
		if !f.up.push(packet{effect: c, size: len(c.Data)}) {
			l.end(f, system.Closed{Socket: f.app, Err: system.NoBuffers}, now)
			l.drop(f)
		}
	}
}

// sendDatagram sends a datagram. The first one of a flow that the NAT has
// forgotten makes a new mapping, with another port. That datagram itself is
// lost, because the link must open the new port first.
func (l *Link) sendDatagram(now time.Time, f *flow, c system.Send) {
	switch {
	case l.offline() || f.rebinding || f.dead && f.half:
		l.swallow(now, f, c.Data, c.To, true, l.lost(f))
		return
	case f.dead:
		l.swallow(now, f, c.Data, c.To, true, l.lost(f))
		l.rebind(f)
		return
	}
	f.touched = now
	if f.send(c.Socket) && l.nat.on() {
		l.mapping(now, f, event.MappingMade, "")
	}
	c.Socket = f.kernelOf(c.Socket)
	data := c.Data
	if !f.up.scatter(now, &l.up, data, func(data []byte) packet {
		c.Data = data
		return packet{effect: c}
	}) {
		l.shaped(now, f, &l.up, data, c.To, true)
	}
}

// rebind opens other UDP sockets beneath a flow: their datagrams have a new
// source port, and datagrams to the old port are lost.
func (l *Link) rebind(f *flow) {
	l.closePair(f)
	f.up.clear()
	f.down.clear()
	f.rebinding = true
	f.kernel = l.own()
	if f.app2 != 0 {
		f.kernel2 = l.own()
	}
	again := f.bind
	again.RTP, again.RTCP, again.Port = f.kernel, f.kernel2, 0
	l.kernel(again)
}

func (l *Link) closePair(f *flow) {
	for _, id := range []system.Socket{f.kernel, f.kernel2} {
		if id != 0 {
			l.closeOne(f, id)
		}
	}
}

// closeHalf closes at once the sockets that wait to close behind unsent data.
func (l *Link) closeHalf(f *flow) {
	for _, p := range f.up.way {
		if c, ok := p.effect.(system.Close); ok {
			l.closeOne(f, c.Socket)
		}
	}
}

// closeOne closes a UDP socket in the kernel.
func (l *Link) closeOne(f *flow, id system.Socket) {
	if id == f.kernel {
		f.kernel = 0
	} else {
		f.kernel2 = 0
	}
	l.kernel(system.Close{Socket: id})
}

// close closes a socket of the app.
func (l *Link) close(now time.Time, c system.Close) {
	f := l.flows.of(c.Socket)
	switch {
	case f == nil && l.flows.beneath(c.Socket) != nil:
		return // the kernel's number belongs to another flow by now
	case f == nil:
		l.kernel(c)
		return
	}
	l.drops(now, f)
	switch {
	case f.kind == datagram:
		l.closeDatagram(f, c)
	default:
		l.closeStream(f, c)
	}
	l.settle(now)
}

// closeDatagram closes one socket of a pair, after the data sent before.
func (l *Link) closeDatagram(f *flow, c system.Close) {
	f.half = true
	f.down.clear()
	id := f.kernelOf(c.Socket)
	if c.Socket == f.app2 {
		f.app2 = 0
	} else {
		f.app = 0
	}
	if n := len(f.up.way); n > 0 {
		f.up.place(packet{effect: system.Close{Socket: id}, at: f.up.way[n-1].at})
	} else if id != 0 {
		l.closeOne(f, id)
	}
	if f.app == 0 && f.app2 == 0 {
		l.know(f, "the app has closed the sockets")
	}
}

// closeStream sends FIN after the data sent before, or RST. On a dead
// connection neither arrives, and the kernel keeps the server's side open.
func (l *Link) closeStream(f *flow, c system.Close) {
	l.know(f, "the app has closed the connection")
	straight := !l.busy
	f.app, f.ours = 0, time.Time{}
	f.down.clear()
	if c.Reset || !f.open {
		f.up.clear()
	}
	switch {
	case !f.asked:
		f.kernel = 0
	case !f.open || straight:
		l.pass(f, c)
	case f.dead || f.ended || f.kernel == 0:
	default:
		f.up.push(packet{effect: c})
	}
}

// pass gives the kernel a call that has crossed the link.
func (l *Link) pass(f *flow, c system.Effect) {
	if f.kernel == 0 {
		return // the server has closed it meanwhile
	}
	switch c := c.(type) {
	case system.Connect:
		f.asked = true
	case system.Close:
		c.Socket = f.kernel
		f.kernel = 0
		l.kernel(c)
		return
	}
	l.kernel(c)
}
