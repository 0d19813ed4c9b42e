package media

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"
)

// absent are packets that were due and were not played: those that came, but did not open,
// are not lost.
type absent struct{ due, lost uint64 }

// and adds others.
func (a absent) and(b absent) absent { return absent{a.due + b.due, a.lost + b.lost} }

// closed is how many of them came, and did not open.
func (a absent) closed() uint64 { return a.due - a.lost }

// A hole is what came since the last packet that was opened, and did not open. Its numbers
// are in clear, but nobody vouches for them (RFC 3711 §3.1): they say which of the packets
// came that a later one, which opens, shows to be missing, and nothing more.
type hole struct{ came map[uint16]struct{} }

// take notes a packet by its sequence number, and reports whether it is none that has come
// before. More than a source may step over are not remembered.
func (h *hole) take(sequence uint16) bool {
	if _, copied := h.came[sequence]; copied {
		return false
	}
	if h.came == nil {
		h.came = make(map[uint16]struct{})
	}
	if len(h.came) < maxDropout {
		h.came[sequence] = struct{}{}
	}
	return true
}

// fills are the packets between two that have come, in their order. It forgets all that is
// not newer.
func (h *hole) fills(from, to uint16) (list []uint16) {
	if len(h.came) == 0 {
		return nil
	}
	for sequence := range h.came {
		switch step := sequence - from; {
		case step == 0 || step >= maxDropout, step == to-from:
		case step < to-from:
			list = append(list, sequence)
		default:
			continue
		}
		delete(h.came, sequence)
	}
	slices.SortFunc(list, func(a, b uint16) int { return cmp.Compare(a-from, b-from) })
	return list
}

// forget begins anew, with another stream.
func (h *hole) forget() { clear(h.came) }

// comesClosed notes a packet of RTP that came and does not open: that of another stream
// than the one being heard stands for none of its packets.
func (i *inward) comesClosed(data []byte) {
	if len(data) < headerLen || i.heard() && binary.BigEndian.Uint32(data[8:]) != i.source.ssrc {
		return
	}
	if i.hole.take(binary.BigEndian.Uint16(data[2:])) {
		i.closed++
	}
}

// missing is what has not come since the last packet, if the passage is dead. Before there are
// keys, nothing is due.
func (i *inward) missing(now time.Time) absent {
	if i.keys.seal.lacks() != nil {
		return absent{}
	}
	due, came := i.passage.missing(now, i.packetTime()), i.closed
	if came > 0 {
		came++ // the next one is on its way
	}
	return absent{due, due - min(due, came)}
}

// settle books what did not come while nothing did, now that a packet has: as lost, but for
// what its sequence number says is missing. It reports whether that was less, and the row of
// packets ends with those that were lost.
func (i *inward) settle(told absent) (more bool) {
	due, lost := max(i.gap.due, told.due), max(i.gap.lost, told.lost)
	i.past.expected += due - told.due
	i.past.closed += due - lost
	i.gap = absent{}
	if more = lost > told.lost; more {
		i.runs.Lose(lost)
	}
	return more
}

// settleUntil books what is missing between two packets of the stream.
func (i *inward) settleUntil(from, to uint16, missing uint64) {
	came := i.hole.fills(from, to)
	n := min(missing, uint64(len(came)))
	i.source.base += uint32(n) // our reports do not call them lost, either
	i.past.expected += n
	if i.settle(absent{missing, missing - n}) {
		return
	}
	for _, sequence := range came {
		i.runs.Excuse(sequence)
	}
}

// rekey makes a change to the keys. When they come, audio is due from then on; when they
// go, what is missing by then stays missing.
func (i *inward) rekey(now time.Time, change func()) {
	before, lacked := i.missing(now), i.keys.seal.lacks()
	if change(); i.keys.seal.lacks() != lacked {
		i.gap = i.gap.and(before)
		i.last, i.closed = now, 0
	}
}
