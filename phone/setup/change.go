package setup

import (
	"fmt"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// LiveKeys are the keys of what can be changed while a phone runs.
func LiveKeys() (keys []string) {
	for _, s := range table() {
		if s.Live {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// change changes a setting of the app of a phone that runs.
func change(c *phone.Config, key, value string) error {
	s, known := Find(key)
	switch {
	case !known:
		all := slices.Concat(LiveKeys(), c.Profile.Keys())
		return fmt.Errorf("no setting %q%s", key, words.DidYouMean(key, all))
	case !s.Live:
		return fmt.Errorf("%s: a phone reads it when it starts: it can be set at the next start", key)
	}
	if err := s.Check(value); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	d := draft{app: c.App}
	if err := s.set(&d, value); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	c.App = d.app
	c.Settings = shown(*c, func(Setting) bool { return true })
	return nil
}
