package sip

import (
	"errors"
	"time"

	"github.com/emiago/sipgo/sip"
)

// onward are the requests of ours in no dialog that wait for the flow to the next server,
// after one that failed (RFC 3263 §4.3):
//
//	503, no answer, the flow broke ─▶ the server is left ─▶ a new flow ─▶ sent again
//	                                   └─ no other, or none opens ─▶ it has failed
type onward struct{ waiting []*trip }

// A trip is what such a request makes of the servers.
type trip struct {
	again func(s *step)            // sends it on the new flow
	lost  func(s *step, err error) // says that there is no new flow
	moves int
	lives bool // the loss of this flow does not end it
}

// patient is the trip of a request that is sent on whatever flow is formed next, be it late.
func patient(again func(*step)) *trip { return &trip{again: again, lost: func(*step, error) {}} }

// maxMoves bounds how often one request goes on to another server (our own number): the
// rest of the first may be over before the last has failed.
const maxMoves = 8

// goesOn takes a request that has failed to the next server. It reports false if there is
// none, or a call needs the flow: the request has failed.
func (cl *client) goesOn(s *step, t *trip, rest time.Duration, why error) bool {
	up := cl.conn.Up()
	closed, departed := errors.AsType[errDeparted](why)
	if t.moves >= maxMoves || !closed.onward && (departed || !cl.move(s, nil, rest, why)) {
		return false
	}
	t.moves++
	t.lives = !up && !closed.onward
	cl.onward.waiting = append(cl.onward.waiting, t)
	return true
}

// turnedAway takes a request that was answered 503 to the next server.
func (cl *client) turnedAway(s *step, t *trip, res *sip.Response) bool {
	if res.StatusCode != sip.StatusServiceUnavailable {
		return false
	}
	rest, why := unavailable(res)
	return cl.goesOn(s, t, rest, why)
}

// resume sends what waited, on a new flow.
func (o *onward) resume(s *step) {
	waiting := o.waiting
	o.waiting = nil
	for _, t := range waiting {
		t.again(s)
	}
}

// orphan is the loss of a flow: what waited for that one has failed.
func (o *onward) orphan(s *step, err error) {
	waiting := o.waiting
	o.waiting = nil
	for _, t := range waiting {
		if t.lives {
			t.lives = false
			o.waiting = append(o.waiting, t)
			continue
		}
		t.lost(s, err)
	}
}
