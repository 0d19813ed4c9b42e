package sdp

import (
	"cmp"
	"strings"

	"github.com/pion/sdp/v3"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// Answer answers an offer (RFC 3264 §6): the first audio section that we can
// speak is accepted, with the first codec of the offerer's list that is ours.
// The error is an [*Error].
func (l Local) Answer(offer []byte) ([]byte, Negotiated, error) {
	d, err := parse(offer)
	if err != nil {
		return nil, Negotiated{}, err
	}
	var refused error // why the first audio section cannot be spoken
	for i, m := range d.MediaDescriptions {
		if m.MediaName.Media != "audio" {
			continue
		}
		s, err := readStream(d, m)
		if err == nil {
			var n Negotiated
			if n, err = l.agree(s); err == nil {
				return l.answer(d, i, n, s), n, nil
			}
		}
		refused = cmp.Or(refused, err)
	}
	if refused == nil {
		refused = notAcceptable("there is no audio in it")
	}
	return nil, Negotiated{}, refused
}

// Accept takes in the answer to our Offer. The error is an [*Error]; its
// status is then the reason for hanging up.
func (l Local) Accept(answer []byte) (Negotiated, error) {
	d, err := parse(answer)
	if err != nil {
		return Negotiated{}, err
	}
	// Our offer has one section, so theirs is the first (RFC 3264 §6).
	s, err := readStream(d, d.MediaDescriptions[0])
	if err != nil {
		return Negotiated{}, err
	}
	s.mux = false // our offer had none, so the answer cannot have it (RFC 5761 §5.1.1)
	s.rtcp = rtcpAddress(d.MediaDescriptions[0], s.rtp, false)
	return l.agree(s)
}

// agree finds what the peer's stream and we have in common.
func (l Local) agree(s stream) (Negotiated, error) {
	ours, theirs := l.Addr.Addr().Unmap(), s.rtp.Addr()
	if ours.IsValid() && !theirs.IsUnspecified() && ours.Is4() != theirs.Is4() {
		return Negotiated{}, notAcceptable("%s cannot be reached from %s", theirs, ours)
	}
	c, number, ok := l.commonCodec(s.formats)
	if !ok {
		return Negotiated{}, notAcceptable("no codec in common: offered are %s", names(s.formats))
	}
	direction := meet(l.direction(), mirror(s.direction))
	n := Negotiated{
		Remote: s.rtp, RemoteRTCP: s.rtcp,
		Codec: c, PayloadType: number,
		PTime:   cmp.Or(s.ptime, l.ptime()),
		Send:    sends(direction),
		Receive: receives(direction),
		Mux:     s.mux,
	}
	if l.DTMF {
		n.DTMFType = dtmfNumber(s.formats, c.ClockRate)
	}
	return n, nil
}

// commonCodec is the first codec of the peer's list that we speak.
func (l Local) commonCodec(formats []format) (codec.Codec, uint8, bool) {
	for _, f := range formats {
		for _, c := range l.Codecs {
			if strings.EqualFold(f.name, c.Name) && f.rate == c.ClockRate {
				return c, f.number, true
			}
		}
	}
	return codec.Codec{}, 0, false
}

// dtmfNumber is the payload number of telephone-event at the codec's clock
// rate, which RFC 4733 §2.1 asks for, or 0.
func dtmfNumber(formats []format, rate int) uint8 {
	for _, f := range formats {
		if strings.EqualFold(f.name, "telephone-event") && f.rate == rate {
			return f.number
		}
	}
	return 0
}

// answer writes the answer that accepts section i and refuses the others.
func (l Local) answer(d *sdp.SessionDescription, i int, n Negotiated, s stream) []byte {
	sections := make([]*sdp.MediaDescription, len(d.MediaDescriptions))
	for j, m := range d.MediaDescriptions {
		sections[j] = refusal(m)
	}
	formats := []format{codecFormat(n.Codec, n.PayloadType)}
	if n.DTMFType != 0 {
		formats = append(formats, dtmfFormat(n.DTMFType))
	}
	sections[i] = l.audio(formats, n.PTime, meet(l.direction(), mirror(s.direction)))
	if n.Mux {
		sections[i].WithPropertyAttribute(sdp.AttrKeyRTCPMux)
	}
	return l.session(sections...)
}

// refusal is the section m with port 0. Its first format is kept, because an
// m= line has to have one (RFC 3264 §6).
func refusal(m *sdp.MediaDescription) *sdp.MediaDescription {
	return &sdp.MediaDescription{MediaName: sdp.MediaName{
		Media:   m.MediaName.Media,
		Protos:  m.MediaName.Protos,
		Formats: m.MediaName.Formats[:min(1, len(m.MediaName.Formats))],
	}}
}

func names(formats []format) string {
	if len(formats) == 0 {
		return "none that are known"
	}
	list := make([]string, len(formats))
	for i, f := range formats {
		list[i] = f.name
	}
	return strings.Join(list, ", ")
}
