package push

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A RefuseShare refuses a share of all pushes for a reason.
type RefuseShare struct {
	Reason Reason
	Share  float64 // from 0 to 1
}

// A Setting is one setting of a [Config], written KEY=VALUE.
type Setting struct {
	Key, Value, Help string
	set              func(c *Config, value string) error
}

// Settings are the settings that degrade a service.
var Settings = []Setting{
	{"delay", "DURATION[..DURATION]", "how long each push takes, such as 500ms or 1s..3s (default 100ms..3s)", setSpread(func(c *Config) (*time.Duration, *time.Duration) { return &c.MinDelay, &c.MaxDelay }, 1)},
	{"delay-background", "DURATION[..DURATION]", "the same for background pushes, such as one that cancels a call; they may overtake the others", setSpread(func(c *Config) (*time.Duration, *time.Duration) { return &c.MinBackground, &c.MaxBackground }, 1)},
	{"stale", "DURATION[..DURATION]", "a push that is to be tried once waits for a device that cannot be reached all the same, and comes so long after it is back, as an iPhone's does after flight mode", setSpread(func(c *Config) (*time.Duration, *time.Duration) { return &c.MinStale, &c.MaxStale }, 0)},
	{"drop", "SHARE", "how many of the pushes are lost, from 0 to 1", setShare(func(c *Config) *float64 { return &c.Drop })},
	{"duplicate", "SHARE", "how many are delivered twice", setShare(func(c *Config) *float64 { return &c.Duplicate })},
	{"reorder", "SHARE", "how many are overtaken by later ones", setShare(func(c *Config) *float64 { return &c.Reorder })},
	{"refuse", "REASON[:SHARE]", "refuse pushes for a reason of APNs or FCM, or a status of Web Push, such as TooManyRequests:0.2 or 410; without a share, all of them", setRefuse},
	{"keep", "N", "how many wait for a device that cannot be reached (default 1)", setKeep},
	{"token-life", "DURATION", "how long a token lasts if its device does not connect (default 6480h, 270 days)", setTokenLife},
}

// Check refuses a value that the setting does not take.
func (r Setting) Check(value string) error { return r.set(new(Config), value) }

// maxKeep bounds the pushes kept for one device: FCM keeps 100 messages that do
// not collapse (Firebase, About FCM messages).
const maxKeep = 100

// Set changes one setting. The error says what value it should have.
func (c *Config) Set(key, value string) error {
	var known []string
	for _, r := range Settings {
		if r.Key == key {
			if err := r.set(c, value); err != nil {
				return fmt.Errorf("%s=%s: %w", key, value, err)
			}
			return nil
		}
		known = append(known, r.Key)
	}
	return fmt.Errorf("no setting %q of a push service%s (there are: %s)", key, words.DidYouMean(key, known), strings.Join(known, ", "))
}

// setSpread sets a time between two others. What 0s is set to is floor: where nothing means
// the default, it is 1 ns.
func setSpread(of func(*Config) (least, most *time.Duration), floor time.Duration) func(*Config, string) error {
	return func(c *Config, value string) error {
		from, to, spread := strings.Cut(value, "..")
		if !spread {
			to = from
		}
		least, err := time.ParseDuration(from)
		if err != nil {
			return err
		}
		most, err := time.ParseDuration(to)
		switch {
		case err != nil:
			return err
		case least < 0 || most < least:
			return fmt.Errorf("it must be a duration, or FROM..TO")
		}
		first, last := of(c)
		*first, *last = least, max(most, floor)
		return nil
	}
}

func setShare(of func(*Config) *float64) func(*Config, string) error {
	return func(c *Config, value string) (err error) {
		*of(c), err = parseShare(value)
		return err
	}
}

func parseShare(value string) (float64, error) {
	share, err := strconv.ParseFloat(value, 64)
	if err != nil || !(share >= 0 && share <= 1) { // also refuses NaN
		return 0, fmt.Errorf("it must be a share from 0 to 1, such as 0.2")
	}
	return share, nil
}

func setRefuse(c *Config, value string) error {
	name, part, some := strings.Cut(value, ":")
	refuse := RefuseShare{Share: 1}
	var err error
	if refuse.Reason, err = ParseReason(name); err != nil {
		return err
	}
	if some {
		if refuse.Share, err = parseShare(part); err != nil {
			return err
		}
	}
	c.Refuse = append(c.Refuse, refuse)
	return nil
}

func setKeep(c *Config, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > maxKeep {
		return fmt.Errorf("it must be a number from 1 to %d", maxKeep)
	}
	c.Keep = n
	return nil
}

func setTokenLife(c *Config, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil {
		return err
	}
	if d <= 0 {
		return fmt.Errorf("it must be greater than 0")
	}
	c.TokenLife = d
	return nil
}
