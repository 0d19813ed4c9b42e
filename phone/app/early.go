package app

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/media"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxEarly bounds the datagrams that are kept for a session to come (our own number): a
// hello for the audio and one for RTCP, and each once more.
const maxEarly = 4

// An early is what comes of a handshake before there is a session. Whoever answers our offer
// may begin it at once, and be here before the answer (RFC 5763 §5); not to hear that costs
// a second. Nobody has said yet where he is, so it may be anybody: what comes from the server
// pushes out what does not.
type early []arrival

// An arrival is one datagram, and whether it comes from the server.
type arrival struct {
	system.Received
	known bool
}

func (e *early) keep(s system.Received, known bool) {
	if !media.MayShake(s.Data) {
		return
	}
	if len(*e) == maxEarly {
		i := slices.IndexFunc(*e, func(a arrival) bool { return known && !a.known })
		if i < 0 {
			return
		}
		*e = slices.Delete(*e, i, i+1)
	}
	*e = append(*e, arrival{s, known})
}

// receive takes in a datagram of either socket.
func (v *voice) receive(now time.Time, s system.Received) {
	if v.session == nil {
		v.early.keep(s, v.knows(s.From.Addr()))
		return
	}
	v.line.out.ask(v.session.Receive(now, s)...)
}

// catchUp gives a new session what came before it.
func (v *voice) catchUp(now time.Time) {
	for _, s := range v.early {
		v.line.out.ask(v.session.Receive(now, s.Received)...)
	}
	v.early = nil
}
