package xr

// window is for how many packets a Reception waits until what has not come is lost: 64 packets
// of 20 ms are 1.28 s, and none is played that late.
const window = 64

// A Reception follows the packets of one stream by their sequence numbers. The zero value has
// heard of none.
type Reception struct {
	runs   runs
	newest uint16
	held   uint   // how many packets up to the newest are not booked yet; 0: none has come
	good   uint64 // bit i: newest-i has come, in time
	left   uint64 // bit i: it does not count
}

// Receive takes in a packet that came in time, as far as is known. What a source would not
// take for a packet of the stream must not be given (RFC 3550 A.1).
func (r *Reception) Receive(sequence uint16) {
	switch step := int16(sequence - r.newest); {
	case r.held == 0:
		r.newest, r.held, r.good, r.left = sequence, 1, 1, 0
	case step > 0:
		r.pass(uint16(step))
		r.good |= 1
	default:
		r.reorder(uint(-step))
	}
}

// reorder takes in a packet that is older than the newest. One that is older than the first
// was expected, too.
func (r *Reception) reorder(back uint) {
	if back >= window {
		return
	}
	r.held = max(r.held, back+1)
	r.good |= 1 << back
}

// Discard takes back a packet that has come: it came too late, or too many at once.
func (r *Reception) Discard(sequence uint16) { r.good &^= r.bit(sequence) }

// Excuse leaves a packet out: it came, and nobody can say what was in it.
func (r *Reception) Excuse(sequence uint16) {
	if step := int16(sequence - r.newest); r.held > 0 && step > 0 {
		r.pass(uint16(step))
	}
	r.left |= r.bit(sequence)
}

// Skip leaves out all packets before one, which is to come: nobody can say what became of
// them.
func (r *Reception) Skip(sequence uint16) {
	n := int16(sequence-r.newest) - 1
	switch {
	case r.held == 0 || n <= 0:
	case n < window:
		r.pass(uint16(n))
		r.left |= 1<<n - 1
	default:
		r.Lose(0)
		r.newest, r.held, r.good, r.left = sequence-1, window, 0, 1<<window-1
	}
}

// bit is the place of a packet that is held; 0: it is not.
func (r *Reception) bit(sequence uint16) uint64 {
	back := uint(r.newest - sequence)
	if back >= r.held {
		return 0
	}
	return 1 << back
}

// pass goes on by some packets, of which none has come yet.
func (r *Reception) pass(n uint16) {
	r.newest += n
	for ; n > 0; n-- {
		if r.held == window {
			r.book(window - 1)
		} else {
			r.held++
		}
		r.good <<= 1
		r.left <<= 1
	}
}

// book counts a packet that is held, by its place.
func (r *Reception) book(back uint) {
	switch bit := uint64(1) << back; {
	case r.left&bit != 0:
	case r.good&bit != 0:
		r.runs.receive()
	default:
		r.runs.lose(1)
	}
}

// Lose takes in packets that were lost, whose numbers nobody knows. What comes next is another
// stream, or another part of it.
func (r *Reception) Lose(n uint64) {
	for back := r.held; back > 0; back-- {
		r.book(back - 1)
	}
	r.held = 0
	r.runs.lose(n)
}

// Counts is what has happened so far, if so many packets more are lost, which have not come.
func (r *Reception) Counts(missing uint64) Counts {
	last := *r
	last.Lose(missing)
	return last.runs.counts()
}
