package lab

import (
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// Do carries out one line, such as "ping alice" or "bob: call alice": see
// [verb.Specs]. An error says what was not understood and names the nearest
// word; nothing has been done then.
func (l *Lab) Do(now time.Time, line string) (effects []system.Effect, err error) {
	cast := verb.Cast{Default: verb.LabName, Robots: l.Robots(), Lab: true}
	told, err := cast.Parse(line)
	if err != nil {
		return nil, err
	}
	return l.Tell(now, told)
}

// Tell is [Lab.Do] with a line that has been read.
func (l *Lab) Tell(now time.Time, told verb.Line) (effects []system.Effect, err error) {
	effects = l.loop.Step(now, func() { err = l.tell(told) })
	if err != nil {
		return nil, err
	}
	return effects, nil
}

func (l *Lab) tell(told verb.Line) error {
	if told.Robot {
		return l.robotDo(told)
	}
	if do := onConnection[told.Name()]; do != nil {
		all, err := l.connectionsOf(told.Name(), told.Args...)
		for _, c := range all {
			do(c)
		}
		return err
	}
	do := onLab[told.Name()]
	if do == nil {
		return fmt.Errorf("%s: not here", told.Name())
	}
	if err := do(l, told); err != nil {
		first, _, _ := strings.Cut(told.Name(), " ")
		return fmt.Errorf("%s: %w", first, err)
	}
	return nil
}

// robotDo is a line about a robot.
func (l *Lab) robotDo(told verb.Line) error {
	r := l.robots.named(told.Actor)
	if r == nil {
		return fmt.Errorf("no robot %q%s", told.Actor, hint(told.Actor, l.robots.names()))
	}
	do := onRobot[told.Name()]
	if do == nil {
		return fmt.Errorf("%s: %s: a robot cannot do that", r.name, told.Name())
	}
	return do(l, r, told)
}

// known is the error of a user that there is not.
func (l *Lab) known(user string) error {
	if l.sip.Known(user) {
		return nil
	}
	return fmt.Errorf("no user %q%s", user, hint(user, l.sip.Users()))
}

// onConnection is the verbs whose object is a user's connections.
var onConnection = map[string]func(server.Connection){
	"ping":    server.Connection.Ping,
	"close":   func(c server.Connection) { c.Close(false, "on request") },
	"reset":   func(c server.Connection) { c.Close(true, "on request") },
	"stall":   func(c server.Connection) { c.Stall(true) },
	"unstall": func(c server.Connection) { c.Stall(false) },
}

// connectionsOf finds a user's connections, of whatever protocol, or those of one flow
// that is named behind the user.
func (l *Lab) connectionsOf(verb string, args ...string) ([]server.Connection, error) {
	user, flow := args[0], ""
	if len(args) > 1 {
		flow = strings.TrimPrefix(args[1], "flow")
	}
	if err := l.known(user); err != nil {
		return nil, err
	}
	all := l.sip.ConnectionsOf(user, flow)
	if flow == "" {
		for _, t := range l.gateway.guestsOf(user) {
			all = append(all, t)
		}
	}
	switch {
	case len(all) > 0:
	case flow != "":
		return nil, fmt.Errorf("%s %s: there is no connection of flow%s", verb, user, flow)
	case len(l.sip.Bindings(user)) == 0:
		return nil, fmt.Errorf("%s %s: not registered", verb, user)
	default:
		return nil, fmt.Errorf("%s %s: asleep, without a connection", verb, user)
	}
	return all, nil
}
