package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A feature is something of SIP that the program speaks, or understands though it is
// untidy, and what shows that it does.
type feature struct {
	What string     `yaml:"what"`
	RFC  string     `yaml:"rfc"`
	Test string     `yaml:"test"` // "phone/sip TestName", or "phone/sip TestName/case"
	Peer string     `yaml:"peer"` // "TestName (who the peer is)", of this package; "" if there is none
	Rule event.Rule `yaml:"rule"` // of the event that names a peer's fault; "" if there is none
}

// A featureGroup is the features of one subject.
type featureGroup struct {
	Title string    `yaml:"title"`
	Rows  []feature `yaml:"rows"`
}

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
			t.Errorf("%s has no row in testdata/sip.yaml", r.ID)
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

func features() ([]featureGroup, error) {
	const name = "testdata/sip.yaml"
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var groups []featureGroup
	err = place.Decode(name, text, &groups, nil)
	return groups, err
}

const featuresHead = `# SIP

What is spoken of SIP, and what is understood of it though it is untidy. Each has the
sections that say so, the test that shows it, and the test with a real peer where there
is one. What is wrong with a message that is understood all the same is a warning with a
rule, what cannot be understood is an error with one: a scenario can claim both (expect
warning RULE, expect error RULE), sleeptalk explain RULE tells more, and sleeptalk grade
holds it against its sender.
`

func featuresText(groups []featureGroup) string {
	var b strings.Builder
	b.WriteString(featuresHead)
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n", g.Title)
		for _, f := range g.Rows {
			b.WriteString(f.text())
		}
	}
	return b.String()
}

// text is the row as a person reads it: what it is, and below it what shows it.
func (f *feature) text() string {
	said := []string{f.RFC}
	switch {
	case f.Rule.OnlyOnError():
		said = append(said, "error: "+string(f.Rule))
	case f.Rule != "":
		said = append(said, "rule: "+string(f.Rule))
	}
	said = append(said, "test: "+f.Test)
	if f.Peer != "" {
		said = append(said, "peer: "+f.Peer)
	}
	const width = 88
	lines := words.Wrap(f.What, width-2, utf8.RuneCountInString)
	lines = append(lines, words.Wrap(strings.Join(said, "; "), width-2, utf8.RuneCountInString)...)
	return "- " + strings.Join(lines, "\n  ") + "\n"
}
