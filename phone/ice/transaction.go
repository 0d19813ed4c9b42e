package ice

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
)

// Of a request over UDP (RFC 8489 §6.2.1).
const (
	minRTO    = 500 * time.Millisecond
	maxSends  = 7  // Rc
	lastWaits = 16 // Rm: how many RTO after the last repetition a request has failed
)

// A transaction is a request of ours that has no response yet.
type transaction struct {
	id       stun.ID
	data     []byte
	rto      time.Duration // the first wait, which says how long the last one is
	interval time.Duration // doubles with each repetition
	sends    int
	next     time.Time
}

func newTransaction(now time.Time, id stun.ID, data []byte, rto time.Duration) transaction {
	return transaction{id: id, data: data, rto: rto, interval: rto, sends: 1, next: now.Add(rto)}
}

// advance says what is due: the request again, or the end of it.
func (t *transaction) advance(now time.Time) (again, over bool) {
	if now.Before(t.next) {
		return false, false
	}
	if t.sends == maxSends {
		return false, true
	}
	t.sends++
	t.interval *= 2
	t.next = now.Add(t.interval)
	if t.sends == maxSends {
		t.next = now.Add(lastWaits * t.rto)
	}
	return true, false
}
