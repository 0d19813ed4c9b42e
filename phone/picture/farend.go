package picture

import (
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// FarEnds are what the others of a log have counted of the audio of their calls. A call is known
// by its Call-ID: where a server has given it another one, nobody can say whose counts those are.
type FarEnds struct {
	counts []farCount // oldest first
	calls  []farCall
}

// maxFarCounts bounds the counts that are kept, and maxFarCalls the calls (our own numbers): of
// one call the counts are one a second.
const (
	maxFarCounts = 1200
	maxFarCalls  = 64
)

// A farCall is a call as somebody else numbers it.
type farCall struct {
	who, callID string
	id          int
}

// A farCount is what somebody else has counted by a record.
type farCount struct {
	who string
	seq uint64
	rtp event.RTP
}

// Apply takes in a record of somebody other than phone.
func (e *FarEnds) Apply(r event.Record, phone string) {
	if r.Phone == phone {
		return
	}
	switch is := r.Event.(type) {
	case event.Call:
		if c := (farCall{r.Phone, is.CallID, is.ID}); is.CallID != "" && !slices.Contains(e.calls, c) {
			e.calls = keep(e.calls, c, maxFarCalls)
		}
	case event.RTP:
		e.counts = keep(e.counts, farCount{r.Phone, r.Seq, is}, maxFarCounts)
	}
}

// Of is what the far end of a call had counted by a record; nil: its log is not here, or it has
// counted nothing yet.
func (e *FarEnds) Of(callID string, seq uint64) *event.RTP {
	for i := len(e.counts) - 1; i >= 0 && callID != ""; i-- {
		n := &e.counts[i]
		if n.seq <= seq && slices.Contains(e.calls, farCall{n.who, callID, n.rtp.Call}) {
			return &n.rtp
		}
	}
	return nil
}
