package lab

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

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
		{"ROBOT holds", "a robot puts its call on hold, by a re-INVITE"},
		{"ROBOT resumes", "a robot takes it back"},
		{"ROBOT texts USER TEXT", "a robot sends a text to a user who is online at a server of another protocol than SIP"},
		{"ping USER", "a CRLF ping on each of the user's connections"},
		{"close USER", "close them, with FIN"},
		{"reset USER", "close them, with RST"},
		{"stall USER", "accept bytes on them and answer nothing"},
		{"unstall USER", "work off what has piled up, and go on"},
		{"ask USER METHOD", "a request of the lab's own to the user's phones, such as OPTIONS"},
		{"wake USER", "a wake line on the user's wake sockets"},
		{"ROBOT speaks tone HZ", "a robot speaks a tone, in the calls that are up too"},
		{"ROBOT speaks speech", "it speaks the sample en-hello, as it does if nothing is said"},
		{"ROBOT speaks silence", "it sends silence"},
		{"push USER", "push to the user's phones, as if for a call"},
		{"push USER PRIORITY", "the same, high or normal"},
		{"password USER WORD", "change a user's password"},
		{"expire nonces", "let all digest nonces so far be stale"},
		{"stop", "go away: close all connections and the port, forget who was there"},
		{"start", "come back after a stop"},
		{"misbehave NAME", "break a rule from now on: see Misbehaviours"},
		{"behave", "break none any more"},
	}
}

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

// robotForm stands in a form for a robot's name.
const robotForm = "ROBOT"

// verbWords are the words that a line can begin with, but for names.
func verbWords() (all []string) {
	for _, v := range Verbs() {
		if first, _, _ := strings.Cut(v.Form, " "); first != robotForm && !slices.Contains(all, first) {
			all = append(all, first)
		}
	}
	return all
}

// Do carries out one line: see [Verbs]. An error says what was not understood
// and names the nearest word; nothing has been done then.
func (l *Lab) Do(now time.Time, line string) (calls []system.Call, err error) {
	words := strings.Fields(line)
	if len(words) > 0 && onLab[words[0]] != nil {
		return l.onItself(now, words)
	}
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
	if slices.Contains([]string{"calls", "hangs", "holds", "resumes", "texts", "speaks"}, words[1]) {
		return fmt.Errorf("no robot %q%s", words[0], hint(words[0], l.robotNames()))
	}
	return fmt.Errorf("the lab cannot %q%s", words[0], hint(words[0], append(l.robotNames(), verbWords()...)))
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
	case words[0] == "texts" && len(words) > 2:
		calls = l.step(now, func() { err = l.robotTexts(r, words[1], strings.Join(words[2:], " ")) })
		return calls, err
	case words[0] == "hangs" && len(words) == 2 && words[1] == "up":
		calls, err = r.app.Hangup(now)
	case words[0] == "holds" && len(words) == 1, words[0] == "resumes" && len(words) == 1:
		calls, err = r.app.Hold(now, words[0] == "holds")
	case words[0] == "speaks":
		err = r.speak(words[1:])
	default:
		return nil, fmt.Errorf("%s cannot %q; a robot \"calls USER\", \"hangs up\", \"holds\", \"resumes\", \"texts USER TEXT\" or \"speaks SOUND\"", r.name, strings.Join(words, " "))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	return l.step(now, func() { r.carryOut(calls) }), nil
}

// connsOf finds the connections over which a user is registered.
func (l *Lab) connsOf(words []string) ([]line, error) {
	if len(words) != 2 {
		return nil, fmt.Errorf("%q: it is \"%s USER\"", strings.Join(words, " "), words[0])
	}
	u := l.users[words[1]]
	if u == nil {
		return nil, fmt.Errorf("no user %q%s", words[1], hint(words[1], l.userNames()))
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
		return nil, fmt.Errorf("%s %s: not registered", words[0], u.name)
	default:
		return nil, fmt.Errorf("%s %s: asleep, without a connection", words[0], u.name)
	}
	return conns, nil
}

// onLab is the verbs about the lab itself.
var onLab = map[string]func(l *Lab, args []string) error{
	"stop":      noWords((*Lab).stop),
	"start":     noWords((*Lab).listen),
	"behave":    noWords((*Lab).behave),
	"misbehave": oneWord((*Lab).Misbehave),
	"password":  (*Lab).changePassword,
	"wake":      oneWord((*Lab).wakeByHand),
	"push":      (*Lab).pushByHand,
	"ask":       (*Lab).askPhones,
	"expire":    oneWord((*Lab).expire),
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

func (l *Lab) onItself(now time.Time, words []string) (calls []system.Call, err error) {
	calls = l.step(now, func() { err = onLab[words[0]](l, words[1:]) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", words[0], err)
	}
	return calls, nil
}

// changePassword lets a user in with another password from now on. Whoever is
// registered stays so.
func (l *Lab) changePassword(args []string) error {
	if len(args) != 2 {
		return errors.New("it is \"password USER WORD\"")
	}
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
func (r *robot) speak(words []string) error {
	open, err := r.lab.soundOf(words)
	if err != nil {
		return err
	}
	r.app.Speak(r.says(open))
	return nil
}

func (l *Lab) soundOf(words []string) (func() pcm.Source, error) {
	switch {
	case len(words) == 1 && words[0] == "silence":
		return pcm.Silence, nil
	case len(words) == 1 && words[0] == "speech":
		speech, err := hello()
		return func() pcm.Source { return pcm.NewSample(speech.samples, true) }, err
	case len(words) == 2 && words[0] == "tone":
		hz, err := strconv.ParseFloat(words[1], 64)
		if err == nil && hz > 0 && hz < pcm.Rate/2 {
			return func() pcm.Source { return pcm.Tone(hz, robotLevel) }, nil
		}
	}
	return nil, fmt.Errorf("%q is no sound; there are: tone HZ, speech, silence", strings.Join(words, " "))
}
