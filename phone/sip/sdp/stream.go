package sdp

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/ice"
)

// Packet times that we send; others are answered with our own. One packet of
// 120 ms of G.711 still fits an Ethernet frame; what has more octets is cut to one.
const (
	minPTime   = 10 * time.Millisecond
	maxPTime   = 120 * time.Millisecond
	maxPayload = 1400 // octets
)

// A stream is an audio section of a peer, as far as we speak it.
type stream struct {
	rtp, rtcp netip.AddrPort
	formats   []format
	ptime     time.Duration // 0: not said
	direction string        // as the peer wrote it, RFC 2543 hold included
	mux       bool
	transport transport
	crypto    []crypto
	shake     shake
	ice       *ice.Description
	iceFault  string // why there is none, though the peer tries
	xr        XR     // the blocks that the peer wishes to get
}

// readStream reads an audio section.
func (d *description) readStream(m *section) (stream, error) {
	over, spoken := transportOf(m.proto)
	switch {
	case !m.isAudio():
		return stream{}, refuse(warnMedia, "%s is not audio", quote(m.media))
	case m.noPort != "":
		return stream{}, refuse(warnMedia, "%s is not a port for the audio: ports are numbers up to 65535", m.noPort)
	case m.port == 0:
		return stream{}, refuse(warnMedia, "the audio has port 0, so it is refused or disabled")
	case !spoken:
		return stream{}, refuse(warnTransport, "the transport is %s; spoken are %s", quote(m.proto), transportNames())
	case len(m.formats) > maxFormats:
		return stream{}, refuse(warnMisc, "an m= line has %d formats; RTP has %d", len(m.formats), maxFormats)
	}
	if m.media != "audio" || m.proto != over.name {
		d.faults.add("an m= line is written in other letters than RFC 3551 has it")
	}
	addr, err := d.address(m)
	if err != nil {
		return stream{}, err
	}
	s := stream{
		rtp:       netip.AddrPortFrom(addr, m.port),
		formats:   d.formats(m),
		ptime:     d.packetTime(m),
		direction: d.direction(m),
		transport: over,
		crypto:    d.crypto(m),
		shake:     d.shake(m),
		xr:        d.extended(m),
	}
	_, s.mux = find(m.attributes, rtcpMux)
	s.rtcp = d.rtcpAddress(m, s.rtp, s.mux)
	s.ice, s.iceFault = d.ice(m, s.rtp, s.mux)
	if addr.IsUnspecified() && s.ice == nil {
		// Hold as in RFC 2543: nothing may be sent there (RFC 3264 §8.4).
		s.direction = meet(s.direction, SendOnly)
	}
	return s, nil
}

func (m *section) isAudio() bool { return strings.EqualFold(m.media, "audio") }

// address is where the section wants its media: its own c= line, or that of
// the session (RFC 8866 §5.7). If it has neither, that of another section is
// taken: the lines may be in any order.
func (d *description) address(m *section) (netip.Addr, error) {
	c := m.conn
	if c == nil {
		c = d.conn
	}
	for i := 0; c == nil && i < len(d.sections); i++ {
		if c = d.sections[i].conn; c != nil {
			d.faults.add("the c= line of another section is the only one")
		}
	}
	if c == nil {
		return netip.Addr{}, refuse(warnAddress, "there is no c= line for the audio")
	}
	return d.parseAddress(c)
}

// parseAddress reads "IN IP4 192.0.2.1". What the address is, it shows itself.
func (d *description) parseAddress(c connection) (netip.Addr, error) {
	if len(c) == 0 {
		return netip.Addr{}, refuse(warnAddress, "a c= line has no address")
	}
	text := c[len(c)-1]
	host, _, _ := strings.Cut(text, "/") // a multicast address has a TTL after it
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	switch {
	case len(c) == 3 && !strings.EqualFold(c[0], "IN"):
		return a, refuse(warnNetwork, "the network type is %s; IN is spoken", quote(c[0]))
	case err != nil || a.Zone() != "":
		return netip.Addr{}, refuse(warnAddress, "%s is not an IP address", quote(text))
	case a.Unmap() == broadcast:
		return netip.Addr{}, refuse(warnAddress, "%s is the broadcast address: one call's audio is not for everybody", a.Unmap())
	case a.Unmap().IsMulticast():
		return netip.Addr{}, refuse(warnMulticast, "%s is a multicast address", a)
	}
	kind := "IP4"
	if a.Is6() {
		kind = "IP6"
	}
	if len(c) != 3 || c[0] != "IN" || c[1] != kind {
		d.faults.add("an address does not stand after IN " + kind)
	}
	return a.Unmap(), nil
}

// rtcpAddress is where the section wants RTCP: on the RTP port if muxed
// (RFC 5761), where a=rtcp says (RFC 3605), else on the next port.
func (d *description) rtcpAddress(m *section, rtp netip.AddrPort, mux bool) netip.AddrPort {
	if mux {
		return rtp
	}
	value, _ := find(m.attributes, rtcp)
	if f := strings.Fields(value); len(f) > 0 {
		port, err := strconv.ParseUint(f[0], 10, 16)
		if err == nil && port > 0 && len(f) == 1 {
			return netip.AddrPortFrom(rtp.Addr(), uint16(port))
		}
		if err == nil && port > 0 && len(f) == 4 {
			if a, err := d.parseAddress(f[1:]); err == nil {
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
// static number needs no rtpmap (RFC 3551 §6). One that says nothing that we
// understand has its own words for a name, and no clock.
func (d *description) formats(m *section) []format {
	list := make([]format, 0, len(m.formats))
	for _, entry := range m.formats {
		n, err := strconv.ParseUint(entry, 10, 7)
		if err != nil {
			d.faults.add("an m= line has a format that is no payload number")
			continue
		}
		list = append(list, d.format(m, entry, uint8(n)))
	}
	return list
}

func (d *description) format(m *section, entry string, number uint8) format {
	value, mapped := mapOf(m.attributes, entry)
	if !mapped {
		if value, mapped = mapOf(d.attributes, entry); mapped {
			d.faults.add("an a=rtpmap stands before the m= line")
		}
	}
	if mapped {
		name, rate, ok := d.parseRTPMap(value)
		if ok {
			f := format{number: number, name: name, rate: rate}
			if codec.Opus.Is(name, rate) {
				f.terms, f.least = d.formatParameters(m, entry).opus(d)
			}
			return f
		}
		if strings.Count(value, "/") > 1 {
			return format{number: number, name: value} // more channels than we speak
		}
		d.faults.add("an a=rtpmap has no clock rate")
	}
	if c, ok := codec.ByPayloadType(number); ok {
		return format{number: number, name: c.Name, rate: c.ClockRate}
	}
	if number == noiseType {
		return noiseFormat(number, 8000)
	}
	return format{number: number, name: "payload " + entry}
}

// mapOf finds "a=rtpmap:number value".
func mapOf(list []attribute, number string) (string, bool) {
	for _, a := range list {
		if rest, of := formatOf(a, rtpmap, number); of {
			return rest, true
		}
	}
	return "", false
}

// formatOf is what an attribute of that name says of a format.
func formatOf(a attribute, key, number string) (string, bool) {
	if a.key != key || !strings.HasPrefix(a.value, number) {
		return "", false
	}
	rest := a.value[len(number):]
	return strings.TrimSpace(rest), rest != "" && (rest[0] == ' ' || rest[0] == '\t')
}

// parseRTPMap reads "name/rate[/channels]"; more than one channel is not
// spoken, but for the two of Opus, which has them whatever it sends (RFC 7587 §7).
func (d *description) parseRTPMap(value string) (name string, rate int, ok bool) {
	name, rest, _ := strings.Cut(value, "/")
	clock, channels, more := strings.Cut(rest, "/")
	hz, err := strconv.ParseUint(strings.TrimSpace(clock), 10, 31)
	name, rate, channels = strings.TrimSpace(name), int(hz), strings.TrimSpace(channels)
	switch {
	case err != nil || hz == 0:
		return "", 0, false
	case codec.Opus.Is(name, rate) && (!more || channels == "1"):
		d.faults.add("Opus has two channels in a=rtpmap, opus/48000/2")
	case codec.Opus.Is(name, rate) && channels == "2":
	case more && channels != "1":
		return "", 0, false
	}
	return name, rate, true
}

// find is the value of an attribute.
func find(list []attribute, key string) (string, bool) {
	for _, a := range list {
		if a.key == key {
			return a.value, true
		}
	}
	return "", false
}

// packetTime is what the section asks to be sent in one packet, or 0.
func (d *description) packetTime(m *section) time.Duration {
	asked, most := d.milliseconds(m, ptime), d.milliseconds(m, maxptime)
	if most != 0 {
		asked = min(cmp.Or(asked, defaultPTime), most)
	}
	if asked < minPTime || asked > maxPTime {
		return 0
	}
	return asked
}

func (d *description) milliseconds(m *section, key string) time.Duration {
	value, ok := find(m.attributes, key)
	if !ok {
		value, ok = find(d.attributes, key)
	}
	n, err := strconv.ParseUint(value, 10, 16)
	if ok && err != nil {
		d.faults.add("a=" + key + " is no number of milliseconds")
	}
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Millisecond
}

// direction is the section's own, or the session's (RFC 3264 §5.1).
func (d *description) direction(m *section) string {
	for _, list := range [...][]attribute{m.attributes, d.attributes} {
		for _, a := range list {
			switch a.key {
			case SendRecv, SendOnly, RecvOnly, Inactive:
				return a.key
			}
		}
	}
	return SendRecv
}
