package cli

import (
	"errors"
	"os"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// NewLog returns an event log that may grow. The secrets of this run are masked in
// it. What is too much for the memory goes to a file in the state directory, or,
// if none can be made there, in the directory for temporary files. Only its owner
// can read the file. It has no name while it is used, and is gone with the
// process, however that ends.
func (p *Program) NewLog() *event.Log {
	log := event.NewLog(func() (event.Store, error) {
		f, err := fileIn(p.Paths().State)
		if err == nil {
			return f, nil
		}
		f, second := nameless(os.TempDir())
		if second == nil {
			return f, nil
		}
		return nil, errors.Join(err, second)
	})
	log.Hide(p.secrets().Words()...)
	return log
}

func fileIn(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return nameless(dir)
}
