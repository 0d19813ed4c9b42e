package link

import (
	"bytes"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// maxHeld is how many bytes of a stream may wait in one direction: four
	// SIP messages of the largest size, more than signalling needs.
	maxHeld = 256 << 10
	// maxDatagrams is how many bytes of datagrams may wait: Linux's
	// net.core.rmem_default.
	maxDatagrams = 212992
)

// A packet is a call to the kernel, or a signal from it, on its way through the
// link. A packet with neither stands for unread data in the kernel of a frozen
// program.
type packet struct {
	effect system.Effect
	sig    system.Signal
	size   int
	at     time.Time // when it arrives
}

func (p *packet) unread() bool { return p.effect == nil && p.sig == nil }

// weight is what a packet counts against the bounds: at least 1.
func (p *packet) weight() int { return max(p.size, 1) }

// A lane is one direction of one socket. queue holds, in order, the pieces of a
// stream that could not be sent yet; way holds the packets on the way, by
// arrival.
type lane struct {
	line  Stream
	queue []packet
	way   []packet
	retry time.Time // when the head of the queue is tried again
	held  int       // bytes in both
}

func (l *lane) empty() bool { return len(l.queue)+len(l.way) == 0 }

func (l *lane) clear() { l.queue, l.way, l.retry, l.held = nil, nil, time.Time{}, 0 }

// push appends a piece of a stream to the queue. It reports false if the queue
// is full; the begin and the end of a stream always fit.
func (l *lane) push(p packet) bool {
	if p.size > 0 && l.held+p.weight() > maxHeld && !l.empty() {
		return false
	}
	l.held += p.weight()
	l.queue = append(l.queue, p)
	return true
}

// scatter puts as many copies of a datagram on the way as the network delivers,
// each with its own data. It reports whether there is one.
func (l *lane) scatter(now time.Time, network *shape, data []byte, pack func(data []byte) packet) bool {
	at, n := network.datagram(now, len(data))
	for i := range n {
		if l.held+len(data) > maxDatagrams {
			return i > 0
		}
		if i > 0 {
			data = bytes.Clone(data)
		}
		p := pack(data)
		p.size, p.at = len(data), at[i]
		l.place(p)
	}
	return n > 0
}

// place puts a packet on the way, with its time of arrival.
func (l *lane) place(p packet) {
	l.held += p.weight()
	i := len(l.way)
	for i > 0 && l.way[i-1].at.After(p.at) {
		i--
	}
	l.way = slices.Insert(l.way, i, p)
}

// take removes the first arrival.
func (l *lane) take() packet {
	p := l.way[0]
	l.way = slices.Delete(l.way, 0, 1)
	l.held -= p.weight()
	return p
}

// try sends as much of the queue as the path accepts. A lost piece holds up all
// those behind it, as in TCP. It reports false if TCP has given up.
func (l *lane) try(now time.Time, s *shape, blocked bool, limit time.Duration) bool {
	for len(l.queue) > 0 && !now.Before(l.retry) {
		if !blocked && s.turn(now).After(now) {
			return true
		}
		p := l.queue[0]
		ok := false
		if !blocked {
			p.at, ok = s.segment(now, p.size)
		}
		if !ok {
			again, still := l.line.Lost(l.tried(now), limit)
			if !still {
				return false
			}
			l.retry = again
			continue
		}
		l.retry = time.Time{}
		l.queue = slices.Delete(l.queue, 0, 1)
		l.held -= p.weight()
		p.at = l.line.Deliver(p.at)
		l.place(p)
	}
	return true
}

// tried returns the time of the try that has just failed: on a blocked path the
// tries are counted late, at the next look.
func (l *lane) tried(now time.Time) time.Time {
	if l.retry.IsZero() {
		return now
	}
	return l.retry
}

// due returns when try has something to do. On a blocked path no try can
// succeed, so only giving up is due.
func (l *lane) due(now time.Time, s *shape, blocked bool, limit time.Duration) time.Time {
	switch {
	case len(l.queue) == 0:
		return time.Time{}
	case blocked && l.retry.IsZero():
		return now
	case blocked:
		return l.line.since.Add(limit)
	case l.retry.Before(now):
		return s.turn(now)
	}
	return s.turn(l.retry)
}

// fill replaces the placeholder of unread data with the data that has now been
// read.
func (l *lane) fill(sig system.Signal, size int) bool {
	for _, list := range [][]packet{l.way, l.queue} {
		for i := range list {
			if list[i].unread() {
				l.held += max(size, 1) - list[i].weight()
				list[i].sig, list[i].size = sig, size
				return true
			}
		}
	}
	return false
}

// hasUnread reports whether the lane holds a placeholder of unread data.
func (l *lane) hasUnread() bool {
	return slices.ContainsFunc(l.way, func(p packet) bool { return p.unread() }) ||
		slices.ContainsFunc(l.queue, func(p packet) bool { return p.unread() })
}

// forgetUnread drops the placeholders: the kernel will report the data again.
func (l *lane) forgetUnread() {
	drop := func(p packet) bool {
		if p.unread() {
			l.held -= p.weight()
			return true
		}
		return false
	}
	l.way = slices.DeleteFunc(l.way, drop)
	l.queue = slices.DeleteFunc(l.queue, drop)
}
