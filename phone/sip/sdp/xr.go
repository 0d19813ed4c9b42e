package sdp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pion/sdp/v3"
)

// An XRPolicy says who gets extended reports of RTCP (RFC 3611).
type XRPolicy uint8

// The policies.
const (
	XRAccept XRPolicy = iota // those who ask for them, and they are asked for theirs
	XROff                    // nobody
	XROn                     // everybody, and everybody is asked
)

var xrPolicyNames = [...]string{"accept", "off", "on"}

func (p XRPolicy) String() string { return xrPolicyNames[p] }

// XRPolicies lists the names of the policies.
func XRPolicies() []string { return xrPolicyNames[:] }

// ParseXRPolicy finds a policy by its name.
func ParseXRPolicy(name string) (XRPolicy, error) {
	if i := slices.Index(xrPolicyNames[:], name); i >= 0 {
		return XRPolicy(i), nil
	}
	return 0, fmt.Errorf("%q is none of %s", name, strings.Join(xrPolicyNames[:], ", "))
}

// XR is which blocks of extended reports we send.
type XR struct {
	Metrics   bool // of VoIP metrics (RFC 3611 §4.7)
	RoundTrip bool // by which who sends no audio measures the round trip (§4.4, §4.5)
}

// xrLine is the attribute of extended reports (RFC 3611 §5.1): which blocks whoever writes it
// wishes to get. xrWish is ours.
const (
	xrLine = "rtcp-xr"
	xrWish = "rcvr-rtt=all voip-metrics"
)

// extended is which blocks the peer wishes to get, by its section or, where that does not say,
// by the session. What we do not have is left out, as are limits to the size of blocks, which
// ours cannot exceed.
func (d *description) extended(m *section) (x XR) {
	list := m.attributes
	if _, own := find(list, xrLine); !own {
		list = d.attributes
	}
	for _, a := range list {
		if a.key != xrLine {
			continue
		}
		for _, word := range strings.Fields(a.value) {
			name, mode, _ := strings.Cut(strings.ToLower(word), "=")
			mode, _, _ = strings.Cut(mode, ":")
			switch {
			case name == "voip-metrics":
				x.Metrics = true
			case name == "rcvr-rtt" && (mode == "all" || mode == "sender"):
				x.RoundTrip = true
			case name == "rcvr-rtt":
				d.faults.add("its a=rtcp-xr has a rcvr-rtt that is neither all nor sender")
			}
		}
	}
	return x
}

// agreeXR is which blocks we send to a peer that wishes some.
func (l Local) agreeXR(wish XR) XR {
	switch l.XR {
	case XROff:
		return XR{}
	case XROn:
		return XR{Metrics: true, RoundTrip: true}
	}
	return wish
}

// writeXR appends our own wish.
func writeXR(m *sdp.MediaDescription, wish bool) {
	if wish {
		m.WithValueAttribute(xrLine, xrWish)
	}
}
