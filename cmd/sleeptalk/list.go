package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

func (p *program) listCommand() *cobra.Command {
	var tags []string
	cmd := &cobra.Command{
		Use: "list [NAME...]", Short: "List the scenarios that the program has in itself, or show some",
		Long: `List the scenarios that the program has in itself, a line each, by their tags: each
shows one thing that a sleeping phone must do. With a NAME, write what is in it, to
learn from or to begin one's own with. Play one with "sleeptalk run builtin:NAME", all
of them with "sleeptalk run builtin:". With --live they give the same verdicts over real
sockets, but for those that take longer than anybody waits:
` + virtualOnly(),
		Example: "  sleeptalk list --tag wake\n  sleeptalk list reachable-asleep > mine.talk",
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return p.showScripts(args)
			}
			return p.list(tags)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			names, _ := builtins() // without names there is nothing to complete
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().StringSliceVar(&tags, "tag", nil, "only scenarios with this tag")
	return cmd
}

// A listed scenario is a line of the list.
type listed struct {
	name, tags, about string
}

func (p *program) list(tags []string) error {
	scripts, err := findBuiltin("")
	if err != nil {
		return err
	}
	var rows []listed
	var known []string
	for _, s := range scripts {
		src, f, err := s.parse()
		if err != nil {
			return err
		}
		known = append(known, f.Tags...)
		if len(tags) == 0 || slices.ContainsFunc(tags, func(t string) bool { return slices.Contains(f.Tags, t) }) {
			rows = append(rows, listed{strings.TrimSuffix(s.base, scriptSuffix), strings.Join(f.Tags, " "), about(string(src))})
		}
	}
	if len(rows) == 0 {
		slices.Sort(known)
		known = slices.Compact(known)
		return usage("no scenario has the tag %s%s; there are: %s", strings.Join(tags, " or "), words.DidYouMean(tags[0], known), strings.Join(known, ", "))
	}
	slices.SortStableFunc(rows, func(a, b listed) int { return strings.Compare(a.tags, b.tags) })
	for _, r := range rows {
		if _, err := fmt.Fprintf(p.out, "%-24s %-18s %s\n", r.name, r.tags, r.about); err != nil {
			return err
		}
	}
	return nil
}

// virtualOnly says which scenarios cannot be played with --live, and why.
func virtualOnly() string {
	var b strings.Builder
	for _, u := range stage.VirtualOnly() {
		fmt.Fprintf(&b, "\n  %-20s %s", u.Name, u.Why)
	}
	return b.String()
}

// showScripts writes scenarios as they are.
func (p *program) showScripts(names []string) error {
	for _, name := range names {
		scripts, err := findBuiltin(strings.TrimPrefix(name, builtinPrefix))
		if err != nil {
			return err
		}
		for _, s := range scripts {
			src, err := s.read(s.base)
			if err != nil {
				return err
			}
			if _, err := p.out.Write(src); err != nil {
				return err
			}
		}
	}
	return nil
}

// parse reads a scenario, and gives its text too.
func (s *script) parse() ([]byte, *scenario.File, error) {
	src, err := s.read(s.base)
	if err != nil {
		return nil, nil, err
	}
	f, err := scenario.ParseFile(s.name, src, s.read)
	return src, f, err
}

// about is the first line of a scenario, a comment that says what it shows.
func about(src string) string {
	line, _, _ := strings.Cut(src, "\n")
	text, comment := strings.CutPrefix(line, "#")
	if !comment {
		return ""
	}
	return strings.TrimSpace(text)
}
