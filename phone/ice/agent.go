package ice

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
)

const (
	// pace is the time between two checks (Ta, RFC 8445 §14.2).
	pace = 50 * time.Millisecond
	// giveUp is how long a pair is looked for: what the seven sends of one check take, and
	// their last wait (RFC 8489 §6.2.1).
	giveUp = 40 * time.Second
	// patience is how long a pair that is better than one that works is waited for (our own
	// number): its check is repeated once, and answered.
	patience = minRTO + 100*time.Millisecond
	// lateBy is how late a call of Advance or Receive may be until the peer is no longer
	// blamed for the time (our own number).
	lateBy = time.Second
)

// Config is what an agent is made of.
type Config struct {
	// Bases are our sockets' addresses, of RTP and of RTCP; the second is not valid if
	// there is no socket for it.
	Bases [2]netip.AddrPort
	// Server is one of STUN; not valid: none is asked.
	Server netip.AddrPort
	// Lite sends no checks, and answers those of the peer.
	Lite bool
	Rand *rand.Rand
}

// An Agent is one end of a call's stream.
type Agent struct {
	cfg         Config
	words       words
	before      words // those before a restart, by which the peer may still ask
	theirs      *Description
	started     bool // checks of ours may go: see Start
	controlling bool
	tie         uint64
	components  int
	paths       [2]path
	list        checklist
	nextCheck   time.Time // when there may be another one; zero: at once
	by          time.Time // when the search is given up; zero: there is none
	connected   bool
	restarts    bool // with words of ours to which the peer has not answered with its own
	gather      gathering
	early       []asked
	errors      int // error responses that were sent
	sent        int // checks, without repetitions
	answered    int // of those
	complaint   string
}

// words are what a session names and proves itself by.
type words struct{ ufrag, pwd string }

// A path is one component, and what it goes by.
type path struct {
	selected *pair
	since    time.Time // when the first of its pairs has succeeded
	consent  consent
}

// New makes an agent, with words of its own.
func New(cfg Config) *Agent {
	a := &Agent{cfg: cfg, tie: cfg.Rand.Uint64()}
	a.words = words{word(cfg.Rand, ufragLen), word(cfg.Rand, pwdLen)}
	a.gather.own(cfg.Bases)
	return a
}

// Restart takes new words, and forgets the peer's: the next [Agent.Begin] looks for a pair
// anew (RFC 8445 §9). What was selected goes on until there is another.
func (a *Agent) Restart() {
	a.restarts = true
	a.before = a.words
	a.words = words{word(a.cfg.Rand, ufragLen), word(a.cfg.Rand, pwdLen)}
}

// Local is what our session description says.
func (a *Agent) Local() Description {
	return Description{Ufrag: a.words.ufrag, Pwd: a.words.pwd, Lite: a.cfg.Lite, Candidates: a.gather.found, Chosen: a.chosen()}
}

// chosen are the peer's addresses of the pairs that are selected, for an offer of ours
// (RFC 8839 §4.4.1.2.2).
func (a *Agent) chosen() (all []netip.AddrPort) {
	if !a.connected || a.restarts || !a.controlling || a.cfg.Lite {
		return nil
	}
	for i := range a.components {
		if p := a.paths[i].selected; p != nil {
			all = append(all, p.remote.At)
		}
	}
	return all
}

// Knows reports whether a description is the one that the search is by, in the same
// session of ICE.
func (a *Agent) Knows(d *Description) bool { return a.theirs != nil && !d.Restarts(a.theirs) }

// Begin takes the peer's description, and which role is ours: the offerer's is controlling
// unless it is lite and the peer is not (RFC 8445 §6.1.1). Checks wait for [Agent.Start],
// but for those that the peer's own trigger.
func (a *Agent) Begin(now time.Time, theirs Description, offerer bool) Output {
	var s step
	fresh := a.theirs == nil
	a.theirs = &theirs
	if fresh { // a restart keeps the role
		a.controlling = offerer
		if theirs.Lite != a.cfg.Lite {
			a.controlling = theirs.Lite
		}
	}
	a.components = 2
	if theirs.Mux || !a.cfg.Bases[1].IsValid() {
		a.components = 1
	}
	a.list, a.connected, a.restarts, a.complaint = checklist{}, false, false, ""
	a.paths = [2]path{}
	a.by = time.Time{}
	if !a.cfg.Lite {
		a.pair()
	}
	a.seek(now)
	for _, r := range a.early {
		a.take(&s, now, r)
	}
	a.early = nil
	a.work(&s, now)
	return s.out
}

// End forgets the peer's description: it speaks ICE no longer.
func (a *Agent) End() {
	a.theirs, a.list, a.paths, a.early, a.by, a.connected = nil, checklist{}, [2]path{}, nil, time.Time{}, false
}

// Start lets checks go: the peer has shown that it receives, or is somebody whom we have
// called.
func (a *Agent) Start(now time.Time) Output {
	var s step
	if !a.started {
		a.started = true
		a.seek(now)
	}
	a.work(&s, now)
	return s.out
}

// seek says until when a pair is looked for.
func (a *Agent) seek(now time.Time) {
	if a.started && a.theirs != nil && !a.cfg.Lite && !a.connected {
		a.by = now.Add(giveUp)
	}
}

// pair makes the pairs of the peer's candidates (§6.1.2).
func (a *Agent) pair() {
	for _, c := range a.theirs.Candidates {
		if a.pairs(c) {
			a.list.add(c, frozen)
		}
	}
	a.list.sort(a.controlling)
	a.list.thaw()
}

// pairs reports whether a candidate of the peer's is one for a socket of ours.
func (a *Agent) pairs(c Candidate) bool {
	if c.Component < RTP || c.Component > a.components {
		return false
	}
	base := a.cfg.Bases[c.Component-1].Addr().Unmap()
	return c.At.Addr().Is4() == base.Is4()
}

// Deadline is when Advance wants to be called next.
func (a *Agent) Deadline() time.Time {
	at := earliest(a.gather.deadline(), a.by)
	if a.theirs == nil {
		return at
	}
	for _, p := range a.list.pairs {
		for _, c := range p.checks {
			at = earliest(at, c.next)
		}
	}
	if a.ready() {
		at = earliest(at, a.nextCheck)
	}
	for i := range a.paths {
		at = earliest(at, a.paths[i].consent.deadline(), a.patient(i))
	}
	return at
}

// earliest is the first of the times that are not zero.
func earliest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// due reports whether a time that is not zero has come.
func due(t, now time.Time) bool { return !t.IsZero() && !now.Before(t) }

// Advance does what is due at now.
func (a *Agent) Advance(now time.Time) Output {
	var s step
	a.pardon(now)
	a.gather.advance(&s, now)
	a.repeat(&s, now)
	a.work(&s, now)
	for i := range a.paths {
		a.consents(&s, now, i)
	}
	if due(a.by, now) {
		a.fail(&s)
	}
	return s.out
}

// pardon has the peer's time run on only from now, if nobody has looked at the deadlines
// for a while: the program was suspended, or stood still.
func (a *Agent) pardon(now time.Time) {
	at := a.Deadline()
	if at.IsZero() || now.Sub(at) < lateBy {
		return
	}
	late := now.Sub(at)
	for i := range a.paths {
		a.paths[i].consent.pardon(late)
	}
	if !a.by.IsZero() {
		a.by = a.by.Add(late)
	}
}

// repeat sends the checks again that have no response, and ends those that get none.
func (a *Agent) repeat(s *step, now time.Time) {
	for _, p := range a.list.pairs {
		for _, c := range append([]*check(nil), p.checks...) {
			again, over := c.advance(now)
			switch {
			case over || again && c.stopped:
				p.drop(c)
				a.unanswered(p, c)
			case again:
				s.send(p.remote.Component, p.remote.At, c.data)
			}
		}
	}
}

// unanswered takes in that a check has no response.
func (a *Agent) unanswered(p *pair, c *check) {
	switch {
	case c.stopped || len(p.checks) > 0:
	case p.state == checking, c.nominates:
		p.state, p.nominates = failed, false
	}
}

// ready reports whether there is a pair to check.
func (a *Agent) ready() bool {
	return len(a.list.triggered) > 0 || a.started && !a.connected && a.searches()
}

// searches reports whether a pair waits for its turn, or can be thawed.
func (a *Agent) searches() bool {
	for _, p := range a.list.pairs {
		if p.state == waiting || p.state == frozen && !a.list.busy(p.remote.Foundation) {
			return true
		}
	}
	return false
}

// work nominates, and sends the next check if it is time for one.
func (a *Agent) work(s *step, now time.Time) {
	if a.theirs == nil || a.cfg.Lite {
		return
	}
	a.nominate(now)
	if a.ready() && !now.Before(a.nextCheck) {
		if p := a.list.next(); p != nil {
			a.check(s, now, p)
		}
		a.nextCheck = now.Add(pace)
	}
}

// check sends a check of a pair.
func (a *Agent) check(s *step, now time.Time, p *pair) {
	for _, c := range p.checks {
		c.stopped = true
	}
	if len(p.checks) == maxChecks {
		p.drop(p.checks[0])
	}
	if p.state != succeeded {
		p.state = checking
	}
	c := &check{role: a.role(), nominates: p.nominates && a.controlling}
	id := a.newID()
	c.transaction = newTransaction(now, id, a.request(id, p.remote.Component, c.nominates), a.list.rto())
	p.checks = append(p.checks, c)
	a.sent++
	s.send(p.remote.Component, p.remote.At, c.data)
}

// request is a check (RFC 8445 §7.2.4).
func (a *Agent) request(id stun.ID, component int, nominates bool) []byte {
	m := stun.Message{
		Class: stun.Request, ID: id, Username: a.theirs.Ufrag + ":" + a.words.ufrag,
		Priority: priorityOf(Peer, component), UseCandidate: nominates, Role: a.role(), TieBreaker: a.tie,
	}
	return m.Append(nil, a.theirs.Pwd)
}

func (a *Agent) role() stun.Role {
	if a.controlling {
		return stun.Controlling
	}
	return stun.Controlled
}

// Role is ours, as the log names it.
func (a *Agent) Role() string {
	switch {
	case a.cfg.Lite:
		return "lite"
	case a.controlling:
		return "controlling"
	}
	return "controlled"
}

func (a *Agent) newID() stun.ID { return newID(a.cfg.Rand) }

// newID draws one.
func newID(rng *rand.Rand) (id stun.ID) {
	binary.BigEndian.PutUint64(id[:], rng.Uint64())
	binary.BigEndian.PutUint32(id[8:], rng.Uint32())
	return id
}
