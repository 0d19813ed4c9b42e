package phone

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// set changes settings while the phone runs: numbers of its device, which count at once, and
// what its app can be told. It logs what the phone is now, as at its start.
func set(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
	changes, told := slices.Clone(h.set), false
	for _, s := range line.Settings {
		replaces := func(c verb.Setting) bool {
			return c.Key == s.Key && (s.Value == "" || h.began.ofDevice(c) == h.began.ofDevice(s))
		}
		told = told || s.Value != "" && !h.began.ofDevice(s)
		for _, c := range changes {
			told = told || replaces(c) && !h.began.ofDevice(c)
		}
		before := len(changes)
		changes = slices.DeleteFunc(changes, replaces)
		switch {
		case s.Value != "":
			changes = append(changes, s)
		case len(changes) == before:
			return nil, fmt.Errorf("%s: it is as it was when the phone was started", s.Key)
		}
	}
	cfg, err := h.began.changed(changes)
	if err != nil {
		return nil, err
	}
	cfg.App.Strategy = h.cfg.App.Strategy // which has a verb of its own
	if err := h.cfg.Profile.Becomes(cfg.Profile); err != nil {
		return nil, err
	}
	if told && h.app != nil && !h.device.Running() {
		return nil, ErrSuspended
	}
	h.cfg, h.set = cfg, changes
	h.started()
	h.settle(now, h.device.Do(now, device.Configure{Profile: cfg.Profile}))
	if !told || h.app == nil {
		return nil, nil
	}
	return h.app.Configure(cfg.App), nil
}

// ofDevice reports whether a setting is a number of the device. Where the app has one of the
// same name, it is the app's if that can be its value.
func (c Config) ofDevice(s verb.Setting) bool {
	if !c.Profile.Has(s.Key) {
		return false
	}
	if c.Change == nil {
		return true
	}
	return c.Change(&c, s.Key, s.Value) != nil
}

// changed is c with other settings.
func (c Config) changed(changes []verb.Setting) (Config, error) {
	numbers := map[string]string{}
	for _, s := range changes {
		switch {
		case c.ofDevice(s):
			numbers[s.Key] = s.Value
		case c.Change == nil:
			return c, fmt.Errorf("%s: %w", s.Key, errNoSetting)
		default:
			if err := c.Change(&c, s.Key, s.Value); err != nil {
				return c, err
			}
		}
	}
	var err error
	if len(numbers) > 0 {
		c.Profile, err = c.Profile.With(numbers, false)
	}
	return c, err
}

var errNoSetting = errors.New("the device has no such number; sleeptalk profile show lists them")
