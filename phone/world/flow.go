package world

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// window is how many bytes may be on the way to a program or wait in
	// its socket; the rest waits at the sender. (Linux grows its window
	// from 64 KiB; signalling never fills either.)
	window = 256 << 10
	// sendBuffer is how many bytes may wait at the sender. Only a program
	// that keeps writing to a peer that never reads exceeds it.
	sendBuffer = 4 << 20
)

// segKind is what a segment does to its receiver.
type segKind uint8

const (
	opening segKind = iota // the last ACK of the handshake
	payload
	finish
)

type segment struct {
	kind segKind
	data []byte
}

// A flow is one direction of an open stream.
type flow struct {
	from, to *socket
	line     link.Stream
	queue    []segment // not sent yet
	queued   int       // bytes in it
	unread   int       // bytes on the way, or in the receiver's socket
	waiting  bool      // waits to retransmit after a loss
	closed   bool      // nothing more may be written
}

// write cuts data into segments and sends them.
func (f *flow) write(data []byte) {
	if f.closed {
		return
	}
	w := f.from.node.world
	for len(data) > 0 {
		n := min(w.cfg.MSS, len(data))
		if w.cfg.Split {
			n = min(1+w.split.IntN(w.cfg.MSS), len(data))
		}
		f.queue = append(f.queue, segment{kind: payload, data: data[:n:n]})
		f.queued += n
		data = data[n:]
	}
	if f.queued > sendBuffer {
		f.abandon()
		f.from.end(system.NoBuffers)
		return
	}
	f.transmit()
}

// push sends one segment.
func (f *flow) push(s segment) {
	f.queue = append(f.queue, s)
	f.transmit()
}

// finish sends what is queued, then FIN.
func (f *flow) finish() {
	f.closed = true
	f.push(segment{kind: finish})
}

// abandon drops the queued data.
func (f *flow) abandon() {
	f.closed = true
	f.queue, f.queued = nil, 0
}

// transmit sends as much of the queue as the window allows. A lost segment
// holds up all those behind it.
func (f *flow) transmit() {
	w := f.from.node.world
	for len(f.queue) > 0 && !f.waiting {
		s := f.queue[0]
		if f.unread > 0 && f.unread+len(s.data) > window {
			return
		}
		at, ok := f.from.node.route(f.to.node)
		if !ok {
			f.lost()
			return
		}
		f.queue[0] = segment{}
		f.queue = f.queue[1:]
		f.queued -= len(s.data)
		f.unread += len(s.data)
		w.at(f.inOrder(at), func() { f.arrive(s) })
	}
}

// inOrder returns at, or a later time if an earlier segment arrives later.
func (f *flow) inOrder(at time.Duration) time.Duration {
	w := f.from.node.world
	return w.since(f.line.Deliver(w.cfg.Epoch.Add(at)))
}

// lost waits for the next try, or gives up.
func (f *flow) lost() {
	w := f.from.node.world
	again, ok := f.line.Lost(w.Now(), link.DataTimeout)
	if !ok {
		f.abandon()
		f.from.end(system.TimedOut)
		return
	}
	f.waiting = true
	w.at(w.since(again), func() {
		f.waiting = false
		f.transmit()
	})
}

// arrive handles a segment that reaches the receiver's kernel.
func (f *flow) arrive(s segment) {
	switch {
	case s.kind == opening:
		f.to.node.accept(f.to)
	case f.to.gone || f.to.ended:
		if s.kind == payload {
			f.to.reset()
		}
	case s.kind == finish:
		f.to.end(nil)
	default:
		f.to.node.deliver(f.to, system.Received{Socket: f.to.id, From: f.to.remote, Data: s.data})
	}
}

// read makes room for n bytes.
func (f *flow) read(n int) {
	f.unread -= n
	f.transmit()
}

// reopen lets the sender discover that the receiver is gone.
func (f *flow) reopen() {
	f.unread = 0
	f.transmit()
}
