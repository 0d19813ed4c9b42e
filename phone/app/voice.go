package app

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
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
	wary      bool // the other end has not shown that it receives
	rtp, rtcp system.Socket
	local     netip.AddrPort // of the RTP socket; the zero value until it is bound
	sdp       sdp.Local
	terms     terms
	held      bool // by us, or to be held
	muted     bool
	report    *report // on the call screen, which may keep the audio waiting

	session *media.Session          // nil until both ends have agreed
	mic     pcm.Source              // nil: nothing is sent
	ear     *pcm.Ear                // while there is a session
	heard   [pcm.FrameSamples]int16 // the last frame played, which an echo sends back
}

// has reports whether a socket is one of the voice's.
func (v *voice) has(s system.Socket) bool { return !v.none && (s == v.rtp || s == v.rtcp) }

// ready reports whether the audio sockets are bound.
func (v *voice) ready() bool { return v.local.IsValid() }

// strays reports whether the audio is no longer where the peer was told.
func (v *voice) strays() bool { return v.session != nil && v.ready() && v.terms.told != v.local }

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

// voicing makes, starts and stops the voices of calls.
type voicing struct {
	nextSocket func() system.Socket
	rng        *rand.Rand
	samples    []*pcm.Reference // that the ear recognises
	newMic     func() pcm.Source
}

// make is a voice on a line, without sockets; none says that there is to be no audio, wary
// that it waits until the other end has shown that it receives.
func (m *voicing) make(l *line, none, wary bool) voice {
	v := voice{line: l, none: none, wary: wary, sdp: m.local(netip.AddrPort{})}
	v.sdp.SessionID = m.rng.Uint64() >> 2
	return v
}

// local is what every voice can do, at an address.
func (m *voicing) local(here netip.AddrPort) sdp.Local {
	return sdp.Local{Addr: here, Codecs: codec.All(), DTMF: true, PTime: frameTime, Direction: sdp.SendRecv}
}

// bind opens the audio sockets at our address that faces the server: the peer is
// told to send there.
func (m *voicing) bind(v *voice) {
	v.rtp, v.rtcp, v.local = m.nextSocket(), m.nextSocket(), netip.AddrPort{}
	v.line.out.ask(system.Bind{RTP: v.rtp, RTCP: v.rtcp, Addr: v.line.here.Addr()})
}

// rebind opens the audio sockets anew, when the old ones are lost.
func (m *voicing) rebind(v *voice, why string) {
	v.line.out.note(event.Socket{Name: "rtp", Phase: event.SocketBroken, Error: why})
	m.unbind(v)
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
		v.session = media.New(media.Config{
			Call: call, RTP: v.rtp, RTCP: v.rtcp, Local: v.local, Negotiated: agreed, Wary: v.wary, Known: v.line.knows,
			CNAME: fmt.Sprintf("%08x@sleeptalk.invalid", m.rng.Uint32()), Rand: m.rng,
		}, now)
		v.mic, v.ear = m.newMic(), pcm.NewEar(m.samples...)
	}
	v.line.out.note(event.Media{
		Call: call, Phase: event.MediaStart, Codec: fmt.Sprintf("%s/%d", agreed.Codec.Name, agreed.Codec.ClockRate),
		PTime: event.Millis(agreed.PTime), Local: v.local.String(), Remote: agreed.Remote.String(), Detail: direction(agreed),
	})
}

func direction(n sdp.Negotiated) string {
	switch {
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
		for _, e := range v.ear.End() {
			v.line.out.note(e)
		}
		v.session, v.ear = nil, nil
	}
	if !v.none {
		m.unbind(v)
	}
}
