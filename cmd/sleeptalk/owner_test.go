//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// owned is a line that says who publishes sleeptalk: the owner is its one group that is not
// empty.
var owned = regexp.MustCompile(`(?:github\.com|ghcr\.io)/([\w-]+)/(?:sleeptalk|homebrew-tap|scoop-bucket)\b` +
	`|(?:^|[\s"\x60])([\w-]+)/(?:tap/sleeptalk|sleeptalk/\.github/)|--id ([\w-]+)\.sleeptalk|--repo ([\w-]+)/sleeptalk|bucket add ([\w-]+) `)

// owners are those that the files of a folder name, and where the first stands: in the code,
// and in the texts, which are installed from.
func owners(t *testing.T, dir string) (code, texts map[string]string) {
	t.Helper()
	code, texts = map[string]string{}, map[string]string{}
	for _, name := range tracked(t, dir) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		in := code
		if filepath.Ext(name) == ".md" {
			in = texts
		}
		for line := range strings.Lines(string(text)) {
			if !strings.Contains(line, "sleeptalk") && !strings.Contains(line, "scoop-bucket") && !strings.Contains(line, "homebrew-tap") {
				continue // which is quick, and says so of nearly all
			}
			for _, m := range owned.FindAllStringSubmatch(line, -1) {
				owner := strings.Join(m[1:], "")
				if strings.HasPrefix(m[0], "ghcr.io/") {
					owner = "image of " + owner // whose names are in lower case
				}
				in[owner] = name + ": " + m[0]
			}
		}
	}
	return code, texts
}

// tracked are the files that belong to the project, but what tests compare with.
func tracked(t *testing.T, dir string) []string {
	t.Helper()
	git := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", ":!*/testdata/*")
	git.Dir = dir
	out, err := git.Output()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Split(strings.Trim(string(out), "\x00"), "\x00"), func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name)) // deleted, and not committed yet
		return err != nil || name == ".github/owner" || name == "cmd/sleeptalk/owner_test.go"
	})
}

// TestOneOwner says that no line names another owner than the rest: what it installs would
// be a stranger's.
func TestOneOwner(t *testing.T) {
	t.Parallel()
	owner := strings.Split(module, "/")[1]
	code, texts := owners(t, root)
	if len(code) != 1 || code[owner] == "" {
		t.Errorf("the module is %s, and there are lines of %q: .github/owner NAME writes them", owner, code)
	}
	named := texts[owner] != "" && texts["image of "+strings.ToLower(owner)] != ""
	unnamed := texts["OWNER"] != "" && texts["image of OWNER"] != ""
	if len(texts) != 2 || !named && !unnamed {
		t.Errorf("the owner is %s, or OWNER as long as nobody has been named, and there are lines of %q", owner, texts)
	}
}

// TestOwner names an owner, and another after that, in a copy.
func TestOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range append(tracked(t, root), ".github/owner") {
		copyFile(t, filepath.Join(root, name), filepath.Join(dir, name))
	}
	in := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOPROXY=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	in("git", "init", "--quiet")
	in("git", "add", "--all")
	for _, owner := range []string{"Some-Body", "other"} {
		in(".github/owner", owner)
		if got := in(".github/owner"); got != owner {
			t.Errorf("the owner is %s, want %s", got, owner)
		}
		code, texts := owners(t, dir)
		if len(code) != 1 || code[owner] == "" {
			t.Errorf("for %s, code names %q", owner, code)
		}
		if len(texts) != 2 || texts[owner] == "" || texts["image of "+strings.ToLower(owner)] == "" {
			t.Errorf("for %s, texts name %q", owner, texts)
		}
	}
	in("go", "list", "-deps", "-test", "./...") // each import is there
	in("go", "build", "./phone/words")
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil || !strings.Contains(string(readme), "`brew install other/tap/sleeptalk`") {
		t.Error("README does not install what other has published", err)
	}
	for _, bad := range []string{"", "OWNER", "a--b", "-a", "a b", "a/b", "a'b", strings.Repeat("a", 40)} {
		cmd := exec.Command(filepath.Join(dir, ".github/owner"), bad)
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("%q is taken for a name: %s", bad, out)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(to, text, info.Mode())
	}
	if err != nil {
		t.Fatal(err)
	}
}
