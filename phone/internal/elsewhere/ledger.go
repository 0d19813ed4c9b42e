// Package elsewhere keeps account of datagrams that were refused because of where
// they came from. What there is to say of them is bounded, however many come and
// from however many addresses, and so is what is remembered.
//
// A Ledger is a pure value; one goroutine owns it.
package elsewhere

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

const (
	// maxSources is how many addresses a ledger names (our own number: a screen
	// has room for them). Of more it tells the number of datagrams alone.
	maxSources = 8
	// firstSum is the number of datagrams at which it is said how many there
	// were; it is said again at ten times that, and so on.
	firstSum = 100
)

// A Ledger is an account of refused datagrams. The zero value is ready for use.
type Ledger struct {
	// After is how many datagrams of one address are refused before it is named;
	// 0 is one.
	After int

	sources []source
	more    bool   // there were others
	total   uint64 // refused
	said    uint64 // of them, when something was said last
}

// A source is an address that is named, or about to be.
type source struct {
	addr  netip.Addr
	count int
}

// Plain is an address as it is compared: an IPv4 address is one however it is
// written, and a link-local one is the same on every interface.
func Plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// Refuse counts a datagram. It returns what there is to say now: of the first of
// an address what it was, and from where; of many how many there were. Mostly it
// is nothing.
func (l *Ledger) Refuse(what string, from netip.AddrPort) string {
	l.total++
	if note := l.name(what, from); note != "" {
		return l.say(note)
	}
	for sum := uint64(firstSum); sum <= l.total; sum *= 10 {
		if sum == l.total {
			return l.say(l.sum("so far"))
		}
	}
	return ""
}

// name counts a datagram for its address, and names that when it is time.
func (l *Ledger) name(what string, from netip.AddrPort) string {
	addr := Plain(from.Addr())
	for i := range l.sources {
		if s := &l.sources[i]; s.addr == addr {
			s.count++
			return l.due(s, what, from)
		}
	}
	switch {
	case len(l.sources) < maxSources:
		l.sources = append(l.sources, source{addr, 1})
		return l.due(&l.sources[len(l.sources)-1], what, from)
	case !l.more:
		l.more = true
		return fmt.Sprintf("datagrams from more than %d addresses refused; from now on only their number is told", maxSources)
	}
	return ""
}

func (l *Ledger) due(s *source, what string, from netip.AddrPort) string {
	if s.count != max(l.After, 1) {
		return ""
	}
	return fmt.Sprintf("%s from %s refused", what, netip.AddrPortFrom(s.addr, from.Port()))
}

// Rest is what there is left to say at the end: how many datagrams were refused
// in all, if some were since something was said last.
func (l *Ledger) Rest() string {
	if l.said == l.total {
		return ""
	}
	return l.say(l.sum("in all"))
}

// Total is how many datagrams were refused.
func (l *Ledger) Total() uint64 { return l.total }

func (l *Ledger) say(note string) string {
	l.said = l.total
	return note
}

func (l *Ledger) sum(when string) string {
	from := "1 address"
	switch {
	case l.more:
		from = fmt.Sprintf("more than %d addresses", maxSources)
	case len(l.sources) > 1:
		from = fmt.Sprintf("%d addresses", len(l.sources))
	}
	datagrams := "datagrams"
	if l.total == 1 {
		datagrams = "datagram"
	}
	return fmt.Sprintf("%s %s refused %s, from %s", grouped(l.total), datagrams, when, from)
}

// grouped writes a number with commas between thousands.
func grouped(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
