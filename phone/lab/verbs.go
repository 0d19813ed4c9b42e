package lab

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sleeptalk/phone/system"
)

var errReset = errors.New("connection reset by peer")

// A Verb is one thing that a lab can be asked to do.
type Verb struct {
	Form string // as it is written, with the names in capitals
	Help string
}

// Verbs are what [Lab.Do] understands.
func Verbs() []Verb {
	return []Verb{
		{"ROBOT calls USER", "a robot calls a user of the lab"},
		{"ROBOT hangs up", "a robot ends its call"},
		{"ping USER", "a CRLF ping on each of the user's connections"},
		{"close USER", "close them, with FIN"},
		{"reset USER", "close them, with RST"},
		{"stall USER", "accept bytes on them and answer nothing"},
		{"unstall USER", "work off what has piled up, and go on"},
	}
}

// onUser is the verbs whose object is a user's connections.
var onUser = map[string]func(*conn){
	"ping":    (*conn).ping,
	"close":   func(c *conn) { c.close(false, "on request") },
	"reset":   func(c *conn) { c.close(true, "on request") },
	"stall":   func(c *conn) { c.stall(true) },
	"unstall": func(c *conn) { c.stall(false) },
}

// verbWords are the words that a line can begin with, or have second.
var verbWords = []string{"ping", "close", "reset", "stall", "unstall"}

// Do carries out one line: see [Verbs]. An error says what was not understood
// and names the nearest word; nothing has been done then.
func (l *Lab) Do(now time.Time, line string) (calls []system.Call, err error) {
	words := strings.Fields(line)
	if len(words) < 2 {
		return nil, fmt.Errorf("%q is not a request to the lab; there are: %s", line, forms())
	}
	if do := onUser[words[0]]; do != nil {
		conns, err := l.connsOf(words)
		if err != nil {
			return nil, err
		}
		return l.step(now, func() {
			for _, c := range conns {
				do(c)
			}
		}), nil
	}
	r := l.robot(words[0])
	if r == nil {
		return nil, l.unknown(words)
	}
	return l.robotDo(now, r, words[1:])
}

func forms() string {
	var all []string
	for _, v := range Verbs() {
		all = append(all, v.Form)
	}
	return strings.Join(all, ", ")
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

// unknown says what is wrong with the first word.
func (l *Lab) unknown(words []string) error {
	if words[1] == "calls" || words[1] == "hangs" {
		return fmt.Errorf("no robot %q%s", words[0], hint(words[0], l.robotNames()))
	}
	return fmt.Errorf("the lab cannot %q%s", words[0], hint(words[0], append(l.robotNames(), verbWords...)))
}

// robotDo is a line about a robot.
func (l *Lab) robotDo(now time.Time, r *robot, words []string) (calls []system.Call, err error) {
	l.now = now
	switch {
	case words[0] == "calls" && len(words) == 2:
		if !strings.ContainsAny(words[1], "@:") && l.users[words[1]] == nil {
			return nil, fmt.Errorf("no user %q%s", words[1], hint(words[1], l.userNames()))
		}
		calls, err = r.app.Call(now, words[1])
	case words[0] == "hangs" && len(words) == 2 && words[1] == "up":
		calls, err = r.app.Hangup(now)
	default:
		return nil, fmt.Errorf("%s cannot %q; a robot \"calls USER\" or \"hangs up\"", r.name, strings.Join(words, " "))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	return l.step(now, func() { r.carryOut(calls) }), nil
}

// connsOf finds the connections over which a user is registered.
func (l *Lab) connsOf(words []string) ([]*conn, error) {
	if len(words) != 2 {
		return nil, fmt.Errorf("%q: it is \"%s USER\"", strings.Join(words, " "), words[0])
	}
	u := l.users[words[1]]
	if u == nil {
		return nil, fmt.Errorf("no user %q%s", words[1], hint(words[1], l.userNames()))
	}
	var conns []*conn
	for _, b := range u.bindings {
		if !slices.Contains(conns, b.conn) {
			conns = append(conns, b.conn)
		}
	}
	if len(conns) == 0 {
		return nil, fmt.Errorf("%s %s: not registered", words[0], u.name)
	}
	return conns, nil
}
