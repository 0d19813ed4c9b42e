package device

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Number is one setting of a profile, to be shown.
type Number struct {
	Key, Value string
	Note
	// Limit is what no real system of the kind was more generous than; "":
	// none is known. LimitNote is where that comes from.
	Limit     string
	LimitNote Note
}

// Numbers lists the settings of the profile, in the order of its file.
func (p Profile) Numbers() []Number {
	numbers := make([]Number, 0, len(p.keys))
	for _, key := range p.keys {
		b := p.allowed[key]
		numbers = append(numbers, Number{
			Key: key, Value: p.show(key), Note: p.notes[key],
			Limit: b.String(), LimitNote: b.note,
		})
	}
	return numbers
}

// String is a note in words: "Apple, setKeepAliveTimeout:handler: [A]".
func (n Note) String() string {
	if n.Confidence == "" {
		return n.Source
	}
	return strings.TrimSpace(n.Source + " [" + n.Confidence + "]")
}

// String is the bounds in words.
func (b bounds) String() string {
	switch {
	case b.min != "" && b.max != "":
		return b.min + " to " + b.max
	case b.min != "":
		return "no less than " + b.min
	case b.max != "":
		return "no more than " + b.max
	}
	return ""
}

// show writes a setting as it is written in a file.
func (p *Profile) show(key string) string {
	switch v := p.value(key).(type) {
	case bool:
		if v {
			return "on"
		}
		return "off"
	case time.Duration:
		return spell(v)
	default:
		return fmt.Sprint(v)
	}
}

// spell writes a time as people say it: 200ms, 600s, 30m, 6h.
func spell(d time.Duration) string {
	number := func(unit time.Duration, name string) string {
		return strconv.FormatFloat(float64(d)/float64(unit), 'f', -1, 64) + name
	}
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return number(time.Hour, "h")
	case d >= 15*time.Minute && d%time.Minute == 0:
		return number(time.Minute, "m")
	case d%time.Second == 0 || d > time.Minute:
		return number(time.Second, "s")
	}
	return d.String()
}
