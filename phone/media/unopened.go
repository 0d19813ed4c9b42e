package media

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// closedAfter is how many packets in a row do not open until the log says so (our own
// number): a few may have been written by somebody else.
const closedAfter = 5

// amidAfter packets in amidFor that do not open are said, though others do (our own numbers):
// as many as a second of audio has.
const amidAfter, amidFor = 50, 10 * time.Second

// An unopened counts what comes protected, as is agreed or not, and cannot be opened.
type unopened struct {
	*basis
	keys     *protection
	inward   *inward
	packet   rtp.Packet // being read; kept for its slices
	total    uint64
	replayed uint64 // besides: those that were opened before
	row      int    // packets in a row
	amid     uint64 // packets among others
	begun    time.Time
	said     time.Time

	// The last of them by its header, to see that it is plain.
	ssrc     uint32
	sequence uint16
	stamp    uint32
	plain    int     // how many of the row are as long as their time says
	taken    []error // as what the last ones of the row were counted, before that was seen
}

// settle notes that a packet was opened.
func (u *unopened) settle() { u.row, u.plain = 0, 0 }

// leap notes that nobody looked for a while: what has waited meanwhile says nothing of now.
func (u *unopened) leap() {
	u.amid = 0
	if f := u.keys.seal.lagging(); f != nil {
		f.since = time.Time{}
	}
}

// open opens a packet of RTP, or counts it and says what is wrong.
func (u *unopened) open(now time.Time, from netip.AddrPort, data []byte) (plain []byte, effects []system.Effect) {
	plain, err := u.keys.open(data)
	switch {
	case err == nil:
		u.settle()
		return plain, u.lags(now)
	case errors.Is(err, errReplayed):
		u.replayed++
		return nil, nil
	}
	u.inward.comesClosed(data)
	u.row++
	u.looks(data)
	if u.plain >= closedAfter {
		u.retake()
		err = errPlain
	}
	u.take(err)
	u.taken = append(u.taken[max(0, len(u.taken)-closedAfter+2):], err)
	return nil, u.says(now, from, err)
}

// lags warns of a peer that has agreed on another key, and goes on with the one before.
func (u *unopened) lags(now time.Time) []system.Effect {
	f := u.keys.seal.lagging()
	if f == nil || !f.lags(now) {
		return nil
	}
	return u.warn(event.RuleSRTPOldKey, event.Inward,
		fmt.Sprintf("the peer has agreed on another key, and for %s its packets have come with the one before", event.Round(now.Sub(f.since))),
		"the far end, or a relay before it, that does not take a new key in a call; it is played here, and others may have forgotten the old key")
}

// says warns of packets that do not open, if there are many: one after the other, or among
// others that do.
func (u *unopened) says(now time.Time, from netip.AddrPort, err error) []system.Effect {
	if errors.Is(err, errNoKeys) {
		return nil
	}
	if u.amid == 0 || now.Sub(u.begun) >= amidFor {
		u.amid, u.begun = 0, now
	}
	u.amid++
	which := fmt.Sprintf("the last %d packets from %s were not played", u.row, from)
	why := whyClosed(err, u.n.SRTP.By)
	switch {
	case !u.said.IsZero() && now.Sub(u.said) < sayEvery:
		return nil
	case u.row >= closedAfter:
	case u.amid >= amidAfter:
		which = fmt.Sprintf("%d packets from %s were not played, among others that were", u.amid, from)
		why = "somebody else who sends to our port under this address, or a far end of which only a part has the agreed key"
	default:
		return nil
	}
	u.said, u.amid = now, 0
	return u.warn(event.RuleSRTPAuthFailed, event.Inward, fmt.Sprintf("%s: %v (%s); %d so far", which, err, u.n.SRTP, u.total), why)
}

// retake counts as plain what it is seen only now of that it is.
func (u *unopened) retake() {
	for _, err := range u.taken {
		if errors.Is(err, errNoKeys) {
			u.total++
		}
		u.inward.foreign.retake(err.Error(), errPlain.Error())
	}
	u.taken = u.taken[:0]
}

// take counts a datagram that was not opened, which is foreign, too.
func (u *unopened) take(err error) {
	if !errors.Is(err, errNoKeys) {
		u.total++
	}
	u.inward.foreign.take(err.Error())
}

// looks counts packets in a row that are as long as their timestamps say, and so look plain:
// what is protected is longer.
func (u *unopened) looks(data []byte) {
	p := &u.packet
	if p.Unmarshal(data) != nil {
		u.plain = 0
		return
	}
	c, kind := meaning(&u.n, p.PayloadType)
	step, follows := p.Timestamp-u.stamp, p.SSRC == u.ssrc && p.SequenceNumber == u.sequence+1
	u.ssrc, u.sequence, u.stamp = p.SSRC, p.SequenceNumber, p.Timestamp
	switch {
	case kind == audioPayload && follows && fits(c, p.Payload, step):
		u.plain = max(u.plain, 1) + 1 // with the one before
	default:
		u.plain = 0
	}
}

// fits reports whether a payload is readable, and as long as the clock has gone.
func fits(c codec.Codec, payload []byte, step uint32) bool {
	holds, ok := c.Contents(payload)
	return ok && uint32(c.Ticks(holds.Samples)) == step
}

// whyClosed is what to look at.
func whyClosed(err error, keys sdp.Keying) string {
	switch {
	case errors.Is(err, errPlain):
		return "the far end, or a relay before it, sends RTP where its session description promises SRTP"
	case errors.Is(err, errSources):
		return "a far end that begins a new stream again and again; a new key with each change lets it go on"
	case keys == sdp.DTLS:
		return "a relay on the way that ends DTLS and passes on SRTP of other keys, or a far end that has begun another handshake, as after a restart, which we have not seen; or its packet counter ran on while nothing came through (a hold, a gap of 11 minutes)"
	}
	return "the far end has another key than its a=crypto says, or another suite; or its packet counter ran on while nothing came through (a hold, a gap of 11 minutes)"
}
