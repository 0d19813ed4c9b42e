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
	warned := map[string]bool{}
	for _, g := range groups {
		for _, f := range g.Rows {
			if f.What == "" || !strings.HasPrefix(f.RFC, "RFC ") {
				t.Errorf("%q: RFC %q", f.What, f.RFC)
			}
			pkg, test, _ := strings.Cut(f.Test, " ")
			if !hasTest(t, pkg, test) {
				t.Errorf("%q: there is no test %q", f.What, f.Test)
			}
			if peer, who, _ := strings.Cut(f.Peer, " "); f.Peer != "" && (who == "" || !hasTest(t, "cmd/sleeptalk", peer)) {
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
	read := func(pattern string) (all string) {
		sources, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, source := range sources {
			text, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			all += string(text)
		}
		return all
	}
	made, rules := read("phone/sip/*.go"), map[string]bool{}
	for _, m := range regexp.MustCompile(`(Rule\w+) +Rule = "([a-z-]+)"`).FindAllStringSubmatch(read("phone/event/rule.go"), -1) {
		if regexp.MustCompile(`\bevent\.` + m[1] + `\b`).MatchString(made) {
			rules[m[2]] = true
		}
	}
	return rules
}

// hasTest reports whether the tests of a package have one of that name. Its case is a
// word of theirs, or one of their files.
func hasTest(t *testing.T, pkg, test string) bool {
	t.Helper()
	name, sub, _ := strings.Cut(test, "/")
	sources, err := filepath.Glob(filepath.Join(root, pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	if !regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name) + `\(`).MatchString(all.String()) {
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
	return sub == "" || len(files)+len(flat) > 0 || strings.Contains(all.String(), `"`+sub+`"`)
}
