package media

import (
	"fmt"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An outward is our audio on its way to the far end, whose reports alone say whether it gets
// there.
type outward struct {
	*basis
	route *route
	passage
	far far
}

// expect says whether something has to get through: sending says that something is sent.
func (o *outward) expect(now time.Time, sending bool) {
	if due := o.answered && sending; due != o.due {
		o.passage = passage{due: due, last: now}
	}
}

// reportedOn takes in what the far end reports of our audio in one datagram, of which so many
// packets were sent. One that names no packet that is new is of a far end that receives
// nothing.
func (o *outward) reportedOn(now time.Time, sent uint64, ours []rtcp.ReceptionReport) []system.Effect {
	before := o.far.ours
	if o.far.reports(now, sent, ours) {
		return o.pass(now, 1, o.cfg.Call, "out")
	}
	return o.unheard(now, sent, sent > before)
}

// speaks notes that a packet was sent, and how many there are: before the first since the far
// end has named one, nothing could have got through.
func (o *outward) speaks(now time.Time, packets uint64) {
	if packets == o.far.known+1 {
		o.last = now
	}
}

// unheard logs that the far end receives nothing, by its report, if it could have: spoke
// says that something was sent since its last one.
func (o *outward) unheard(now time.Time, sent uint64, spoke bool) []system.Effect {
	if !spoke {
		o.last = now
		return nil
	}
	since := now.Sub(o.last)
	if sent == o.far.known || !o.dies(now) {
		return nil
	}
	return o.warn(event.RuleNoAudioOut, event.Outward,
		fmt.Sprintf("the far end reports nothing of what we sent to %s in the last %s: %d packets in all", o.route.remote, event.Round(since), sent),
		"a firewall or NAT on the way, a relay that has lost the call, an address in its session description that is not its own")
}
