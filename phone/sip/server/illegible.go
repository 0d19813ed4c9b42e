package server

import (
	"crypto/sha256"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip"
)

const (
	// repeats is for how long a request is repeated over UDP: 64*T1 (RFC 3261 §17.1.2.2).
	repeats = 64 * sip.T1
	// maxIllegible bounds the datagrams that are known again (our own number): who sends
	// more of them by turns has the copies counted, too.
	maxIllegible = 16
)

// An illegible is a datagram that nobody could read, and who has sent it.
type illegible struct {
	from netip.AddrPort
	sum  [sha256.Size]byte // of all of it
	at   time.Time         // when it came first
}

// illegibles are the last ones.
type illegibles []illegible

// copied reports whether a datagram is a copy of one of them, and remembers it if it is
// not.
func (all *illegibles) copied(now time.Time, from netip.AddrPort, data []byte) bool {
	list := slices.DeleteFunc(*all, func(i illegible) bool { return now.Sub(i.at) >= repeats })
	*all = list
	one := illegible{from, sha256.Sum256(data), now}
	if slices.ContainsFunc(list, func(i illegible) bool { return i.from == one.from && i.sum == one.sum }) {
		return true
	}
	*all = append(list[max(0, len(list)+1-maxIllegible):], one)
	return false
}
