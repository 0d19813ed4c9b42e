package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sleeptalk/phone/scenario"
)

func (p *program) listCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the scenarios that the program has in itself", Args: cobra.NoArgs,
		Long: `List the scenarios that the program has in itself: each shows one thing that a
sleeping phone must do, and says why. Play one with "sleeptalk run builtin:NAME",
all of them with "sleeptalk run builtin:".`,
		RunE: func(*cobra.Command, []string) error { return p.list() },
	}
}

func (p *program) list() error {
	names, err := builtins()
	if err != nil {
		return err
	}
	for _, name := range names {
		s := builtinScript(name)
		src, err := s.read(s.base)
		if err != nil {
			return err
		}
		f, err := scenario.ParseFile(s.name, src, s.read)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(p.out, "%-26s %2d tests  %s\n%27s%s\n", name, tests(f), strings.Join(f.Tags, " "), "", about(string(src))); err != nil {
			return err
		}
	}
	return nil
}

// tests counts the test cases that a person would count.
func tests(f *scenario.File) int {
	n := 0
	for _, c := range f.Cases {
		if c.Name != scenario.SetupCase || len(c.Steps) > 0 {
			n++
		}
	}
	return n
}

// about is the first paragraph of a scenario's first comment.
func about(src string) string {
	var words []string
	for line := range strings.Lines(src) {
		text, comment := strings.CutPrefix(strings.TrimSpace(line), "#")
		text = strings.TrimSpace(text)
		if !comment || text == "" || strings.HasPrefix(text, "tags:") {
			break
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}
