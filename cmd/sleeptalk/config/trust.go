package config

import (
	"cmp"
	"fmt"
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
	// Unlisted is why the list does not count; empty if it does.
	Unlisted string
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
				return t, fmt.Errorf("%s: %q is not a whole path: write folders as /home/me/src, or 1 for all", TrustVariable, folder)
			}
			t.Named = append(t.Named, folder)
		}
	}
	if t.All {
		return t, nil
	}
	listed, err := ReadTrusted(p)
	if err != nil { // it trusts nobody, and whatever needs trust says why
		t.Unlisted = err.Error()
	}
	t.Listed = listed
	return t, nil
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
	dir, err := files.Whole(filepath.Dir(file))
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
			return false, cmp.Or(t.Unlisted, untold)
		}
		dir = up
	}
}

// has reports whether a folder is one of a list.
func has(folders []string, dir string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return SameFolder(folder, dir) })
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

// TrustHint is how to trust a file: not before it is closed to others.
func TrustHint(file string) string {
	const once = "for this run only,  --trust"
	if files.IsOpen(file) {
		return "read it, then, " + once
	}
	for _, name := range []string{file, filepath.Dir(file)} {
		if fix := shut(name); fix != "" {
			return fix + ", and read it"
		}
	}
	folder, err := files.Whole(filepath.Dir(file))
	if err != nil {
		folder = filepath.Dir(file)
	}
	return fmt.Sprintf("read it, then  sleeptalk trust %s   or, %s", quote(folder), once)
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
