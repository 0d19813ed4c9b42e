package lab

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Robot is a phone inside the lab that needs nobody.
type Robot struct {
	Name string
	// Behaviour is what it does with a call: answer, echo, busy or ring.
	Behaviour app.Behaviour
	// Mic opens what it speaks; nil is the speech sample "en-hello", again
	// and again.
	Mic func() pcm.Source
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

// robotLevel is how loud a robot's tone is, in dBFS.
const robotLevel = -10

// A robot is a running one: the softphone program, and the system that the
// lab is to it. It never sleeps, has no sound card and no screen.
type robot struct {
	lab  *Lab
	name string
	app  *app.App

	conn    *conn         // its stream to the lab
	control system.Socket // the robot's own number of it
	media   map[system.Socket]system.Socket
}

// robotSocket is a robot's own number of one of the lab's sockets.
type robotSocket struct {
	robot  *robot
	socket system.Socket
}

func (l *Lab) addRobots() error {
	if len(l.cfg.Robots) == 0 {
		return nil
	}
	speech, err := hello()
	if err != nil {
		return err
	}
	for _, r := range l.cfg.Robots {
		if err := l.addRobot(r, speech); err != nil {
			return err
		}
	}
	return nil
}

// addRobot gives a robot an account and a program.
func (l *Lab) addRobot(cfg Robot, speech speech) error {
	account := Account{User: cfg.Name, Password: l.token(24)}
	if err := l.addUser(account); err != nil {
		return err
	}
	mic := cfg.Mic
	if mic == nil {
		mic = func() pcm.Source { return pcm.NewSample(speech.samples, true) }
	}
	r := &robot{lab: l, name: cfg.Name, media: map[system.Socket]system.Socket{}}
	var samples []*pcm.Reference
	if cfg.Behaviour == app.Accept { // this one listens
		samples = append(samples, speech.reference)
	}
	var err error
	r.app, err = app.New(app.Config{
		Account: sip.Config{
			AOR: "sip:" + cfg.Name + "@" + l.cfg.Domain, Password: account.Password, Display: strings.ToUpper(cfg.Name[:1]) + cfg.Name[1:],
			Server: l.cfg.Domain + ":5060", UserAgent: "sleeptalk robot", MaxCalls: maxRobotCalls,
		},
		Strategy: app.NoStrategy,
		Auto:     cfg.Behaviour,
		Sound:    app.Sound{Mic: r.says(mic)},
		Samples:  samples,
		Rand:     rand.New(rand.NewPCG(l.cfg.Rand.Uint64(), l.cfg.Rand.Uint64())),
	})
	if err != nil {
		return fmt.Errorf("lab: robot %s: %w", cfg.Name, err)
	}
	l.robots = append(l.robots, r)
	return nil
}

// maxRobotCalls is how many callers one robot serves at a time: a load
// generator's burst.
const maxRobotCalls = 250

// robotHost is the address of the robots' sockets.
func (l *Lab) robotHost() netip.Addr {
	if l.cfg.Host.IsValid() {
		return l.cfg.Host
	}
	return l.local.Addr()
}

// carryOut does what the robot's program asks of its system.
func (r *robot) carryOut(calls []system.Call) {
	for _, c := range calls {
		r.call(c)
	}
}

func (r *robot) call(c system.Call) {
	l := r.lab
	switch c := c.(type) {
	case system.Log:
		l.ask(system.Log{Phone: orDefault(c.Phone, r.name), Event: c.Event})
	case system.Connect:
		l.then(func() { r.connect(c.Socket) })
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

// signal gives the robot a signal after what is in hand.
func (r *robot) signal(s system.Signal) {
	r.lab.then(func() { r.carryOut(r.app.Receive(r.lab.now, s)) })
}

// connect opens the robot's stream to the lab.
func (r *robot) connect(s system.Socket) {
	l := r.lab
	l.internal++
	c := &conn{
		id: firstInternal + l.internal, robot: r, transport: sip.TCP,
		local:  netip.AddrPortFrom(l.robotHost(), l.local.Port()),
		remote: netip.AddrPortFrom(l.robotHost(), robotPort),
	}
	r.conn, r.control = c, s
	l.addConn(c)
	r.signal(system.Connected{Socket: s, Local: c.remote, Remote: c.local})
}

const (
	// firstInternal begins the numbers of the robots' streams, halfway
	// between the lab's own sockets and the accepted ones.
	firstInternal system.Socket = 1 << 31
	// robotPort is what a robot's Contact says: a port on which nothing
	// listens, the discard service's, as it is only reached inside the lab.
	robotPort = 9
)

// bind opens sockets for the audio of a call.
func (r *robot) bind(c system.Bind) {
	l := r.lab
	rtp, rtcp := l.nextSocket(), l.nextSocket()
	r.media[c.RTP], r.media[c.RTCP] = rtp, rtcp
	l.media[rtp], l.media[rtcp] = robotSocket{r, c.RTP}, robotSocket{r, c.RTCP}
	l.ask(system.Bind{RTP: rtp, RTCP: rtcp, Addr: c.Addr})
}

func (r *robot) send(c system.Send) {
	l := r.lab
	if s, ok := r.media[c.Socket]; ok {
		if r.losesSent() {
			return
		}
		l.ask(system.Send{Socket: s, To: c.To, Data: c.Data})
		return
	}
	if to := r.conn; to != nil && c.Socket == r.control {
		l.then(func() {
			if !to.closed {
				to.receive(c.Data)
			}
		})
	}
}

func (r *robot) close(c system.Close) {
	l := r.lab
	if s, ok := r.media[c.Socket]; ok {
		delete(r.media, c.Socket)
		delete(l.media, s)
		l.ask(system.Close{Socket: s})
		return
	}
	if to := r.conn; to != nil && c.Socket == r.control {
		r.conn = nil
		l.then(func() { to.gone(nil) })
	}
}

// fromLab is data that the lab writes to the robot's stream.
func (r *robot) fromLab(c *conn, data []byte) {
	if r.conn == c {
		r.signal(system.Received{Socket: r.control, From: c.local, Data: data})
	}
}

// hungUp is the lab closing the robot's stream.
func (r *robot) hungUp(c *conn, reset bool) {
	if r.conn != c {
		return
	}
	r.conn = nil
	var err error
	if reset {
		err = system.Reset
	}
	r.signal(system.Closed{Socket: r.control, Err: err})
}

// mediaSignal hands the robot whose socket it is a signal of the system.
func (l *Lab) mediaSignal(s system.Socket, sig system.Signal) {
	at, ok := l.media[s]
	if !ok {
		return
	}
	switch sig := sig.(type) {
	case system.Bound:
		sig.Socket = at.socket
		at.robot.signal(sig)
	case system.Received:
		if at.robot.losesReceived() {
			return
		}
		sig.Socket = at.socket
		at.robot.signal(sig)
	case system.Failed:
		at.robot.forgetMedia(s)
		sig.Socket = at.socket
		at.robot.signal(sig)
	case system.Closed:
		at.robot.forgetMedia(s)
		sig.Socket = at.socket
		at.robot.signal(sig)
	}
}

func (r *robot) forgetMedia(s system.Socket) {
	delete(r.media, r.lab.media[s].socket)
	delete(r.lab.media, s)
}
