package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

const (
	scriptSuffix  = ".talk"
	builtinPrefix = "builtin:"
	builtinFolder = "scenarios"
)

// maxScript bounds a scenario file: a slip that names a recording must not
// fill the memory.
const maxScript = 4 << 20

// A script is a scenario file, found and, after that, read.
type script struct {
	name string // as messages and reports call it
	read func(name string) ([]byte, error)
	base string // its name for read
	dir  string // where its sounds are; "" for those of the program
	file *scenario.File
	live bool
}

// builtins lists the scenarios of the program, by name.
func builtins() ([]string, error) {
	entries, err := fs.Glob(assets.Files, builtinFolder+"/*"+scriptSuffix)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		entries[i] = strings.TrimSuffix(path.Base(e), scriptSuffix)
	}
	return entries, nil
}

func builtinScript(name string) *script {
	return &script{
		name: builtinPrefix + name, base: name + scriptSuffix,
		read: func(name string) ([]byte, error) { return assets.Files.ReadFile(path.Join(builtinFolder, name)) },
	}
}

func fileScript(name string) *script {
	dir := filepath.Dir(name)
	return &script{
		name: filepath.ToSlash(name), base: filepath.Base(name), dir: dir,
		read: func(name string) ([]byte, error) { return readBounded(filepath.Join(dir, name)) },
	}
}

func readBounded(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxScript {
		err = fmt.Errorf("%s has %d bytes: no scenario has", name, info.Size())
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// findScripts finds the files that the arguments name, each once.
func (p *program) findScripts(args []string) ([]*script, error) {
	if len(args) == 0 {
		return nil, usage("run what? a file, a folder, or builtin:NAME; sleeptalk list shows those")
	}
	var list []*script
	for _, arg := range args {
		found, err := findScript(arg)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if !slices.ContainsFunc(list, func(o *script) bool { return o.name == s.name }) {
				list = append(list, s)
			}
		}
	}
	return list, nil
}

func findScript(arg string) ([]*script, error) {
	if name, ok := strings.CutPrefix(arg, builtinPrefix); ok {
		return findBuiltin(name)
	}
	info, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		names, listErr := builtins()
		hint := ""
		if slices.Contains(names, arg) {
			hint = "sleeptalk run " + builtinPrefix + arg
		}
		return nil, errors.Join(cannot(fmt.Errorf("no file %s", arg), hint), listErr)
	case err != nil:
		return nil, cannot(err, "")
	case !info.IsDir():
		return []*script{fileScript(arg)}, nil
	}
	return findBelow(arg)
}

func findBuiltin(name string) ([]*script, error) {
	names, err := builtins()
	if err != nil {
		return nil, err
	}
	switch {
	case name == "":
		list := make([]*script, len(names))
		for i, n := range names {
			list[i] = builtinScript(n)
		}
		return list, nil
	case !slices.Contains(names, name):
		return nil, cannot(fmt.Errorf("no built-in scenario %q%s", name, words.DidYouMean(name, names)), "sleeptalk list")
	}
	return []*script{builtinScript(name)}, nil
}

// findBelow lists the scenarios below a folder, in the order of their names.
func findBelow(dir string) ([]*script, error) {
	var list []*script
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, scriptSuffix) {
			list = append(list, fileScript(name))
		}
		return err
	})
	if err != nil {
		return nil, cannot(err, "")
	}
	return list, nil
}

// checkScripts reads all files before any is played, says all that is wrong
// with them, and leaves out those without a tag that was asked for.
func (p *program) checkScripts(list []*script, o *runOptions) ([]*script, error) {
	var kept []*script
	var problems []error
	for _, s := range list {
		src, err := s.read(s.base)
		if err != nil {
			return nil, cannot(err, "")
		}
		if s.file, err = scenario.ParseFile(s.name, src, s.read); err == nil {
			s.live = o.liveFor(s.file)
			err = p.fits(o, s)
		}
		if err != nil {
			problems = append(problems, err)
		} else if o.tagged(s.file) {
			kept = append(kept, s)
		}
	}
	if len(problems) > 0 {
		return nil, invalid(errors.Join(problems...), "")
	}
	return kept, nil
}

// liveFor reports whether a scenario is played over real sockets.
func (o *runOptions) liveFor(f *scenario.File) bool {
	_, account := f.Use(scenario.UseAccount)
	_, server := f.Use(scenario.UseServer)
	return !o.world && (o.live || o.elsewhere() || account || server)
}

// fits reports what a scenario asks for that its stage does not have.
func (p *program) fits(o *runOptions, s *script) error {
	if !s.live {
		_, err := stage.New(p.worldOf(o, s, o.seed))
		return err
	}
	if !o.elsewhere() && !ownServer(s.file) {
		return nil
	}
	for _, c := range s.file.Cases {
		for _, st := range c.Steps {
			if st.Kind == scenario.Lab {
				return fmt.Errorf("%s:%d `%s` needs the built-in server, and another is used", st.File, st.Line, st.Text)
			}
		}
	}
	return nil
}

// ownServer reports whether a scenario names a server of its own.
func ownServer(f *scenario.File) bool {
	_, account := f.Use(scenario.UseAccount)
	_, server := f.Use(scenario.UseServer)
	return account || server
}

// worldOf is the stage in virtual time for a scenario.
func (p *program) worldOf(o *runOptions, s *script, seed uint64) stage.Config {
	return stage.Config{Casting: p.casting(context.Background(), o, s), Seed: seed, Misbehave: o.misbehave}
}

// beside reads a file that a scenario names, from beside it: a sound, or a raw
// profile.
func (s *script) beside(name string) ([]byte, error) {
	if s.dir == "" {
		return nil, fmt.Errorf("the program has no %q", name)
	}
	return os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
}

// tagged reports whether a file has a test case with a tag that was asked for.
func (o *runOptions) tagged(f *scenario.File) bool {
	if len(o.tags) == 0 {
		return true
	}
	return slices.ContainsFunc(o.tags, func(t string) bool {
		return slices.Contains(f.Tags, t) ||
			slices.ContainsFunc(f.Cases, func(c scenario.Case) bool { return slices.Contains(c.Tags, t) })
	})
}
