package sdp

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"github.com/sleeptalk/sleeptalk/phone/ice"
)

// The attributes of ICE (RFC 8839 §5).
const (
	iceUfrag    = "ice-ufrag"
	icePwd      = "ice-pwd"
	iceLite     = "ice-lite"
	iceOptions  = "ice-options"
	iceMismatch = "ice-mismatch"
	candidate   = "candidate"
	chosen      = "remote-candidates"
)

const (
	// maxCandidates is how many of a peer's candidates are read: as many as there can be
	// pairs of (our own number, as in phone/ice).
	maxCandidates = 32
	// maxWord is how long a name or a password of ICE may be, and how short each may be
	// (RFC 8839 §5.4); maxFoundation the same of a foundation (§5.1).
	maxWord, minUfrag, minPwd = 256, 4, 22
	maxFoundation             = 32
	// discard is the port of a default address that is none (RFC 8839 §4.2.5 with trickle).
	discard = 9
)

// writeICE appends what our description says of ICE to the section, and returns what it
// says of the session. Where mux is agreed on there is one component (RFC 5761 §5.1.3).
func (l Local) writeICE(m *sdp.MediaDescription, mux bool) (session []sdp.Attribute) {
	d := l.ICE
	if d == nil {
		return nil
	}
	m.WithValueAttribute(iceUfrag, d.Ufrag).WithValueAttribute(icePwd, d.Pwd)
	m.WithValueAttribute(iceOptions, "ice2") // RFC 8445 §10
	for _, c := range d.Candidates {
		if mux && c.Component != ice.RTP {
			continue
		}
		m.WithValueAttribute(candidate, candidateLine(c))
	}
	if d.Lite {
		return []sdp.Attribute{sdp.NewPropertyAttribute(iceLite)}
	}
	return nil
}

// answerICE is writeICE for an answer: if the offer has what we can use, and else, if it
// tries, the word for that (RFC 8839 §5.3).
func (l Local) answerICE(m *sdp.MediaDescription, agreed Negotiated) (session []sdp.Attribute) {
	switch {
	case agreed.ICE != nil:
		return l.writeICE(m, agreed.Mux)
	case agreed.ICEFault != "":
		m.WithPropertyAttribute(iceMismatch)
	}
	return nil
}

// writeChosen appends the peer's addresses of the pairs that are selected, to an offer.
func (l Local) writeChosen(m *sdp.MediaDescription) {
	if l.ICE == nil || len(l.ICE.Chosen) == 0 {
		return
	}
	var list []string
	for i, at := range l.ICE.Chosen {
		list = append(list, fmt.Sprintf("%d %s %d", i+1, at.Addr(), at.Port()))
	}
	m.WithValueAttribute(chosen, strings.Join(list, " "))
}

// candidateLine is the value of an a=candidate (RFC 8839 §5.1).
func candidateLine(c ice.Candidate) string {
	s := fmt.Sprintf("%s %d UDP %d %s %d typ %s", c.Foundation, c.Component, c.Priority, text(c.At.Addr()), c.At.Port(), c.Type)
	if c.Related.IsValid() {
		s += fmt.Sprintf(" raddr %s rport %d", text(c.Related.Addr()), c.Related.Port())
	}
	return s
}

// ice reads what a section says of ICE; nil if it says nothing, or nothing that can be
// used. The second result is then why not, if it tried.
func (d *description) ice(m *section, at netip.AddrPort, mux bool) (*ice.Description, string) {
	ufrag, named := d.either(m, iceUfrag)
	pwd, proven := d.either(m, icePwd)
	_, mismatch := d.either(m, iceMismatch)
	_, lite := d.either(m, iceLite)
	switch {
	case mismatch:
		return nil, "it says ice-mismatch: something on the way has changed our address in it"
	case !named && !proven:
		return nil, ""
	case !named || !proven:
		return nil, "it has no ice-ufrag, or no ice-pwd"
	case len(ufrag) < minUfrag || len(pwd) < minPwd:
		d.faults.add("its ice-ufrag or ice-pwd is shorter than RFC 8839 allows")
	}
	if ufrag == "" || pwd == "" || len(ufrag) > maxWord || len(pwd) > maxWord || !word64(ufrag) || !word64(pwd) {
		return nil, "its ice-ufrag or ice-pwd cannot be used"
	}
	theirs := &ice.Description{Ufrag: ufrag, Pwd: pwd, Lite: lite, Mux: mux, Candidates: d.candidates(m)}
	if !reaches(theirs.Candidates, at) {
		return nil, fmt.Sprintf("its m= and c= lines name %s, which is none of its candidates (ice-mismatch, RFC 8839 §4.2.5)", at)
	}
	return theirs, ""
}

// unmux takes an answer for one without rtcp-mux, which our offer had not.
func (d *description) unmux(m *section, s *stream) {
	s.mux = false
	s.rtcp = d.rtcpAddress(m, s.rtp, false)
	if s.ice != nil {
		s.ice.Mux = false
	}
}

// word64 reports whether a word has the characters of one (RFC 8839 §5.4: "ice-char"), or
// others that do no harm in a name of STUN.
func word64(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' })
}

// reaches reports whether the default address is one of the candidates of RTP, which all
// who do not speak ICE use; an address that is none is no mistake, either.
func reaches(list []ice.Candidate, at netip.AddrPort) bool {
	return at.Addr().IsUnspecified() && at.Port() == discard ||
		slices.ContainsFunc(list, func(c ice.Candidate) bool { return c.Component == ice.RTP && c.At == at })
}

// candidates reads the a=candidate lines, as far as they can be used: over UDP, at an
// address.
func (d *description) candidates(m *section) (list []ice.Candidate) {
	for _, a := range m.attributes {
		if a.key != candidate {
			continue
		}
		c, fault := parseCandidate(a.value)
		switch {
		case fault != "":
			d.faults.add(fault)
		case c.Component == 0: // not for us
		case len(list) == maxCandidates:
			d.faults.add("it has more candidates than are read")
		default:
			list = append(list, c)
		}
	}
	return list
}

// parseCandidate reads one. A candidate that is well written and cannot be used has
// component 0: over TCP, or of a name.
func parseCandidate(value string) (c ice.Candidate, fault string) {
	f := strings.Fields(value)
	if len(f) < 8 || !strings.EqualFold(f[6], "typ") {
		return c, "a candidate has too few words"
	}
	component, err := strconv.ParseUint(f[1], 10, 8)
	priority, err2 := strconv.ParseUint(f[3], 10, 32)
	port, err3 := strconv.ParseUint(f[5], 10, 16)
	if err != nil || err2 != nil || err3 != nil || component == 0 || len(f[0]) > maxFoundation {
		return c, "a candidate has no numbers where they belong"
	}
	addr, err := netip.ParseAddr(strings.Trim(f[4], "[]"))
	kind := ice.Type(strings.ToLower(f[7]))
	switch {
	case !strings.EqualFold(f[2], "udp"), err != nil, addr.Zone() != "": // one of TCP, or a name
		return c, ""
	case addr.IsMulticast(), addr.IsUnspecified(), addr == broadcast, port == 0, priority == 0:
		return c, "a candidate has an address or a priority that is none"
	case !slices.Contains([]ice.Type{ice.Host, ice.Reflexive, ice.Peer, ice.Relayed}, kind): // of a type that is not known (RFC 8839 §5.1)
		return c, ""
	}
	return ice.Candidate{
		Foundation: f[0], Component: int(component), Priority: uint32(priority), Type: kind,
		At: netip.AddrPortFrom(addr.Unmap(), uint16(port)), Related: related(f[8:]),
	}, ""
}

// broadcast is no address of a peer's.
var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// related reads "raddr ADDRESS rport PORT", which is for people.
func related(f []string) netip.AddrPort {
	var addr netip.Addr
	var port uint64
	for ; len(f) >= 2; f = f[2:] {
		switch strings.ToLower(f[0]) {
		case "raddr":
			addr, _ = netip.ParseAddr(f[1])
		case "rport":
			port, _ = strconv.ParseUint(f[1], 10, 16)
		}
	}
	if !addr.IsValid() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr.WithZone(""), uint16(port))
}

// agreeICE is what is agreed on of ICE: nothing unless both ends speak it. fault says why
// the peer's cannot be used.
func (l Local) agreeICE(s stream) (theirs *ice.Description, fault string, err error) {
	if l.ICE == nil {
		return nil, "", nil
	}
	if l.RequireICE && s.ice == nil {
		why := s.iceFault
		if why == "" {
			why = "it has no ICE, which this phone requires (ice=required)"
		}
		return nil, why, refuse(warnMisc, "%s", why)
	}
	return s.ice, s.iceFault, nil
}
