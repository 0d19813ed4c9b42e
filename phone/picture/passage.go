package picture

// A message that a proxy passes on is one row from end to end, where both ends wrote it
// down. What a proxy answers itself, or sends anew on its own, is not: 100 Trying (RFC 3261
// §16.2) and CANCEL (§16.10).

// lookBack is how many rungs later the other end may tell of a message (our own number):
// what happens in the meantime is in between.
const lookBack = 16

// passedOn reports whether a proxy passes on what is called so.
func (n Name) passedOn() bool { return n.CallID != "" && n.Status != 100 && n.Method != "CANCEL" }

// same reports whether both are copies of one message. Who it is from is written by either
// end in its own way.
func (n Name) same(o Name) bool {
	return n.CallID == o.CallID && n.Method == o.Method && n.Status == o.Status && n.CSeq == o.CSeq
}

// arrives leads a message of ours on to somebody who has got it, and reports whether there
// was one.
func (l *Ladder) arrives(far Rung) bool {
	if far.Kind != RungFar || far.To != Far || !far.Message.passedOn() {
		return false
	}
	for i := len(l.Rungs) - 1; i >= max(0, len(l.Rungs)-lookBack); i-- {
		g := &l.Rungs[i]
		if g.Kind == RungMessage && g.From == App && g.To == Server && g.Message.same(far.Message) {
			g.To, g.Far = Far, far.Far
			return true
		}
	}
	return false
}

// continues joins a message of ours to what somebody else has told of it already, and reports
// whether there was that: what comes to us begins where they have sent it, if nothing else
// has passed since and the app was awake, for what had to wait, or has woken the app, is a row
// of its own; what we have sent ends where they have got it, who may have been quicker to
// write it down.
func (l *Ladder) continues(g Rung) bool {
	if g.Kind != RungMessage || g.Wake != 0 || !g.Message.passedOn() {
		return false
	}
	for i := len(l.Rungs) - 1; i >= max(0, len(l.Rungs)-lookBack); i-- {
		o := &l.Rungs[i]
		switch {
		case o.Kind == RungFar && o.Message.same(g.Message) && (o.To == Far) == g.Out():
			if g.Far = o.Far; g.Out() {
				g.To = Far
			} else {
				g.From = Far
			}
			l.text += g.length() - o.length()
			copy(l.Rungs[i:], l.Rungs[i+1:])
			l.Rungs[len(l.Rungs)-1] = g
			return true
		case o.Crosses() && o.Kind != RungMedia && !g.Out():
			return false
		}
	}
	return false
}
