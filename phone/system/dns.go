package system

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A RecordType is a type of resource records of the DNS that a program asks for. Of
// the addresses of a host it asks with [Resolve], or has them found by [Connect] and
// [Bind].
type RecordType string

// The types (RFC 3403, RFC 2782).
const (
	NAPTR RecordType = "NAPTR"
	SRV   RecordType = "SRV"
)

// Query asks the DNS one question. The answer is [Answered], always.
type Query struct {
	Name string // without the dot at its end
	Type RecordType
}

func (q Query) String() string { return string(q.Type) + " " + q.Name }

// Answered is what the DNS says to a [Query]: records, or why there are none.
type Answered struct {
	Query   Query
	Records []Record
	Left    int // how many more there were, which a bound left out
	Fault   DNSFault
}

// maxShown bounds the records of one answer that the log has (our own number: they fill a
// screen).
const maxShown = 16

// Event is the answer for the log.
func (a Answered) Event() event.Lookup {
	e := event.Lookup{Name: a.Query.Name, Type: string(a.Query.Type), Fault: string(a.Fault)}
	for _, r := range a.Records[:min(len(a.Records), maxShown)] {
		e.Answers = append(e.Answers, r.Text(a.Query.Type))
	}
	if more := max(len(a.Records)-maxShown, 0) + a.Left; more > 0 {
		e.Answers = append(e.Answers, fmt.Sprintf("%d more", more))
	}
	return e
}

// A Record is one resource record of the type that was asked for, with the fields that
// its type has. Names are in small letters, without the dot at their end; the root is
// ".".
type Record struct {
	TTL time.Duration

	// Of SRV; Target is also the replacement of NAPTR.
	Priority, Weight, Port uint16
	Target                 string

	// Of NAPTR.
	Order, Preference uint16
	Flags, Service    string
}

// Text is the record as zone files have it, after its type.
func (r Record) Text(t RecordType) string {
	if t == SRV {
		return fmt.Sprintf("%d %d %d %s", r.Priority, r.Weight, r.Port, r.Target)
	}
	return fmt.Sprintf("%d %d %q %q %s", r.Order, r.Preference, r.Flags, r.Service, r.Target)
}

// A DNSFault is why there are no records, as resolvers name it; "" if there are some.
type DNSFault string

// The faults (RFC 1035 §4.1.1, RFC 2308 §2).
const (
	NoSuchName   DNSFault = "NXDOMAIN"
	NoSuchRecord DNSFault = "no such record"
	NoAnswer     DNSFault = "no answer"
	ServerFailed DNSFault = "SERVFAIL"
	// An answer that is not to be believed, and one that cannot be read whole: with TC over
	// UDP it is asked for over TCP, where there is no reason for it (RFC 7766 §5).
	OtherQuestion DNSFault = "an answer to another question"
	Unreadable    DNSFault = "an answer that cannot be read"
	CutOverUDP    DNSFault = "an answer that is cut over UDP (TC), and none over TCP"
	CutOverTCP    DNSFault = "an answer that is cut even over TCP (TC)"
	// Referral is the names of other servers (RFC 2308 §2.2), from who does not ask them.
	Referral DNSFault = "a referral to other servers: it is no resolver"
	// NotAsked: this machine keeps its resolvers elsewhere than in a file that is read,
	// as Windows does, and what is asked there knows no records of that type.
	NotAsked DNSFault = "not asked: no /etc/resolv.conf names a resolver; set resolver to ADDRESS:PORT"
)

// Empty reports whether the fault is an answer: that there is nothing.
func (f DNSFault) Empty() bool { return f == NoSuchName || f == NoSuchRecord }

// A question is asked twice, for five seconds each, as resolvers do without options
// (resolv.conf(5)).
const (
	DNSTry   = 5 * time.Second
	DNSTries = 2
)

func (Query) effect()    {}
func (Answered) signal() {}
