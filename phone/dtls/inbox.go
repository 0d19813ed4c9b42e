package dtls

import (
	"slices"

	"github.com/pion/dtls/v3/pkg/protocol/handshake"
)

const (
	// maxMessage bounds a message, in octets (our own number): the longest is a
	// Certificate, and one that is signed by itself has about a thousand.
	maxMessage = 16 << 10
	// maxAhead bounds the messages that are kept before their turn (our own number): the
	// longest flight has six.
	maxAhead = 8
	// maxPieces bounds the pieces of one message (our own number), of which each has 16
	// octets at least where datagrams are not made to trouble us.
	maxPieces = maxMessage / 16
)

// A message is one of the handshake, whole.
type message struct {
	kind     handshake.Type
	sequence uint16
	epoch    uint16 // of the records that it came in
	body     []byte
}

// raw is the message as the hash of the handshake has it: unfragmented (RFC 6347 §4.2.6).
func (m message) raw() []byte {
	h := handshake.Header{Type: m.kind, Length: uint32(len(m.body)), FragmentLength: uint32(len(m.body)), MessageSequence: m.sequence}
	head, err := h.Marshal()
	if err != nil {
		panic("dtls: a header cannot be written: " + err.Error())
	}
	return append(head, m.body...)
}

// An inbox puts the fragments of messages together, and gives the messages in their order
// (RFC 6347 §4.2.2, §4.2.3).
type inbox struct {
	next  uint16 // the sequence number of the message that is due
	parts [maxAhead]*part
}

// A part is a message of which not everything has come yet.
type part struct {
	message
	missing []span
	pieces  int
}

// A span is octets of a message, from the first to before the last.
type span struct{ from, to int }

// restart has the inbox wait for the message of a fragment, and forget what it has, but for
// other fragments of the same. One that is whole needs none of them.
func (b *inbox) restart(h handshake.Header) {
	p := b.parts[b.next%maxAhead]
	if p == nil || h.MessageSequence != b.next || int(h.Length) != len(p.body) || h.FragmentLength == h.Length {
		*b = inbox{next: h.MessageSequence}
	}
}

// add takes a fragment in. What does not fit to what has come is left out.
func (b *inbox) add(h handshake.Header, epoch uint16, fragment []byte) {
	ahead := h.MessageSequence - b.next
	if ahead >= maxAhead || h.Length > maxMessage {
		return
	}
	slot := &b.parts[h.MessageSequence%maxAhead]
	if *slot == nil {
		*slot = &part{
			message: message{h.Type, h.MessageSequence, epoch, make([]byte, h.Length)},
			missing: []span{{0, int(h.Length)}},
		}
	}
	p := *slot
	if p.kind != h.Type || p.epoch != epoch || len(p.body) != int(h.Length) || p.pieces == maxPieces {
		return
	}
	p.pieces++
	p.fill(int(h.FragmentOffset), fragment)
}

// fill puts a fragment in its place, where nothing is yet.
func (p *part) fill(at int, fragment []byte) {
	end := at + len(fragment)
	if end > len(p.body) {
		return
	}
	var left []span
	for _, m := range p.missing {
		from, to := max(m.from, at), min(m.to, end)
		if from >= to && m.from != m.to {
			left = append(left, m)
			continue
		}
		copy(p.body[from:to], fragment[from-at:to-at])
		left = append(left, span{m.from, from}, span{to, m.to})
	}
	p.missing = slices.DeleteFunc(left, func(s span) bool { return s.from >= s.to })
}

// take is the message that is due, if it is whole.
func (b *inbox) take() (message, bool) {
	slot := &b.parts[b.next%maxAhead]
	if *slot == nil || len((*slot).missing) > 0 {
		return message{}, false
	}
	m := (*slot).message
	*slot = nil
	b.next++
	return m, true
}
