package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// A line is a user's connection, of whatever protocol.
type line interface {
	ping()
	close(reset bool, why string)
	stall(on bool)
}

// onUser is the verbs whose object is a user's connections.
var onUser = map[string]func(line){
	"ping":    line.ping,
	"close":   func(c line) { c.close(false, "on request") },
	"reset":   func(c line) { c.close(true, "on request") },
	"stall":   func(c line) { c.stall(true) },
	"unstall": func(c line) { c.stall(false) },
}

// Do carries out one line, such as "ping alice" or "bob: call alice": see
// [verb.Specs]. An error says what was not understood and names the nearest
// word; nothing has been done then.
func (l *Lab) Do(now time.Time, line string) (calls []system.Call, err error) {
	cast := verb.Cast{Default: verb.LabName, Robots: l.robotNames(), Lab: true}
	told, err := cast.Parse(line)
	if err != nil {
		return nil, err
	}
	return l.Tell(now, told)
}

// Tell is [Lab.Do] with a line that has been read.
func (l *Lab) Tell(now time.Time, told verb.Line) (calls []system.Call, err error) {
	if told.Robot {
		return l.robotDo(now, told)
	}
	if do := onUser[told.Name()]; do != nil {
		conns, err := l.connsOf(told.Name(), told.Arg())
		if err != nil {
			return nil, err
		}
		return l.step(now, func() {
			for _, c := range conns {
				do(c)
			}
		}), nil
	}
	do := onLab[told.Name()]
	if do == nil {
		return nil, fmt.Errorf("%s: not here", told.Name())
	}
	calls = l.step(now, func() { err = do(l, told.Args) })
	if err != nil {
		first, _, _ := strings.Cut(told.Name(), " ")
		return nil, fmt.Errorf("%s: %w", first, err)
	}
	return calls, nil
}

func (l *Lab) robot(name string) *robot {
	for _, r := range l.robots {
		if r.name == name {
			return r
		}
	}
	return nil
}

func (l *Lab) robotNames() []string {
	var names []string
	for _, r := range l.robots {
		names = append(names, r.name)
	}
	return names
}

// robotDo is a line about a robot.
func (l *Lab) robotDo(now time.Time, told verb.Line) (calls []system.Call, err error) {
	l.now = now
	r := l.robot(told.Actor)
	if r == nil {
		return nil, fmt.Errorf("no robot %q%s", told.Actor, hint(told.Actor, l.robotNames()))
	}
	switch told.Name() {
	case "call":
		who := told.Arg()
		if !strings.ContainsAny(who, "@:") && l.users[who] == nil {
			return nil, fmt.Errorf("no user %q%s", who, hint(who, l.userNames()))
		}
		calls, err = r.app.Call(now, who)
	case "text":
		calls = l.step(now, func() { err = l.robotTexts(r, told.Args[0], told.Args[1]) })
		return calls, err
	case "hang up":
		calls, err = r.app.Hangup(now)
	case "hold", "resume":
		calls, err = r.app.Hold(now, told.Name() == "hold")
	case "speak":
		err = r.speak(told.Sound)
	default:
		err = fmt.Errorf("%s: a robot cannot do that", told.Name())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	return l.step(now, func() { r.carryOut(calls) }), nil
}

// connsOf finds the connections over which a user is registered.
func (l *Lab) connsOf(verb, name string) ([]line, error) {
	u := l.users[name]
	if u == nil {
		return nil, fmt.Errorf("no user %q%s", name, hint(name, l.userNames()))
	}
	var conns []line
	for _, b := range u.bindings {
		if !b.conn.closed && !slices.Contains(conns, line(b.conn)) {
			conns = append(conns, b.conn)
		}
	}
	_, guests := l.guestsOf(u.name)
	for _, g := range guests {
		conns = append(conns, g)
	}
	switch {
	case len(conns) > 0:
	case len(u.bindings) == 0:
		return nil, fmt.Errorf("%s %s: not registered", verb, u.name)
	default:
		return nil, fmt.Errorf("%s %s: asleep, without a connection", verb, u.name)
	}
	return conns, nil
}

// onLab is the verbs about the lab itself.
var onLab = map[string]func(l *Lab, args []string) error{
	"stop":          noWords((*Lab).stop),
	"start":         noWords((*Lab).listen),
	"behave":        noWords((*Lab).behave),
	"misbehave":     oneWord((*Lab).Misbehave),
	"password":      (*Lab).changePassword,
	"wake":          oneWord((*Lab).wakeByHand),
	"push":          (*Lab).pushByHand,
	"ask":           (*Lab).askPhones,
	"expire nonces": noWords((*Lab).expire),
}

func noWords(f func(*Lab)) func(*Lab, []string) error {
	return func(l *Lab, args []string) error {
		if len(args) > 0 {
			return fmt.Errorf("unexpected %q", args[0])
		}
		f(l)
		return nil
	}
}

func oneWord(f func(*Lab, string) error) func(*Lab, []string) error {
	return func(l *Lab, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("wants one word, has %d", len(args))
		}
		return f(l, args[0])
	}
}

// changePassword lets a user in with another password from now on. Whoever is
// registered stays so.
func (l *Lab) changePassword(args []string) error {
	u := l.users[args[0]]
	if u == nil {
		return fmt.Errorf("no user %q%s", args[0], hint(args[0], l.userNames()))
	}
	u.password = args[1]
	l.note("password changed", "", u.name)
	return nil
}

// stop is a server that goes away: its port is closed and so are its
// connections, with all that hung on them. The robots stay.
func (l *Lab) stop() {
	if l.listener == 0 {
		return
	}
	l.ask(system.Close{Socket: l.listener}, system.Close{Socket: l.udp})
	l.listener, l.udp = 0, 0
	l.takeBells()
	l.shutDoors()
	l.note("stopped", l.local.String(), "")
	var open []*conn
	for _, c := range l.conns {
		if c.robot == nil {
			open = append(open, c)
		}
	}
	slices.SortFunc(open, func(a, b *conn) int { return cmp.Compare(b.id, a.id) }) // oldest first
	for _, c := range open {
		c.close(false, "the server stops")
	}
	for _, u := range l.users {
		u.forgetSleepers()
	}
}

// listen opens the port, the same as before if there was one.
func (l *Lab) listen() {
	if l.listener != 0 {
		return
	}
	addr := l.cfg.Addr
	if l.local.IsValid() {
		addr = l.local.String()
	}
	l.listener = l.nextSocket()
	l.ask(system.Listen{Socket: l.listener, Addr: addr})
}

// robotTexts sends a text as from a robot.
func (l *Lab) robotTexts(r *robot, user, what string) error {
	if l.users[user] == nil {
		return fmt.Errorf("no user %q%s", user, hint(user, l.userNames()))
	}
	d, _ := l.guestsOf(user)
	if d == nil {
		return fmt.Errorf("%s: %s is at no server that carries texts", r.name, user)
	}
	l.text(d, user, control.Texted{From: "sip:" + r.name + "@" + l.cfg.Domain, Text: what})
	return nil
}

// speak changes what a robot says, in the calls that are up too.
func (r *robot) speak(s verb.Sound) error {
	open, err := soundOf(s)
	if err != nil {
		return err
	}
	r.app.Speak(r.says(open))
	return nil
}

// soundOf opens a sound that the grammar lets a robot speak.
func soundOf(s verb.Sound) (func() pcm.Source, error) {
	switch s.What {
	case "silence":
		return pcm.Silence, nil
	case "tone":
		return func() pcm.Source { return pcm.Tone(s.Hz, robotLevel) }, nil
	}
	speech, err := hello()
	return func() pcm.Source { return pcm.NewSample(speech.samples, true) }, err
}
