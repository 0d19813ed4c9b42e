package scenario

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// A File is a scenario, read and checked: with what its includes have
// brought, in the order of the lines.
type File struct {
	Name string
	// Tags are those of the "tags:" comment above the first statement.
	Tags []string
	// Phone is the name of the phone under test: of its profile, else
	// [DefaultPhone]. Steps without an actor are its.
	Phone string
	// Uses are what the scenario is played with. There is at most one
	// profile, lab, server and device; phones and records may be many.
	Uses []Use
	// Invariants hold for the phone under test through the whole run.
	Invariants []Never
	// Cases are the tests in order. What stands before the first "==" is the
	// case [SetupCase], which is always there, without steps if need be.
	Cases []Case
	// Sources are the texts that the scenario was read from, by file name:
	// its own, and those of its includes.
	Sources map[string][]string
}

// SetupCase is the name of the case before the first "==".
const SetupCase = "setup"

// DefaultPhone is the phone under test where no profile gives it a name.
const DefaultPhone = "alice"

// DefaultWithin is how long an expectation is waited for that has no "within"
// or "for": as long as a SIP transaction may take (64*T1, RFC 3261
// §17.1.1.2).
const DefaultWithin = 32 * time.Second

// Source is a line of one of the texts, from 1, without its line end; "" if
// there is none.
func (f *File) Source(file string, line int) string {
	if lines := f.Sources[file]; line >= 1 && line <= len(lines) {
		return lines[line-1]
	}
	return ""
}

// Use finds what the scenario says of one kind that there is once.
func (f *File) Use(kind UseKind) (Use, bool) {
	for _, u := range f.Uses {
		if u.Kind == kind {
			return u, true
		}
	}
	return Use{}, false
}

// Records are those of the DNS.
func (f *File) Records() (all []string) {
	for _, u := range f.Uses {
		if u.Kind == UseRecord {
			all = append(all, u.Name)
		}
	}
	return all
}

// A Place is where something stands in a text: columns count characters, not
// bytes, both from 1.
type Place struct {
	File             string
	Line, Col, Width int
}

// A UseKind is a kind of thing that a scenario is played with.
type UseKind string

// The kinds of use.
const (
	UseAccount UseKind = "account" // Name is an account of the config
	UsePhone   UseKind = "phone"   // Name is another phone, in the same process
	UseLab     UseKind = "lab"     // the server is the lab of the program
	UseServer  UseKind = "server"  // Name is HOST[:PORT] of a real server
	UseDevice  UseKind = "device"  // Name is the profile of the emulated device
	UseRecord  UseKind = "record"  // Name is a record of the DNS, as zone files have it
)

// A Use is one "use" line.
type Use struct {
	Place
	Kind UseKind
	Name string
	// Settings are the KEY=VALUE of the line, in its order, each key once.
	// They are known ones with values of the right form; see [UseSettings].
	Settings []Setting
}

// A Setting is one KEY=VALUE.
type Setting struct{ Key, Value string }

// Setting is the value of a key.
func (u Use) Setting(key string) (value string, ok bool) {
	for _, s := range u.Settings {
		if s.Key == key {
			return s.Value, true
		}
	}
	return "", false
}

// A Rule is what a "never" line forbids.
type Rule string

// The rules.
const (
	// WithoutCause: a wake for which there was nothing to do, by the socket
	// with nothing to read ("never wake without cause").
	WithoutCause Rule = "wake-without-cause"
	// StayAwake: a wake that lasted longer than Limit ("never stay awake > 10s").
	StayAwake Rule = "stay-awake"
	// Happens: an event that fulfils Expectation ("never killed").
	Happens Rule = "event"
)

// A Never is an invariant.
type Never struct {
	Place
	Text        string // as written, blanks made single: "never stay awake > 10s"
	Rule        Rule
	Limit       time.Duration // of StayAwake; device time
	Expectation Expectation   // of Happens
}

// A Case is one test: what stands under a "==" line.
type Case struct {
	Place
	Name string // unique in the file
	Tags []string
	// Steps in order. The first that fails ends the case.
	Steps []Step
}

// A Kind is what sort of step a line is.
type Kind string

// The kinds of step.
const (
	// Do is a verb of a phone: Told and Verb have it.
	Do Kind = "verb"
	// Lab is a request to the lab or one of its robots: Told has it, and Verb
	// as the log does, such as "bob calls alice".
	Lab Kind = "lab"
	// Expecting waits for what Expect says, and fails if it does not come.
	Expecting Kind = "expect"
	// Waiting lets the time Wait pass.
	Waiting Kind = "wait"
	// Clocking changes the pace of device time as Clock says.
	Clocking Kind = "clock"
	// Speaking sends the sound Speak.
	Speaking Kind = "speak"
)

// A Step is one line that does or expects something.
type Step struct {
	Place // of the statement, without its actor
	// Text is the line as written, its blanks made single, with the actor
	// and without the comment.
	Text string
	// Actor is whose step it is: the phone under test (also where the line
	// names nobody), another phone, a robot, or [LabActor].
	Actor string
	Kind  Kind

	Told   verb.Line // of all but Expecting and Waiting
	Verb   string    // of Do and Lab: the line as the log has it
	Expect *Expect
	Wait   time.Duration // of Waiting: device time, or wall time if Wall
	Wall   bool          // of Waiting
	Clock  *Clock
	Speak  *Speak

	// Vars are the variables that the line uses, without the dollar. Where
	// there are any, the step must be expanded before it is played: see
	// [Step.Expand].
	Vars []string

	scope *scope
}

// LabActor is the name by which a line speaks to the lab itself.
const LabActor = verb.LabName

// An Expect is what an "expect" line waits for.
//
// It searches the log from the last action, then waits. All terms must have
// come true when the time is over, in any order; with No, none may.
type Expect struct {
	Terms []Term
	// No: none of the terms may come true. Then For is never zero (unless
	// the line gives none: [DefaultWithin]), and all of it is waited.
	No bool
	// Within is how long to wait; zero: the line does not say, and it is
	// [DefaultWithin]. Device time, or wall time if Wall.
	Within time.Duration
	// For is how long a condition must hold without a break, or, with No or
	// Counted, how long to look; zero: the line does not say.
	For  time.Duration
	Wall bool
	// Counted: the only term must come true exactly Exactly times, and all
	// of For (or Within) is waited.
	Counted bool
	Exactly int

	accounts []string // of the phone, if it has several
}

// Limit is how long the line may take.
func (e *Expect) Limit() time.Duration {
	switch {
	case e.No || e.Counted:
		if d := max(e.For, e.Within); d > 0 {
			return d
		}
		return DefaultWithin
	case e.Within > 0:
		return e.Within + e.For
	}
	return DefaultWithin + e.For
}

// A Term is one thing that is expected; "and" joins several.
type Term struct {
	Place
	Expectation Expectation
	// As is the variable that takes [Expectation.Value] of what came, without
	// the dollar; "" if none.
	As string
}

// A Clock is a "clock" line, and a Speak a "speak" line.
type (
	Clock = verb.Clock
	Speak = verb.Sound
)

// ParseFile reads a scenario. The name is for messages; include reads another
// file that the text includes, by its name as written (nil: there are none).
//
// The error is a [*SyntaxErrors] with all that is wrong; then there is no
// File. It never panics, and its work is bounded, whatever src is.
func ParseFile(name string, src []byte, include func(name string) ([]byte, error)) (*File, error) {
	return parseFile(name, src, include)
}
