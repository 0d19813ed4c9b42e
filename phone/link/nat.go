package link

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// nat says when the emulated NAT forgets mappings. The zero value never forgets
// by itself.
type nat struct {
	preset   string
	udp, tcp time.Duration
	reset    bool
}

func (n *nat) on() bool { return n.preset != "" }

// A preset is a kind of NAT.
type preset struct {
	name, what string
	udp, tcp   time.Duration
}

// The kinds of NAT. The idle times are our own choices within measured ranges:
// of 34 home gateways the quickest forgot UDP after 30 s and TCP after 4 min,
// and half of them forgot TCP within an hour (Hätönen et al., "An experimental
// study of home gateway characteristics", IMC 2010); a few mobile carriers drop
// TCP within 5 min (Wang et al., "An untold story of middleboxes in cellular
// networks", SIGCOMM 2011); "rfc" has the least times that RFC 4787 REQ-5 and
// RFC 5382 REQ-5 allow.
var presets = []preset{
	{"home", "a home gateway", time.Minute, time.Hour},
	{"short", "the quickest to forget that was measured", 30 * time.Second, 4 * time.Minute},
	{"carrier", "a mobile carrier", 2 * time.Minute, 5 * time.Minute},
	{"rfc", "what the RFCs ask for", 5 * time.Minute, 7440 * time.Second},
}

func presetOf(name string) preset {
	for _, p := range presets {
		if p.name == name {
			return p
		}
	}
	return preset{}
}

func (n *nat) detail() string {
	how := "silent"
	if n.reset {
		how = "answers with RST"
	}
	return fmt.Sprintf("%s: forgets UDP after %s, TCP after %s; %s", n.preset, event.Round(n.udp), event.Round(n.tcp), how)
}

// ttl is how long a mapping of this kind lives without traffic.
func (n *nat) ttl(k kind) time.Duration {
	if k == datagram {
		return n.udp
	}
	return n.tcp
}

// expires returns when the NAT will forget a flow that stays idle; the zero
// time means never.
func (n *nat) expires(f *flow) time.Time {
	if !n.on() || f.touched.IsZero() || !f.alive() {
		return time.Time{}
	}
	return f.touched.Add(n.ttl(f.kind))
}
