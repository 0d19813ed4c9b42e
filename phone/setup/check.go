package setup

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A ChoiceError says that a value is none of those that there are.
type ChoiceError struct {
	Value string
	Known []string
}

func (e *ChoiceError) Error() string {
	return fmt.Sprintf("unknown value %q%s; have: %s", e.Value, words.DidYouMean(e.Value, e.Known), strings.Join(e.Known, ", "))
}

// OneOf checks that a value is one of those known.
func OneOf(known ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(known, value) {
			return &ChoiceError{value, known}
		}
		return nil
	}
}

// switchValues are those of a switch; YAML and people write true and false, too.
var switchValues = [...]string{"on", "off", "true", "false"}

func onOff(value string) error { return OneOf(switchValues[:]...)(value) }

// The values of settings that are a length of time; one that is optional can
// be nothing, 0s.
const (
	Duration         = "DURATION"
	OptionalDuration = "DURATION|0s"
)

// maxDuration bounds a length of time, far from where they overflow.
const maxDuration = 366 * 24 * time.Hour

// isDuration wants a length of time of at least least.
func isDuration(least time.Duration) func(string) error {
	return func(value string) error {
		d, err := time.ParseDuration(value)
		if err != nil || d > maxDuration {
			return fmt.Errorf("%q is no duration such as 600s or 1h", value)
		}
		if d < least {
			return fmt.Errorf("%q is too short: at least %s", value, least)
		}
		return nil
	}
}

// isCount wants a number of at most most.
func isCount(most int) func(string) error {
	return func(value string) error {
		if n, err := strconv.Atoi(value); err != nil || n < 0 || n > most {
			return fmt.Errorf("%q is no number from 0 to %d", value, most)
		}
		return nil
	}
}

func isHostPort(value string) error {
	if _, _, err := net.SplitHostPort(value); err != nil {
		return fmt.Errorf("%q is not host:port", value)
	}
	return nil
}

// parsed makes a check of a function that reads a value.
func parsed[T any](parse func(string) (T, error)) func(string) error {
	return func(value string) error {
		_, err := parse(value)
		return err
	}
}
