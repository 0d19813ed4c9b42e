package sdp

import (
	"cmp"
	"strings"
	"time"

	"github.com/pion/sdp/v3"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/clean"
)

// Answer answers an offer (RFC 3264 §6): the first audio section that we can
// speak is accepted, with the first codec of the offerer's list that is ours.
// The error is an [*Error].
func (l Local) Answer(offer []byte) ([]byte, Negotiated, error) {
	c, err := l.choose(offer)
	if err != nil {
		return nil, c.agreed, err
	}
	if c.agreed.Disabled {
		return l.session(nil, c.offer.refusals()...), c.agreed, nil
	}
	if l.Keys != nil {
		l.Keys.renew(l.before.SRTP)
	}
	if a := &c.agreed.SRTP; a.By == SDES {
		a.Out = l.Keys.key(a.Suite)
	}
	return l.answer(c), c.agreed, nil
}

// Judge is what Answer would come to, without an answer.
func (l Local) Judge(offer []byte) (Negotiated, error) {
	c, err := l.choose(offer)
	return c.agreed, err
}

// A choice is the section of an offer that can be spoken, and what it comes to.
type choice struct {
	offer   *description
	section int
	stream  stream
	agreed  Negotiated
}

// choose finds the first audio section that can be spoken; where SRTP is preferred, the first
// that is protected, if there is one.
func (l Local) choose(offer []byte) (choice, error) {
	d, err := parse(offer)
	if err != nil {
		return choice{agreed: untidy(d)}, err
	}
	var refused error // why the first audio section cannot be spoken
	var found choice
	for i := range d.sections {
		if !d.sections[i].isAudio() {
			continue
		}
		c, err := l.consider(d, i)
		if err != nil {
			refused = cmp.Or(refused, err)
			continue
		}
		protected := c.agreed.SRTP.By != Plain
		if found.offer == nil || protected {
			found = c
		}
		if protected || l.SRTP != Preferred {
			break
		}
	}
	if found.offer != nil {
		found.agreed.Origin, found.agreed.Untidy = d.origin, d.faults.String()
		return found, nil
	}
	switch {
	case l.disables(d):
		return choice{offer: d, agreed: l.disabled(d)}, nil
	case refused != nil:
	case len(d.refused) > 0:
		refused = refuse(warnMedia, "there is no audio in its first %d m= lines", maxSections)
	default:
		refused = refuse(warnMedia, "there is no audio in it")
	}
	return choice{agreed: untidy(d)}, refused
}

// disables reports whether a description ends the audio that was agreed on before: its audio
// has port 0, and no other.
func (l Local) disables(d *description) bool {
	audio := false
	for i := range d.sections {
		if m := &d.sections[i]; m.isAudio() {
			if m.port != 0 || m.noPort != "" {
				return false
			}
			audio = true
		}
	}
	return audio && l.before.Proto != ""
}

// disabled is what was agreed on before, without any audio.
func (l Local) disabled(d *description) Negotiated {
	n := l.before
	n.Send, n.Receive, n.Held, n.Disabled = false, false, true, true
	n.Origin, n.Untidy = d.origin, d.faults.String()
	return n
}

// consider finds what a section comes to.
func (l Local) consider(d *description, section int) (choice, error) {
	s, err := d.readStream(&d.sections[section])
	if err != nil {
		return choice{}, err
	}
	n, err := l.agree(s)
	if err == nil {
		n.SRTP, err = l.protect(s)
	}
	if err == nil && n.SRTP.By == DTLS {
		n.DTLS = l.handshake(d, s.shake)
	}
	return choice{d, section, s, n}, err
}

// untidy is what is known of a description that cannot be agreed with.
func untidy(d *description) Negotiated {
	if d == nil {
		return Negotiated{}
	}
	return Negotiated{Untidy: d.faults.String()}
}

// Accept takes in the answer to our Offer. The error is an [*Error], which is
// the reason for hanging up.
func (l Local) Accept(answer []byte) (Negotiated, error) {
	d, err := parse(answer)
	if err != nil {
		return untidy(d), err
	}
	if l.disables(d) {
		return l.disabled(d), nil
	}
	m := d.answering()
	s, err := d.readStream(m)
	if err != nil {
		return untidy(d), err
	}
	if s.mux && !l.offersMux() { // the answer cannot have what our offer had not (RFC 5761 §5.1.1)
		d.unmux(m, &s)
	}
	n, err := l.agree(s)
	if err == nil {
		n.SRTP, err = l.protected(d, s)
	}
	if err == nil && n.SRTP.By == DTLS {
		n.DTLS, err = l.shaken(d, s.shake)
	}
	n.Origin, n.Untidy = d.origin, d.faults.String()
	if err == nil {
		n.Offered = n.offered()
	}
	return n, err
}

// offered are the numbers of our offer that the answer has changed.
func (n Negotiated) offered() Numbers {
	ours := Numbers{n.Codec.PayloadType, DTMFType, noiseType}
	if n.Codec.ClockRate == wideClock {
		ours.DTMF, ours.Noise = wideDTMFType, wideNoiseType
	}
	if n.Codec.ClockRate == codec.Opus.ClockRate && n.DTMFClock == 0 {
		ours.DTMF = opusDTMFType
	}
	if ours.Codec == n.PayloadType {
		ours.Codec = 0
	}
	if n.DTMFType == 0 || ours.DTMF == n.DTMFType {
		ours.DTMF = 0
	}
	if n.NoiseType == 0 || ours.Noise == n.NoiseType {
		ours.Noise = 0
	}
	return ours
}

// answering is the section that answers the one of our offer: the first (RFC 3264
// §6). If there are more, it is the first audio that is taken.
func (d *description) answering() *section {
	if len(d.sections) > 1 {
		d.faults.add("the answer has more m= lines than the offer")
	}
	for i := range d.sections {
		if m := &d.sections[i]; m.isAudio() && m.port != 0 {
			return m
		}
	}
	return &d.sections[0]
}

// agree finds what the peer's stream and we have in common.
func (l Local) agree(s stream) (Negotiated, error) {
	ours, theirs := l.Addr.Addr().Unmap(), s.rtp.Addr()
	if ours.IsValid() && !theirs.IsUnspecified() && ours.Is4() != theirs.Is4() {
		return Negotiated{}, refuse(warnAddress, "%s cannot be reached from %s", theirs, ours)
	}
	c, by, ok := l.commonCodec(s.formats)
	if !ok {
		return Negotiated{}, refuse(warnFormat, "no codec in common: offered are %s", names(s.formats))
	}
	direction := meet(l.direction(), mirror(s.direction))
	n := Negotiated{
		Remote: s.rtp, RemoteRTCP: s.rtcp,
		Codec: c, PayloadType: by.number,
		PTime:   c.PacketTime(min(cmp.Or(s.ptime, l.ptime()), longest(c)), by.least),
		Send:    sends(direction),
		Receive: receives(direction),
		Mux:     s.mux,
		Proto:   s.transport.name,
		Held:    !receives(s.direction),
		XR:      l.agreeXR(s.xr),
	}
	var err error
	if n.ICE, n.ICEFault, err = l.agreeICE(s); err != nil {
		return n, err
	}
	if l.DTMF {
		n.DTMFType, n.DTMFClock = digitsOf(c, s.formats)
	}
	if (l.Noise || l.AnswersNoise) && !c.Free() {
		n.NoiseType = numberOf("CN", s.formats, c.ClockRate)
	}
	return n, nil
}

// longest is how much audio of a codec fits into one packet, in whole 10 ms.
func longest(c codec.Codec) time.Duration {
	const step = 10 * time.Millisecond
	return time.Duration(maxPayload/c.Octets(c.SampleRate/100)) * step
}

// commonCodec is the first codec of the peer's list that we speak, as it wants it, and by
// which of its formats.
func (l Local) commonCodec(formats []format) (codec.Codec, format, bool) {
	for _, f := range formats {
		for _, ours := range [...][]codec.Codec{l.Codecs, l.Answers} {
			for _, c := range ours {
				if c.Is(f.name, f.rate) {
					return c.Under(f.terms), f, true
				}
			}
		}
	}
	return codec.Codec{}, format{}, false
}

// digitsOf is the payload number of telephone-event beside a codec, and its clock, if that is
// not the codec's (RFC 4733 §2.1): many have it beside Opus at 8000 Hz alone.
func digitsOf(c codec.Codec, formats []format) (number uint8, clock int) {
	if number = numberOf("telephone-event", formats, c.ClockRate); number != 0 || !c.Free() {
		return number, 0
	}
	return numberOf("telephone-event", formats, codec.PCMU.ClockRate), codec.PCMU.ClockRate
}

// numberOf is the payload number of what comes beside a codec, at that codec's clock rate,
// which RFC 4733 §2.1 and RFC 3389 §4 ask for, or 0.
func numberOf(name string, formats []format, rate int) uint8 {
	for _, f := range formats {
		if strings.EqualFold(f.name, name) && f.rate == rate {
			return f.number
		}
	}
	return 0
}

// answer writes the answer that accepts the section that was chosen and refuses the
// others.
func (l Local) answer(c choice) []byte {
	sections := c.offer.refusals()
	formats := []format{codecFormat(c.agreed.Codec, c.agreed.PayloadType, l.Noise || l.AnswersNoise && c.agreed.Codec.Asked().DTX)}
	if c.agreed.DTMFType != 0 {
		formats = append(formats, dtmfFormat(c.agreed.DTMFType, cmp.Or(c.agreed.DTMFClock, c.agreed.Codec.ClockRate)))
	}
	if c.agreed.NoiseType != 0 {
		formats = append(formats, noiseFormat(c.agreed.NoiseType, c.agreed.Codec.ClockRate))
	}
	accepted := l.audio(c.agreed.Proto, formats, c.agreed.PTime, meet(l.direction(), mirror(c.stream.direction)))
	if c.agreed.Mux {
		accepted.WithPropertyAttribute(sdp.AttrKeyRTCPMux)
	}
	if a := c.agreed.SRTP; a.By == SDES {
		accepted.WithValueAttribute(cryptoLine, crypto{tag: a.Tag, suite: a.Suite, key: a.Out}.line())
	}
	writeXR(accepted, c.agreed.XR != XR{})
	if c.agreed.SRTP.By == DTLS {
		l.addHandshake(accepted, c.agreed.DTLS.setup(), c.agreed.DTLS.Own)
	}
	sections[c.section] = accepted
	return l.session(l.answerICE(accepted, c.agreed), sections...)
}

// refusals refuse all sections.
func (d *description) refusals() []*sdp.MediaDescription {
	sections := make([]*sdp.MediaDescription, 0, len(d.sections)+len(d.refused))
	for _, list := range [][]section{d.sections, d.refused} {
		for i := range list {
			sections = append(sections, refusal(&list[i]))
		}
	}
	return sections
}

// refusal is the section m with port 0. Its first format is kept, because an
// m= line has to have one (RFC 3264 §6).
func refusal(m *section) *sdp.MediaDescription {
	format := ""
	if len(m.formats) > 0 {
		format = m.formats[0]
	}
	return &sdp.MediaDescription{MediaName: sdp.MediaName{
		Media: printable(m.media, "audio"), Protos: []string{printable(m.proto, "RTP/AVP")}, Formats: []string{printable(format, "0")},
	}}
}

// printable is a word of the peer's that our own description can repeat, or else
// another.
func printable(word, otherwise string) string {
	if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return otherwise
	}
	return word
}

// names is what was offered, for an error: the first of them.
func names(formats []format) string {
	if len(formats) == 0 {
		return "none"
	}
	const most = 8 // of which a person finds the one to switch on
	list := make([]string, 0, most)
	for i, f := range formats {
		if i == most {
			list = append(list, "…")
			break
		}
		list = append(list, clean.Cut(f.name, 40))
	}
	return strings.Join(list, ", ")
}
