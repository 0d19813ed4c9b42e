package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
)

// ManCommand is "sleeptalk man": the man page of a command, in roff, for those who make
// packages. The name of a page is that of the command with hyphens: sleeptalk-run(1).
func ManCommand(p *cli.Program) *cobra.Command {
	var list bool
	cmd := &cobra.Command{
		Use: "man [COMMAND...]", Short: "Write the man page of a command", Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				_, err := io.WriteString(p.Out, strings.Join(manNames(cmd.Root()), "\n")+"\n")
				return err
			}
			of, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return cli.Usage("no command %q", strings.Join(args, " "))
			}
			_, err = io.WriteString(p.Out, manPage(of))
			return err
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "list the commands that have a page")
	return cmd
}

// manNames are the commands that have a page, without the program's name; the program itself,
// whose page is asked for without one, is not among them.
func manNames(of *cobra.Command) (names []string) {
	for _, c := range below(of) {
		_, path, _ := strings.Cut(c.CommandPath(), " ")
		names = append(append(names, path), manNames(c)...)
	}
	return names
}

// pageName is that of a command's page.
func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func manPage(cmd *cobra.Command) string {
	var b strings.Builder
	name := pageName(cmd)
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"sleeptalk %s\" \"sleeptalk manual\"\n", strings.ToUpper(name), roff(cli.Build().Version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), roff(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", roff(usage(cmd)))
	b.WriteString(".SH DESCRIPTION\n")
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	paragraphs(&b, text)
	if flags := visible(cmd); len(flags) > 0 {
		b.WriteString(".SH OPTIONS\n")
		for _, f := range flags {
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fR\n%s\n", roff(flagName(f)), roff(flagText(f)))
		}
	}
	if cmd.Example != "" {
		b.WriteString(".SH EXAMPLES\n.EX\n" + roff(strings.TrimRight(cmd.Example, "\n")) + "\n.EE\n")
	}
	facts(&b, "EXIT STATUS", cli.ExitCodes())
	facts(&b, "FILES", cli.Locations())
	facts(&b, "ENVIRONMENT", cli.Environment())
	b.WriteString(".SH SEE ALSO\n" + seeAlso(cmd) + ".PP\nThe manual: sleeptalk help\n")
	return b.String()
}

// paragraphs writes a text: its paragraphs filled, and what stands further in as it is.
func paragraphs(b *strings.Builder, text string) {
	for i, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		asItIs := false
		for line := range strings.SplitSeq(p, "\n") {
			if further := strings.HasPrefix(line, " "); further != asItIs {
				asItIs = further
				b.WriteString(map[bool]string{true: ".RS\n.nf\n", false: ".fi\n.RE\n"}[further])
			}
			b.WriteString(roff(strings.TrimSpace(line)) + "\n")
		}
		if asItIs {
			b.WriteString(".fi\n.RE\n")
		}
	}
}

func facts(b *strings.Builder, title string, list []cli.Fact) {
	b.WriteString(".SH " + title + "\n")
	for _, f := range list {
		fmt.Fprintf(b, ".TP\n\\fB%s\\fR\n%s\n", roff(f.Name), roff(f.Means))
	}
}

// seeAlso are the pages of the command above, and of those below.
func seeAlso(cmd *cobra.Command) string {
	var pages []string
	if cmd.HasParent() {
		pages = append(pages, pageName(cmd.Parent()))
	}
	for _, c := range below(cmd) {
		pages = append(pages, pageName(c))
	}
	for i, name := range pages {
		pages[i] = "\\fB" + roff(name) + "\\fR(1)"
	}
	return strings.Join(pages, ",\n") + "\n"
}

// roff is a text in which nothing is a request or an escape.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
