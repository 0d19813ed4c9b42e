package ui

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A LabHelp is what the screen needs to tell the lab of this process something.
type LabHelp struct {
	User string // of the phone, at it; "": the phones are elsewhere, and one of them is chosen
	// Doors are where it listens, for what; only a lab without a phone says it here.
	Doors []string
	// Misbehaviours are what it can do wrong on request.
	Misbehaviours []VerbHelp
}

// labPanel shows what the server in this process believes, and what its robots do; its letters
// are deeds of theirs. It holds the keys until esc, but for those that answer and end a call.
type labPanel struct {
	help    *LabHelp // nil: nobody here can tell a lab
	history *history
	robot   int // of those that there are
	fault   int // of the misbehaviours
	phone   int // of those that are registered, where none is in the process
	clock   time.Time
	shown   func(string) string // what the name of the phone is shown as; nil: as it is
}

func (p *labPanel) bindings() []binding {
	keys := []binding{
		{id: "lab", group: viewGroup, modes: mainMode | runMode, Binding: bind("lab", "L"), help: "the server and the robots of this process: what they believe, and do", why: p.none, foot: p.tellable, do: opens(labMode)},
	}
	for _, d := range p.deeds() {
		keys = append(keys, binding{
			id: "lab " + d.key, modes: labMode | hostMode, Binding: bind(d.label, d.key), foot: always,
			why: func(s situation) string { return d.whyNot(p.view(s)) }, do: func(s situation) request { return d.do(p.view(s)) },
			name: func(s situation) string { return d.name(p.view(s)) },
		})
	}
	return append(keys,
		binding{id: "lab fault above", group: moveGroup, modes: labMode | hostMode, Binding: bind("choose", "up"), foot: always, do: p.moves(-1), idle: first},
		binding{id: "lab fault below", group: moveGroup, modes: labMode | hostMode, Binding: bind("choose", "down"), foot: always, do: p.moves(+1), idle: last},
		binding{id: "lab faults up", group: moveGroup, modes: labMode | hostMode, Binding: bind("page up", "pgup"), do: p.moves(-10), idle: first},
		binding{id: "lab faults down", group: moveGroup, modes: labMode | hostMode, Binding: bind("page down", "pgdown"), do: p.moves(+10), idle: last},
		binding{id: "robot before", group: moveGroup, modes: labMode | hostMode, Binding: bind("robot", "left"), foot: always, do: p.turns(-1), idle: "there is no robot before"},
		binding{id: "robot after", group: moveGroup, modes: labMode | hostMode, Binding: bind("robot", "right"), foot: always, do: p.turns(+1), idle: "there is no robot after"},
		binding{id: "lab done", group: overlayGroup, modes: labMode, Binding: bind("close", "L", "q", "enter"), do: goesBack},
	)
}

// none is why there is nothing to show.
func (p *labPanel) none(situation) string {
	return when(!p.history.lab.Seen, "no lab is in this process: what another server believes, nobody here knows")
}

// tellable reports whether the lab of a live phone can be told something.
func (p *labPanel) tellable(s situation) bool { return onMain(s) && p.help != nil && len(s.verbs) > 0 }

func (p *labPanel) moves(step int) func(situation) request {
	return func(situation) request {
		p.fault = max(0, min(len(p.faults())-1, p.fault+step))
		return nil
	}
}

func (p *labPanel) turns(step int) func(situation) request {
	return func(situation) request {
		p.robot = max(0, min(len(p.history.lab.Robots)-1, p.robot+step))
		return nil
	}
}

// faults are the misbehaviours that there are; where nobody knows them, those that are on.
func (p *labPanel) faults() []VerbHelp {
	if p.help != nil {
		return p.help.Misbehaviours
	}
	var list []VerbHelp
	for _, name := range p.history.lab.Faults {
		list = append(list, VerbHelp{Name: name})
	}
	return list
}

// view is the panel as it is now.
func (p *labPanel) view(s situation) labView {
	v := labView{situation: s, lab: &p.history.lab, help: p.help, faults: p.faults(), fault: p.fault, commands: p.history.commands.list}
	if n := len(v.lab.Robots); n > 0 {
		v.robot = &v.lab.Robots[min(p.robot, n-1)]
	}
	switch n := len(v.lab.Bounds); {
	case p.help != nil && p.help.User != "":
		if v.user = p.help.User; p.shown != nil {
			v.user = p.shown(v.user)
		}
	case n > 0:
		v.user = v.lab.Bounds[min(p.phone, n-1)].User
	}
	if v.clock = v.wall(); s.base == hostMode {
		v.clock = p.clock
	}
	return v
}

// A deed is what the lab or one of its robots can be told by a key.
type deed struct {
	key, label string
	words      func(v labView) string // the label that fits the moment; nil: it is always the same
	why        func(v labView) string // why it cannot be done now, besides that nobody can be told; nil: it can
	line       func(v labView) []string
}

func (p *labPanel) deeds() []deed {
	one := func(line func(v labView) string) func(labView) []string {
		return func(v labView) []string { return []string{line(v)} }
	}
	return []deed{
		{"c", "calls", func(v labView) string { return v.robotName() + " calls " + v.user }, labView.cannotCall, one(func(v labView) string { return v.robotName() + ": call " + v.user })},
		{"h", "hangs up", func(v labView) string { return v.robotName() + " hangs up" }, labView.noCall, one(func(v labView) string { return v.robotName() + ": hang up" })},
		{"t", "texts", func(v labView) string { return v.robotName() + " texts " + v.user }, labView.cannotCall, one(func(v labView) string { return v.robotName() + ": text " + v.user + " hello" })},
		{"p", "push", func(v labView) string { return "push to " + v.user }, labView.cannotPush, one(func(v labView) string { return "lab: push " + v.user })},
		{"r", "rotate token", nil, labView.noToken, one(func(labView) string { return "token rotate" })},
		{"x", "stop server", labView.stopLabel, nil, one(func(v labView) string { return "lab: " + v.stopVerb() })},
		{"C", "close", func(v labView) string { return "close " + v.user + " (FIN)" }, labView.noFlow, one(func(v labView) string { return "lab: close " + v.user })},
		{"R", "reset", func(v labView) string { return "reset " + v.user + " (RST)" }, labView.noFlow, one(func(v labView) string { return "lab: reset " + v.user })},
		{"space", "misbehave", nil, labView.noFault, labView.misbehave},
	}
}

func (d *deed) name(v labView) string {
	if d.words == nil {
		return d.label
	}
	return d.words(v)
}

// whyNot is why it cannot be done now.
func (d *deed) whyNot(v labView) string {
	if v.base != hostMode || v.help == nil {
		if why := needs("call", nil)(v.situation); why != "" {
			return why
		}
	}
	switch {
	case v.help == nil:
		return "nobody here can tell the lab of this log anything"
	case d.why != nil:
		return d.why(v)
	}
	return ""
}

func (d *deed) do(v labView) request {
	var all request
	for _, line := range d.line(v) {
		if all == nil {
			all = sayReq(line)
		} else {
			all = bothReq{all, sayReq(line)}
		}
	}
	return all
}

// A labView is the panel on the screen.
type labView struct {
	situation
	lab      *event.Lab
	help     *LabHelp
	robot    *event.RobotRow // the one that is chosen; nil: there is none
	user     string          // of the phone, at the lab
	faults   []VerbHelp
	fault    int
	commands []command
	clock    time.Time // on the wall
}

func (v labView) robotName() string {
	if v.robot == nil {
		return "a robot"
	}
	return v.robot.Name
}

func (v labView) stopVerb() string {
	if v.lab.Serving == "" {
		return "start"
	}
	return "stop"
}

func (v labView) stopLabel() string { return v.stopVerb() + " server" }

func (v labView) stopped() string {
	return when(v.lab.Serving == "", "the server is stopped; x starts it")
}

func (v labView) cannotCall() string {
	switch {
	case v.robot == nil:
		return "no robot is at the lab"
	case v.user == "":
		return "the lab has no phone of anybody"
	}
	return v.stopped()
}

func (v labView) noCall() string {
	if v.robot == nil {
		return "no robot is at the lab"
	}
	return when(v.robot.Call.ID == 0, v.robot.Name+" has no call")
}

// place is where the registrar believes the phone to be; ok is false where it knows of none.
func (v labView) place() (b event.Bound, ok bool) {
	i := slices.IndexFunc(v.lab.Bounds, func(b event.Bound) bool { return b.User == v.user })
	if i < 0 {
		return event.Bound{}, false
	}
	return v.lab.Bounds[i], true
}

func (v labView) noFlow() string {
	b, ok := v.place()
	switch {
	case v.stopped() != "":
		return v.stopped()
	case !ok:
		return v.user + " is not registered: there is no connection"
	}
	return when(b.Phase == event.LocationAsleep, v.user+" has no connection: it sleeps")
}

func (v labView) cannotPush() string {
	b, ok := v.place()
	switch {
	case v.stopped() != "":
		return v.stopped()
	case !ok:
		return v.user + " is not registered"
	}
	return when(!b.Push, "no token of "+v.user+": it cannot be pushed to")
}

func (v labView) noToken() string {
	if v.base == hostMode {
		return "the app is not in this process"
	}
	return when(v.fold.Pushes.Token == "", "the app has no push token")
}

func (v labView) noFault() string { return when(len(v.faults) == 0, "there is no misbehaviour") }

// misbehave turns the misbehaviour under the bar on; or off, which is said for all, and the
// others are turned on again.
func (v labView) misbehave() (lines []string) {
	name := v.faults[min(v.fault, len(v.faults)-1)].Name
	if !slices.Contains(v.lab.Faults, name) {
		return []string{"lab: misbehave " + name}
	}
	lines = []string{"lab: behave"}
	for _, other := range v.lab.Faults {
		if other != name {
			lines = append(lines, "lab: misbehave "+other)
		}
	}
	return lines
}
