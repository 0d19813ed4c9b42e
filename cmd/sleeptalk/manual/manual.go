// Package manual shows the manual: "sleeptalk help TOPIC". Its pages are the
// Markdown files of assets/help, which can be read on the web, too; README.md there
// is the index. What a page lists of the program (keys, verbs, settings, faults) is
// made from the program's own tables by the tests of cmd/sleeptalk.
package manual

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/assets"
)

// A Topic is a page of the manual, as the index lists it.
type Topic struct {
	Name  string // of its file, and what follows "sleeptalk help"
	About string
}

// A Group is the topics below one heading of the index.
type Group struct {
	Title  string
	Topics []Topic
}

const (
	folder = "help/"
	index  = folder + "README.md"
)

// entry is a topic's line in the index.
var entry = regexp.MustCompile(`^- \[([a-z0-9-]+)\]\(([a-z0-9-]+)\.md\): (.+)$`)

// Index lists the topics.
func Index() []Group {
	text, err := assets.Files.ReadFile(index)
	if err != nil {
		panic(err) // it is embedded
	}
	var groups []Group
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "## "); ok {
			groups = append(groups, Group{Title: title})
		}
		if m := entry.FindStringSubmatch(line); m != nil && len(groups) > 0 {
			g := &groups[len(groups)-1]
			g.Topics = append(g.Topics, Topic{Name: m[2], About: m[3]})
		}
	}
	return groups
}

// Names lists the topics' names, in the order of the index.
func Names() []string {
	var names []string
	for _, g := range Index() {
		for _, t := range g.Topics {
			names = append(names, t.Name)
		}
	}
	return names
}

// comment is a remark for those who edit a page.
var comment = regexp.MustCompile(`(?s)<!--.*?-->\n?`)

// Page is the text of a topic, in Markdown without comments.
func Page(name string) (string, error) {
	if !slices.Contains(Names(), name) {
		return "", fmt.Errorf("help: %w", fs.ErrNotExist)
	}
	text, err := assets.Files.ReadFile(folder + name + ".md")
	return comment.ReplaceAllString(string(text), ""), err
}
