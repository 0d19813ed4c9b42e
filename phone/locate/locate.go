package locate

import (
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// maxTargets bounds the servers of a domain that are tried (our own number: a domain
	// with 61 SRV records has been seen).
	maxTargets = 64
	// maxQueries bounds the SRV questions that NAPTR records can have us ask (our own
	// number: there are five services).
	maxQueries = 8
	// minLife and maxLife bound for how long an answer is kept, whatever TTL it has
	// (our own numbers): a TTL of 0 must not have each try ask anew, and a day is long
	// enough to be wrong.
	minLife = 10 * time.Second
	maxLife = 24 * time.Hour
	// Rest is how long a target that has failed is not tried before the others: as
	// long as Kamailio has one on its list of those (dst_blacklist_expire, 60 s); RFC
	// 3263 §4.3 leaves it open.
	Rest = 60 * time.Second
)

// Config says what to look for.
type Config struct {
	// Domain is where the servers are looked for.
	Domain string
	// Services are what can be spoken, best first: where no NAPTR record says another
	// order. The first is spoken with the domain itself, if no record names any.
	Services []Service
	// ByNAPTR asks for NAPTR records first: nobody has chosen a transport.
	ByNAPTR bool
	Rand    *rand.Rand
}

// A Locator knows the servers of a domain.
type Locator struct {
	cfg     Config
	targets []found // in their order
	until   time.Time
	rests   map[Target]time.Time // until when those that have failed are not tried
	asked   []question           // of the search that is under way
	faults  []string             // what the resolver has said in it that was no answer
	left    []string             // what was left out of its answers
	refused bool                 // some service is not there, as its SRV record says
}

// A question is one that was asked, and its answer.
type question struct {
	system.Query
	services []Service // that may be named by it
	by       string
	answered bool
	found    []found
	life     time.Duration
}

// New makes a locator, which knows nothing yet.
func New(cfg Config) *Locator { return &Locator{cfg: cfg} }

// Domain is where servers are looked for.
func (l *Locator) Domain() string { return l.cfg.Domain }

// Start begins a search, and says what to ask. Nothing, if what was found is still good.
func (l *Locator) Start(now time.Time) []system.Query {
	if now.Before(l.until) {
		return nil
	}
	l.asked, l.faults, l.left, l.refused = nil, nil, nil, false
	if l.cfg.ByNAPTR {
		return l.ask(system.Query{Name: l.cfg.Domain, Type: system.NAPTR}, "", l.cfg.Services...)
	}
	return l.askServices()
}

// askServices asks for the SRV records of each service, as the domain has no NAPTR
// record that helps (RFC 3263 §4.1).
func (l *Locator) askServices() (all []system.Query) {
	for _, s := range l.cfg.Services {
		if s.SRV != "" {
			all = append(all, l.ask(system.Query{Name: s.SRV + "." + l.cfg.Domain, Type: system.SRV}, "SRV", s)...)
		}
	}
	return all
}

func (l *Locator) ask(q system.Query, by string, services ...Service) []system.Query {
	if len(l.asked) > maxQueries || l.asks(q) {
		return nil
	}
	l.asked = append(l.asked, question{Query: q, by: by, services: services})
	return []system.Query{q}
}

// asks reports whether a question was asked already in this search.
func (l *Locator) asks(q system.Query) bool {
	return slices.ContainsFunc(l.asked, func(o question) bool { return o.Query == q })
}

// Searching reports whether an answer is outstanding.
func (l *Locator) Searching() bool {
	return slices.ContainsFunc(l.asked, func(q question) bool { return !q.answered })
}

// Answered takes an answer in. It says what to ask next, and whether it was for us.
func (l *Locator) Answered(now time.Time, a system.Answered) (next []system.Query, ours bool) {
	i := slices.IndexFunc(l.asked, func(q question) bool { return q.Query == a.Query && !q.answered })
	if i < 0 {
		return nil, false
	}
	q := &l.asked[i]
	q.answered = true
	if a.Fault == system.NotAsked {
		l.cfg.ByNAPTR = false // nobody here will ever ask that
	} else if a.Fault != "" && !a.Fault.Empty() {
		l.faults = append(l.faults, a.Query.String()+": "+string(a.Fault))
	}
	if a.Left > 0 {
		l.leaveOut(q, "%d of %d records", a.Left, a.Left+len(a.Records))
	}
	if a.Query.Type == system.NAPTR {
		next = l.named(i, a)
	} else {
		l.serves(q, a)
	}
	if !l.Searching() {
		l.conclude(now)
	}
	return next, true
}

// leaveOut notes what of an answer is not used.
func (l *Locator) leaveOut(q *question, format string, args ...any) {
	l.left = append(l.left, q.String()+": "+fmt.Sprintf(format, args...))
}

// named takes in the NAPTR records of the domain.
func (l *Locator) named(i int, a system.Answered) (next []system.Query) {
	picks := picked(a.Records, l.cfg.Services)
	if len(picks) == 0 {
		return l.askServices()
	}
	beyond := 0
	for _, p := range picks {
		if p.record.Flags == "s" {
			q := system.Query{Name: p.record.Target, Type: system.SRV}
			more := l.ask(q, "NAPTR, SRV", p.service)
			if len(more) > 0 {
				l.asked[len(l.asked)-1].life = p.record.TTL
			} else if !l.asks(q) {
				beyond++
			}
			next = append(next, more...)
			continue
		}
		l.asked[i].found = append(l.asked[i].found, found{l.itself(p.service, p.record.Target, "NAPTR"), p.record.TTL})
	}
	if beyond > 0 {
		l.leaveOut(&l.asked[i], "%d records, as %d are followed", beyond, maxQueries)
	}
	return next
}

// serves takes in the SRV records of a service.
func (l *Locator) serves(q *question, a system.Answered) {
	s, odd := q.services[0], 0
	for _, r := range ordered(a.Records, l.cfg.Rand) {
		switch {
		case r.Target == ".": // the service is decidedly not there (RFC 2782)
			l.refused = true
		case IsHost(r.Target) && r.Port > 0:
			ttl := r.TTL
			if q.life > 0 {
				ttl = min(ttl, q.life)
			}
			q.found = append(q.found, found{Target{net.JoinHostPort(r.Target, strconv.Itoa(int(r.Port))), s.Transport, q.by}, ttl})
		default:
			odd++
		}
	}
	if odd > 0 {
		l.leaveOut(q, "%d of %d records, which name no host or no port", odd, len(a.Records))
	}
}

// itself is a host at the usual port of a service.
func (l *Locator) itself(s Service, host, by string) Target {
	return Target{net.JoinHostPort(host, s.Port), s.Transport, by}
}

// conclude ends a search. What was known before is kept if the resolver had no answer
// (as RFC 8767 has resolvers do).
func (l *Locator) conclude(now time.Time) {
	l.cut()
	var all []found
	for _, q := range l.asked {
		all = append(all, q.found...)
	}
	l.asked = nil
	life := maxLife
	for _, f := range all {
		life = min(life, f.ttl)
	}
	switch {
	case len(all) > 0:
	case len(l.faults) > 0 && len(l.targets) > 0:
		l.until = now.Add(minLife)
		return
	case l.refused: // the next try asks again
		l.targets, l.until = nil, time.Time{}
		return
	default:
		life = minLife
		all = []found{{Target: l.itself(l.cfg.Services[0], l.cfg.Domain, "")}}
	}
	l.targets = all
	l.until = now.Add(max(life, minLife))
}

// cut leaves out what is too many, of those questions that have found the most, so that the
// first of each service stay.
func (l *Locator) cut() {
	n, all := 0, 0
	for _, q := range l.asked {
		all += len(q.found)
	}
	for ; all-n > maxTargets; n++ {
		most := &l.asked[0]
		for i := range l.asked {
			if len(l.asked[i].found) >= len(most.found) {
				most = &l.asked[i]
			}
		}
		most.found = most.found[:len(most.found)-1]
	}
	if n > 0 {
		l.left = append(l.left, fmt.Sprintf("%d of %d servers", n, all))
	}
}

// LeftOut is what of the answers of the last search is not used, each with why.
func (l *Locator) LeftOut() []string { return l.left }

// Faults is what the resolver has said in the last search that was no answer, each with
// its question. Refused reports whether the domain says that it has no such server.
func (l *Locator) Faults() []string { return l.faults }
func (l *Locator) Refused() bool    { return l.refused && len(l.targets) == 0 }

// Next is the target to try now: the first that does not rest or, if all do, the one
// whose rest ends first. n is its place among all of them, from 1.
func (l *Locator) Next(now time.Time) (t Target, n, of int) {
	var best time.Time
	for i, f := range l.targets {
		until := l.rests[f.Target]
		if !l.resting(now, f.Target) {
			return f.Target, i + 1, len(l.targets)
		}
		if n == 0 || until.Before(best) {
			t, n, best = f.Target, i+1, until
		}
	}
	return t, n, len(l.targets)
}

func (l *Locator) resting(now time.Time, t Target) bool { return now.Before(l.rests[t]) }

// Failed has a target rest for a while, and reports whether there is another one.
func (l *Locator) Failed(now time.Time, t Target, rest time.Duration) (another bool) {
	if l.rests == nil {
		l.rests = map[Target]time.Time{}
	}
	for t, until := range l.rests { // those that rest no more
		if !now.Before(until) {
			delete(l.rests, t)
		}
	}
	if until := now.Add(rest); until.After(l.rests[t]) { // what it has asked for is not cut short
		l.rests[t] = until
	}
	return slices.ContainsFunc(l.targets, func(f found) bool { return !l.resting(now, f.Target) })
}

// Another reports whether there is a target besides one that does not rest.
func (l *Locator) Another(now time.Time, t Target) bool {
	return slices.ContainsFunc(l.targets, func(f found) bool { return f.Target != t && !l.resting(now, f.Target) })
}

// Targets are all of them, in their order.
func (l *Locator) Targets() (all []Target) {
	for _, f := range l.targets {
		all = append(all, f.Target)
	}
	return all
}

// Hosts are those of all targets that records have named.
func (l *Locator) Hosts() (all []string) {
	for _, f := range l.targets {
		host, _, _ := net.SplitHostPort(f.Server)
		if host = strings.ToLower(host); f.By != "" && !slices.Contains(all, host) {
			all = append(all, host)
		}
	}
	return all
}
