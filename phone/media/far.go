package media

import (
	"fmt"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// farSilent is how old the far end's last report may be: three intervals of the five
// seconds that two parties have (RFC 3550 §6.2, §6.3.5 has five for a timeout).
const farSilent = 15 * time.Second

// A far is what the other end reports by RTCP: of its own sending, and of our audio.
type far struct {
	at      time.Time // of its last report; zero: none
	sends   bool      // the report was one of a sender
	sent    uint32    // packets, as it says
	before  uint32    // and as it said in the report before
	ours    uint64    // packets that we had sent at its last report
	told    bool      // it has reported on our audio
	lost    uint64    // of our packets, in all
	of      uint64    // packets that we had sent then
	known   uint64    // and when it last named one that was new
	jitter  uint32    // timestamp units
	highest uint32    // the last of our sequence numbers that it has received
}

// reports takes in the blocks of one datagram about our audio, of which so many packets
// were sent, and reports whether they name one that is new.
func (f *far) reports(now time.Time, sent uint64, blocks []rtcp.ReceptionReport) (news bool) {
	f.at, f.ours = now, sent
	for _, b := range blocks {
		news = !f.told || b.LastSequenceNumber != f.highest
		f.told, f.lost, f.jitter, f.highest, f.of = true, lostOf(b), b.Jitter, b.LastSequenceNumber, sent
		if news {
			f.known = sent
			return true
		}
	}
	return false
}

// last is how many packets the far end says that it has sent, and how old its last report is.
func (f *far) last(now time.Time) (sent uint64, age event.Millis) {
	if f.at.IsZero() {
		return 0, 0
	}
	return uint64(f.sent), event.Millis(now.Sub(f.at))
}

// says is what the far end's reports say of its sending.
func (f *far) says(now time.Time) string {
	switch {
	case f.at.IsZero() || now.Sub(f.at) > farSilent:
		return "nor does it report"
	case f.sends && f.sent == f.before:
		return "it reports that it sends nothing any more"
	case f.sends:
		return fmt.Sprintf("it reports that it has sent %d packets", f.sent)
	}
	return "it reports that it sends nothing"
}

// loss is how many of our packets the far end has lost, by its reports, and which share; of
// how many it speaks. Where it receives nothing any more (dead), that is lost, too.
func (f *far) loss(dead bool) (of, lost uint64, percent float64) {
	of, lost = f.of, f.lost
	if dead {
		of, lost = f.ours, lost+f.ours-f.known
	}
	if of > 0 {
		percent = min(100, 100*float64(lost)/float64(of))
	}
	return of, lost, percent
}

// lostOf is how many packets a report has as lost; fewer than none, where duplicates
// came, are none (24 bits with a sign, RFC 3550 §6.4.1).
func lostOf(b rtcp.ReceptionReport) uint64 {
	if b.TotalLost >= 1<<23 {
		return 0
	}
	return uint64(b.TotalLost)
}
