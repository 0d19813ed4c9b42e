package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
)

// TestSIPTable holds the table of features to the code: each row names a section, a
// test that is there, with its case, and a rule that is explained; and each rule of
// untidiness has a row, as has each that phone/sip names and an RFC has made.
func TestSIPTable(t *testing.T) {
	groups, err := features()
	if err != nil {
		t.Fatal(err)
	}
	warned, tests := map[string]bool{}, packageTests{}
	for _, g := range groups {
		for _, f := range g.Rows {
			if f.What == "" || !strings.HasPrefix(f.RFC, "RFC ") {
				t.Errorf("%q: RFC %q", f.What, f.RFC)
			}
			pkg, test, _ := strings.Cut(f.Test, " ")
			if !tests.has(t, pkg, test) {
				t.Errorf("%q: there is no test %q", f.What, f.Test)
			}
			if peer, who, _ := strings.Cut(f.Peer, " "); f.Peer != "" && (who == "" || !tests.has(t, "cmd/sleeptalk", peer)) {
				t.Errorf("%q: there is no test %q", f.What, f.Peer)
			}
			if f.Rule != "" {
				warned[string(f.Rule)] = true
				if _, err := diagnose.Find(string(f.Rule)); err != nil {
					t.Errorf("%q: %v", f.What, err)
				}
			}
		}
	}
	made := madeInSIP(t)
	for _, r := range diagnose.All() {
		ofSIP := strings.HasPrefix(string(r.ID), "untidy-") || made[string(r.ID)] && strings.Contains(r.Source, "RFC ")
		if ofSIP && !warned[string(r.ID)] {
			t.Errorf("%s has no row in assets/sip.yaml", r.ID)
		}
	}
}

// madeInSIP is the rules by which phone/sip warns or fails.
func madeInSIP(t *testing.T) map[string]bool {
	t.Helper()
	made, rules := map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile(`\bevent\.(Rule\w+)`).FindAllStringSubmatch(sources(t, "phone/sip/*.go"), -1) {
		made[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`(Rule\w+) +Rule = "([a-z-]+)"`).FindAllStringSubmatch(sources(t, "phone/event/rule.go"), -1) {
		if made[m[1]] {
			rules[m[2]] = true
		}
	}
	return rules
}

// sources is the text of all files of a pattern.
func sources(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// packageTests are the sources of the tests of each package, read once.
type packageTests map[string]string

// has reports whether the tests of a package have one of that name. Its case is a
// word of theirs, or one of their files.
func (p packageTests) has(t *testing.T, pkg, test string) bool {
	t.Helper()
	if _, read := p[pkg]; !read {
		p[pkg] = sources(t, pkg+"/*_test.go")
	}
	name, sub, _ := strings.Cut(test, "/")
	if !strings.Contains(p[pkg], "\nfunc "+name+"(") {
		return false
	}
	files, err := filepath.Glob(filepath.Join(root, pkg, "testdata", "*", sub+".*"))
	if err != nil {
		t.Fatal(err)
	}
	flat, err := filepath.Glob(filepath.Join(root, pkg, "testdata", sub+".*"))
	if err != nil {
		t.Fatal(err)
	}
	return sub == "" || len(files)+len(flat) > 0 || strings.Contains(p[pkg], `"`+sub+`"`)
}
