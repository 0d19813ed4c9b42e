package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// TrustVariable is the environment variable with the folders that are trusted,
// as PATH has them, or 1 for all.
const TrustVariable = "SLEEPTALK_TRUST"

// Trust is whose files the user trusts.
type Trust struct {
	// All trusts everything: --trust says so of one run.
	All bool
	// Listed are the folders of the user's list, Named those of the environment;
	// each is trusted with all that is below it.
	Listed, Named []string
}

// ReadTrust reads what the user trusts, from the environment and from the list.
func ReadTrust(p Paths, all bool, env Env) (Trust, error) {
	t := Trust{All: all}
	switch value := env(TrustVariable); value {
	case "", "0":
	case "1":
		t.All = true
	default:
		for _, folder := range filepath.SplitList(value) {
			if !filepath.IsAbs(folder) {
				return t, fmt.Errorf("%s: %q is not a whole path: write folders as /home/me/work, or 1 for all", TrustVariable, folder)
			}
			t.Named = append(t.Named, folder)
		}
	}
	if t.All {
		return t, nil
	}
	var err error
	t.Listed, err = ReadTrusted(p)
	return t, err
}

// Covers reports whether a file is trusted: it is in a folder that is, and
// nobody else could have put it there; why says what is amiss. Folders are
// compared as the file system has them, so that a symbolic link, or another
// spelling, leads nowhere else.
func (t Trust) Covers(file string) (ok bool, why string) {
	if t.All {
		return true, ""
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return false, "it cannot be looked at: " + err.Error()
	}
	// A link counts where it stands and where it leads to.
	for _, at := range []string{file, real} {
		if ok, why := t.covers(at); !ok {
			return false, why
		}
	}
	return true, ""
}

// untold is why most files are not trusted.
const untold = "its folder is not on the list of sleeptalk trust"

func (t Trust) covers(file string) (ok bool, why string) {
	dir, err := folderOf(filepath.Dir(file))
	if err != nil {
		return false, err.Error()
	}
	path := []string{file}
	for {
		path = append(path, dir)
		switch {
		case has(t.Listed, dir):
			return sole(path, true)
		case has(t.Named, dir):
			return sole(path, false)
		}
		up := filepath.Dir(dir)
		if up == dir {
			return false, untold
		}
		dir = up
	}
}

// has reports whether a folder is one of a list.
func has(folders []string, dir string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return SameFolder(folder, dir) })
}

// folderOf is the whole path of a folder, without links.
func folderOf(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// SameFolder reports whether two paths lead to the same folder, or, where one is
// gone, are written alike.
func SameFolder(a, b string) bool {
	if abs, err := filepath.Abs(b); err == nil && abs == a {
		return true
	}
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	two, err := os.Stat(b)
	return err == nil && os.SameFile(one, two)
}

// maxTrusted bounds the list of trusted folders.
const maxTrusted = 1 << 20

// ReadTrusted reads the list of trusted folders, a line each. A list that others
// can write says nothing.
func ReadTrusted(p Paths) ([]string, error) {
	if p.Trusted == "" {
		return nil, nil
	}
	text, err := files.Read(p.Trusted, maxTrusted)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if ok, why := sole([]string{p.Trusted, filepath.Dir(p.Trusted)}, true); !ok {
		return nil, fmt.Errorf("the list of trusted folders does not count: %s", why)
	}
	var folders []string
	for line := range strings.Lines(string(text)) {
		if folder := strings.TrimRight(line, "\r\n"); filepath.IsAbs(folder) {
			folders = append(folders, folder)
		}
	}
	return folders, nil
}

// WriteTrusted writes the list anew, whole or not at all, for the user's eyes
// only.
func WriteTrusted(p Paths, folders []string) (err error) {
	if p.Trusted == "" {
		return errors.New("there is no HOME to keep a list of trusted folders in")
	}
	dir := filepath.Dir(p.Trusted)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".trusted.*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.WriteString(strings.Join(append(folders, ""), "\n"))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), p.Trusted)
}

// Trustable is the path of a folder as the list has it, or why the folder cannot
// be trusted: with it would be everything that the user has, or what others
// write.
func Trustable(dir string, env Env) (string, error) {
	folder, err := folderOf(dir)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(folder)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", folder)
	}
	if err != nil {
		return "", err
	}
	if strings.ContainsAny(folder, "\r\n") {
		return "", fmt.Errorf("%q has a line break in it", folder)
	}
	if home := base(env, "", ""); home != "" {
		if home, err = folderOf(home); err == nil && (home == folder || within(home, folder)) {
			return "", fmt.Errorf("%s has everything below it that is yours, downloads too: trust a folder of your work", folder)
		}
	}
	if filepath.Dir(folder) == folder {
		return "", fmt.Errorf("%s has everything below it: trust a folder of your work", folder)
	}
	if ok, why := sole([]string{folder}, true); !ok {
		return "", errors.New(why)
	}
	return folder, replaceable(folder)
}

// within reports whether a path is below a folder.
func within(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}

// An UntrustedError says what a file says that only one may which the user
// trusts.
type UntrustedError struct {
	Breaches []setup.Breach
	Why      string // the file of the first is not trusted
}

func (e *UntrustedError) Error() string {
	var b strings.Builder
	for _, breach := range e.Breaches {
		b.WriteString(breach.String() + "\n")
	}
	fmt.Fprintf(&b, "%s is not trusted: %s; nothing was run, and nothing was sent", e.Breaches[0].File, e.Why)
	return b.String()
}

// Hint is how to trust it.
func (e *UntrustedError) Hint() string { return TrustHint(e.Breaches[0].File) }

// TrustHint is how to trust a file.
func TrustHint(file string) string {
	folder, err := folderOf(filepath.Dir(file))
	if err != nil {
		folder = filepath.Dir(file)
	}
	return fmt.Sprintf("read it, then  sleeptalk trust %s   or, for this run only,  --trust", quote(folder))
}

// quote makes a path one word of a shell.
func quote(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/\\:.,_-+@%=~", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
