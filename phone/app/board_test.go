package app

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A toldCaller is a toldAgent that can call, too.
type toldCaller struct {
	*toldAgent
	refuses error
	server  netip.Addr         // from which audio may come
	spare   map[netip.Addr]int // bytes of audio before the ACK
	free    bool
	secure  bool
	busy    bool     // offers wait
	offers  []string // of re-INVITEs
}

func (*toldCaller) Address(to string) (string, error) { return "sip:" + to + "@lab.test", nil }

func (a *toldCaller) Invite(time.Time, string, []byte) (int, control.Output, error) {
	return 1, a.says("invite"), a.refuses
}

func (a *toldCaller) Reinvite(_ time.Time, call int, offer func() []byte) control.Output {
	if a.busy {
		return a.says("later")
	}
	body := offer()
	if body == nil {
		return a.says("nothing to offer")
	}
	a.offers = append(a.offers, string(body))
	return a.says(fmt.Sprintf("reinvite %d %s", call, directionOf(body)))
}

func (a *toldCaller) RingOffering(_ time.Time, call int, offer []byte) control.Output {
	return a.says(fmt.Sprintf("ring %d %s", call, directionOf(offer)))
}

func (a *toldCaller) Answer(_ time.Time, call int, body []byte) control.Output {
	return a.says(strings.TrimSpace(fmt.Sprintf("answer %d %s", call, directionOf(body))))
}

func (a *toldCaller) RejectOffer(_ time.Time, _, warning int, _ string) control.Output {
	return a.says(fmt.Sprint("reject 488, warning ", warning))
}

func (a *toldCaller) Hangup(_ time.Time, call int) control.Output {
	return a.says(fmt.Sprint("hang up ", call))
}

func (a *toldCaller) Knows(addr netip.Addr) bool { return addr == a.server }

func (a *toldCaller) Private() bool { return a.secure }

func (a *toldCaller) TakeSpare(host netip.Addr) (bytes int, free bool) {
	return a.spare[host], a.free
}

// directionOf is the direction in a session description; "" without one.
func directionOf(body []byte) string {
	for _, d := range []string{sdp.SendRecv, sdp.SendOnly, sdp.RecvOnly, sdp.Inactive} {
		if strings.Contains(string(body), "a="+d) {
			return d
		}
	}
	return ""
}

type callingAccount struct {
	control.Account
	agent *toldCaller
}

func (a callingAccount) Open(control.Env) (control.Agent, error) { return a.agent, nil }

// A board is an app with calls, whose server and peers are played by hand.
type board struct {
	*App
	t     *testing.T
	agent *toldCaller
	now   time.Time
	hint  string // of the first warning
}

func newBoard(t *testing.T, cfg Config) *board {
	t.Helper()
	agent := &toldCaller{toldAgent: new(toldAgent)}
	cfg.Account, cfg.Strategy, cfg.Rand = callingAccount{agent: agent}, NoStrategy, rand.New(rand.NewPCG(1, 1))
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	a.foreground, a.lines[0].here = true, netip.MustParseAddrPort("192.0.2.10:49152")
	return &board{App: a, t: t, agent: agent, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// peer is the session description of the other end.
func peer() sdp.Local {
	return sdp.Local{Addr: netip.MustParseAddrPort("192.0.2.20:4000"), Codecs: codec.Usual(), DTMF: true, PTime: frameTime, SessionID: 1, Direction: sdp.SendRecv}
}

// peerAnswer is the answer of the other end to an offer such as the app's first.
func peerAnswer(t *testing.T) []byte {
	t.Helper()
	body, _, err := peer().Answer(sdp.Local{Addr: netip.MustParseAddrPort("192.0.2.10:5000"), Codecs: codec.Usual(), PTime: frameTime}.Offer())
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// does is what the app asks for after something, in words: of what it writes
// down, the steps of calls and the errors.
func (b *board) does(do func() []system.Effect) string {
	var words []string
	for _, c := range append(do(), b.out.take()...) {
		switch c := c.(type) {
		case system.Log:
			switch e := c.Event.(type) {
			case event.Call:
				words = append(words, strings.TrimSuffix(fmt.Sprint("call ", e.ID, " ", e.Phase, " by ", e.By), " by "))
			case event.Warning:
				words = append(words, string(e.Rule))
				b.hint = cmp.Or(b.hint, e.Hint)
			case event.Error:
				words = append(words, string(e.Rule))
			}
		case system.Notify:
			words = append(words, fmt.Sprintf("notify %d for %s", c.ID, c.Sound))
		case system.Withdraw:
			words = append(words, map[bool]string{true: "missed", false: "withdraw"}[c.Missed])
		case system.ActivateAudio:
			words = append(words, map[bool]string{true: "audio on", false: "audio off"}[c.On])
		case system.Bind:
			words = append(words, fmt.Sprint("bind ", c.RTP))
		case system.OpenSound:
			words = append(words, string(c.Way)+" on")
		case system.CloseSound:
			words = append(words, "card off")
		case system.Send:
			if text := string(c.Data); strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
				words = append(words, text) // and no RTP
			}
		default:
			words = append(words, wordsOf(c))
		}
	}
	return strings.Join(words, ", ")
}

// hears acts on a notice of the agent's.
func (b *board) hears(n control.Notice) string {
	return b.does(func() []system.Effect { b.notice(b.now, b.lines[0], n); return nil })
}

func (b *board) signal(s system.Signal) string {
	return b.does(func() []system.Effect { return b.Receive(b.now, s) })
}

// user is a command of the user's.
func (b *board) user(do func(time.Time, int) ([]system.Effect, error)) string {
	var err error
	words := b.does(func() (effects []system.Effect) { effects, err = do(b.now, 0); return effects })
	if err != nil {
		return "error: " + err.Error()
	}
	return words
}

func (b *board) bound(rtp system.Socket) string {
	return b.signal(system.Bound{Socket: rtp, Local: netip.MustParseAddrPort("0.0.0.0:50000")})
}

// bound2 is another port.
func (b *board) bound2(rtp system.Socket) string {
	return b.signal(system.Bound{Socket: rtp, Local: netip.MustParseAddrPort("0.0.0.0:50002")})
}

func (b *board) mute(on bool) string {
	return b.user(func(_ time.Time, n int) ([]system.Effect, error) { return b.Mute(n, on) })
}

func (b *board) hold(on bool) string {
	return b.user(func(now time.Time, n int) ([]system.Effect, error) { return b.Hold(now, n, on) })
}

// comes has a call of somebody be offered, and its sockets bound.
func (b *board) comes(id int) {
	b.t.Helper()
	b.hears(control.Offered{ID: id, From: "sip:bob@lab.test", Body: peer().Offer()})
	b.bound(b.App.board.calls.byID(id).voice.rtp)
}

// answers is the answer of the other end to the app's last offer, as it wants the
// audio now.
func (b *board) answers(id int, direction string) []byte {
	b.t.Helper()
	p := peer()
	p.Direction = direction
	p.Version = 10 * b.App.board.calls.byID(id).voice.sdp.Version
	body, _, err := p.Answer(b.App.board.calls.byID(id).voice.terms.ours)
	if err != nil {
		b.t.Fatal(err)
	}
	return body
}

// want checks what the app did.
func (b *board) want(what, got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

func TestMuteIsSaidOnce(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	b.want("mute", b.mute(true), "call 1 muted")
	b.want("mute again", b.mute(true), "")
	b.want("unmute", b.mute(false), "call 1 unmuted")
	b.want("unmute again", b.mute(false), "")
}

func TestHold(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.want("answer", b.user(b.Answer), "answer 1 sendrecv, audio on")
	b.want("hold", b.hold(true), "reinvite 1 sendonly, audio off")
	b.want("hold what is held", b.hold(true), "error: no call is up")
	b.want("agreed", b.hears(control.Modified{ID: 1, Body: b.answers(1, sdp.SendRecv)}), "call 1 held by us")
	b.want("a refresh of the session", b.hears(control.Modified{ID: 1, Body: b.answers(1, sdp.SendRecv)}), "")
	b.want("resume", b.hold(false), "reinvite 1 sendrecv, audio on")
	b.want("agreed", b.hears(control.Modified{ID: 1, Body: b.answers(1, sdp.SendRecv)}), "call 1 resumed by us")
	b.hold(true)
	b.want("refused", b.hears(control.ModifyFailed{ID: 1, Status: 488}), "change-refused, audio on")
	if b.App.board.calls[0].voice.held {
		t.Error("a hold that was refused holds")
	}
	b.hold(true)
	b.want("not answered", b.hears(control.Modified{ID: 1}), "no-session, audio on")
	b.hold(true)
	b.want("a bad answer", b.hears(control.Modified{ID: 1, Body: []byte("c=IN IP4 192.0.2.20\r\nm=audio 4000 RTP/AVP 18\r\n")}), "untidy-sdp, no-common-audio, change-refused, audio on")
	b.hold(true)
	b.want("agreed at last", b.hears(control.Modified{ID: 1, Body: b.answers(1, sdp.SendRecv)}), "call 1 held by us")
	if got, want := detail(sdp.Negotiated{Disabled: true}), "ended by the far end: it has port 0"; got != want {
		t.Errorf("audio that is over: %q, want %q", got, want)
	}
}

// TestHoldWhileAnOfferIsUnderWay: what the user wants meanwhile is offered when that one is
// answered, once, if it is not what the peer has agreed with, and under the next version. What was
// agreed on is said, whatever the user wants by then.
func TestHoldWhileAnOfferIsUnderWay(t *testing.T) {
	for name, c := range map[string]struct {
		wants []bool
		again string
	}{
		"hold, resume, hold":                  {[]bool{true, false, true}, "nothing to offer"},
		"hold, resume":                        {[]bool{true, false}, "reinvite 1 sendrecv"},
		"hold, resume, hold, resume":          {[]bool{true, false, true, false}, "reinvite 1 sendrecv"},
		"hold, resume, hold, and audio moves": {[]bool{true, false, true}, ""},
	} {
		b := newBoard(t, Config{})
		b.comes(1)
		b.user(b.Answer)
		v := &b.App.board.calls[0].voice
		version := v.sdp.Version
		b.hold(c.wants[0])
		b.agent.busy = true
		for _, on := range c.wants[1:] {
			b.hold(on)
		}
		b.agent.busy = false
		if c.again == "" {
			v.sdp.Addr = netip.MustParseAddrPort("192.0.2.10:7000")
			c.again = "reinvite 1 sendonly"
		}
		b.want(name+": agreed", b.hears(control.Modified{ID: 1, Body: b.answers(1, sdp.SendRecv)}), "call 1 held by us")
		b.want(name+": again", b.hears(control.ModifyAgain{ID: 1}), c.again)
		if c.again == "nothing to offer" {
			if v.sdp.Version != version+1 || len(b.agent.offers) != 1 {
				t.Errorf("%s: version %d after %d: %q", name, v.sdp.Version, version, b.agent.offers)
			}
			continue
		}
		if v.sdp.Version != version+2 {
			t.Errorf("%s: version %d after %d", name, v.sdp.Version, version)
		}
		if !v.held {
			b.want(name+": agreed again", b.hears(control.Modified{ID: 1, Body: b.answers(1, sdp.SendRecv)}), "call 1 resumed by us")
		}
	}
}

// TestHoldThatNobodySaid: a hold of which the user has not heard is offered again, even if the peer
// has agreed with as much.
func TestHoldThatNobodySaid(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	v := &b.App.board.calls[0].voice
	b.hold(true)
	v.terms.taken = v.terms.ours
	b.want("again", b.hears(control.ModifyAgain{ID: 1}), "reinvite 1 sendonly")
	v.terms.onHold = true
	b.want("once it is said", b.hears(control.ModifyAgain{ID: 1}), "nothing to offer")
}

// TestAnswerHoldsTheOthers: one that is held already is not offered the same
// again, and neither is the one that is answered.
func TestAnswerHoldsTheOthers(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	b.comes(2)
	b.want("the second", b.user(b.Answer), "reinvite 1 sendonly, audio off, answer 2 sendrecv, audio on")
	b.comes(3)
	b.want("the third", b.user(b.Answer), "reinvite 2 sendonly, audio off, answer 3 sendrecv, audio on")
}

// TestAckAnswers: where the INVITE has no offer ours is in the 200, and only
// the first ACK answers it.
func TestAckAnswers(t *testing.T) {
	answer := peerAnswer(t)
	b := newBoard(t, Config{})
	b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test"})
	b.bound(1)
	b.want("answer", b.user(b.Answer), "answer 1 sendrecv")
	b.want("the ACK", b.hears(control.Confirmed{ID: 1, Body: answer}), "audio on")
	b.want("an ACK of nothing", b.hears(control.Confirmed{ID: 1, Body: []byte("what is this?")}), "")
	b.want("a re-INVITE without an offer", b.hears(control.Modify{ID: 1}), "answer 1 sendrecv")
	b.want("its ACK", b.hears(control.Confirmed{ID: 1, Body: []byte("what is this?")}), "untidy-sdp, no-common-audio")

	b = newBoard(t, Config{})
	b.comes(1)
	b.want("answer an offer", b.user(b.Answer), "answer 1 sendrecv, audio on")
	b.want("an ACK with a body", b.hears(control.Confirmed{ID: 1, Body: []byte("what is this?")}), "")
	b.want("an offer that is not SDP", b.hears(control.Modify{ID: 1, Body: []byte("what is this?")}), "untidy-sdp, no-common-audio, reject 488, warning 304")
}

// TestHeardFork: of the phones that a call was forked to, the last that describes its
// session is heard, and the one that answers from then on, also by the description that
// it gave before.
func TestHeardFork(t *testing.T) {
	b := newBoard(t, Config{})
	b.does(func() []system.Effect { effects, _ := b.Call(b.now, "", "bob"); return effects })
	b.bound(1)
	b.App.board.calls[0].id = 1
	answer := string(peerAnswer(t))
	one, two := []byte(answer), []byte(strings.ReplaceAll(answer, "192.0.2.20", "192.0.2.30"))
	heard := func(what string, n control.Notice, want string) {
		t.Helper()
		b.hears(n)
		if got := b.App.board.calls[0].voice.terms.agreed.Remote.String(); got != want {
			t.Errorf("%s: %s is heard, want %s", what, got, want)
		}
	}
	heard("one describes itself", control.Progress{ID: 1, Status: 183, Body: one}, "192.0.2.20:4000")
	heard("then another", control.Progress{ID: 1, Status: 183, Body: two}, "192.0.2.30:4000")
	heard("the first again", control.Progress{ID: 1, Status: 183, Body: one}, "192.0.2.20:4000")
	heard("the other rings", control.Progress{ID: 1, Status: 180}, "192.0.2.20:4000")
	heard("and answers", control.Accepted{ID: 1, Body: two}, "192.0.2.30:4000")
}

// TestOfferWithTheRinging: who wants our offer before the answer has it as soon as
// there are sockets, and nobody is heard before the user has answered.
func TestOfferWithTheRinging(t *testing.T) {
	answer := peerAnswer(t)
	b := newBoard(t, Config{})
	b.want("it comes", b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Describe: true}), "bind 1")
	b.want("the sockets are there", b.bound(1), "ring 1 sendrecv")
	b.want("the PRACK", b.hears(control.Confirmed{ID: 1, Body: answer}), "")
	b.want("an UPDATE", b.hears(control.Modify{ID: 1, Body: peer().Offer()}), "answer 1 sendrecv")
	if b.App.board.calls[0].voice.session != nil {
		t.Error("there is audio before the answer")
	}
	b.want("answer", b.user(b.Answer), "answer 1, audio on")
	b.want("the ACK", b.hears(control.Confirmed{ID: 1}), "")

	b = newBoard(t, Config{})
	b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Describe: true})
	b.bound(1)
	b.want("answer before the PRACK", b.user(b.Answer), "answer 1")
	b.want("the PRACK", b.hears(control.Confirmed{ID: 1, Body: answer}), "audio on")

	b = newBoard(t, Config{Auto: Accept})
	b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Describe: true})
	b.want("one that answers by itself", b.bound(1), "answer 1 sendrecv")
}

// TestMissed: a call that nobody answered leaves a card, unless we ended it.
func TestMissed(t *testing.T) {
	for _, c := range []struct {
		by, want string
	}{
		{"peer", "missed, close 1, close 2"},
		{"network", "missed, close 1, close 2"},
		{"us", "withdraw, close 1, close 2"},
	} {
		b := newBoard(t, Config{})
		b.foreground = false
		b.want("it rings", b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: peer().Offer()}), "notify 1 for 30s, ring, bind 1")
		b.want("ended by "+c.by, b.hears(control.Ended{ID: 1, By: c.by}), c.want)
	}
	b := newBoard(t, Config{})
	b.foreground = false
	b.comes(1)
	b.App.board.calls[0].state = up
	b.want("a call that was up", b.hears(control.Ended{ID: 1, By: "peer"}), "withdraw, close 1, close 2")
}

func TestDeclineAndHangUp(t *testing.T) {
	b := newBoard(t, Config{})
	b.foreground = false
	b.comes(1)
	b.want("decline", b.user(b.Decline), "withdraw, reject 603")
	b.hears(control.Ended{ID: 1, By: "us"})
	b.comes(2)
	b.want("hang up", b.user(b.Hangup), "withdraw, hang up 2")
}

// TestDial: an INVITE goes out when the sockets are bound, and the other end
// rings until there is sound.
func TestDial(t *testing.T) {
	dial := func(b *board) string {
		return b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.Call(now, "", "bob") })
	}
	b := newBoard(t, Config{Sound: Sound{SpeakerCard: true}})
	b.want("dial", dial(b), "bind 1, speaker on")
	b.want("bound", b.bound(1), "invite")
	b.want("a ring", b.hears(control.Progress{ID: 1}), "audio on")
	b.want("up", b.hears(control.Accepted{ID: 1}), "audio off, card off")
	b.want("a ring that is late", b.hears(control.Progress{ID: 1}), "")

	b = newBoard(t, Config{})
	dial(b)
	b.want("hang up at once", b.user(b.Hangup), "close 1, close 2")

	b = newBoard(t, Config{})
	b.agent.refuses = errors.New("no")
	dial(b)
	b.want("no INVITE", b.bound(1), "call-failed, close 1, close 2")

	b = newBoard(t, Config{})
	b.lines[0].here = netip.AddrPort{}
	b.want("offline", dial(b), "error: "+ErrNotOnline.Error())
}

// TestRingTone: a call rings in the app, unless the system's call screen rings.
func TestRingTone(t *testing.T) {
	for _, c := range []struct {
		what string
		cfg  Config
		away bool
		on   *report
		want bool
	}{
		{"in the app", Config{}, false, nil, true},
		{"in the background", Config{}, true, nil, false},
		{"one that rings for ever", Config{Auto: Ring}, false, nil, false},
		{"on the call screen", Config{}, false, &report{id: 7}, false},
	} {
		b := newBoard(t, c.cfg)
		b.foreground = !c.away
		if c.on != nil {
			b.screen.reports = []*report{c.on}
		}
		b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: peer().Offer()})
		if got := b.sound.ringtone != nil; got != c.want {
			t.Errorf("%s: a ring tone: %v", c.what, got)
		}
		b.hears(control.Ended{ID: 1, By: "peer"})
		if b.sound.ringtone != nil {
			t.Errorf("%s: it rings on", c.what)
		}
	}
}

// TestTextSounds: the notification of a text sounds for a second, and an app
// on the screen needs none.
func TestTextSounds(t *testing.T) {
	b := newBoard(t, Config{})
	b.want("on the screen", b.hears(control.Texted{From: "sip:bob@lab.test", Text: "hi"}), "")
	b.foreground = false
	b.want("in the background", b.hears(control.Texted{From: "sip:bob@lab.test", Text: "hi"}), "notify 1 for 1s")
}

// TestSocketsThatAreLost: a call whose sockets the system took is told where
// its audio is to go now.
func TestSocketsThatAreLost(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	v := &b.App.board.calls[0].voice
	before := v.sdp.Version
	b.want("lost", b.signal(system.Closed{Socket: 1}), "close 1, close 2, bind 3")
	if v.ready() {
		t.Errorf("the sockets that are lost are bound to %s", v.local)
	}
	b.want("bound anew", b.bound(3), "reinvite 1 sendrecv")
	if v.sdp.Version != before+1 {
		t.Errorf("version %d of the session, after %d", v.sdp.Version, before)
	}
	b = newBoard(t, Config{})
	b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: peer().Offer()})
	b.want("none for a call that rings", b.signal(system.Failed{Socket: 1, Err: errLost}), "host-failed, reject 500")
}

// TestChangeIsOfferedAnew: a change that had to wait is what the user wants by then, in
// a description that is newer than all before, and none while there are no sockets. A
// refresh meanwhile is no answer to it, and a call that is over is offered nothing.
func TestChangeIsOfferedAnew(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	v := &b.App.board.calls[0].voice
	theirs := peer()
	theirs.Version = 1
	refreshed, _, err := theirs.Answer(v.terms.ours)
	if err != nil {
		t.Fatal(err)
	}
	theirs.Version = 2
	b.want("hold", b.hold(true), "reinvite 1 sendonly, audio off")
	b.want("a refresh", b.hears(control.Modified{ID: 1, Body: refreshed, Kept: true}), "")
	before := v.sdp.Version
	b.want("they offer", b.hears(control.Modify{ID: 1, Body: theirs.Offer()}), "answer 1 sendonly")
	b.want("again", b.hears(control.ModifyAgain{ID: 1}), "reinvite 1 sendonly")
	if v.sdp.Version < before {
		t.Errorf("version %d after %d", v.sdp.Version, before)
	}
	b.want("resume", b.hold(false), "reinvite 1 sendrecv, audio on")
	b.want("once more", b.hears(control.ModifyAgain{ID: 1}), "reinvite 1 sendrecv")
	b.want("lost", b.signal(system.Closed{Socket: 1}), "close 1, close 2, bind 3")
	b.want("without sockets", b.hears(control.ModifyAgain{ID: 1}), "")
	b.want("bound anew", b.bound(3), "reinvite 1 sendrecv")
	b.want("it has ended", b.does(func() []system.Effect {
		b.lines[0].do(b.now, control.Output{Notices: []control.Notice{control.ModifyAgain{ID: 1}, control.Ended{ID: 1, By: "peer"}}})
		return nil
	}), "close 3, close 4, audio off")
}

// TestSocketsLostBeforeTheCallIsUp: whoever was told of sockets that are lost before
// the call is up is told of the new ones as soon as it is, once.
func TestSocketsLostBeforeTheCallIsUp(t *testing.T) {
	lose := func(b *board) {
		b.want("lost", b.signal(system.Closed{Socket: 1}), "close 1, close 2, bind 3")
		b.want("bound anew", b.bound2(3), "")
	}
	answer := peerAnswer(t)
	b := newBoard(t, Config{})
	b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Describe: true})
	b.want("described", b.bound(1), "ring 1 sendrecv")
	b.want("the PRACK", b.hears(control.Confirmed{ID: 1, Body: answer}), "")
	lose(b)
	b.want("answer", b.user(b.Answer), "answer 1, audio on")
	b.want("the ACK", b.hears(control.Confirmed{ID: 1}), "reinvite 1 sendrecv")
	b.want("said once", b.hears(control.Confirmed{ID: 1}), "")

	b = newBoard(t, Config{})
	b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test"})
	b.bound(1)
	b.want("ours is in the 200", b.user(b.Answer), "answer 1 sendrecv")
	lose(b)
	b.want("its ACK", b.hears(control.Confirmed{ID: 1, Body: answer}), "audio on, reinvite 1 sendrecv")

	b = newBoard(t, Config{})
	b.want("call", b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.Call(now, "", "bob") }), "bind 1")
	b.want("ours is in the INVITE", b.bound(1), "invite")
	lose(b)
	b.want("it is up", b.hears(control.Accepted{ID: 1, Body: b.answers(1, sdp.SendRecv)}), "audio on, reinvite 1 sendrecv")
}

// TestAnotherAddress: when the signalling has another address, on another
// network, the audio of a call moves there, once.
func TestAnotherAddress(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	v := &b.App.board.calls[0].voice
	here := b.lines[0].here
	b.want("the same address", b.signal(system.Bound{Socket: 9, Local: netip.AddrPortFrom(here.Addr(), 1)}), "")
	b.want("another", b.signal(system.Connected{Socket: 10, Local: netip.MustParseAddrPort("192.0.2.77:1")}), "close 1, close 2, bind 3")
	b.want("bound anew", b.bound(3), "reinvite 1 sendrecv")
	if v.local != netip.MustParseAddrPort("192.0.2.77:50000") || v.sdp.Addr != v.local {
		t.Errorf("the audio is at %s, and the peer is told %s", v.local, v.sdp.Addr)
	}
}

// TestAudioSocketsFaceTheServer: they are bound to one address of ours.
func TestAudioSocketsFaceTheServer(t *testing.T) {
	b := newBoard(t, Config{})
	b.notice(b.now, b.lines[0], control.Offered{ID: 1, From: "sip:bob@lab.test", Body: peer().Offer()})
	var at netip.Addr
	for _, c := range b.out.take() {
		if bind, ok := c.(system.Bind); ok {
			at = bind.Addr
		}
	}
	if at != b.lines[0].here.Addr() {
		t.Errorf("bound to %s, and our end of the signalling is %s", at, b.lines[0].here)
	}
}

// TestAudioFromTheServer: a call takes audio from the address that it agreed on,
// and from the server that may relay it.
func TestAudioFromTheServer(t *testing.T) {
	b := newBoard(t, Config{})
	b.agent.server = netip.MustParseAddr("192.0.2.99")
	b.comes(1)
	b.user(b.Answer)
	for i, from := range []string{"192.0.2.99:4000", "198.51.100.7:4000"} {
		for n := range byte(4) {
			packet := append([]byte{0x80, 0, byte(i), n, 0, 0, 0, 160 * n, 0, 0, 0, byte(i)}, make([]byte, pcm.FrameSamples)...)
			b.Receive(b.now, system.Received{Socket: 1, From: netip.MustParseAddrPort(from), Data: packet})
		}
	}
	if got := b.App.board.calls[0].voice.session.Stats(b.now); got.Received != 4 || got.Refused != 4 {
		t.Errorf("received %d of the server, refused %d of a stranger; want 4 and 4", got.Received, got.Refused)
	}
}

// TestNoAudio: a call whose protocol carries none needs no sockets.
func TestNoAudio(t *testing.T) {
	b := newBoard(t, Config{})
	b.want("it rings", b.hears(control.Offered{ID: 1, From: "bob@lab.test", NoAudio: true}), "ring")
	b.want("answer", b.user(b.Answer), "answer 1")
	b.want("mute", b.mute(true), "error: "+ErrNoAudio.Error())
	b.want("over", b.hears(control.Ended{ID: 1, By: "peer"}), "")
}

// TestCardWhileThereIsSound: the sound card is open once, while something is
// to be heard.
func TestCardWhileThereIsSound(t *testing.T) {
	for _, c := range []struct {
		sound   Sound
		on, off string
	}{
		{Sound{MicCard: true}, "microphone on", "card off"},
		{Sound{SpeakerCard: true}, "speaker on", "card off"},
		{Sound{MicCard: true, SpeakerCard: true}, "microphone on, speaker on", "card off"},
		{Sound{}, "", ""},
	} {
		b := newBoard(t, Config{Sound: c.sound})
		tune := func(need audible) string {
			return b.does(func() []system.Effect { b.sound.tune(b.now, need); return nil })
		}
		b.want("silence", tune(audible{}), "")
		b.want("it is called", tune(audible{dials: true}), c.on)
		b.want("it rings", tune(audible{ringtone: true}), "")
		ringing := b.sound.ringtone
		b.want("it rings on", tune(audible{ringtone: true}), "")
		if b.sound.ringtone != ringing {
			t.Error("it begins to ring anew")
		}
		b.want("answered", tune(audible{talk: true}), "audio on")
		next := b.sound.next
		b.want("talked on", tune(audible{talk: true}), "")
		if b.sound.next != next || next.IsZero() {
			t.Error("the frame clock begins anew")
		}
		b.want("over", tune(audible{}), strings.Trim("audio off, "+c.off, ", "))
		if !b.sound.next.IsZero() {
			t.Error("the frame clock runs on")
		}
	}
}

// TestSpeakInACall: another sound is heard in the calls that have audio, and
// in those to come.
func TestSpeakInACall(t *testing.T) {
	b := newBoard(t, Config{Sound: Sound{Mic: pcm.Silence}})
	b.comes(1)
	b.user(b.Answer)
	before := b.App.board.calls[0].voice.mic.source
	opened := 0
	b.Speak(func(rate int) pcm.Source { opened++; return pcm.Tone(rate, 440, -10) })
	if b.App.board.calls[0].voice.mic.source == before || opened != 1 {
		t.Errorf("opened %d times", opened)
	}
	b.comes(2)
	b.user(b.Answer)
	if opened != 2 {
		t.Errorf("opened %d times for two calls", opened)
	}
}

// TestAudioBeforeTheACK: over a connection audio flows as soon as a call is answered; over
// UDP, where nobody knows who has called, the host in the offer gets what is spared of
// silence, and the rest waits.
func TestAudioBeforeTheACK(t *testing.T) {
	host := peer().Addr.Addr()
	for name, c := range map[string]struct {
		spare        map[netip.Addr]int
		free         bool
		before, loud int
	}{
		"over a connection":   {nil, true, 10, 10},
		"over UDP":            {map[netip.Addr]int{host: 2 * 172}, false, 2, 0},
		"over UDP, elsewhere": {map[netip.Addr]int{netip.MustParseAddr("192.0.2.99"): 2 * 172}, false, 0, 0},
	} {
		b := newBoard(t, Config{Sound: Sound{Mic: func(rate int) pcm.Source { return pcm.Tone(rate, 440, -10) }}})
		b.agent.spare, b.agent.free = c.spare, c.free
		frames := func() (n, loud int) {
			for range 10 {
				b.now = b.now.Add(frameTime)
				b.sound.advance(b.now, b.App.board.voices())
				for _, f := range payloads(b.out.take()) {
					if n++; slices.Max(f) != slices.Min(f) {
						loud++
					}
				}
			}
			return n, loud
		}
		b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: peer().Offer()})
		b.bound(1)
		b.user(b.Answer)
		if n, loud := frames(); n != c.before || loud != c.loud {
			t.Errorf("%s: %d frames before the ACK, %d of them with sound; want %d, %d", name, n, loud, c.before, c.loud)
		}
		b.hears(control.Confirmed{ID: 1})
		if n, loud := frames(); n != 10 || loud != 10 {
			t.Errorf("%s: %d frames after the ACK, %d of them with sound", name, n, loud)
		}
	}
}

// TestChangeUnanswered: a change that nobody has answered has no status, and says none.
func TestChangeUnanswered(t *testing.T) {
	for status, want := range map[int]string{0: "the connection failed", 488: "488 the connection failed"} {
		b := newBoard(t, Config{})
		b.comes(1)
		b.user(b.Answer)
		b.hold(true)
		b.notice(b.now, b.lines[0], control.ModifyFailed{ID: 1, Status: status, Reason: "the connection failed"})
		var got string
		for _, e := range logged[event.Error](b.out.take()) {
			got = e.Err
		}
		if got != want {
			t.Errorf("%d: %q, want %q", status, got, want)
		}
	}
}
