package sdp

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/pion/sdp/v3"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// defaultPTime is the packet time when nobody names one (RFC 3551 §4.2).
const defaultPTime = 20 * time.Millisecond

// A format is one entry of an m= line: a payload number and what it means.
type format struct {
	number uint8
	name   string // encoding name, as in a=rtpmap
	rate   int    // Hz
	params string // a=fmtp, as we write it; empty: none

	channels int           // in a=rtpmap, as we write it; 0: one, which is left out
	terms    codec.Terms   // what a peer asks for in it
	least    time.Duration // the shortest packet that it takes
}

// dtmfFormat is telephone-event with the sixteen DTMF digits (RFC 4733 §2.4.1).
func dtmfFormat(number uint8, clock int) format {
	return format{number: number, name: "telephone-event", rate: clock, params: "0-15"}
}

// noiseFormat is comfort noise.
func noiseFormat(number uint8, clock int) format {
	return format{number: number, name: "CN", rate: clock}
}

// forClocks is a format for each clock of some codecs, of those that there are.
func forClocks(codecs []codec.Codec, all ...format) (formats []format) {
	for _, f := range all {
		if slices.ContainsFunc(codecs, func(c codec.Codec) bool { return c.ClockRate == f.rate }) {
			formats = append(formats, f)
		}
	}
	return formats
}

func codecFormat(c codec.Codec, number uint8, quiet bool) format {
	f := format{number: number, name: c.Name, rate: c.ClockRate, channels: c.Channels}
	if c.Free() {
		f.params = opusParameters(c, quiet)
	}
	return f
}

// Offer is the description for an INVITE, or for the 200 to one without a
// body.
func (l Local) Offer() []byte {
	formats := make([]format, 0, len(l.Codecs)+1)
	for _, c := range l.Codecs {
		formats = append(formats, codecFormat(c, c.PayloadType, l.Noise))
	}
	if l.DTMF {
		formats = append(formats, forClocks(l.Codecs, dtmfFormat(DTMFType, 8000), dtmfFormat(wideDTMFType, wideClock), dtmfFormat(opusDTMFType, codec.Opus.ClockRate))...)
	}
	if l.Noise {
		formats = append(formats, forClocks(l.Codecs, noiseFormat(noiseType, 8000), noiseFormat(wideNoiseType, wideClock))...)
	}
	over, keys := l.offers()
	m := l.audio(over, formats, l.ptime(), l.direction())
	if keys {
		l.Keys.renew(l.before.SRTP)
		for _, c := range l.offeredCrypto() {
			m.WithValueAttribute(cryptoLine, c.line())
		}
	}
	if l.offersMux() {
		m.WithPropertyAttribute(rtcpMux)
	}
	if l.offersHandshake() {
		l.addHandshake(m, actpass, l.ownID())
	}
	writeXR(m, l.XR == XROn)
	l.writeChosen(m)
	return l.session(l.writeICE(m, l.before.Mux), m)
}

// offersMux reports whether our offer has rtcp-mux: one handshake is for both (RFC 5764
// §4.1).
func (l Local) offersMux() bool { return l.Mux || l.offersHandshake() }

// Following is the same for an offer that follows what was agreed on: the codec of that
// comes first, if it is one of those, and its transport and keys stay.
func (l Local) Following(n Negotiated) Local {
	l.before = n
	if i := slices.IndexFunc(l.Codecs, func(o codec.Codec) bool { return o.Is(n.Codec.Name, n.Codec.ClockRate) }); i > 0 {
		l.Codecs = slices.Concat(l.Codecs[i:i+1], l.Codecs[:i], l.Codecs[i+1:])
	}
	return l
}

func (l Local) ptime() time.Duration {
	if l.PTime == 0 {
		return defaultPTime
	}
	return l.PTime
}

func (l Local) direction() string {
	if l.Direction == "" {
		return SendRecv
	}
	return l.Direction
}

// audio is an m=audio section of ours.
func (l Local) audio(over string, formats []format, ptime time.Duration, direction string) *sdp.MediaDescription {
	m := &sdp.MediaDescription{MediaName: sdp.MediaName{
		Media:  "audio",
		Port:   sdp.RangedPort{Value: int(l.Addr.Port())},
		Protos: []string{over},
	}}
	for _, f := range formats {
		m.WithCodec(f.number, f.name, uint32(f.rate), uint16(f.channels), f.params)
	}
	m.WithValueAttribute("ptime", strconv.FormatInt(ptime.Milliseconds(), 10))
	if l.RTCP.IsValid() {
		m.WithValueAttribute(rtcp, strconv.Itoa(int(l.RTCP.Port())))
	}
	return m.WithPropertyAttribute(direction)
}

// session wraps media sections into a whole description, with attributes of its own.
func (l Local) session(attributes []sdp.Attribute, media ...*sdp.MediaDescription) []byte {
	kind, addr := "IP4", l.Addr.Addr().Unmap()
	if addr.Is6() {
		kind = "IP6"
	}
	d := sdp.SessionDescription{
		Origin: sdp.Origin{
			Username: "-", SessionID: l.SessionID, SessionVersion: l.Version,
			NetworkType: "IN", AddressType: kind, UnicastAddress: text(addr),
		},
		SessionName: "-",
		ConnectionInformation: &sdp.ConnectionInformation{
			NetworkType: "IN", AddressType: kind, Address: &sdp.Address{Address: text(addr)},
		},
		TimeDescriptions:  []sdp.TimeDescription{{}},
		Attributes:        attributes,
		MediaDescriptions: media,
	}
	b, err := d.Marshal()
	if err != nil {
		// Marshal has no failing path for these types.
		panic("sdp: a description of our own cannot be written: " + err.Error())
	}
	return b
}

// text writes an address without its zone, which has no meaning for a peer.
func text(a netip.Addr) string {
	if !a.IsValid() {
		return "0.0.0.0"
	}
	return a.WithZone("").String()
}
