package link

import (
	"bytes"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// maxHeld is how many bytes of a stream wait in one direction: four SIP
	// messages of the largest size. What holds more is no signalling.
	maxHeld = 256 << 10
	// maxDatagrams is how many bytes of datagrams wait: Linux's
	// net.core.rmem_default.
	maxDatagrams = 212992
)

// A packet is one thing on its way through the link: a call to the kernel, or
// a signal from it. One with neither is data that lies in the kernel of a
// frozen program, which nobody has read yet.
type packet struct {
	call system.Call
	sig  system.Signal
	size int
	at   time.Time // when it arrives
}

func (p *packet) unread() bool { return p.call == nil && p.sig == nil }

// weight is what a packet counts against the bounds: no packet is free.
func (p *packet) weight() int { return max(p.size, 1) }

// A lane is one direction of one socket. Of a stream, what could not be sent
// yet waits in the queue, in order; what is on the way is in way, by arrival.
type lane struct {
	line  Stream
	queue []packet
	way   []packet
	retry time.Time // when the head of the queue is tried again
	held  int       // bytes in both
}

func (l *lane) empty() bool { return len(l.queue)+len(l.way) == 0 }

func (l *lane) clear() { l.queue, l.way, l.retry, l.held = nil, nil, time.Time{}, 0 }

// push puts a piece of a stream behind what waits. It reports false if that is
// too much; what begins or ends a stream always has room.
func (l *lane) push(p packet) bool {
	if p.size > 0 && l.held+p.weight() > maxHeld && !l.empty() {
		return false
	}
	l.held += p.weight()
	l.queue = append(l.queue, p)
	return true
}

// scatter puts a datagram on the way as often as the network has it come, each
// copy with data of its own.
func (l *lane) scatter(now time.Time, network *shape, data []byte, pack func(data []byte) packet) {
	at, n := network.datagram(now, len(data))
	for i := range n {
		if l.held+len(data) > maxDatagrams {
			return
		}
		if i > 0 {
			data = bytes.Clone(data)
		}
		p := pack(data)
		p.size, p.at = len(data), at[i]
		l.place(p)
	}
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

// take takes the first arrival.
func (l *lane) take() packet {
	p := l.way[0]
	l.way = slices.Delete(l.way, 0, 1)
	l.held -= p.weight()
	return p
}

// try sends what is queued, as far as the path takes it. A piece that is lost
// holds up all that are behind it, as in TCP. It reports false if TCP has
// given up.
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

// tried is when the try took place that has just failed: the tries of a path
// that was blocked are counted when somebody looks.
func (l *lane) tried(now time.Time) time.Time {
	if l.retry.IsZero() {
		return now
	}
	return l.retry
}

// due is when try has something to do. Behind a blocked path no try can
// succeed: there is only the end of trying.
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

// fill puts what the program has now read in the place of what it had not.
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

// hasUnread reports whether something is on the way that nobody has read.
func (l *lane) hasUnread() bool {
	return slices.ContainsFunc(l.way, func(p packet) bool { return p.unread() }) ||
		slices.ContainsFunc(l.queue, func(p packet) bool { return p.unread() })
}

// forgetUnread forgets it: the kernel will say again that something lies there.
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
