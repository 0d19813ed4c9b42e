package verb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A Cast is who there is to be told something, where a line is written: the
// phones of a file, or of a prompt, and a lab with its robots.
type Cast struct {
	Default string // who is told where a line names nobody
	Phones  []string
	Robots  []string // of the lab
	Lab     bool
	// Users are all that the lab knows; nil: the lab will say.
	Users []string
	// Accounts are those of each phone that has several.
	Accounts map[string][]string
	// Closed: nobody else can be called by a bare name.
	Closed bool
	// Missing is what to do where somebody is not there.
	Missing string // NAME in it is the name
}

// Of is the cast of one who is told everything.
func Of(name string, who Who) Cast {
	c := Cast{Default: name}
	switch who {
	case Phone:
		c.Phones = []string{name}
	case Robot:
		c.Robots = []string{name}
	case Lab:
		c.Lab = true
	}
	return c
}

// Names lists all who can be told something.
func (c *Cast) Names() []string {
	list := slices.Concat(c.Phones, c.Robots)
	if c.Lab {
		list = append(list, LabName)
	}
	return list
}

// who is what somebody is; 0: nobody.
func (c *Cast) who(name string) Who {
	switch {
	case slices.Contains(c.Phones, name):
		return Phone
	case slices.Contains(c.Robots, name):
		return Robot
	case c.Lab && name == LabName:
		return Lab
	}
	return 0
}

// Parse reads a line, such as "bob: call alice", "bob calls alice" or, as the
// default's, "hang up".
func (c *Cast) Parse(line string) (Line, error) {
	l, err := c.Read(strings.Fields(line))
	if err != nil {
		return Line{}, err
	}
	return l, nil
}

// ParsePhone reads a line that is for one phone, such as "hang up".
func ParsePhone(line string) (Line, error) {
	c := Of("phone", Phone)
	return c.Parse(line)
}

// Read reads the words of a line.
func (c *Cast) Read(line []string) (Line, *Error) {
	actor, verb, n, err := c.Actor(line)
	if err != nil {
		return Line{}, err
	}
	if len(verb) == 0 {
		return Line{}, &Error{Word: n, Message: "no command"}
	}
	l, err := c.Order(actor, verb)
	return l, err.shift(n)
}

// Actor takes off a line whom it is for, and gives the rest as an order: of
// "bob calls alice" that is "call alice", and of "lab: bob calls alice", too. n
// is how many words it has taken.
func (c *Cast) Actor(line []string) (actor string, rest []string, n int, err *Error) {
	if len(line) == 0 {
		return c.Default, line, 0, nil
	}
	name, named := strings.CutSuffix(line[0], ":")
	if named {
		if c.who(name) == 0 {
			return "", nil, 0, c.nobody(name)
		}
		if actor, rest, ok := c.sentence(line[1:]); ok && name == LabName {
			return actor, rest, 2, nil
		}
		return name, line[1:], 1, nil
	}
	actor, rest, ok := c.sentence(line)
	switch {
	case !ok:
		return c.Default, line, 0, nil
	case c.who(actor) == 0:
		return "", nil, 0, c.nobody(actor)
	}
	return actor, rest, 1, nil
}

// sentence reads "bob calls alice" as bob's order "call alice".
func (c *Cast) sentence(line []string) (actor string, order []string, ok bool) {
	if len(line) < 2 || c.who(line[0]) == 0 && startsVerb(line[0]) {
		return "", nil, false
	}
	base, ok := saying(line[1])
	return line[0], append([]string{base}, line[2:]...), ok
}

// startsVerb reports whether some verb begins with a word.
func startsVerb(word string) bool {
	return slices.ContainsFunc(specs()[Phone|Robot|Lab], func(s *Spec) bool {
		first, _, _ := strings.Cut(s.Name, " ")
		return strings.EqualFold(first, word)
	})
}

// nobody says that somebody is not there, and who is.
func (c *Cast) nobody(name string) *Error {
	return &Error{
		Message: fmt.Sprintf("nobody here is called %q", name), Meant: words.Nearest(name, c.Names()),
		Kind: "there are", Known: c.Names(), Advice: strings.ReplaceAll(c.Missing, "NAME", name),
	}
}

// Order reads what somebody is to do. A line that names nobody and that only
// the lab can be told is the lab's.
func (c *Cast) Order(actor string, order []string) (Line, *Error) {
	who := c.who(actor)
	spec, n := find(who, order)
	if spec == nil && actor == c.Default && who == Phone && c.Lab {
		if spec, n = find(Lab, order); spec != nil {
			actor, who = LabName, Lab
		}
	}
	if spec == nil {
		if w := c.who(order[0]); w != 0 && len(order) > 1 { // a sentence about somebody
			return Line{}, c.notHis(order[0], w, order[1:]).shift(1)
		}
		return Line{}, c.notHis(actor, who, order)
	}
	account, err := c.account(actor, spec, order, n)
	if err != nil {
		return Line{}, err
	}
	order = account.outOf(order)
	l := Line{Actor: actor, Robot: who == Robot, Spec: spec, Account: account.name, Args: slices.Clone(order[n:])}
	return l, account.place(l.read(&reader{cast: c, words: order, at: n}))
}

// read reads the arguments of the verb.
func (l *Line) read(r *reader) *Error {
	read := l.Spec.read
	if read == nil {
		read = none
	}
	if err := read(r, l); err != nil {
		return err
	}
	if !r.over() {
		return r.wrong(r.at, "unexpected %q", r.words[r.at]).advise("it is: " + l.Spec.Usage())
	}
	return nil
}

// notHis says of a line that is no verb of somebody what would be one, or whose
// verb it is.
func (c *Cast) notHis(actor string, who Who, order []string) *Error {
	e := &Error{Width: len(order), Unknown: true}
	switch who {
	case Robot:
		e.Message = fmt.Sprintf("%s is a robot of the lab, which can %s and expect", actor, strings.Join(robotVerbs(), ", "))
	case Lab:
		e.Message = fmt.Sprintf("the lab cannot %q", strings.Join(order, " "))
		e.Meant = words.Nearest(order[0], append(Names(Lab), c.Names()...))
		e.Kind, e.Known = "it can", Usages(Lab)
		if s, _ := find(Robot, order); s != nil {
			e.Meant, e.Advice = "", "a robot can: bob: "+s.Usage()
		}
	default:
		e.Width = 1
		e.Message, e.Meant = fmt.Sprintf("unknown command %q", order[0]), Nearest(who, order)
		switch s, _ := find(Robot|Lab, order); {
		case s == nil:
		case s.Who&Lab != 0 && c.Lab:
			e.Meant, e.Advice = "", "that is for the lab: lab: "+s.Usage()
		case s.Who&Lab != 0:
			e.Meant, e.Advice = "", "only a lab can do that, and there is none here"
		default:
			e.Meant, e.Advice = "", "only a robot can do that: bob: "+s.Usage()
		}
	}
	return e
}

// robotVerbs are the names of what robots can do.
func robotVerbs() []string {
	var list []string
	for _, s := range specs()[Robot] {
		list = append(list, s.Name)
	}
	return list
}
