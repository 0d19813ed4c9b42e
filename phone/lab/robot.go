package lab

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/internal/misbehave"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Robot is a phone inside the lab that needs nobody.
type Robot struct {
	Name string
	// Behaviour is what it does with a call: answer, echo, busy or ring.
	Behaviour app.Behaviour
	// Mic opens what it speaks; nil is the speech sample "en-hello", again
	// and again.
	Mic pcm.Opener
	// Strict has it require 100rel of whom it calls (RFC 3262).
	Strict bool
	// Timer is the session timer that it asks for (RFC 4028); zero is none.
	Timer time.Duration
}

// Robots are the ones that every lab of the program has.
func Robots() []Robot {
	return []Robot{
		{Name: "bob", Behaviour: app.Accept},
		{Name: "echo", Behaviour: app.Echo},
		{Name: "busy", Behaviour: app.Busy},
		{Name: "ring", Behaviour: app.Ring},
	}
}

// Examiners are the robots of a lab that examines a phone: bob has a session timer, the
// shortest that there is, and one more requires 100rel.
func Examiners(strict string) []Robot {
	all := append(Robots(), Robot{Name: strict, Strict: true})
	bob := slices.IndexFunc(all, func(r Robot) bool { return r.Name == "bob" })
	all[bob].Timer = sip.MinSession
	return all
}

const (
	// maxRobotCalls is how many callers one robot serves at a time: a load
	// generator's burst.
	maxRobotCalls = 250
	// robotLevel is how loud a robot's tone is, in dBFS.
	robotLevel = -10
	// wrongHz is a tone that no scenario asks for, and no overtone of one.
	wrongHz = 620
)

// robots are the phones inside the lab, and the system that the lab is to them.
type robots struct {
	loop     *loop.Loop
	sip      *server.Server
	at       netip.Addr // of their sockets; where it is none, that of the server
	faults   misbehave.Robot
	srtp     sdp.Policy
	keys     func([]byte)
	dtls     bool
	keyLog   func(line []byte) []system.Effect // takes the secrets of their handshakes; nil: nobody does
	all      []*robot
	media    map[system.Socket]robotSocket
	launched bool
}

// robotSocket is a robot's own number of one of the lab's sockets.
type robotSocket struct {
	robot  *robot
	socket system.Socket
}

func newRobots(l *loop.Loop, sip *server.Server, cfg Config) *robots {
	return &robots{loop: l, sip: sip, at: cfg.Host, srtp: cfg.SRTP, keys: cfg.Keys, dtls: cfg.DTLS, keyLog: cfg.TLS.KeyLog.Taker(), media: map[system.Socket]robotSocket{}}
}

func (rs *robots) add(cfgs []Robot) error {
	if len(cfgs) == 0 {
		return nil
	}
	speech, err := hello()
	if err != nil {
		return err
	}
	for _, cfg := range cfgs {
		if err := rs.addOne(cfg, speech); err != nil {
			return err
		}
	}
	return nil
}

// addOne gives a robot an account and a program.
func (rs *robots) addOne(cfg Robot, speech speech) error {
	account := Account{User: cfg.Name, Password: rs.loop.Token(24)}
	if err := rs.sip.AddAccount(account); err != nil {
		return err
	}
	mic := cfg.Mic
	if mic == nil {
		mic = func(rate int) pcm.Source { return speech.audio.Open(rate, true) }
	}
	r := &robot{host: rs, name: cfg.Name, media: map[system.Socket]system.Socket{}}
	var samples []*pcm.Reference
	if cfg.Behaviour == app.Accept { // this one listens
		samples = append(samples, speech.reference)
	}
	domain := rs.sip.Domain()
	reliable := sip.ReliableWhereRequired
	if cfg.Strict {
		reliable = sip.ReliableAlways
	}
	var err error
	r.app, err = app.New(app.Config{
		Account: sip.Config{
			AOR: "sip:" + cfg.Name + "@" + domain, Password: account.Password, Display: strings.ToUpper(cfg.Name[:1]) + cfg.Name[1:],
			Server: domain + ":5060", UserAgent: "sleeptalk robot", Reliable: reliable, SessionTimer: cfg.Timer, MaxCalls: maxRobotCalls, Inside: true,
			AcceptAny: true, // the audio of a phone behind a NAT comes from another address than it says
		},
		Strategy:     app.NoStrategy,
		Auto:         cfg.Behaviour,
		Sound:        app.Sound{Mic: r.says(mic)},
		Answers:      codec.Here(),
		AnswersNoise: true,
		SRTP:         rs.srtp,
		Keys:         rs.keys,
		DTLS:         rs.dtls,
		KeyLog:       rs.keyLog,
		ICE:          app.ICELite, // its address can be reached by whoever can reach the server
		Samples:      samples,
		Rand:         rand.New(rand.NewPCG(rs.loop.Rand.Uint64(), rs.loop.Rand.Uint64())),
	})
	if err != nil {
		return fmt.Errorf("robot %s: %w", cfg.Name, err)
	}
	rs.all = append(rs.all, r)
	return nil
}

// host is the address of the robots' sockets.
func (rs *robots) host() netip.Addr {
	if rs.at.IsValid() {
		return rs.at
	}
	return rs.sip.Local().Addr()
}

// launch starts their programs.
func (rs *robots) launch() {
	rs.launched = true
	for _, r := range rs.all {
		r.carryOut(r.app.Receive(rs.loop.Now(), system.Launched{}))
	}
}

func (rs *robots) deadline() (at time.Time) {
	for _, r := range rs.all {
		at = system.Earliest(at, r.app.Deadline())
	}
	return at
}

func (rs *robots) advance() {
	for _, r := range rs.all {
		if system.Due(r.app.Deadline(), rs.loop.Now()) {
			r.carryOut(r.app.Advance(rs.loop.Now()))
		}
	}
}

// receive hands the robot whose socket it is a signal of the system, and reports
// whether there is one.
func (rs *robots) receive(sig system.Signal) bool {
	switch sig := sig.(type) {
	case system.Bound:
		at, ok := rs.media[sig.Socket]
		sig.Socket = at.socket
		return ok && at.robot.signal(sig)
	case system.Received:
		at, ok := rs.media[sig.Socket]
		sig.Socket = at.socket
		return ok && (rs.faults.Deaf || at.robot.signal(sig))
	case system.Failed:
		at, ok := rs.forget(sig.Socket)
		sig.Socket = at.socket
		return ok && at.robot.signal(sig)
	case system.Closed:
		at, ok := rs.forget(sig.Socket)
		sig.Socket = at.socket
		return ok && at.robot.signal(sig)
	}
	return false
}

// forget drops a media socket.
func (rs *robots) forget(s system.Socket) (at robotSocket, ok bool) {
	at, ok = rs.media[s]
	if ok {
		delete(at.robot.media, at.socket)
		delete(rs.media, s)
	}
	return at, ok
}

func (rs *robots) named(name string) *robot {
	for _, r := range rs.all {
		if r.name == name {
			return r
		}
	}
	return nil
}

func (rs *robots) names() (names []string) {
	for _, r := range rs.all {
		names = append(names, r.name)
	}
	return names
}

// A robot is a running one: the softphone program on a system that never sleeps,
// and has no sound card and no screen.
type robot struct {
	host   *robots
	name   string
	app    *app.App
	stream *stream                         // to the server
	media  map[system.Socket]system.Socket // the lab's sockets, by the robot's own numbers
}

// carryOut does what the robot's program asks of its system.
func (r *robot) carryOut(effects []system.Effect) {
	for _, c := range effects {
		r.call(c)
	}
}

func (r *robot) call(c system.Effect) {
	l := r.host.loop
	switch c := c.(type) {
	case system.Log:
		l.Ask(system.Log{Phone: cmp.Or(c.Phone, r.name), Event: c.Event})
	case system.Connect:
		l.Then(func() { r.connect(c.Socket) })
	case system.Bind:
		r.bind(c)
	case system.Send:
		r.send(c)
	case system.Close:
		r.close(c)
	default:
		// The rest is for a mobile system: a robot has no notifications
		// to show, and never asks for a sound card.
	}
}

// signal gives the robot a signal after what is in hand. It reports true.
func (r *robot) signal(s system.Signal) bool {
	l := r.host.loop
	l.Then(func() { r.carryOut(r.app.Receive(l.Now(), s)) })
	return true
}

// bind opens sockets for the audio of a call, where the lab listens.
func (r *robot) bind(c system.Bind) {
	l := r.host.loop
	rtp, rtcp := l.Socket(), l.Socket()
	r.media[c.RTP], r.media[c.RTCP] = rtp, rtcp
	r.host.media[rtp], r.host.media[rtcp] = robotSocket{r, c.RTP}, robotSocket{r, c.RTCP}
	l.Ask(system.Bind{RTP: rtp, RTCP: rtcp, Addr: r.host.sip.Local().Addr()})
}

func (r *robot) send(c system.Send) {
	l := r.host.loop
	if s, ok := r.media[c.Socket]; ok {
		if !r.host.faults.Mute {
			l.Ask(system.Send{Socket: s, To: c.To, Data: c.Data})
		}
		return
	}
	if to := r.stream; to != nil && c.Socket == to.socket {
		l.Then(func() { to.inside.Send(c.Data) })
	}
}

func (r *robot) close(c system.Close) {
	l := r.host.loop
	if s, ok := r.media[c.Socket]; ok {
		r.host.forget(s)
		l.Ask(system.Close{Socket: s})
		return
	}
	if to := r.stream; to != nil && c.Socket == to.socket {
		r.stream = nil
		l.Then(to.inside.Close)
	}
}

// says is what a robot speaks: what it was given, or what the lab makes of it.
func (r *robot) says(open pcm.Opener) pcm.Opener {
	return func(rate int) pcm.Source {
		if r.host.faults.WrongTone {
			return pcm.Tone(rate, wrongHz, robotLevel)
		}
		return open(rate)
	}
}
