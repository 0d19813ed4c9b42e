package vq

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxLines bounds how many lines of a report are read (our own number: one has 30).
const maxLines = 128

// A Report is what somebody has reported: values by the names of RFC 6035, of lines as they
// stand, and of parameters.
type Report struct {
	Kind          string // VQSessionReport, VQIntervalReport or VQAlertReport
	Final         bool   // it is of the end of the call
	Info          map[string]string
	Local, Remote map[string]string // Remote is nil if it has none
	// Faults are what is not as RFC 6035 §4.6.1 has it, though it was understood.
	Faults []string
}

// Parse reads a report, whose lines may be in any order behind the first, as may be the
// parameters of a line: the examples of RFC 6035 have another one than its ABNF. The error
// says why it is none.
func Parse(body []byte) (Report, error) {
	r := Report{Info: map[string]string{}}
	lines := unfold(string(body))
	if len(lines) == 0 || len(lines) > maxLines {
		return r, fmt.Errorf("a report has 1 to %d lines, not %d", maxLines, len(lines))
	}
	var term string
	r.Kind, term = fields(lines[0])
	if !slices.Contains([]string{"VQSessionReport", "VQIntervalReport", "VQAlertReport"}, r.Kind) {
		return r, fmt.Errorf("%.40q is no kind of report", r.Kind)
	}
	r.Final = r.Kind != "VQAlertReport" && term == "CallTerm"
	r.lines(lines[1:])
	if r.Local == nil {
		return r, errors.New("it has no LocalMetrics")
	}
	for _, l := range infoLines[:len(infoLines)-optionalInfo] {
		if r.Info[l.name] == "" {
			r.fault("it has no %s", l.name)
		}
	}
	return r, nil
}

// unfold takes a text apart into lines: one that begins with a blank goes on with the line
// before.
func unfold(text string) (lines []string) {
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\r\n")
		switch folded := l != "" && strings.ContainsRune(" \t", rune(l[0])); {
		case strings.TrimSpace(l) == "":
		case folded && len(lines) > 0:
			lines[len(lines)-1] += " " + strings.TrimSpace(l)
		case len(lines) <= maxLines:
			lines = append(lines, l)
		}
	}
	return lines
}

// fields is a line, by its name and what follows.
func fields(l string) (name, value string) {
	name, value, _ = strings.Cut(l, ":")
	return strings.TrimSpace(name), strings.TrimSpace(value)
}

// lines takes in those behind the first.
func (r *Report) lines(list []string) {
	var set map[string]string
	for _, l := range list {
		name, value := fields(l)
		switch name {
		case "LocalMetrics":
			r.Local = map[string]string{}
			set = r.Local
		case "RemoteMetrics":
			r.Remote = map[string]string{}
			set = r.Remote
		case "DialogID":
			r.Info[name] = value
		default:
			r.known(set, name, value)
		}
	}
	for name, set := range map[string]map[string]string{"LocalMetrics": r.Local, "RemoteMetrics": r.Remote} {
		if set != nil && (set["START"] == "" || set["STOP"] == "") {
			r.fault("the %s have no %s", name, timestamps)
		}
	}
	slices.Sort(r.Faults)
}

// known takes in a line whose name stands in the grammar. Others are extensions.
func (r *Report) known(set map[string]string, name, value string) {
	for _, l := range infoLines {
		if l.name == name {
			r.Info[name] = value
			if name == "CallID" && !callID(value) {
				r.fault("its %s is no Call-ID", name)
			}
			r.parameters(nil, l, value)
			return
		}
	}
	for _, l := range metricLines {
		if l.name == name && set == nil {
			r.fault("%s stands before the LocalMetrics", name)
		} else if l.name == name {
			r.parameters(set, l, value)
		}
	}
}

// parameters takes in those of a line.
func (r *Report) parameters(set map[string]string, l line, value string) {
	for value != "" && l.parameters != nil {
		var one string
		one, value = next(value)
		name, v, _ := strings.Cut(one, "=")
		i := slices.IndexFunc(l.parameters, func(p parameter) bool { return p.name == name })
		switch {
		case i < 0: // an extension
			continue
		case !l.parameters[i].form(v):
			r.fault("the %s of its %s is not as RFC 6035 §4.6.1 has it", name, l.name)
			continue
		}
		if set != nil {
			set[name] = v
		}
	}
}

// next is the first parameter of a line, and the rest. A blank in quotation marks ends none.
func next(value string) (one, rest string) {
	inQuotes := false
	for i, c := range value {
		switch {
		case c == '"':
			inQuotes = !inQuotes
		case (c == ' ' || c == '\t') && !inQuotes:
			return value[:i], strings.TrimLeft(value[i:], " \t")
		}
	}
	return value, ""
}

// maxFaults bounds how many faults are named (our own number).
const maxFaults = 8

func (r *Report) fault(format string, args ...any) {
	if what := fmt.Sprintf(format, args...); len(r.Faults) < maxFaults && !slices.Contains(r.Faults, what) {
		r.Faults = append(r.Faults, what)
	}
}

// String is a report in short: whose call, and the metrics that people look at first.
func (r Report) String() string {
	s := fmt.Sprintf("of call %s: %s", r.Info["CallID"], short(r.Local))
	if r.Remote != nil {
		s += "; the far end: " + short(r.Remote)
	}
	return s
}

// short is a set of metrics in short.
func short(set map[string]string) string {
	var list []string
	for _, name := range [...]string{"NLR", "JDR", "BLD", "RTD", "RCQ", "MOSLQ", "MOSCQ"} {
		if set[name] != "" {
			list = append(list, name+"="+set[name])
		}
	}
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, " ")
}
