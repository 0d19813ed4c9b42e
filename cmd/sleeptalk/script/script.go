// Package script finds scenarios: files of a user's own, folders of them, and
// those that the program has in itself.
package script

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Suffix is that of a scenario's file, BuiltinPrefix how one of the program is
// told from a file.
const (
	Suffix        = ".talk"
	BuiltinPrefix = "builtin:"
)

// folder is where the scenarios of the program are among its assets.
const folder = "scenarios"

// MaxSize bounds a scenario file: a slip that names a recording must not fill
// the memory.
const MaxSize = 4 << 20

// A Script is a scenario file that was found.
type Script struct {
	Name string // as messages and reports call it
	Base string // its name for Read
	Dir  string // where its sounds are; "" for those of the program
	// Read reads a file beside it.
	Read func(name string) ([]byte, error)
	// Confined has it read the files of its folder alone: nobody trusts it.
	Confined bool
}

// Short is its name without folder and suffix.
func (s *Script) Short() string { return strings.TrimSuffix(filepath.Base(s.Base), Suffix) }

// Parse reads the scenario, and gives its text too.
func (s *Script) Parse() ([]byte, *scenario.File, error) {
	src, err := s.Read(s.Base)
	if err != nil {
		return nil, nil, err
	}
	f, err := scenario.ParseFile(s.Name, src, s.Read)
	return src, f, err
}

// Beside reads a file that a scenario names, from beside it: a sound, or a raw
// profile.
func (s *Script) Beside(name string) ([]byte, error) {
	switch {
	case s.Dir == "":
		return nil, fmt.Errorf("the program has no %q", name)
	case s.Confined:
		return files.Within(s.Dir, name, files.MaxSound)
	case filepath.IsAbs(name):
		return files.Named(name)
	}
	return files.Named(filepath.Join(s.Dir, filepath.FromSlash(name)))
}

// About is the first line of a scenario, a comment that says what it shows.
func About(src []byte) string {
	line, _, _ := strings.Cut(string(src), "\n")
	text, comment := strings.CutPrefix(line, "#")
	if !comment {
		return ""
	}
	return strings.TrimSpace(text)
}

// Names lists the scenarios of the program.
func Names() ([]string, error) {
	entries, err := fs.Glob(assets.Files, folder+"/*"+Suffix)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		entries[i] = strings.TrimSuffix(path.Base(e), Suffix)
	}
	return entries, nil
}

// Complete completes builtin:NAME, and leaves the rest to the shell, which knows the files.
func Complete(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	if !strings.HasPrefix(BuiltinPrefix, typed) && !strings.HasPrefix(typed, BuiltinPrefix) || typed == "" {
		return nil, cobra.ShellCompDirectiveDefault
	}
	names, _ := Names() // without names there is nothing to complete
	for i := range names {
		names[i] = BuiltinPrefix + names[i]
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// OfProgram is the scenario of the program with a name that it has.
func OfProgram(name string) *Script {
	return &Script{
		Name: BuiltinPrefix + name, Base: name + Suffix,
		Read: func(name string) ([]byte, error) { return assets.Files.ReadFile(path.Join(folder, name)) },
	}
}

func ofFile(name string) *Script {
	dir := filepath.Dir(name)
	return &Script{
		Name: filepath.ToSlash(name), Base: filepath.Base(name), Dir: dir,
		Read: func(name string) ([]byte, error) { return files.Read(filepath.Join(dir, name), MaxSize) },
	}
}

// confine has a script that is not trusted read the files of its folder alone, be
// it itself: a link of a folder of scenarios may lead anywhere.
func (s *Script) confine(trust config.Trust) {
	file := filepath.Join(s.Dir, s.Base)
	if ok, _ := trust.Covers(file); ok || s.Dir == "" {
		return
	}
	s.Confined = true
	s.Read = func(name string) ([]byte, error) {
		if name == s.Base && files.IsOpen(file) {
			return files.Read(file, MaxSize)
		}
		return files.Within(s.Dir, name, MaxSize)
	}
}

// Find finds the files that the arguments name, each once, and confines those that
// nobody trusts.
func Find(p *cli.Program, args []string) ([]*Script, error) {
	if len(args) == 0 {
		return nil, cli.Usage("run what? a file, a folder, or builtin:NAME; sleeptalk list shows those")
	}
	trust, err := p.Trusted()
	if err != nil {
		return nil, cli.InvalidConfig(err)
	}
	var list []*Script
	for _, arg := range args {
		found, err := find(arg)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if !slices.ContainsFunc(list, func(o *Script) bool { return o.Name == s.Name }) {
				s.confine(trust)
				list = append(list, s)
			}
		}
	}
	return list, nil
}

func find(arg string) ([]*Script, error) {
	if name, ok := strings.CutPrefix(arg, BuiltinPrefix); ok {
		return Builtin(name)
	}
	info, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		names, listErr := Names()
		hint := ""
		if slices.Contains(names, arg) {
			hint = "sleeptalk run " + BuiltinPrefix + arg
		}
		return nil, errors.Join(cli.Cannot(fmt.Errorf("no file %s", arg), hint), listErr)
	case err != nil:
		return nil, cli.Cannot(err, "")
	case !info.IsDir():
		return []*Script{ofFile(arg)}, nil
	}
	return findBelow(arg)
}

// Builtin finds a scenario of the program; all of them without a name.
func Builtin(name string) ([]*Script, error) {
	names, err := Names()
	if err != nil {
		return nil, err
	}
	switch {
	case name == "":
		list := make([]*Script, len(names))
		for i, n := range names {
			list[i] = OfProgram(n)
		}
		return list, nil
	case !slices.Contains(names, name):
		return nil, cli.Cannot(fmt.Errorf("no built-in scenario %q%s", name, words.DidYouMean(name, names)), "sleeptalk list")
	}
	return []*Script{OfProgram(name)}, nil
}

// findBelow lists the scenarios below a folder, in the order of their names.
func findBelow(dir string) ([]*Script, error) {
	var list []*Script
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, Suffix) {
			list = append(list, ofFile(name))
		}
		return err
	})
	if err != nil {
		return nil, cli.Cannot(err, "")
	}
	return list, nil
}
