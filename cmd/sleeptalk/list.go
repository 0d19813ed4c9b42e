package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

func listCommand(p *cli.Program) *cobra.Command {
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
				return showScripts(p, args)
			}
			return runList(p, tags)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			names, _ := script.Names() // without names there is nothing to complete
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

func runList(p *cli.Program, tags []string) error {
	scripts, err := script.Builtin("")
	if err != nil {
		return err
	}
	var rows []listed
	var known []string
	for _, s := range scripts {
		src, f, err := s.Parse()
		if err != nil {
			return err
		}
		known = append(known, f.Tags...)
		if len(tags) == 0 || slices.ContainsFunc(tags, func(t string) bool { return slices.Contains(f.Tags, t) }) {
			rows = append(rows, listed{s.Short(), strings.Join(f.Tags, " "), script.About(src)})
		}
	}
	if len(rows) == 0 {
		slices.Sort(known)
		known = slices.Compact(known)
		return cli.Usage("no scenario has the tag %s%s; there are: %s", strings.Join(tags, " or "), words.DidYouMean(tags[0], known), strings.Join(known, ", "))
	}
	slices.SortStableFunc(rows, func(a, b listed) int { return strings.Compare(a.tags, b.tags) })
	for _, r := range rows {
		if _, err := fmt.Fprintf(p.Out, "%-24s %-18s %s\n", r.name, r.tags, r.about); err != nil {
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
func showScripts(p *cli.Program, names []string) error {
	for _, name := range names {
		scripts, err := script.Builtin(strings.TrimPrefix(name, script.BuiltinPrefix))
		if err != nil {
			return err
		}
		for _, s := range scripts {
			src, err := s.Read(s.Base)
			if err != nil {
				return err
			}
			if _, err := p.Out.Write(src); err != nil {
				return err
			}
		}
	}
	return nil
}
