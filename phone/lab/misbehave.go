package lab

import (
	"fmt"
	"slices"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// A Misbehaviour is one way in which the lab can be a server that a phone
// ought not to meet: a test that passes all the same proves nothing.
type Misbehaviour struct{ Name, Help string }

// Borne reports whether a phone that is right bears it, so that no scenario of
// such a phone notices: a copy of an INVITE belongs to the call that is there
// (RFC 3261 §17.2.1). It is for the grading of phones that cannot.
func (m Misbehaviour) Borne() bool { return m.Name == repeatInvite }

// The misbehaviours, by what they break.
const (
	forgetBinding   = "forget-binding"
	staleConnection = "stale-connection"
	noInvite        = "no-invite"
	doubleInvite    = "double-invite"
	repeatInvite    = "repeat-invite"
	lateCancel      = "late-cancel"
	noBye           = "no-bye"
	noAudio         = "no-audio"
	oneWayAudio     = "one-way-audio"
	deaf            = "deaf"
	wrongTone       = "wrong-tone"
	noText          = "no-text"
	noPong          = control.NoPong
	latePong        = "late-pong"
	refuseRegister  = "refuse-register"
	closeAtRegister = "close-at-register"
	closeAtPing     = "close-at-ping"
	closeAtInvite   = "close-at-invite"
	closeAtRinging  = "close-at-ringing"
	closeAtAnswer   = "close-at-answer"

	pushNoWait       = "push-no-wait"
	pushUnavailable  = "push-unavailable"
	pushTooEarly     = "push-too-early"
	pushShortWait    = "push-short-wait"
	pushTrustsFlow   = "push-trusts-flow"
	pushStaleFlow    = "push-stale-flow"
	pushLate         = "push-late"
	pushLost         = "push-lost"
	pushOldToken     = "push-old-token"
	pushGhost        = "push-ghost"
	pushCancelAtOnce = "push-cancel-at-once"
	pushNoRefresh    = "push-no-refresh"
	pushNotInCalls   = "push-not-in-calls"
)

// Misbehaviours lists what "misbehave NAME" understands.
func Misbehaviours() []Misbehaviour {
	var list []Misbehaviour
	for _, m := range verb.Misbehaviours() {
		list = append(list, Misbehaviour(m))
	}
	return list
}

const (
	// lateness is how much too late a CANCEL or a push comes: later than
	// anybody lets a phone ring on for nothing, and earlier than timer C.
	lateness = 20 * time.Second
	// pongLateness is how much too late a pong comes: later than a keepalive
	// handler waits, and than a wake window lasts in which the ping was sent 9 s
	// after its beginning. A wake every 15 s is then what kills an app after
	// 225 s.
	pongLateness = 6 * time.Second
	// shortWait is how long an INVITE is held by an edge that is in a hurry:
	// less than most pushes take.
	shortWait = 500 * time.Millisecond
	// wrongHz is a tone that no scenario asks for, and no overtone of one.
	wrongHz = 620
)

// Misbehave makes the lab misbehave from now on, in this way too.
func (l *Lab) Misbehave(name string) error {
	var names []string
	for _, m := range Misbehaviours() {
		names = append(names, m.Name)
	}
	if !slices.Contains(names, name) {
		return fmt.Errorf("no misbehaviour %q%s", name, hint(name, names))
	}
	l.bad[name] = true
	return nil
}

// behave ends all misbehaviour.
func (l *Lab) behave() { clear(l.bad) }

// breaks reports whether the lab breaks that rule now, towards c. Robots are
// the lab's own: they are always served.
func (c *conn) breaks(name string) bool { return c.robot == nil && c.lab.bad[name] }

// pongLater answers a ping when it is too late. Of several pings it answers the
// first.
func (c *conn) pongLater(pong []byte) {
	if c.tardy.index == 0 {
		c.lab.alarms.set(&c.tardy, c.lab.now.Add(pongLateness), func() { c.write(pong) })
	}
}

// closesAt closes the connection if the lab is to do so at that step.
func (c *conn) closesAt(step string) bool {
	if !c.breaks(step) {
		return false
	}
	c.close(false, strings.ReplaceAll(step, "-", " "))
	return true
}

// betray is the place where a request from a phone meets what the lab does
// wrong; it reports whether nothing else is to be done with it.
func (c *conn) betray(req *grammar.Request) bool {
	return req.Method == grammar.REGISTER && c.closesAt(closeAtRegister)
}

// misroute changes the targets of a request as the lab misbehaves.
func (l *Lab) misroute(req *grammar.Request, targets []target) []target {
	if !req.IsInvite() || req.To().Params.Has("tag") {
		return targets
	}
	var out []target
	for _, t := range targets {
		if first := t.conn.firstOfUser(); t.conn.breaks(staleConnection) && first != nil {
			t.conn = first
		}
		out = append(out, t)
		if t.conn.breaks(doubleInvite) {
			out = append(out, t)
		}
	}
	return out
}

// firstOfUser is the first connection that the user of this one registered
// over, open or not.
func (c *conn) firstOfUser() *conn {
	if len(c.bindings) == 0 {
		return nil
	}
	return c.bindings[0].user.first
}

// withholds reports whether a request is not sent to the phone at all, though
// everybody is told that it was.
func (c *conn) withholds(req *grammar.Request) bool {
	switch req.Method {
	case grammar.INVITE:
		return c.breaks(noInvite)
	case grammar.BYE:
		return c.breaks(noBye)
	}
	return false
}

// repay is the place where a phone's response meets what the lab does wrong.
func (c *conn) repay(res *grammar.Response) (closed bool) {
	if res.CSeq() == nil || res.CSeq().MethodName != grammar.INVITE {
		return false
	}
	switch res.StatusCode {
	case 180:
		return c.closesAt(closeAtRinging)
	case 200:
		return c.closesAt(closeAtAnswer)
	}
	return false
}

// delays puts off the CANCEL of a branch, once.
func (b *branch) delays() bool {
	if b.delayed || !b.conn.breaks(lateCancel) {
		return false
	}
	b.delayed = true
	l := b.ctx.lab
	l.alarms.set(&b.alarm, l.now.Add(lateness), b.sendCancel)
	return true
}

// forgets drops what a registration has just bound.
func (l *Lab) forgets(c *conn, u *user) {
	if !c.breaks(forgetBinding) {
		return
	}
	for _, b := range slices.Clone(u.bindings) {
		b.remove()
	}
}

// says is what a robot speaks: what it was given, or what the lab makes of it.
func (r *robot) says(open func() pcm.Source) func() pcm.Source {
	return func() pcm.Source {
		if r.lab.bad[wrongTone] {
			return pcm.Tone(wrongHz, robotLevel)
		}
		return open()
	}
}

// losesSent and losesReceived report whether a packet of a robot's audio is
// lost on its way to the phone, or from it.
func (r *robot) losesSent() bool     { return r.lab.bad[noAudio] || r.lab.bad[oneWayAudio] }
func (r *robot) losesReceived() bool { return r.lab.bad[noAudio] || r.lab.bad[deaf] }
