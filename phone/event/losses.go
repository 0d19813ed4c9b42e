package event

import (
	"slices"
	"strings"
	"time"
)

// The bounds of what is remembered to tell a lost call from another (our own numbers): a
// log is no place to lose count, but a server may send what it likes.
const (
	maxCallers = 256  // calls that are being made, all told
	maxHad     = 64   // calls that a phone has had
	maxSwept   = 16   // INVITEs to a phone that the network has swallowed, and nobody has answered for
	maxPhones  = 1000 // in one log
)

// giveUp is when the sender of an INVITE has given up, if nothing answered: Timer B, 64*T1
// (RFC 3261 §17.1.1.2). It may be forwarded anew until then, and come after all.
const giveUp = 32 * time.Second

// A finder finds the calls that were lost: from what callers were told, where their records
// are in the same log, and from what the phones and their links have written down. It never
// guesses: what may still come through is likely lost, no more.
type finder struct {
	phones  map[string]*callee
	callers []*caller // in the order in which they began
}

// A caller is a call that somebody in this log makes.
type caller struct {
	who, callID string
	id          int
	to          string // the user that is called
	began       Record
	up          bool
	gaveUp      time.Time           // when it cancelled, which the server may take long to confirm
	found       map[string]standing // each phone that it is for, when it began
}

// A standing is how a phone stood when somebody called it.
type standing struct {
	at    time.Duration // its device time
	cause Mark          // what had cut it off
	wish  bool          // and whether it wished so
}

// apply takes a record into account, and returns what is found: records for the log.
func (f *finder) apply(r Record) (found []Record) {
	if _, on := r.Event.(Start); on && len(f.phones) < maxPhones && f.phones[r.Phone] == nil {
		if f.phones == nil {
			f.phones = map[string]*callee{}
		}
		f.phones[r.Phone] = &callee{name: r.Phone}
	}
	p := f.phones[r.Phone]
	if p != nil {
		p.apply(r)
	}
	switch e := r.Event.(type) {
	case Call:
		if e.Out {
			found = f.outgoing(r, e)
		} else if p != nil {
			found = f.incoming(p, r, e)
		}
	case Swallowed:
		if p != nil && e.What == "INVITE" && !e.Out {
			found = p.sweep(r, e, f.waits(e.CallID))
		}
	case Message:
		if e.Out && e.Method == "CANCEL" && e.Status == 0 {
			found = f.cancelled(r, e)
		}
	}
	if p != nil {
		found = append(found, f.expire(p, r)...)
	}
	return found
}

// outgoing follows the call of somebody who may be calling one of the phones.
func (f *finder) outgoing(r Record, e Call) []Record {
	i := slices.IndexFunc(f.callers, func(c *caller) bool { return c.who == r.Phone && c.id == e.ID })
	switch {
	case i < 0 && e.Phase == CallCalling:
		f.begin(r, e)
		return nil
	case i < 0:
		return nil
	}
	c := f.callers[i]
	if e.CallID != "" {
		c.callID = e.CallID
	}
	switch e.Phase {
	case CallRedirected:
		c.to = userOf(e.To)
	case CallUp:
		c.up = true
		return f.over(r, c.callID)
	case CallEnded:
		f.callers = slices.Delete(f.callers, i, i+1)
		return f.ended(c, r, e)
	}
	return nil
}

// byCallID is the call that somebody here makes; nil: it is somebody else's.
func (f *finder) byCallID(id string) *caller {
	i := slices.IndexFunc(f.callers, func(c *caller) bool { return c.callID == id && id != "" })
	if i < 0 {
		return nil
	}
	return f.callers[i]
}

// waits reports whether the caller is known here, and has neither an answer nor given up.
func (f *finder) waits(callID string) bool {
	c := f.byCallID(callID)
	return c != nil && c.gaveUp.IsZero()
}

// cancelled notes that a caller has given up, as soon as they do: the server may say only
// much later that the call is over.
func (f *finder) cancelled(r Record, e Message) (found []Record) {
	c := f.byCallID(e.CallID)
	if c == nil || c.who != r.Phone || !c.gaveUp.IsZero() {
		return nil
	}
	c.gaveUp = r.Wall
	for _, p := range f.called(c) {
		if s := p.swept(c.callID); s != nil && s.told {
			loss := s.loss(LossLikely)
			loss.By, loss.After = "caller", c.waited(r)
			found = append(found, p.record(r, loss, s.moment, s.cause))
		}
	}
	return found
}

// waited is how long the caller has waited: up to a record, or until they gave up.
func (c *caller) waited(r Record) Seconds {
	if !c.gaveUp.IsZero() {
		return Seconds(c.gaveUp.Sub(c.began.Wall))
	}
	return Seconds(r.Wall.Sub(c.began.Wall))
}

// begin notes that somebody calls, and how each phone stands then.
func (f *finder) begin(r Record, e Call) {
	c := &caller{who: r.Phone, callID: e.CallID, id: e.ID, to: userOf(e.Peer), began: r, found: map[string]standing{}}
	for _, p := range f.called(c) {
		s := standing{at: p.now(r.Wall)}
		s.cause, s.wish = p.reach.cause(s.at)
		c.found[p.name] = s
	}
	if len(f.callers) >= maxCallers {
		f.callers = slices.Delete(f.callers, 0, 1)
	}
	f.callers = append(f.callers, c)
}

// called are the phones that a call is for, in the order of their names.
func (f *finder) called(c *caller) (list []*callee) {
	for name, p := range f.phones {
		if name != c.who && slices.Contains(p.users, c.to) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *callee) int { return strings.Compare(a.name, b.name) })
	return list
}

// ended judges a call that is over for the caller. Who was connected has reached somebody,
// and whose own connection broke has called nobody.
func (f *finder) ended(c *caller, r Record, e Call) (found []Record) {
	called := f.called(c)
	settled := c.up || slices.Contains(notOfThePhone, e.Status) || e.By == "network"
	for _, p := range called {
		if h := p.hadOf(c); h != nil {
			settled = settled || h.settled(e)
			h.judged = true
		}
	}
	if settled {
		return f.over(r, c.callID)
	}
	for _, p := range called {
		if loss, lost := p.judge(c, r, e); lost {
			found = append(found, loss)
			if p.hadOf(c) == nil {
				p.early = keep(p.early, loss, maxHad)
			}
		}
	}
	return found
}

// notOfThePhone are the answers by which no phone has lost a call: a person has declined it
// wherever it rang (RFC 3261 §21.6.1, §21.6.2), or the caller has not shown a password (§22).
var notOfThePhone = []int{600, 603, 401, 407}

// over takes back what was likely lost: somebody has got it, or has answered for it.
func (f *finder) over(r Record, callID string) (found []Record) {
	for _, p := range f.phones {
		if s := p.swept(callID); s != nil {
			p.forget(s)
			if s.told {
				found = append(found, p.record(r, s.loss(LossOver), s.moment, s.cause))
			}
		}
	}
	slices.SortFunc(found, func(a, b Record) int { return strings.Compare(a.Phone, b.Phone) })
	return found
}

// incoming follows a call to a phone, and judges one of whose caller there is no record.
func (f *finder) incoming(p *callee, r Record, e Call) (found []Record) {
	h := p.had(r, e)
	if e.Phase == CallIncoming {
		found = f.over(r, e.CallID)
	}
	found = append(found, p.came(r, h)...)
	if e.Phase != CallEnded || h.judged || f.caller(p, h) {
		return found
	}
	where, lost := h.lost(e)
	if h.judged = true; !lost {
		return found
	}
	loss := Loss{Phase: LossCertain, From: h.who, CallID: h.callID, Where: where, After: Seconds(r.Wall.Sub(h.began.Wall))}
	if e.By == "peer" {
		loss.By = "caller"
	}
	return append(found, p.record(r, loss, h.moment(), Mark{}))
}

// caller reports whether the records of who calls are in this log: then they decide.
func (f *finder) caller(p *callee, h *had) bool {
	return slices.ContainsFunc(f.callers, func(c *caller) bool {
		return h.callID != "" && c.callID == h.callID || slices.Contains(f.called(c), p) && p.hadOf(c) == h
	})
}

// expire judges what was swallowed of callers whom nobody here knows, once they have given
// up.
func (f *finder) expire(p *callee, r Record) (found []Record) {
	for _, s := range slices.Clone(p.sweeps) {
		known := slices.ContainsFunc(f.callers, func(c *caller) bool { return c.callID == s.event.CallID })
		if !known && r.Wall.Sub(s.wall) >= giveUp {
			p.forget(s)
			found = append(found, p.record(r, s.loss(LossCertain), s.moment, s.cause))
		}
	}
	return found
}

// userOf is the user of an address, in small letters: "sip:Bob@b" is bob.
func userOf(address string) string {
	return strings.ToLower(Call{Peer: address}.Who())
}
