package verb

import (
	"path"
	"strconv"
	"strings"
	"unicode"
)

// A Line is what somebody is told.
type Line struct {
	Actor    string // who is told
	Robot    bool   // the actor is a robot of the lab
	Spec     *Spec
	Args     []string  // as written
	Account  string    // of the phone, by which it is done; "": none is named
	Call     int       // the number of the call that it is about; 0: none is named
	Flow     int       // of the user at the lab, from 1; 0: none is named
	To       string    // of "transfer": to whom
	Fault    Fault     // of "fault"
	Sound    Sound     // of "speak"
	Clock    Clock     // of "clock"
	Fields   []Field   // of "ask"
	Waiting  Waiting   // of "send mwi"
	Forced   Forced    // of "respond"
	Header   Header    // of "header"
	Watch    Watch     // of "subscribe"
	Presence Presence  // of "publish"
	Settings []Setting // of "set"
}

// Name is the name of the verb.
func (l Line) Name() string { return l.Spec.Name }

// Arg is the arguments in one.
func (l Line) Arg() string { return strings.Join(l.Args, " ") }

// Verb is the verb and its arguments in the one way that they are written.
func (l Line) Verb() string {
	switch l.Spec.Name {
	case "speak":
		return "speak " + l.Sound.String()
	case "clock":
		return "clock " + l.Clock.String()
	}
	return strings.TrimSpace(l.Spec.Name + " " + strings.Join(l.withAccount(l.Args), " "))
}

// String is the line in the one way that it is written: "bob: call alice".
func (l Line) String() string {
	line := []string{l.Actor + ":", l.Spec.Name}
	switch l.Spec.Name {
	case "speak":
		line = append(line, quote(l.Sound.words())...)
	case "clock":
		line = append(line, l.Clock.String())
	case "header": // its quotes are its own
		line = append(line, l.withAccount(l.Args)...)
	default:
		line = append(line, quote(l.withAccount(l.Args))...)
	}
	return strings.Join(line, " ")
}

// Said is the line as the log has it: the verb of a phone or of the lab, or a
// sentence about a robot, such as "bob calls alice".
func (l Line) Said() string {
	if !l.Robot {
		return l.Verb()
	}
	first, rest, _ := strings.Cut(l.Verb(), " ")
	if l.Spec.Says != "" {
		first = l.Spec.Says
	}
	if l.Spec.Name == "speak" && l.Sound.Speech() {
		rest = speech
	}
	return strings.TrimSpace(l.Actor + " " + first + " " + rest)
}

// A Sound is what is sent instead of the microphone's.
type Sound struct {
	What string  // "tone", "file", "silence"
	Hz   float64 // of a tone
	Name string  // of a file: a sound of the program, or a path
}

// speech is the word for the sample that robots speak, and speechName its
// name.
const (
	speech     = "speech"
	speechName = "en-hello"
)

// Speech reports whether it is the sample that robots speak.
func (s Sound) Speech() bool { return s.What == "file" && SampleName(s.Name) == speechName }

// SampleName is the name by which a sound is recognised: that of its file,
// without folder and ".wav".
func SampleName(file string) string {
	name := path.Base(strings.ReplaceAll(file, `\`, "/"))
	if ext := path.Ext(name); strings.EqualFold(ext, ".wav") {
		name = name[:len(name)-len(ext)]
	}
	return name
}

func (s Sound) words() []string {
	switch s.What {
	case "tone":
		return []string{"tone", strconv.FormatFloat(s.Hz, 'g', -1, 64)}
	case "file":
		switch strings.ToLower(s.Name) {
		case "tone", "silence", "file", speech: // it is a file all the same
			return []string{"file", s.Name}
		}
		return []string{s.Name}
	}
	return []string{s.What}
}

// String is the sound as it is written.
func (s Sound) String() string { return strings.Join(s.words(), " ") }

// A Clock is a change of the pace of device time.
type Clock struct {
	Rate float64 // device seconds in a wall second
	// Next: jump to the next timer instead.
	Next bool
	// WhileSuspended: the rate is for whenever the app is suspended, from now
	// on; else it is for now.
	WhileSuspended bool
}

// String is the change as it is written.
func (c Clock) String() string {
	switch text := "x" + strconv.FormatFloat(c.Rate, 'g', -1, 64); {
	case c.Next:
		return "next"
	case c.WhileSuspended:
		return text + " while suspended"
	default:
		return text
	}
}

// quote puts quotes around words that would end, or begin a comment, without.
func quote(words []string) []string {
	list := make([]string, len(words))
	for i, w := range words {
		if w == "" || strings.HasPrefix(w, "#") || strings.ContainsFunc(w, unicode.IsSpace) {
			w = `"` + w + `"`
		}
		list[i] = w
	}
	return list
}
