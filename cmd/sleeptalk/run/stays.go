package run

import (
	"errors"
	"fmt"

	"github.com/sleeptalk/sleeptalk/audio/endpoint"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
)

// stays reports the first sound outside of its folder that a scenario plays which
// nobody trusts, before anything is played: what it plays is heard elsewhere and
// kept in the report.
func (s *piece) stays() error {
	if !s.Confined {
		return nil
	}
	for _, c := range s.file.Cases {
		for _, st := range c.Steps {
			if st.Speak == nil || st.Speak.What != endpoint.KindFile {
				continue
			}
			if err := s.besideOnly(st.Speak.Name); err != nil {
				return fmt.Errorf("%s:%d: speak: %w", st.File, st.Line, err)
			}
		}
	}
	return nil
}

// besideOnly reports a sound that is not in the scenario's folder. One that is not
// there is told when it is to be played.
func (s *piece) besideOnly(name string) error {
	f, err := files.OpenWithin(s.Dir, name)
	if outside, ok := errors.AsType[*files.OutsideError](err); ok {
		return outside
	}
	if err == nil {
		f.Close()
	}
	return nil
}
