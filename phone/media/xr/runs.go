package xr

// Gmin is how many packets in a row must come, between losses or discards, for those not to be
// of one burst: the default of RFC 3611 §4.7.2, with which a gap has a loss of 5.9 % at most.
const Gmin = 16

// Counts are packets in bursts and in gaps between them (RFC 3611 §4.7.2).
type Counts struct {
	Bursts, InBursts, LostInBursts uint64
	Gaps, InGaps, LostInGaps       uint64
}

// Lost is how many packets were lost or discarded.
func (c Counts) Lost() uint64 { return c.LostInBursts + c.LostInGaps }

// runs divides a row of packets into bursts and gaps. A burst begins and ends with a packet that
// was lost or discarded, and has at least two; less than Gmin come between one and the next. All
// else is a gap. Both ends of the row count as a gap.
type runs struct {
	Counts
	inGap bool

	// The losses that may be a burst: how many, from the first to the last how many packets,
	// and what has come since.
	lost, span, since uint64
}

// receive takes in a packet that has come.
func (r *runs) receive() {
	if r.lost == 0 {
		r.gap(1)
		return
	}
	if r.since++; r.since == Gmin {
		r.close()
	}
}

// lose takes in packets that were lost or discarded.
func (r *runs) lose(n uint64) {
	if n == 0 {
		return
	}
	if r.lost > 0 {
		r.span += r.since
	}
	r.lost, r.span, r.since = r.lost+n, r.span+n, 0
}

// close books the losses that are over: one alone is of the gap around it.
func (r *runs) close() {
	switch {
	case r.lost > 1:
		r.Bursts++
		r.InBursts += r.span
		r.LostInBursts += r.lost
		r.inGap = false
	case r.lost == 1:
		r.LostInGaps++
		r.gap(1)
	}
	r.gap(r.since)
	r.lost, r.span, r.since = 0, 0, 0
}

// gap takes packets into a gap.
func (r *runs) gap(n uint64) {
	if n == 0 {
		return
	}
	if !r.inGap {
		r.inGap = true
		r.Gaps++
	}
	r.InGaps += n
}

// counts is all of it, as if Gmin packets were to follow.
func (r runs) counts() Counts {
	r.close()
	return r.Counts
}
