package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/report"
)

// Runs is the folder in the state directory where runs are kept.
func (p *Program) Runs() string { return filepath.Join(p.Paths().State, "runs") }

// KeepPrivate lets nobody else read the state directory.
func (p *Program) KeepPrivate() {
	if err := p.closeState(); err != nil {
		p.Warn(fmt.Sprintf("others may read the state directory: %v", err), "XDG_STATE_HOME=/a/directory/of/your/own")
	}
}

// closeState closes the state directory to others, once for each program: it goes
// through all that is in it.
func (p *Program) closeState() error {
	if p.private {
		return nil
	}
	err := keep.Private(p.Paths().State)
	p.private = err == nil
	return err
}

// writePrivate creates a file that nobody else may read.
func writePrivate(name string, text []byte) error {
	return keep.File{Kind: keep.Plain, Name: name, Private: true}.WriteBytes(text)
}

// maxSameTime bounds the runs of one name that are kept within a second.
const maxSameTime = 1000

// RunFolder creates a folder for the evidence of a run, as the function of that name
// does. The first time it keeps others out of what is beside it, too.
func (p *Program) RunFolder(name string) (report.Dir, error) {
	if err := p.closeState(); err != nil {
		return report.Dir{}, err
	}
	return RunFolder(p.Runs(), name)
}

// RunFolder creates a folder of its own for the evidence of a run, among the
// runs: its name and the time, and a number where that is taken. Nobody else may
// read it.
func RunFolder(runs, name string) (report.Dir, error) {
	err := os.MkdirAll(runs, 0o700)
	stamped := filepath.Join(runs, clean.FileName(name)+time.Now().Format("-0102-150405"))
	dir := report.Dir{Path: stamped, Private: true}
	for n := 2; err == nil; n++ {
		if err = os.Mkdir(dir.Path, 0o700); err == nil {
			return dir, nil
		}
		if errors.Is(err, fs.ErrExist) && n < maxSameTime {
			dir.Path, err = fmt.Sprintf("%s-%d", stamped, n), nil
		}
	}
	return dir, err
}
