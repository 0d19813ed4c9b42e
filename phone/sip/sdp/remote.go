package sdp

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/pion/sdp/v3"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// Limits on what a peer may send.
const (
	maxSize     = 64 << 10 // bytes; what a SIP message may hold
	maxSections = 16       // m= lines
	maxFormats  = 128      // entries of one m= line: as many as RTP has payload types
)

// Packet times that we send; others are answered with our own. One packet of
// 120 ms of G.711 still fits an Ethernet frame.
const (
	minPTime = 10 * time.Millisecond
	maxPTime = 120 * time.Millisecond
)

// parse reads a peer's description within the limits.
func parse(b []byte) (*sdp.SessionDescription, error) {
	switch {
	case len(b) == 0:
		return nil, malformed("it is empty")
	case len(b) > maxSize:
		return nil, malformed("it has %d bytes; at most %d are read", len(b), maxSize)
	}
	d := new(sdp.SessionDescription)
	if err := d.Unmarshal(b); err != nil {
		return nil, malformed("%v", err)
	}
	switch n := len(d.MediaDescriptions); {
	case n == 0:
		return nil, malformed("it has no m= line")
	case n > maxSections:
		return nil, malformed("it has %d m= lines; at most %d are read", n, maxSections)
	}
	return d, nil
}

// A stream is an audio section of a peer, as far as we speak it.
type stream struct {
	rtp, rtcp netip.AddrPort
	formats   []format
	ptime     time.Duration // 0: not said
	direction string        // as the peer wrote it, RFC 2543 hold included
	mux       bool
}

// readStream reads the audio section m of d.
func readStream(d *sdp.SessionDescription, m *sdp.MediaDescription) (stream, error) {
	switch proto := strings.Join(m.MediaName.Protos, "/"); {
	case m.MediaName.Media != "audio":
		return stream{}, notAcceptable("%q is not audio", m.MediaName.Media)
	case m.MediaName.Port.Value == 0:
		return stream{}, notAcceptable("the audio has port 0, so it is refused or disabled")
	case proto != "RTP/AVP":
		return stream{}, notAcceptable("the transport is %q; RTP/AVP is spoken", proto)
	case len(m.MediaName.Formats) > maxFormats:
		return stream{}, malformed("an m= line has %d formats; RTP has %d", len(m.MediaName.Formats), maxFormats)
	}
	addr, err := address(d, m)
	if err != nil {
		return stream{}, err
	}
	s := stream{
		rtp:       netip.AddrPortFrom(addr, uint16(m.MediaName.Port.Value)),
		formats:   formats(m),
		ptime:     packetTime(m),
		direction: direction(d, m),
	}
	_, s.mux = m.Attribute(sdp.AttrKeyRTCPMux)
	s.rtcp = rtcpAddress(m, s.rtp, s.mux)
	if addr.IsUnspecified() {
		// Hold as in RFC 2543: nothing may be sent there (RFC 3264 §8.4).
		s.direction = meet(s.direction, SendOnly)
	}
	return s, nil
}

// address is where the section wants its media: its own c= line, or that of
// the session (RFC 8866 §5.7).
func address(d *sdp.SessionDescription, m *sdp.MediaDescription) (netip.Addr, error) {
	c := m.ConnectionInformation
	if c == nil {
		c = d.ConnectionInformation
	}
	if c == nil || c.Address == nil {
		return netip.Addr{}, malformed("there is no c= line for the audio")
	}
	return parseAddress(c.NetworkType, c.AddressType, c.Address.Address)
}

func parseAddress(network, kind, addr string) (netip.Addr, error) {
	host, _, _ := strings.Cut(addr, "/") // a multicast address has a TTL after it
	a, err := netip.ParseAddr(host)
	switch {
	case network != "IN":
		return a, notAcceptable("the network type is %q; IN is spoken", network)
	case err != nil || a.Zone() != "":
		return netip.Addr{}, notAcceptable("%q is not an IP address", addr)
	case (kind == "IP4") != a.Is4() || (kind == "IP6") != a.Is6():
		return netip.Addr{}, malformed("%s is not of the type %s", addr, kind)
	case a.Unmap().IsMulticast():
		return netip.Addr{}, notAcceptable("%s is a multicast address", addr)
	}
	return a.Unmap(), nil
}

// rtcpAddress is where the section wants RTCP: on the RTP port if muxed
// (RFC 5761), where a=rtcp says (RFC 3605), else on the next port.
func rtcpAddress(m *sdp.MediaDescription, rtp netip.AddrPort, mux bool) netip.AddrPort {
	if mux {
		return rtp
	}
	value, _ := m.Attribute("rtcp")
	if f := strings.Fields(value); len(f) > 0 {
		port, err := strconv.ParseUint(f[0], 10, 16)
		if err == nil && port > 0 && len(f) == 1 {
			return netip.AddrPortFrom(rtp.Addr(), uint16(port))
		}
		if err == nil && port > 0 && len(f) == 4 {
			if a, err := parseAddress(f[1], f[2], f[3]); err == nil {
				return netip.AddrPortFrom(a, uint16(port))
			}
		}
	}
	if rtp.Port() == 0xFFFF {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(rtp.Addr(), rtp.Port()+1)
}

// formats lists what the section's payload numbers mean, in its order. A
// static number needs no rtpmap (RFC 3551 §6); one that says nothing that we
// understand is left out.
func formats(m *sdp.MediaDescription) []format {
	var list []format
	for _, entry := range m.MediaName.Formats {
		n, err := strconv.ParseUint(entry, 10, 7)
		if err != nil {
			continue
		}
		f := format{number: uint8(n)}
		if value, ok := attributeFor(m, "rtpmap", entry); ok {
			f.name, f.rate, ok = parseRTPMap(value)
			if !ok {
				continue
			}
		} else if c, ok := codec.ByPayloadType(f.number); ok {
			f.name, f.rate = c.Name, c.ClockRate
		} else {
			continue
		}
		list = append(list, f)
	}
	return list
}

// attributeFor finds "a=key:number value".
func attributeFor(m *sdp.MediaDescription, key, number string) (string, bool) {
	for _, a := range m.Attributes {
		if a.Key != key {
			continue
		}
		if n, value, ok := strings.Cut(a.Value, " "); ok && n == number {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}

// parseRTPMap reads "name/rate[/channels]"; more than one channel is not
// spoken.
func parseRTPMap(value string) (name string, rate int, ok bool) {
	part := strings.Split(value, "/")
	if len(part) < 2 || len(part) > 3 || len(part) == 3 && part[2] != "1" {
		return "", 0, false
	}
	hz, err := strconv.ParseUint(part[1], 10, 31)
	return part[0], int(hz), err == nil && hz > 0
}

// packetTime is what the section asks to be sent in one packet, or 0.
func packetTime(m *sdp.MediaDescription) time.Duration {
	ptime, most := milliseconds(m, "ptime"), milliseconds(m, "maxptime")
	if most != 0 {
		ptime = min(cmp.Or(ptime, defaultPTime), most)
	}
	if ptime < minPTime || ptime > maxPTime {
		return 0
	}
	return ptime
}

func milliseconds(m *sdp.MediaDescription, key string) time.Duration {
	value, _ := m.Attribute(key)
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Millisecond
}

// direction is the section's own, or the session's (RFC 3264 §5.1).
func direction(d *sdp.SessionDescription, m *sdp.MediaDescription) string {
	for _, attributes := range [][]sdp.Attribute{m.Attributes, d.Attributes} {
		for _, a := range attributes {
			switch a.Key {
			case SendRecv, SendOnly, RecvOnly, Inactive:
				return a.Key
			}
		}
	}
	return SendRecv
}
