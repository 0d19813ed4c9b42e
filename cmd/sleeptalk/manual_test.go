package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/manual"
)

// pages is where the manual is.
const pages = root + "/assets/help/"

var madeBlock = regexp.MustCompile(`(?s)(<!-- made: ([a-z-]+) -->\n).*?(<!-- end -->)`)

// TestManualSaysWhatTheProgramHas holds what the pages list of the program to its
// tables. With -update it writes the pages anew.
func TestManualSaysWhatTheProgramHas(t *testing.T) {
	used := map[string]bool{}
	for _, name := range pageFiles(t) {
		text := readPage(t, name)
		now := madeBlock.ReplaceAllStringFunc(text, func(old string) string {
			m := madeBlock.FindStringSubmatch(old)
			make := made[m[2]]
			if make == nil {
				t.Fatalf("%s: nobody makes %q", name, m[2])
			}
			used[m[2]] = true
			return m[1] + strings.TrimSpace(make(t)) + "\n" + m[3]
		})
		switch {
		case now == text:
		case *updateTapes:
			if err := os.WriteFile(pages+name, []byte(now), 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s is not what the program has: go test ./cmd/sleeptalk -run ManualSays -update", name)
		}
	}
	for name := range made {
		if !used[name] {
			t.Errorf("no page has %q", name)
		}
	}
}

// TestManualIndex wants each page in the index, once, and no name that is a command's.
func TestManualIndex(t *testing.T) {
	names := manual.Names()
	for _, file := range pageFiles(t) {
		name := strings.TrimSuffix(file, ".md")
		if n := count(names, name); name != "README" && n != 1 {
			t.Errorf("%s stands %d times in the index", file, n)
		}
	}
	p := &cli.Program{Env: func(string) string { return "" }}
	for _, name := range names {
		if page, err := manual.Page(name); err != nil || !strings.HasPrefix(page, "# ") || strings.Contains(page, "<!--") {
			t.Errorf("%s: no page that begins with a heading: %v", name, err)
		}
		if cmd, _, err := commands(p).Find([]string{name}); err == nil && cmd.HasParent() {
			t.Errorf("%s is a command, whose help has that name", name)
		}
	}
}

func count(list []string, word string) (n int) {
	for _, w := range list {
		if w == word {
			n++
		}
	}
	return n
}

// TestManualLinks follows the links between the pages.
func TestManualLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	for _, name := range pageFiles(t) {
		for _, m := range link.FindAllStringSubmatch(readPage(t, name), -1) {
			if _, err := os.Stat(filepath.Join(pages, m[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestManualIsShown draws each page for a terminal of 80 columns.
func TestManualIsShown(t *testing.T) {
	const width = 80
	for _, name := range manual.Names() {
		page, err := manual.Page(name)
		if err != nil {
			t.Fatal(err)
		}
		shown := manual.Show(page, width)
		if !strings.Contains(shown, "\x1b[") {
			t.Errorf("%s has no styles", name)
		}
	}
}

// pageFiles are the files of the manual.
func pageFiles(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(pages + "*.md")
	if err != nil || len(paths) == 0 {
		t.Fatal("no pages: ", err)
	}
	var names []string
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	slices.Sort(names)
	return names
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(pages + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
