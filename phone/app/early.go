package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/media"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxEarly bounds the datagrams that are kept for a session to come (our own number): a
// hello for the audio and one for RTCP, and each once more.
const maxEarly = 4

// An early is what comes of a handshake before there is a session. Whoever answers our offer
// may begin it at once, and be here before the answer (RFC 5763 §5); not to hear that costs
// a second.
type early []system.Received

func (e *early) keep(s system.Received) {
	if media.IsDTLS(s.Data) && len(*e) < maxEarly {
		*e = append(*e, s)
	}
}

// receive takes in a datagram of either socket.
func (v *voice) receive(now time.Time, s system.Received) {
	if v.session == nil {
		v.early.keep(s)
		return
	}
	v.line.out.ask(v.session.Receive(now, s)...)
}

// catchUp gives a new session what came before it.
func (v *voice) catchUp(now time.Time) {
	for _, s := range v.early {
		v.line.out.ask(v.session.Receive(now, s)...)
	}
	v.early = nil
}
