package link

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// A Fault is one order to the link: break something, or mend it.
type Fault = verb.Fault

// ParseList reads a comma-separated list of faults that are on from the start.
// A fault that breaks open connections has none to break then, and a name may
// appear only once: both are errors.
func ParseList(text string) ([]Fault, error) {
	var list []Fault
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		f, err := verb.ParseFault(words)
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

// startable tries faults on an unused link.
func startable(list []Fault) error {
	l := New(0)
	for i, f := range list {
		if j := slices.IndexFunc(list[:i], func(o Fault) bool { return o.Name == f.Name }); j >= 0 {
			return fmt.Errorf("%s and %s cannot both be on", list[j], f)
		}
		if _, err := l.Do(time.Time{}, f, nil); err != nil {
			return fmt.Errorf("%s cannot be on from the start: %w", f, err)
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

func specOf(name string) *Spec {
	for _, s := range Specs() {
		if s.Name == name {
			return &s
		}
	}
	return nil
}

// off switches a setting off.
const off = "off"
