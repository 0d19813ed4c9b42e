package link

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Fault is one order to the link: break something, or mend it.
type Fault struct {
	// Name is which one it is, as the table of faults has it.
	Name string
	// Network is what joins the handset from now on, From what joins it until
	// now ("" if nothing was said).
	Network, From string
	// Preset is a kind of NAT, or "off"; with Reset the NAT answers a flow
	// that it has forgotten with RST.
	Preset string
	Reset  bool
	// Time is a latency or a jitter.
	Time time.Duration
	// Share is a probability, from 0 to 1.
	Share float64
	// Rate is in bits per second.
	Rate int
}

// String is the fault as it is written.
func (f Fault) String() string {
	switch {
	case f.From != "":
		return f.Name + " " + f.From + " -> " + f.Network
	case f.Network != "":
		return f.Name + " " + f.Network
	case f.Preset != "" && f.Reset:
		return f.Name + " " + f.Preset + " reset"
	case f.Preset != "":
		return f.Name + " " + f.Preset
	}
	if spec := specOf(f.Name); spec != nil && spec.value != nil {
		return f.Name + " " + spec.value(f)
	}
	return f.Name
}

// A SyntaxError says which word of a fault is wrong, and what would be right.
type SyntaxError struct {
	Word    int // its place; that of a missing word is behind the last
	Message string
	Kind    string // what Known are
	Known   []string
	Meant   string // the word that was perhaps meant
}

func (e *SyntaxError) Error() string {
	text := e.Message
	if e.Meant != "" {
		text += "; did you mean " + e.Meant + "?"
	}
	if len(e.Known) > 0 {
		text += fmt.Sprintf(" (%s: %s)", e.Kind, strings.Join(e.Known, ", "))
	}
	return text
}

// The bounds of what a fault can be told: far more than any network does, and
// far from where a sum overflows.
const (
	maxDelay = time.Minute
	maxRate  = 1_000_000_000
)

// Parse reads the words of a fault, such as "nat", "drop". The error is a
// [*SyntaxError].
func Parse(text []string) (Fault, error) {
	spec, n := longest(text)
	if spec == nil {
		return Fault{}, unknownFault(text)
	}
	r := &reader{words: text, at: n}
	f := Fault{Name: spec.Name}
	if spec.parse != nil {
		if err := spec.parse(r, &f); err != nil {
			return Fault{}, err
		}
	}
	if r.at < len(text) {
		return Fault{}, r.wrong(r.at, "unexpected %q", text[r.at])
	}
	return f, nil
}

// ParseList reads faults with commas between them, which are on from the start.
// One that breaks what is open has nothing to break then, and one of each name
// is enough: both are errors.
func ParseList(text string) ([]Fault, error) {
	var list []Fault
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		f, err := Parse(words)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	if err := startable(list); err != nil {
		return nil, err
	}
	return list, nil
}

// startable tries faults on a link that nobody has used.
func startable(list []Fault) error {
	l := New(0)
	for i, f := range list {
		if j := slices.IndexFunc(list[:i], func(o Fault) bool { return o.Name == f.Name }); j >= 0 {
			return fmt.Errorf("%s and %s cannot both be on", list[j], f)
		}
		if _, err := l.Do(time.Time{}, f, nil); err != nil {
			return fmt.Errorf("%s is no fault to begin with: %w", f, err)
		}
	}
	return nil
}

// List writes faults with commas between them, as [ParseList] reads them.
func List(faults []Fault) string {
	texts := make([]string, len(faults))
	for i, f := range faults {
		texts[i] = f.String()
	}
	return strings.Join(texts, ", ")
}

// longest is the fault whose name has the most words at the start of a line.
func longest(text []string) (found *Spec, n int) {
	for _, s := range Specs() {
		name := strings.Fields(s.Name)
		if len(name) > n && len(name) <= len(text) && slices.EqualFunc(name, text[:len(name)], strings.EqualFold) {
			found, n = &s, len(name)
		}
	}
	return found, n
}

func specOf(name string) *Spec {
	for _, s := range Specs() {
		if s.Name == name {
			return &s
		}
	}
	return nil
}

// unknownFault says which word no fault has: the second, of one that begins
// with two.
func unknownFault(text []string) *SyntaxError {
	var firsts, seconds []string
	for _, s := range Specs() {
		first, second, _ := strings.Cut(s.Name, " ")
		if !slices.Contains(firsts, first) {
			firsts = append(firsts, first)
		}
		if len(text) > 0 && strings.EqualFold(first, text[0]) {
			seconds = append(seconds, second)
		}
	}
	r := reader{words: text}
	switch {
	case len(text) == 0:
		return r.unknown("fault", "there are", firsts)
	case len(seconds) > 0:
		r.at = 1
		return r.unknown("fault of the "+strings.ToLower(text[0]), "there are", seconds)
	}
	return r.unknown("fault", "there are", firsts)
}

// off switches a setting off.
const off = "off"

func timeValue(f Fault) string { return orOff(f.Time == 0, f.Time.String()) }

func shareValue(f Fault) string {
	return orOff(f.Share == 0, strconv.FormatFloat(f.Share*100, 'g', 6, 64)+"%")
}

func rateValue(f Fault) string {
	return orOff(f.Rate == 0, strconv.FormatFloat(float64(f.Rate)/1e3, 'f', -1, 64)+" kbit/s")
}

func orOff(zero bool, text string) string {
	if zero {
		return off
	}
	return text
}
