package control

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/locate"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Way is a channel that finds where it leads, where that is not one server alone, and
// goes on to the next address of the server, or to the next server, if one fails (RFC 3263).
type Way struct {
	Channel
	locator *locate.Locator // nil: there is one server
	adopt   func(t locate.Target)
	at      locate.Target // the last target that was tried; zero: no server is to blame
	hosts   locate.Addresses
	address netip.AddrPort // of the server that was connected to last; zero: none was since
	after   error          // why the one before it was left; nil: it was not
	onto    string         // where it goes on to since, as a reader is told
	passes  int            // servers in a row to which the connection has never opened
}

// maxPasses bounds how many servers are tried at once, one after the other (our own number:
// as many as addresses that are remembered to have failed). A DNS that names others each
// time would have no end.
const maxPasses = system.MaxAddresses

var (
	// errNoService is a domain whose SRV records say that it has no such server.
	errNoService = errors.New("the domain says that it has no such server (SRV with the target \".\", RFC 2782)")
	errNoDNS     = fmt.Errorf("no answer of the DNS within %g s", Patience.Seconds())
)

// Seek has the connection lead to what a locator finds, from the next time on that it
// is opened; adopt has the agent speak what a target wants, see [Channel.Lead].
func (w *Way) Seek(l *locate.Locator, adopt func(locate.Target)) {
	*w = Way{Channel: w.Channel, locator: l, adopt: adopt, hosts: w.hosts}
	if w.phase == PhaseFinding {
		w.down()
	}
}

// Serve has the connection lead to one server, from the next time on that it is opened,
// and want the certificate of that host; "" is none.
func (w *Way) Serve(server, certificate string) {
	w.Seek(nil, nil)
	w.Channel.Serve(server, certificate)
}

// find looks for the server, and connects to it as soon as it is known.
func (w *Way) find(s *Step) {
	if w.locator == nil {
		why := ""
		if w.after != nil {
			why = "after " + w.after.Error()
		}
		w.reach(s, why)
		return
	}
	w.at = locate.Target{}
	for _, q := range w.locator.Start(s.Now) {
		s.Do(q)
	}
	if w.locator.Searching() {
		w.ask(s, w.locator.Domain())
		return
	}
	w.tryNext(s)
}

// Receive takes in a signal about the connection, or what the DNS says; others mean
// nothing.
func (w *Way) Receive(s *Step, sig system.Signal) (Turn, error) {
	switch sig := sig.(type) {
	case system.Answered:
		return w.answered(s, sig)
	case system.Connected:
		w.reached(sig.Socket, sig.Remote, sig.Addrs)
	case system.Bound:
		w.reached(sig.Socket, sig.Remote, sig.Addrs)
	}
	used := w.used
	turn, err := w.Channel.Receive(s, sig)
	return w.past(s, used, turn, err)
}

// Advance does what is due.
func (w *Way) Advance(s *Step) (Turn, error) {
	used := w.used
	turn, err := w.Channel.Advance(s)
	return w.past(s, used, turn, err)
}

// reach connects to the server, at an address that does not rest if there is one.
func (w *Way) reach(s *Step, why string) {
	w.address, w.after = netip.AddrPort{}, nil
	w.Connect(s, why, w.hosts.Avoid(s.Now)...)
}

// reached notes which address was taken, of which.
func (w *Way) reached(socket system.Socket, remote netip.AddrPort, all []netip.Addr) {
	if w.On(socket) && w.phase == PhaseConnecting {
		w.address = remote
		w.hosts.Know(all, remote.Port())
	}
}

// past goes on to the next server, if there is one, after one to which the connection has
// never opened.
func (w *Way) past(s *Step, used bool, turn Turn, err error) (Turn, error) {
	switch {
	case turn == Nothing:
	case turn == Lost && !used && w.passes < maxPasses && w.Leaves(s, 0, err):
		w.passes++
		w.find(s)
		return Nothing, nil
	default:
		w.passes = 0
	}
	return turn, err
}

// answered takes in what the DNS says, if we have asked.
func (w *Way) answered(s *Step, a system.Answered) (Turn, error) {
	if w.phase != PhaseFinding {
		return Nothing, nil
	}
	next, ours := w.locator.Answered(s.Now, a)
	if !ours {
		return Nothing, nil
	}
	s.Log(a.Event())
	for _, q := range next {
		s.Do(q)
	}
	if w.locator.Searching() {
		return Nothing, nil
	}
	if faults := w.locator.Faults(); len(faults) > 0 {
		s.Log(event.Warning{
			Rule: event.RuleDNSFailed, Note: "the resolver has not answered: " + strings.Join(faults, ", "),
			Hint: "the servers that are known are tried, else the domain itself; see the resolver, or name the server with its port",
		})
	}
	if left := w.locator.LeftOut(); len(left) > 0 {
		s.Log(event.Warning{
			Rule: event.RuleDNSLeftOut, Note: "left out of what the DNS says: " + strings.Join(left, ", "),
			Hint: "of too many servers those are tried that come first, and of records those that name a host and a port; see the records of the domain",
		})
	}
	if w.locator.Refused() {
		return w.lose(s, event.SocketFailed, errNoService), errNoService
	}
	w.tryNext(s)
	return Nothing, nil
}

// tryNext connects to the next target.
func (w *Way) tryNext(s *Step) {
	w.down()
	t, n, of := w.locator.Next(s.Now)
	w.at = t
	w.adopt(t)
	if of > 1 || t.By != "" || w.after != nil {
		e := event.Target{Server: t.Server, Transport: t.Transport, Number: n, Of: of, By: t.By}
		if w.after != nil {
			e.After = w.after.Error()
		}
		s.Log(e)
	}
	w.reach(s, "")
	if w.locator.Another(s.Now, w.at) {
		w.openIn(s, hurried)
	}
}

// hurried is how long a server may take to be connected to where there is another one:
// long enough for three SYNs (RFC 6298 §2.1: 0, 1 and 3 s), as a live phone dials.
const hurried = 10 * time.Second

// Another reports whether there is another server than the one that the connection
// leads to, or another address of it.
func (w *Way) Another(now time.Time) bool {
	return w.hosts.Another(now, w.address) || w.locator != nil && w.locator.Another(now, w.at)
}

// Leaves has the address that was connected to rest, for as long as the server wants or
// else for a while, and the server with it if all of its addresses do. It reports whether
// there is another one, which is tried next (RFC 3263 §4.3). It stays with the server if
// what failed is ours alone.
func (w *Way) Leaves(s *Step, rest time.Duration, why error) bool {
	return w.LeavesFor(s, "", rest, why)
}

// Onto is where the connection goes on to that was left, as a reader is told.
func (w *Way) Onto() string { return w.onto }

// LeavesFor is Leaves for a connection that its agent leads home next, from where it was
// sent; "" is that it does not.
func (w *Way) LeavesFor(s *Step, home string, rest time.Duration, why error) bool {
	switch {
	case w.locator != nil && w.at == (locate.Target{}) || isAny(why, ours):
		return false
	case w.after != nil: // it is left already
		return true
	}
	blamed := !isAny(why, noWay)
	if rest = max(rest, locate.Rest); !blamed {
		rest = noWayRest
	}
	failed, onto := w.blamed(), "another address of that server"
	if !w.hosts.Failed(s.Now, w.address, rest) {
		onto = "the next server"
		if w.locator == nil || !w.locator.Failed(s.Now, w.at, rest) {
			return false
		}
	}
	w.after, w.onto = fmt.Errorf("%s: %w", failed, why), cmp.Or(home, onto)
	if blamed {
		s.Log(event.Warning{
			Rule: event.RuleServerFailover, Note: fmt.Sprintf("%s failed: %v", failed, why),
			Hint: "see why it failed; the phone goes on to " + w.onto,
		})
	}
	return true
}

// blamed is the server for whoever reads that it failed, with its address if it has
// several.
func (w *Way) blamed() string {
	server := cmp.Or(w.at.Server, w.cfg.Server)
	if !w.hosts.Several() || !w.address.IsValid() {
		return server
	}
	return fmt.Sprintf("%s (%s)", server, w.address.Addr())
}

var (
	// ours are failures of this machine: each server would meet the same.
	ours = []system.SocketError{system.Moved, system.NoPort, system.AddrInUse, system.NoBuffers}
	// noWay are failures before the server: no network, or none of its family of
	// addresses, or nobody who knows its name. Another server may have a way, and none
	// is to blame.
	noWay = []system.SocketError{system.Unreachable, system.NotLocal, system.NoResolver}
)

// noWayRest is how long a server rests to which there is no way: no longer than until
// the next try after all have had theirs, see [Conn.BackOff], which finds another network.
const noWayRest = recoveryBase

func isAny(err error, of []system.SocketError) bool {
	return slices.ContainsFunc(of, func(e system.SocketError) bool { return errors.Is(err, e) })
}
