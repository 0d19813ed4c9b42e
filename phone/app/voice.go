package app

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/dtls"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/media"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// voice is the audio of one call: its sockets, what both ends have agreed on,
// and the session.
type voice struct {
	line      *line
	none      bool // the protocol carries no audio: there are no sockets
	wary      bool // the other end has not acknowledged that we have answered
	rtp, rtcp system.Socket
	here      netip.Addr     // that they are bound to, or are to be
	local     netip.AddrPort // of the RTP socket; the zero value until it is bound
	finder    finder
	sdp       sdp.Local
	terms     terms
	held      bool       // by us, or to be held
	keys      sdp.Keying // of what was agreed last
	muted     bool
	report    *report // on the call screen, which may keep the audio waiting

	early   early          // what of the handshake came before the session
	session *media.Session // nil until both ends have agreed
	rate    int            // of the samples of the session
	mic     mic            // what is said
	ear     *pcm.Ear       // while there is a session
	heard   []int16        // the last frame played, which an echo sends back
	in, out pcm.Fitter     // between the session and the sound of the phone
}

// A mic is the source of what a voice says, at the rate of its session.
type mic struct {
	open   pcm.Opener
	source pcm.Source // nil: nothing is sent
	rate   int        // that it was opened at
	plays  pcm.Source // the same at the rate of the session
}

// newMic opens a source, if there is one to open.
func newMic(open pcm.Opener, rate int) mic {
	source := open(rate)
	return mic{open, source, rate, source}
}

// tune goes on at another rate.
func (m *mic) tune(rate int) {
	if rate != m.rate && pcm.IsTone(m.source) {
		*m = newMic(m.open, rate) // one rate may carry it, and another not
	}
	if m.source != nil {
		m.plays = pcm.At(m.source, m.rate, rate)
	}
}

// knows reports whether an address is the server's on the line that the voice is on now.
func (v *voice) knows(a netip.Addr) bool { return v.line.knows(a) }

// has reports whether a socket is one of the voice's.
func (v *voice) has(s system.Socket) bool { return !v.none && (s == v.rtp || s == v.rtcp) }

// ready reports whether the audio sockets are bound.
func (v *voice) ready() bool { return v.local.IsValid() }

// strays reports whether the audio is no longer where the peer was told.
func (v *voice) strays() bool { return v.session != nil && v.ready() && v.terms.told != v.sdp.Addr }

// talks reports whether the audio runs.
func (v *voice) talks() bool { return v.session != nil && !v.held && v.report.mayTalk() }

// talking is the newest voice that talks; nil if none does.
func talking(voices []*voice) *voice {
	for _, v := range slices.Backward(voices) {
		if v.talks() {
			return v
		}
	}
	return nil
}

// resting reports whether there is a voice with audio, and none talks.
func resting(voices []*voice) bool {
	return talking(voices) == nil && slices.ContainsFunc(voices, func(v *voice) bool { return v.session != nil })
}

// A MissingCodec is one that was asked for, and that this machine does not have.
type MissingCodec struct{ Name, Why, Hint string }

// codecs are those that the app offers.
func (c Config) codecs() []codec.Codec {
	if len(c.Codecs) == 0 {
		return codec.Usual()
	}
	list := make([]codec.Codec, len(c.Codecs))
	for i, one := range c.Codecs {
		list[i] = one.At(c.OpusRate)
	}
	return list
}

// keys draws keys of SRTP.
func (c Config) keys() func([]byte) {
	if c.Keys != nil {
		return c.Keys
	}
	return func(b []byte) {
		for i := range b {
			b[i] = byte(c.Rand.Uint32())
		}
	}
}

// identity makes the certificate of the phone when it is first wanted.
func identity(random func([]byte)) func() *dtls.Identity {
	return sync.OnceValue(func() *dtls.Identity { return dtls.NewIdentity(random) })
}

// voicing makes, starts and stops the voices of calls.
type voicing struct {
	nextSocket   func() system.Socket
	rng          *rand.Rand
	samples      []*pcm.Reference // that the ear recognises
	newMic       pcm.Opener
	speaks       []codec.Codec // in the order in which they are offered
	answers      []codec.Codec // besides
	noise        bool          // comfort noise is sent instead of silence
	answersNoise bool
	srtp         sdp.Policy
	xr           sdp.XRPolicy
	keys         func([]byte) // draws keys of SRTP
	byDTLS       bool         // so are those of our offers
	identity     func() *dtls.Identity
	keyLog       func(line []byte) []system.Effect
	opened       system.Opened
}

// make makes a voice on a line, without sockets, out of what is known of it.
func (m *voicing) make(l *line, v voice) voice {
	v.line, v.sdp = l, m.local(netip.AddrPort{})
	v.sdp.SessionID = m.rng.Uint64() >> 2
	return v
}

// local is what every voice can do, at an address.
func (m *voicing) local(here netip.AddrPort) sdp.Local {
	return sdp.Local{
		Addr: here, Codecs: m.speaks, Answers: m.answers, Noise: m.noise, AnswersNoise: m.answersNoise, DTMF: true, PTime: frameTime, Direction: sdp.SendRecv, SRTP: m.srtp, Keys: sdp.NewKeyring(m.keys),
		Fingerprint: func() string { return m.identity().Fingerprint().String() }, ByDTLS: m.byDTLS, XR: m.xr,
	}
}

// bind opens the audio sockets at our address that faces the server: the peer is
// told to send there.
func (m *voicing) bind(v *voice) {
	v.rtp, v.rtcp, v.local, v.here = m.nextSocket(), m.nextSocket(), netip.AddrPort{}, v.line.here.Addr()
	v.line.out.ask(system.Bind{RTP: v.rtp, RTCP: v.rtcp, Addr: v.here})
}

// rebind opens the audio sockets anew, when the old ones are lost.
func (m *voicing) rebind(v *voice, why string) {
	v.line.out.note(event.Socket{Name: "rtp", Phase: event.SocketBroken, Error: why})
	m.unbind(v)
	v.early = nil // of sockets that are no more
	m.bind(v)
}

func (m *voicing) unbind(v *voice) {
	v.line.out.ask(system.Close{Socket: v.rtp}, system.Close{Socket: v.rtcp})
}

// start starts the audio of a call, or changes it to what was agreed now.
func (m *voicing) start(now time.Time, call int, v *voice, agreed sdp.Negotiated) {
	if v.session != nil {
		v.session.Renegotiate(now, agreed)
	} else {
		spare, free := 0, !v.wary
		if v.wary {
			spare, free = v.line.takeSpare(agreed.Remote.Addr())
		}
		v.session = media.New(media.Config{
			Call: call, RTP: v.rtp, RTCP: v.rtcp, Local: v.local, Negotiated: agreed, Wary: !free, Spare: spare, Known: v.knows,
			CNAME: fmt.Sprintf("%08x@sleeptalk.invalid", m.rng.Uint32()), Rand: m.rng,
			DTLS: media.DTLS{Identity: m.identity, Random: m.keys, KeyLog: m.keyLog}, Opened: m.opened,
		}, now)
		v.finder.proven = v.finder.proven || free
	}
	v.finder.agrees(now, agreed)
	m.tune(v)
	v.line.checkKeys(agreed.SRTP)
	v.checkStaysProtected(call, agreed.SRTP.By)
	v.line.out.note(event.Media{
		Call: call, Phase: event.MediaStart, Codec: agreed.Codec.String(),
		PTime: event.Millis(agreed.PTime), Local: v.local.String(), Remote: agreed.Remote.String(), SRTP: v.session.SRTP(), Detail: detail(agreed),
	})
	v.catchUp(now)
}

// checkStaysProtected warns of a call whose audio was protected until now: whoever speaks
// in it has not been asked.
func (v *voice) checkStaysProtected(call int, by sdp.Keying) {
	if v.keys != sdp.Plain && by == sdp.Plain {
		v.line.out.note(event.Warning{
			Rule: event.RuleSRTPEnded, Call: call, Note: "the audio was protected (" + v.keys.String() + "), and from now on it is plain RTP: the new offer and its answer agree on no keys",
			Hint: "--srtp required, if it must not be",
		})
	}
	v.keys = by
}

// tune has a voice speak and listen at the rate of what was agreed.
func (m *voicing) tune(v *voice) {
	rate := v.session.Rate()
	if rate == v.rate {
		return
	}
	v.endEar()
	if v.rate == 0 {
		v.mic = newMic(m.newMic, rate)
	}
	v.mic.tune(rate)
	v.checkMic()
	v.rate, v.heard, v.ear = rate, make([]int16, pcm.Frame(rate)), pcm.NewEar(rate, m.samples...)
}

// checkMic warns of a tone that is not sent.
func (v *voice) checkMic() {
	if hz, ok := pcm.Beyond(v.mic.source); ok {
		v.line.out.note(event.Warning{
			Rule: event.RuleSoundNarrowed,
			Note: fmt.Sprintf("the microphone's tone of %g Hz is sent as silence: the codec carries less than %d Hz", hz, v.mic.rate/2),
			Hint: "codecs=" + widerFor(hz) + ", if the other end has it, or a lower tone",
		})
	}
}

// widerFor is what carries a tone.
func widerFor(hz float64) string {
	if hz < float64(codec.G722.SampleRate)/2 {
		return "g722,pcmu"
	}
	return "opus,pcmu"
}

// endEar notes what the ear was hearing.
func (v *voice) endEar() {
	if v.ear == nil {
		return
	}
	for _, e := range v.ear.End() {
		v.line.out.note(e)
	}
	v.ear = nil
}

// detail is what else was agreed: the direction, if it is not both, and what Opus leaves open.
func detail(n sdp.Negotiated) string {
	list := slices.DeleteFunc([]string{direction(n)}, func(s string) bool { return s == "" })
	if c := n.Codec; c.Free() {
		list = append(list, fmt.Sprintf("%d Hz", c.SampleRate))
		list = append(list, wishes(c.Asked())...)
	}
	return strings.Join(list, ", ")
}

// wishes are what a peer asks of what we send.
func wishes(t codec.Terms) (list []string) {
	if t.FEC {
		list = append(list, "FEC")
	}
	if t.DTX {
		list = append(list, "DTX")
	}
	if t.Constant {
		list = append(list, "a constant bit rate")
	}
	if t.Playback > 0 {
		list = append(list, fmt.Sprintf("what %d Hz carry", t.Playback))
	}
	if t.Bitrate > 0 {
		list = append(list, fmt.Sprintf("at most %d bit/s", t.Bitrate))
	}
	if len(list) > 0 {
		list[0] = "the peer asks for " + list[0]
	}
	return list
}

func direction(n sdp.Negotiated) string {
	switch {
	case n.Disabled:
		return "ended by the far end: it has port 0"
	case n.Send && n.Receive:
		return ""
	case n.Send:
		return "send only"
	case n.Receive:
		return "receive only"
	default:
		return "on hold"
	}
}

// stop frees all that a voice holds.
func (m *voicing) stop(now time.Time, call int, v *voice) {
	if v.session != nil {
		v.line.out.ask(v.session.Close(now)...)
		v.line.out.note(event.Media{Call: call, Phase: event.MediaStop})
		v.endEar()
		v.line.reportQuality(now, call, v.session.Quality(now))
		v.session = nil
	}
	if !v.none {
		m.unbind(v)
	}
}
