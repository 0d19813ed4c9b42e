package media

import (
	"math"
	"math/rand/v2"
	"time"
)

// Constants of RFC 3550 §6.2 and appendix A.7.
const (
	reportMin       = 5 * time.Second // the least mean time between two reports; half of it before the first
	senderShare     = 0.25            // of the RTCP bandwidth goes to senders
	reportBandwidth = 500.0           // octets a second: 5 % of a G.711 stream, 64 kbit/s and 50 headers of 40 octets
	sizeFirst       = 110.0           // octets: what a first report of ours has, with headers
	headerOctets    = 28.0            // IPv4 and UDP, which count (§6.2)

	// compensation corrects for the time that timer reconsideration adds: e
	// - 3/2.
	compensation = math.E - 1.5
)

// A reportClock says when the next RTCP report is due. The session has only two
// members, so the reconsideration of §6.3.6 would never change anything.
type reportClock struct {
	next    time.Time
	initial bool    // no report has been sent yet
	size    float64 // average octets of a compound packet, ours and theirs
}

func newReportClock() reportClock { return reportClock{initial: true, size: sizeFirst} }

// measure takes a compound packet into the average size (§6.3.3).
func (c *reportClock) measure(octets int) {
	c.size += (float64(octets) + headerOctets - c.size) / 16
}

// schedule sets the time of the next report.
func (c *reportClock) schedule(now time.Time, members, senders int, weSend bool, rng *rand.Rand) {
	c.next = now.Add(reportInterval(members, senders, weSend, c.size, c.initial, rng))
}

// reportInterval is the randomised interval of A.7.
func reportInterval(members, senders int, weSend bool, size float64, initial bool, rng *rand.Rand) time.Duration {
	least := reportMin
	if initial {
		least /= 2
	}
	n, bandwidth := float64(members), reportBandwidth
	if share := float64(members) * senderShare; float64(senders) <= share {
		if weSend {
			n, bandwidth = float64(senders), bandwidth*senderShare
		} else {
			n, bandwidth = float64(members-senders), bandwidth*(1-senderShare)
		}
	}
	mean := max(least, time.Duration(size*n/bandwidth*float64(time.Second)))
	return time.Duration(float64(mean) * (rng.Float64() + 0.5) / compensation)
}
