// Package app is the softphone program: what a developer would ship to run on
// a mobile system. It composes the agent of a control protocol (SIP, or one of
// the others behind the door of phone/control) and the RTP sessions of its
// calls, and answers the system's callbacks.
//
// It cannot see that its system is emulated. It learns that it was asleep
// only as a real app does: timers that come late, bytes in a lump, a dead
// socket, a callback on waking. The robots of the lab are this same program
// on a system that never sleeps.
//
//	     system.Signal                    command (Call, Answer, …)
//	           │                                 │
//	┌──────────▼─────────────────────────────────▼──────────┐
//	│ App      calls      background life      sound         │
//	└────┬──────▲─────────────────────────────┬──────▲──────┘
//	     │      │ notices                     │      │ frames
//	┌────▼──────┴────┐                   ┌────▼──────┴────┐
//	│ control.Agent  │                   │ media.Session  │ one a call
//	└────────────────┘                   └────────────────┘
//
// Who calls may have forged the address that it calls from, or named another's for
// the audio. Over UDP the audio of a call that comes in therefore waits for the ACK, but
// for a few packets of silence, and then goes to the host of the caller, or wherever the
// app's own server has it: see phone/media. A connection answers for its callers.
//
// The strategy says how it tries to stay reachable while asleep; see
// [Strategy]. App is a pure machine; one goroutine owns it.
package app

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Behaviour is what the app does with an incoming call by itself.
type Behaviour string

// The behaviours.
const (
	Manual Behaviour = ""       // rings, and the user decides
	Accept Behaviour = "answer" // answers at once
	Echo   Behaviour = "echo"   // answers at once and sends back what it hears
	Busy   Behaviour = "busy"   // 486 Busy Here
	Ring   Behaviour = "ring"   // rings for ever
)

// Config is what an app is built from. A relaunched app is built from it anew
// and remembers nothing else. What is zero is as [Config.WithDefaults] has it.
type Config struct {
	Account control.Account
	// Name is what the account is called where there are Others: the app has a
	// line for each. What the mobile system gives and takes, it gives the app.
	Name   string
	Others []Account
	// Of and Flow are as an [Account] has them.
	Of       string
	Flow     int
	Strategy Strategy
	// KeepAlive is the timeout asked of the system.
	KeepAlive time.Duration
	// KeepAliveAt says when the keepalive handler is installed.
	KeepAliveAt Install
	// KeepAliveRound has the app ask for [DefaultKeepAlive] where the system has refused a
	// shorter timeout.
	KeepAliveRound bool
	// KeepAliveHandler is how the keepalive handler waits for an answer.
	KeepAliveHandler Handler
	// WakeServer is the "host:port" of the wake socket, or where the provider of local push
	// connects to; [WakeSocket] and [LocalPush] need it.
	WakeServer string
	// Modes is what the app lists in UIBackgroundModes, and Mark how it marks its
	// socket for VoIP; they are for iOS.
	Modes string
	Mark  Marking
	// StayAwakeBy is what [StayAwake] asks the server for.
	StayAwakeBy AwakeBy
	Push        Pushing
	Provided    Provided
	Auto        Behaviour
	Handover    Handover
	// AutoAnswerHeader has a call answered at once whose caller asks for it in a
	// header field.
	AutoAnswerHeader bool
	Sound            Sound
	// Codecs are offered in this order, and accepted; none are those of [codec.Usual].
	// Answers are accepted besides.
	Codecs, Answers []codec.Codec
	// NoCodec is why a codec that was asked for is not among them, with the way out; nil: all are.
	NoCodec *MissingCodec
	// OpusRate is the sample rate of Opus, in Hz; 0: the widest.
	OpusRate int
	// ComfortNoise is sent instead of silence, to those who take it; AnswersNoise does so
	// where the peer offers it.
	ComfortNoise, AnswersNoise bool
	// XR says who gets extended reports of RTCP.
	XR sdp.XRPolicy
	// SRTP says which audio is protected, and Keys draws the keys for it; nil: from Rand,
	// from which somebody could guess them.
	SRTP sdp.Policy
	Keys func([]byte)
	// KeyLog takes the secrets of handshakes for keys, in lines of a key log, and returns what
	// to log of that; nil: nobody does.
	KeyLog func(line []byte) []system.Effect
	// DTLS says that the keys of offers are agreed on by a handshake (RFC 5764), not in the
	// session description.
	DTLS bool
	// ICE says whether the way of the audio is looked for. Mux offers rtcp-mux, which ICE
	// does anyway.
	ICE ICE
	Mux bool
	// STUN is "host" or "host:port" of a server that says as whom others see us; empty:
	// none is asked.
	STUN string
	// Samples are the recordings that the ear recognises.
	Samples []*pcm.Reference
	Rand    *rand.Rand
}

// An Account is one of several of an app, and its name; or one of the flows that an
// account has (RFC 5626 §4.2), which have names as accounts have.
type Account struct {
	Name    string
	Account control.Account
	// Settings are for the log: what else is set of it, KEY=VALUE each.
	Settings []string
	// Flow numbers the flows of one account, from 1; 0: it has the one. Of is what the
	// account is called then; "": it is the only one.
	Flow int
	Of   string
}

// Accounts are all of the app, the first of which is the one that is meant where
// nobody says which.
func (c Config) Accounts() []Account {
	return append([]Account{{Name: c.Name, Account: c.Account, Of: c.Of, Flow: c.Flow}}, c.Others...)
}

// Identity is who the app is, for the log. What is the default, SIP and
// TCP, is empty.
func (c Config) Identity() control.Identity { return c.IdentityOf(c.Account) }

// IdentityOf is who the app is by one of its accounts.
func (c Config) IdentityOf(a control.Account) control.Identity {
	who := a.Identity()
	switch {
	case who.Transport == "" && c.Strategy.Traits().Datagrams:
		who.Transport = "udp"
	case who.Transport == "tcp":
		who.Transport = ""
	}
	if who.Protocol == control.SIP {
		who.Protocol = ""
	}
	return who
}

// App is one running softphone program.
type App struct {
	out      outbox
	numbers  numbers
	lines    lines
	errand   errand
	stops    stopNotice
	strategy strategy
	marking  Marking
	noCodec  *MissingCodec
	watches  bool              // whether an answer that comes late is of interest
	due      system.Remembered // of the agents

	reception reception
	screen    callScreen
	board     switchboard
	transfers transfers
	sound     sound

	foreground bool
	leaving    bool // shutting down
}

// New returns an app that has not been launched yet. An error says what is
// wrong with the configuration.
func New(cfg Config) (*App, error) {
	cfg = cfg.WithDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	p, _ := cfg.Strategy.find() // checked
	a := new(App)
	for _, account := range cfg.Accounts() {
		if err := a.open(cfg, p, account); err != nil {
			return nil, err
		}
	}
	a.compose(cfg)
	a.watches, a.marking = p.KeepsAlive, cfg.Mark
	a.strategy = p.start(env{
		cfg: cfg, out: &a.out, lines: a.lines, errand: &a.errand, screen: &a.screen,
		nextSocket: a.numbers.nextSocket, status: a.status, rest: a.rest, join: a.reception.joinReport,
	})
	return a, nil
}

// check refuses what can be known to be wrong before an account is opened.
func (c Config) check() error {
	if _, err := ParseStrategy(string(c.Strategy)); err != nil {
		return err
	}
	if needs := c.Strategy.Traits().WakeServer; needs && c.WakeServer == "" {
		return fmt.Errorf("%w: %s", errNoWakeServer, c.Strategy)
	} else if needs && len(c.Others) > 0 {
		return errOneWakeServer
	}
	if err := c.Mark.check(); err != nil {
		return err
	}
	for _, a := range c.Accounts() {
		if c.Push.Provider == push.WebPush && a.Account.Identity().Protocol != control.SIP {
			return errWebPush
		}
	}
	if err := c.checkLocal(); err != nil {
		return err
	}
	return c.Push.check()
}

// compose makes the parts of the app that are the same with every strategy.
func (a *App) compose(cfg Config) {
	a.noCodec = cfg.NoCodec
	a.errand = errand{out: &a.out}
	a.sound = newSound(cfg.Sound, cfg.Auto == Echo, &a.out, cfg.codecs()[0].SampleRate)
	a.screen = callScreen{
		out: &a.out, nextCard: a.numbers.nextCard,
		hidden: cfg.Push.Report == ReportNever, early: cfg.Push.EarlyAudio || cfg.Push.Provider != apns,
	}
	a.board = switchboard{
		out: &a.out, sound: &a.sound, screen: &a.screen,
		voicing:     voicing{nextSocket: a.numbers.nextSocket, rng: cfg.Rand, samples: cfg.Samples, newMic: a.sound.newMic, speaks: cfg.codecs(), answers: cfg.Answers, noise: cfg.ComfortNoise, answersNoise: cfg.AnswersNoise, srtp: cfg.SRTP, xr: cfg.XR, keys: cfg.keys(), byDTLS: cfg.DTLS, identity: identity(cfg.keys()), keyLog: cfg.KeyLog, opened: cfg.Sound.Opened},
		ringsInside: a.reception.inside, spare: func(l *line, without lines) *line { return a.lines.spare(l, without...) }, freed: a.freed,
	}
	a.board.find = findings{
		ice: cfg.ICE, mux: cfg.Mux, stun: cfg.STUN, keys: cfg.keys(),
		hangup: func(now time.Time, c *call) { a.board.drop(now, c, statusServerError) },
		offer:  a.board.reinvite,
	}
	a.reception = reception{
		auto: cfg.Auto, obeys: cfg.AutoAnswerHeader, answerWait: cfg.Push.AnswerWait,
		out: &a.out, screen: &a.screen, nextCard: a.numbers.nextCard, status: a.status, board: &a.board,
	}
	a.transfers = transfers{
		policy: cfg.Handover, out: &a.out, board: &a.board, nextCard: a.numbers.nextCard, status: a.status,
	}
}

// status is how the app stands.
func (a *App) status() status {
	return status{
		foreground: a.foreground, leaving: a.leaving,
		ringing: a.board.calls.ringing() != nil, calls: len(a.board.calls),
	}
}

// Deadline is when Advance wants to be called next.
func (a *App) Deadline() time.Time {
	return system.Earliest(a.due.Deadline(a.lines.deadline), a.stops.deadline(), a.strategy.deadline(), a.sound.deadline(), a.board.deadline())
}

// Advance does everything that is due.
func (a *App) Advance(now time.Time) []system.Effect {
	a.resume(now)
	if a.stops.advance(now) {
		a.watch(now)
	}
	if system.Due(a.due.Deadline(a.lines.deadline), now) { // mostly it is a frame of audio that is
		a.lines.advance(now)
	}
	if !a.lines.await() {
		a.stops.forget()
	}
	a.strategy.advance(now)
	a.board.advance(now)
	a.sound.advance(now, a.board.voices())
	return a.out.take()
}

// resume has the sound go on, if it stood still.
func (a *App) resume(now time.Time) {
	if a.sound.stood(now) {
		a.sound.resume(now, a.board.voices())
	}
}

// watch has the clock looked at while an answer is outstanding in the
// background.
func (a *App) watch(now time.Time) {
	a.stops.watch(now, a.watches && !a.foreground && a.lines.await())
}

// Receive takes in a signal of the system.
func (a *App) Receive(now time.Time, s system.Signal) []system.Effect {
	a.resume(now)
	a.markVoice(s)
	switch {
	case a.board.receive(now, s):
	case a.strategy.receive(now, s):
	case a.connection(now, s):
	default:
		a.callback(now, s)
	}
	return a.out.take()
}

// connection takes in a signal about the connection to a server, and reports
// whether it was one.
func (a *App) connection(now time.Time, s system.Signal) bool {
	id, ok := system.SocketOf(s)
	if !ok {
		return false
	}
	l := a.lines.owner(id)
	if l == nil {
		return true // of a connection that has been given up
	}
	awaited := a.lines.await()
	switch s := s.(type) {
	case system.Connected:
		a.board.moved(l, s.Local)
	case system.Bound:
		a.board.moved(l, s.Local)
	}
	l.receive(now, s)
	if _, ok := s.(system.Received); ok && awaited && !a.lines.await() {
		a.stops.answered(l.out)
	}
	return true
}

// callback answers what the mobile system says.
func (a *App) callback(now time.Time, s system.Signal) {
	switch s := s.(type) {
	case system.Resolved:
		a.lines.receive(now, s)
		a.board.resolved(now, s)
	case system.Answered:
		a.lines.receive(now, s)
	case system.Launched:
		a.foreground = !s.Background
		if m := a.noCodec; m != nil {
			a.out.problem(event.RuleCodecMissing, "offer "+m.Name, m.Why, m.Hint)
		}
		a.lines.leave(now, !a.foreground)
		a.lines.register(now)
	case system.DidEnterBackground:
		a.left(now)
	case system.WillEnterForeground:
		a.returned(now)
	case system.TaskExpiring:
		a.errand.drop()
	case system.Tapped:
		a.reception.tapped(now, s)
	case system.CallReported:
		a.reception.reported(now, s)
	case system.AudioActivated:
		a.reception.audioActivated(now, s)
	case system.AudioSilenced:
		a.sound.silenced = s.On
	case system.Captured:
		a.sound.captured(now, s.Samples, a.board.voices())
	case system.PlayoutDue:
		a.sound.playout(now, s.N, a.board.voices())
	case system.SoundOpened:
		a.sound.wired(s.Way).opened(s)
	case system.SoundFailed:
		a.sound.wired(s.Way).failed(now, s)
	}
}

// left goes off the screen.
func (a *App) left(now time.Time) {
	a.foreground = false
	a.reception.left()
	a.lines.leave(now, true)
	a.strategy.moved(now)
	a.board.tune(now)
	a.out.ask(system.BackgroundReady{})
}

// returned comes back to the screen.
func (a *App) returned(now time.Time) {
	a.foreground = true
	a.lines.refill()
	a.lines.leave(now, false)
	a.strategy.moved(now)
	a.reception.returned(now)
}

// Shutdown ends all calls, unregisters and then asks the system to end the
// process.
func (a *App) Shutdown(now time.Time) []system.Effect {
	a.leaving = true
	for _, l := range a.lines {
		l.do(now, l.agent.Shutdown(now))
	}
	return a.out.take()
}

// notice acts on what the agent of a line says.
func (a *App) notice(now time.Time, l *line, n control.Notice) {
	switch n := n.(type) {
	case control.Reached, control.Connected, control.ServerKey:
		a.strategy.notice(now, l, n)
	case control.Registered:
		l.registered = true
		a.lines.beside(l).each(func(other *line) { l.takeOver(now, other) })
		a.strategy.notice(now, l, n)
		a.settled(l)
	case control.RegisterFailed:
		l.registered = false
		a.lines.withoutOutbound(now, l, n.Status)
		a.strategy.notice(now, l, n)
		a.settled(l) // nothing more to wait for: the user must act
	case control.Unregistered:
		l.registered = false
	case control.Ponged:
		a.settled(l)
	case control.FlowFailed:
		a.flowFailed(now, l, n)
	case control.Offered:
		if a.reception.offered(now, l, n) {
			a.strategy.notice(now, l, n)
			a.board.tune(now)
		}
	case control.Replacing:
		if a.reception.replacing(now, l, n) {
			a.strategy.notice(now, l, n.Offered)
			a.board.tune(now)
		}
	case control.Referred:
		a.transfers.referred(now, l, n)
	case control.ReferralLapsed:
		a.transfers.lapsed(l, n)
	case control.Texted:
		l.mail.texted(n)
	case control.Missed:
		l.mail.missed(n)
	case control.Stray:
		a.lines.stray(now, n)
	case control.Inherited:
		a.board.with(n.ID, func(c *call) { a.board.inherits(l, c) })
	case control.Unsent:
		a.resend(now, l, n)
	case control.MessageWaiting:
		l.mail.messagesWait(n)
	case control.Down:
		if l.down = true; a.lines.down() {
			a.out.ask(system.Exit{})
		}
	default:
		a.board.notice(now, n)
	}
}

// flowFailed keeps the app running while the agent opens a new flow.
func (a *App) flowFailed(now time.Time, l *line, n control.FlowFailed) {
	l.registered = false
	if !a.lines.othersAwait(l) {
		a.stops.forget()
	}
	a.errand.done = false
	if !a.foreground && !a.leaving {
		a.errand.hold("open a new connection")
	}
	if next := a.lines.spare(l); next != nil {
		next.takeOver(now, l)
	}
	a.strategy.notice(now, l, n)
}
