package verb

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Fault is one order to the link: break something, or mend it.
type Fault struct {
	// Name is which one it is, as [FaultNames] has it.
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

// A faultSpec is how one fault is written. What it does is the link's.
type faultSpec struct {
	name, args string
	read       func(*reader, *Fault) *Error
	value      func(Fault) string // of a setting: how its value is written
}

// faults is every fault, in the order of the reference.
var faults = []faultSpec{
	{"network", "wifi|cell|offline, or A -> B", readNetwork, nil},
	{"nat drop", "", nil, nil},
	{"nat", "home|short|carrier|rfc [silent|reset], or off", readNAT, nil},
	{"server close", "", nil, nil},
	{"server reset", "", nil, nil},
	{"server half-open", "", nil, nil},
	{"server stall", "", nil, nil},
	{"server unstall", "", nil, nil},
	{"latency", "TIME|off", readTime, timeValue},
	{"jitter", "TIME|off", readTime, timeValue},
	{"loss", "SHARE%|off", readShare, shareValue},
	{"duplicate", "SHARE%|off", readShare, shareValue},
	{"reorder", "SHARE%|off", readShare, shareValue},
	{"bandwidth", "RATE kbit/s|off", readBandwidth, rateValue},
	{"clear", "", nil, nil},
}

// Networks are what can join a handset to the world.
func Networks() []string { return []string{"wifi", "cell", "offline"} }

// NATs are the kinds of NAT.
func NATs() []string { return []string{"home", "short", "carrier", "rfc"} }

// FaultNames are the names of the faults, in the order of the reference.
func FaultNames() []string {
	names := make([]string, len(faults))
	for i, f := range faults {
		names[i] = f.name
	}
	return names
}

// LoggedFaults are the names that faults have in the log: those that can be
// ordered and last, and those that come about.
func LoggedFaults() []string {
	var names []string
	for _, f := range faults {
		switch f.name {
		case "network": // is an event of its own
		case "clear", "server unstall": // end others
		default:
			names = append(names, f.name)
		}
	}
	return append(names, "nat expired", "handover")
}

// FaultUsage is how a fault is written.
func FaultUsage(name string) string {
	for _, f := range faults {
		if f.name == name {
			return strings.TrimSpace(f.name + " " + f.args)
		}
	}
	return name
}

// ParseFault reads the words of a fault, such as "nat", "drop". The error is an
// [*Error].
func ParseFault(text []string) (Fault, error) {
	f, err := faultOf(&reader{words: text})
	if err != nil {
		return Fault{}, err
	}
	return f, nil
}

// readFault reads the fault of a line.
func readFault(r *reader, l *Line) (err *Error) {
	if r.over() {
		return r.needs(l)
	}
	at := r.at
	sub := &reader{words: r.words[at:]}
	if l.Fault, err = faultOf(sub); err != nil {
		return err.shift(at)
	}
	l.Args = strings.Fields(l.Fault.String())
	return free(r, l)
}

// faultOf reads a fault to the end.
func faultOf(r *reader) (f Fault, err *Error) {
	spec, n := longestFault(r.words)
	if spec == nil {
		return f, unknownFault(r.words)
	}
	r.at, f.Name = n, spec.name
	if spec.read != nil {
		err = spec.read(r, &f)
	}
	if err == nil && !r.over() {
		err = r.wrong(r.at, "unexpected %q", r.words[r.at])
	}
	if err != nil {
		err.Fault = true
	}
	return f, err
}

// longestFault is the fault whose name has the most words at the start of a
// line.
func longestFault(text []string) (found *faultSpec, n int) {
	for i := range faults {
		name := strings.Fields(faults[i].name)
		if len(name) > n && len(name) <= len(text) && slices.EqualFunc(name, text[:len(name)], strings.EqualFold) {
			found, n = &faults[i], len(name)
		}
	}
	return found, n
}

// unknownFault says which word no fault has: the second, of one that begins
// with two.
func unknownFault(text []string) *Error {
	var firsts, seconds []string
	for _, f := range faults {
		first, second, _ := strings.Cut(f.name, " ")
		if !slices.Contains(firsts, first) {
			firsts = append(firsts, first)
		}
		if len(text) > 0 && strings.EqualFold(first, text[0]) {
			seconds = append(seconds, second)
		}
	}
	r := reader{words: text}
	e := r.unknown("fault", "there are", firsts)
	if len(seconds) > 0 {
		r.at = 1
		e = r.unknown("fault of the "+strings.ToLower(text[0]), "there are", seconds)
	}
	e.Fault = true
	return e
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
	return strings.TrimSpace(f.Name + " " + f.Value())
}

// Value is how the value of a setting such as loss is written; "" of others.
func (f Fault) Value() string {
	for _, spec := range faults {
		if spec.name == f.Name && spec.value != nil {
			return spec.value(f)
		}
	}
	return ""
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
