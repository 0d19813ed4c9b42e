package sip

// stranded tells the calls of the account, whichever flow has them, that requests of their
// peers which have come by this flow cannot be answered any more: it is gone, or a
// connection beside it is, which those have come by that gone reports.
func (cs *calls) stranded(s *step, err error, gone func(*ServerTransaction) bool) {
	lost := func(tx *ServerTransaction) bool { return tx != nil && tx.way == cs.wire && gone(tx) }
	cs.strand(s, err, lost)
	for _, other := range cs.cfg.beside() {
		if other.calls.waitOn(lost) {
			s.hand(other, func(there *step) { other.calls.strand(there, err, lost) })
		}
	}
}

// waitOn reports whether a call has not answered what is lost.
func (cs *calls) waitOn(lost func(*ServerTransaction) bool) bool {
	for _, c := range cs.list {
		if lost(c.uas) || lost(c.update.asked) {
			return true
		}
	}
	return false
}

func (cs *calls) strand(s *step, err error, lost func(*ServerTransaction) bool) {
	for _, c := range cs.snapshot() {
		c.strand(s, err, lost)
	}
}

// strand drops what the peer has asked if that is lost: the session goes on as it was, and
// a call that is not answered ends.
func (c *call) strand(s *step, err error, lost func(*ServerTransaction) bool) {
	if lost(c.update.asked) {
		c.update.take()
		c.change.again(s)
	}
	if !lost(c.uas) {
		return
	}
	c.uas = nil
	if c.state == callIncoming {
		c.end(s, "network", 0, err.Error())
		c.gone(c)
		return
	}
	c.change.again(s)
}
