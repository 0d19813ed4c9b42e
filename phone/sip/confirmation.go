package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

// A confirmation is our ACK to the last 2xx of the peer's: a flow that dies may take it
// along, and with it the call, which the peer ends 32 s later (RFC 3261 §13.3.1.4). The
// 2xx, which would ask for it again, comes by that flow, and does not come.
type confirmation struct {
	call   *call
	invite *sip.Request // nil: there was none
	at     time.Time    // when the peer's 2xx asked for it last
}

// send acknowledges a 2xx to an INVITE of ours.
func (f *confirmation) send(s *step, invite *sip.Request) {
	f.invite, f.at = invite, s.Now
	f.call.acknowledge(s, &f.call.dialog, invite)
}

// resend sends it by another flow, as long as the peer may wait for it: nobody answers an
// ACK, so that one too many does no harm.
func (f *confirmation) resend(s *step) {
	if f.invite != nil && f.call.state == callUp && !f.call.over && s.Now.Sub(f.at) < giveUp {
		f.call.acknowledge(s, &f.call.dialog, f.invite)
	}
}
