package locate

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Target is where a server can be reached.
type Target struct {
	Server    string // "host:port"
	Transport string // as the [Service] has it
	By        string // "SRV", "NAPTR, SRV" or "NAPTR", which named it; "" is the domain itself
}

// A Service is a way in which a protocol can be spoken.
type Service struct {
	Transport string
	NAPTR     string // the service field, such as "SIP+D2T" (RFC 3263 §4.1); "": there is none
	SRV       string // what is before the domain, such as "_sip._tcp" (RFC 3263 §4.1); "": there is none
	Port      string // where nobody names another
}

// A found is a target with what its order and life depend on.
type found struct {
	Target
	ttl time.Duration
}

// ordered has the records of one SRV answer in the order in which they are tried: by
// priority, and at random by weight within one (RFC 2782).
func ordered(records []system.Record, rng *rand.Rand) []system.Record {
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(a, b system.Record) int { return cmp.Compare(a.Priority, b.Priority) })
	var all []system.Record
	for len(records) > 0 {
		n := 1
		for n < len(records) && records[n].Priority == records[0].Priority {
			n++
		}
		all = append(all, shuffled(records[:n], rng)...)
		records = records[n:]
	}
	return all
}

// shuffled orders records of one priority. Those of weight 0 come first in the sum, so
// that they have a small chance beside others.
func shuffled(records []system.Record, rng *rand.Rand) (all []system.Record) {
	left := slices.Clone(records)
	slices.SortStableFunc(left, func(a, b system.Record) int { return cmp.Compare(min(a.Weight, 1), min(b.Weight, 1)) })
	for len(left) > 0 {
		total := 0
		for _, r := range left {
			total += int(r.Weight)
		}
		at := rng.IntN(total + 1)
		i := slices.IndexFunc(left, func(r system.Record) bool {
			at -= int(r.Weight)
			return at <= 0
		})
		all = append(all, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return all
}

// A pick is a NAPTR record that can be followed, and by what.
type pick struct {
	service Service
	record  system.Record
}

// picked has the NAPTR records that name a service of ours, best first. Those of a
// higher order than the first are not considered (RFC 3403 §4.1).
func picked(records []system.Record, services []Service) (all []pick) {
	for _, r := range records {
		i := slices.IndexFunc(services, func(s Service) bool { return s.NAPTR != "" && s.NAPTR == r.Service })
		if i >= 0 && (r.Flags == "s" || r.Flags == "a") && IsHost(r.Target) {
			all = append(all, pick{services[i], r})
		}
	}
	slices.SortStableFunc(all, func(a, b pick) int {
		return cmp.Or(cmp.Compare(a.record.Order, b.record.Order), cmp.Compare(a.record.Preference, b.record.Preference))
	})
	for i := range all {
		if all[i].record.Order != all[0].record.Order {
			return all[:i]
		}
	}
	return all
}

// IsHost reports whether a name can be that of a host: one that could be written in a
// URI (RFC 1123 §2.1, and the underscore that people use), of no more than 253 letters
// (RFC 1035 §2.3.4).
func IsHost(name string) bool {
	odd := func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	return name != "" && name != "." && len(name) <= 253 && !strings.ContainsFunc(name, odd)
}
