package dtls

import (
	"time"

	"github.com/pion/dtls/v3/pkg/protocol"
	"github.com/pion/dtls/v3/pkg/protocol/alert"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/dtls/v3/pkg/protocol/recordlayer"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// firstWait is the time to the first retransmission, which doubles with each
	// (RFC 6347 §4.2.4.1).
	firstWait = time.Second
	// maxTries is how often a flight is sent (our own number): the fifth is 15 s after the
	// first, and 16 s later nobody answers.
	maxTries = 5
	// Patience is how long a flight is answered by nothing until the handshake is given up.
	Patience = (1<<maxTries - 1) * firstWait
	// maxDatagram is how much goes into one datagram, in octets (our own number): the
	// least that an IPv6 network carries, with room for headers.
	maxDatagram = 1200
)

// A piece is what one record of a flight carries.
type piece struct {
	kind  protocol.ContentType
	epoch uint16
	data  []byte
}

// An outbox sends flights: now, and again until they are answered (RFC 6347 §4.2.4).
// Times are counted in tries, not by the clock: a phone that slept goes on where it was.
type outbox struct {
	flight   []piece
	message  uint16    // the sequence number of the next message
	records  [2]uint64 // of the next record of each epoch
	cipher   func(*recordlayer.RecordLayer, []byte) ([]byte, error)
	deadline time.Time // zero: the flight needs no answer
	tries    int
}

// begin forgets the flight before.
func (o *outbox) begin() { o.flight, o.tries = nil, 0 }

// add puts a message into the flight, and returns it as the hash of the handshake has it.
func (o *outbox) add(kind handshake.Type, epoch uint16, body []byte) []byte {
	raw := message{kind: kind, sequence: o.message, body: body}.raw()
	o.message++
	o.flight = append(o.flight, piece{protocol.ContentTypeHandshake, epoch, raw})
	return raw
}

// change puts a ChangeCipherSpec into the flight.
func (o *outbox) change() {
	o.flight = append(o.flight, piece{protocol.ContentTypeChangeCipherSpec, 0, []byte{1}})
}

// send sends the flight, which an answer is to follow.
func (o *outbox) send(now time.Time) [][]byte {
	o.deadline = now.Add(firstWait << o.tries)
	o.tries++
	return o.again()
}

// again sends the flight.
func (o *outbox) again() [][]byte { return o.seal(o.flight) }

// overdue reports whether an answer is overdue.
func (o *outbox) overdue(now time.Time) bool { return system.Due(o.deadline, now) }

// rest is that the flight was answered, or needs no answer.
func (o *outbox) rest() { o.deadline = time.Time{} }

// alert is a datagram with an alert.
func (o *outbox) alert(level alert.Level, what alert.Description) [][]byte {
	epoch := uint16(0)
	if o.cipher != nil && o.records[1] > 0 {
		epoch = 1
	}
	return o.seal([]piece{{protocol.ContentTypeAlert, epoch, []byte{byte(level), byte(what)}}})
}

// seal makes datagrams of pieces, with as many records in each as fit.
func (o *outbox) seal(pieces []piece) (out [][]byte) {
	for _, p := range pieces {
		r := o.record(p)
		if n := len(out); n > 0 && len(out[n-1])+len(r) <= maxDatagram {
			out[n-1] = append(out[n-1], r...)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// record makes one record.
func (o *outbox) record(p piece) []byte {
	r := recordlayer.RecordLayer{Header: recordlayer.Header{
		ContentType: p.kind, ContentLen: uint16(len(p.data)), Version: protocol.Version1_2, Epoch: p.epoch, SequenceNumber: o.records[p.epoch],
	}}
	o.records[p.epoch]++
	head, err := r.Header.Marshal()
	if err != nil {
		panic("dtls: a record cannot be written: " + err.Error())
	}
	out := append(head, p.data...)
	if p.epoch == 0 {
		return out
	}
	if out, err = o.cipher(&r, out); err != nil {
		panic("dtls: a record cannot be sealed: " + err.Error())
	}
	return out
}
