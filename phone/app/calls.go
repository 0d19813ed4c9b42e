package app

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/media"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The SIP status codes that the app chooses itself (RFC 3261 §21).
const (
	statusBusyHere    = 486
	statusServerError = 500
	statusDecline     = 603
)

// ringSound is how long an incoming call's notification sounds: the most that
// iOS plays.
// https://developer.apple.com/documentation/uikit/uilocalnotification/soundname
const ringSound = 30 * time.Second

// call is one call from its first sign to its end.
type call struct {
	id   int // the agent's; 0 until the INVITE of an outgoing call has been sent
	out  bool
	to   string // what was dialled, of an outgoing call
	peer string // the address of record of the other end
	name string

	rtp, rtcp system.Socket
	local     netip.AddrPort // of the RTP socket; the zero value until it is bound
	offer     []byte         // the peer's, not yet answered
	offerless bool           // the INVITE had no offer: our 200 made it
	noAudio   bool           // the protocol carries none: there are no audio sockets
	accept    bool           // answer as soon as the sockets are bound
	rings     bool           // incoming, unanswered
	far       bool           // outgoing, and the other end rings

	session *media.Session
	sdp     sdp.Local
	held    bool // by us
	muted   bool
	card    int     // its notification's number; 0: it never had one
	posted  bool    // the notification is there
	report  *report // on the system's call screen; nil: it never was

	mic   pcm.Source
	ear   *pcm.Ear                // while there is a session
	heard [pcm.FrameSamples]int16 // the last frame played, which an echo sends back
}

// callNotice handles what the agent says about a call.
func (a *App) callNotice(now time.Time, n control.Notice) {
	switch n := n.(type) {
	case control.Offered:
		a.offered(now, n)
	case control.Progress:
		if c := a.callByID(n.ID); c != nil {
			c.far = true
			a.accepted(now, c, n.Body)
		}
	case control.Accepted:
		if c := a.callByID(n.ID); c != nil {
			c.far = false
			a.accepted(now, c, n.Body)
		}
	case control.Confirmed:
		if c := a.callByID(n.ID); c != nil && c.offerless {
			c.offerless = false
			a.accepted(now, c, n.Body)
		}
	case control.Modify:
		if c := a.callByID(n.ID); c != nil {
			a.modify(now, c, n.Body)
		}
	case control.Modified:
		if c := a.callByID(n.ID); c != nil {
			a.accepted(now, c, n.Body)
			a.holdAgreed(c)
		}
	case control.ModifyFailed:
		if c := a.callByID(n.ID); c != nil {
			a.modifyFailed(now, c, n)
		}
	case control.Ended:
		if c := a.callByID(n.ID); c != nil {
			a.ended(now, c, n)
		}
	}
}

// offered takes in a new call.
func (a *App) offered(now time.Time, n control.Offered) {
	r := a.claim(n)
	if status := a.refusal(r); status != 0 {
		a.refuse(now, r, n.ID, status)
		return
	}
	c := a.newCall(n.From)
	c.id, c.name, c.offer, c.rings, c.noAudio = n.ID, n.Name, n.Body, true, n.NoAudio
	c.accept = a.cfg.Auto == Accept || a.cfg.Auto == Echo
	r.meet(c)
	if !c.accept {
		a.ring(now, c)
	}
	switch {
	case !c.noAudio:
		a.bind(c) // after the 180, which it would hold up
	case c.accept:
		a.answer(now, c)
	}
	a.wakeOffered(now)
	a.tuneSound(now)
}

// ring tells the user of a call, unless the app itself is on the screen and
// does, and the caller that the user is told. Who has answered on the call
// screen before the INVITE came is connected.
func (a *App) ring(now time.Time, c *call) {
	if c.report != nil || !a.foreground && a.cfg.Auto == Manual {
		a.announce(c)
	}
	a.handle(now, a.agent.Ring(now, c.id))
	if c.report != nil && c.report.answered {
		a.pickUp(now, c)
	}
}

func (a *App) newCall(peer string) *call {
	c := &call{peer: peer}
	c.sdp = sdp.Local{Codecs: codec.All(), DTMF: true, PTime: frameTime, Direction: sdp.SendRecv, SessionID: a.rng.Uint64() >> 2}
	a.calls = append(a.calls, c)
	return c
}

// bind opens the call's audio sockets at once, so that answering it later
// takes no further step. They are bound to no address of ours: the peer's
// audio may come by another way than the server's signalling.
func (a *App) bind(c *call) {
	c.rtp, c.rtcp = a.nextSocket(), a.nextSocket()
	a.ask(system.Bind{RTP: c.rtp, RTCP: c.rtcp})
}

// rebind opens the audio sockets anew, when the old ones are lost.
func (a *App) rebind(c *call) {
	a.ask(system.Close{Socket: c.rtp}, system.Close{Socket: c.rtcp})
	c.local = netip.AddrPort{}
	a.bind(c)
}

// bound goes on with what waited for a call's sockets, or for that of the
// signalling over UDP. A call that has audio
// already tells its peer where the audio is to go now.
func (a *App) bound(now time.Time, s system.Bound) {
	c := a.callOf(s.Socket)
	if c == nil {
		a.control = s.Local
		a.handle(now, a.agent.Receive(now, s))
		return
	}
	c.local = netip.AddrPortFrom(a.control.Addr(), s.Local.Port())
	c.sdp.Addr = c.local
	switch {
	case c.session != nil:
		c.session.Move(c.rtp, c.rtcp, c.local)
		a.reinvite(now, c)
	case c.out && c.id == 0:
		a.invite(now, c)
	case c.accept:
		a.answer(now, c)
	}
}

// invite begins a call, which only a [control.Caller] has let come so far.
func (a *App) invite(now time.Time, c *call) {
	id, out, err := a.agent.(control.Caller).Invite(now, c.to, c.sdp.Offer())
	if err != nil {
		a.problem("call "+c.peer, err.Error(), "")
		a.release(now, c)
		return
	}
	c.id = id
	a.handle(now, out)
}

// reinvite offers the peer another session. Whoever has agreed on one can be
// offered another.
func (a *App) reinvite(now time.Time, c *call) {
	a.handle(now, a.agent.(control.Caller).Reinvite(now, c.id, c.nextSDP().Offer()))
}

// answer accepts an incoming call, if its sockets are bound; else it is
// answered when they are.
func (a *App) answer(now time.Time, c *call) {
	c.accept = true
	if !c.noAudio && !c.local.IsValid() {
		return
	}
	c.rings = false
	a.tellAnswered(c.report)
	if c.noAudio {
		a.handle(now, a.agent.Answer(now, c.id, nil))
		return
	}
	if len(c.offer) == 0 {
		c.offerless = true
		a.handle(now, a.agent.Answer(now, c.id, c.sdp.Offer()))
		return
	}
	a.reply(now, c, c.offer)
	c.offer = nil
}

// reply answers an offer, in an INVITE or a re-INVITE.
func (a *App) reply(now time.Time, c *call, offer []byte) {
	body, agreed, err := c.nextSDP().Answer(offer)
	if err != nil {
		a.problem("agree on audio with "+c.peer, err.Error(), "see the offer in the SIP message")
		a.handle(now, a.agent.Reject(now, c.id, refusal(err)))
		return
	}
	a.handle(now, a.agent.Answer(now, c.id, body))
	a.startMedia(now, c, agreed)
}

// refusal is the status that refuses an offer: 400 if it cannot be read, 488
// if there is nothing in it that we speak.
func refusal(err error) int {
	var bad *sdp.Error
	if errors.As(err, &bad) {
		return bad.Status
	}
	return statusServerError
}

// accepted takes in the answer to our offer. Where there is none yet (a 180
// without a body), or it is the one that we know, nothing changes.
func (a *App) accepted(now time.Time, c *call, body []byte) {
	defer a.tuneSound(now)
	if len(body) == 0 {
		return
	}
	agreed, err := c.sdp.Accept(body)
	if err != nil {
		a.problem("agree on audio with "+c.peer, err.Error(), "see the answer in the SIP message")
		a.handle(now, a.agent.Hangup(now, c.id))
		return
	}
	a.startMedia(now, c, agreed)
}

// modify answers a re-INVITE. Without an offer in it, ours is sent again
// (RFC 3261 §14.2).
func (a *App) modify(now time.Time, c *call, offer []byte) {
	if len(offer) == 0 {
		c.offerless = true
		a.handle(now, a.agent.Answer(now, c.id, c.nextSDP().Offer()))
		return
	}
	a.reply(now, c, offer)
}

// holdAgreed logs that the peer has agreed to a hold, or to its end: nothing
// else is ever changed in a call that is up.
func (a *App) holdAgreed(c *call) {
	if c.held {
		a.step(c, "held")
	} else {
		a.step(c, "resumed")
	}
}

// modifyFailed takes back a hold, or the end of one, that the peer refused.
func (a *App) modifyFailed(now time.Time, c *call, n control.ModifyFailed) {
	c.held = !c.held
	a.problem("change the call with "+c.peer, fmt.Sprintf("%d %s", n.Status, n.Reason), "the call goes on as it was")
	a.tuneSound(now)
}

// nextSDP is the call's session description with its version raised
// (RFC 3264 §8).
func (c *call) nextSDP() sdp.Local {
	c.sdp.Version++
	c.sdp.Direction = sdp.SendRecv
	if c.held {
		c.sdp.Direction = sdp.SendOnly
	}
	return c.sdp
}

// ended takes in the end of a call. A notification that nobody answered
// becomes a missed call.
func (a *App) ended(now time.Time, c *call, n control.Ended) {
	a.withdraw(c, c.rings && n.By != "us")
	a.reportOver(c, n)
	a.release(now, c)
}

// drop ends a call that cannot go on.
func (a *App) drop(now time.Time, c *call, status int) {
	if c.id == 0 {
		a.release(now, c)
		return
	}
	if c.rings {
		a.handle(now, a.agent.Reject(now, c.id, status))
		return
	}
	a.handle(now, a.agent.Hangup(now, c.id))
}

// release frees all that a call holds.
func (a *App) release(now time.Time, c *call) {
	if c.session != nil {
		a.ask(c.session.Close(now)...)
		a.note(event.Media{Call: c.id, Phase: "stop"})
		for _, e := range c.ear.End() {
			a.note(e)
		}
		c.session, c.ear = nil, nil
	}
	if !c.noAudio {
		a.ask(system.Close{Socket: c.rtp}, system.Close{Socket: c.rtcp})
	}
	a.calls = slices.DeleteFunc(a.calls, func(other *call) bool { return other == c })
	a.tuneSound(now)
	a.rest()
	a.restSoon(now)
}

// startMedia starts the call's audio, or changes it to what was agreed now.
func (a *App) startMedia(now time.Time, c *call, agreed sdp.Negotiated) {
	if c.session != nil {
		c.session.Renegotiate(now, agreed)
	} else {
		c.session = media.New(media.Config{
			Call: c.id, RTP: c.rtp, RTCP: c.rtcp, Local: c.local, Negotiated: agreed,
			CNAME: fmt.Sprintf("%08x@sleeptalk.invalid", a.rng.Uint32()), Rand: a.rng,
		}, now)
		if a.cfg.Sound.Mic != nil {
			c.mic = a.cfg.Sound.Mic()
		}
		c.ear = pcm.NewEar(a.cfg.Samples...)
	}
	a.note(event.Media{
		Call: c.id, Phase: "start", Codec: fmt.Sprintf("%s/%d", agreed.Codec.Name, agreed.Codec.ClockRate),
		PTime: event.Millis(agreed.PTime), Local: c.local.String(), Remote: agreed.Remote.String(), Detail: direction(agreed),
	})
	a.tuneSound(now)
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

// post shows a notification for a ringing call.
func (a *App) post(c *call) {
	if c.card == 0 {
		a.cards++
		c.card = a.cards
	}
	who := c.peer
	if c.name != "" {
		who = c.name + "  " + c.peer
	}
	c.posted = true
	a.ask(system.Notify{ID: c.card, Title: "Incoming call", Body: who, Sound: ringSound})
}

func (a *App) withdraw(c *call, missed bool) {
	if c.posted {
		a.ask(system.Withdraw{ID: c.card, Missed: missed})
		c.posted = false
	}
}

// notifyRinging posts notifications for the calls that ring while the app
// leaves the screen.
func (a *App) notifyRinging() {
	for _, c := range a.calls {
		if c.rings && a.cfg.Auto == Manual {
			a.announce(c)
		}
	}
}

// ringInside takes the notifications back when the app itself is on the
// screen and rings.
func (a *App) ringInside(now time.Time) {
	for _, c := range a.calls {
		a.withdraw(c, false)
	}
	a.tuneSound(now)
}

// tapped does what the user chose on a notification.
func (a *App) tapped(now time.Time, s system.Tapped) {
	if r := a.reportByID(s.ID); r != nil {
		a.chosen(now, r, s.Action)
		return
	}
	for _, c := range a.calls {
		if c.card != s.ID || !c.rings {
			continue
		}
		switch s.Action {
		case system.Answer:
			a.pickUp(now, c)
		case system.Decline:
			a.withdraw(c, false)
			a.handle(now, a.agent.Reject(now, c.id, statusDecline))
		}
		return
	}
	if s.Action == system.Answer {
		a.problem("answer from notification", "the call is over", "")
	}
}

func (a *App) callByID(id int) *call {
	for _, c := range a.calls {
		if c.id == id {
			return c
		}
	}
	return nil
}

func (a *App) callOf(s system.Socket) *call {
	for _, c := range a.calls {
		if c.rtp == s || c.rtcp == s {
			return c
		}
	}
	return nil
}
