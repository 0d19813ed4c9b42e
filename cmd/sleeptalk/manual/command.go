package manual

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Command is "sleeptalk help": the topics, a page of them, or the help of a command.
func Command(p *cli.Program) *cobra.Command {
	return &cobra.Command{
		Use: "help [TOPIC|COMMAND]", Short: "The manual: its topics, and the help of each command",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return complete(cmd.Root(), args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				_, err := fmt.Fprint(p.Out, contents(cmd.Root()))
				return err
			}
			if page, err := Page(args[0]); err == nil && len(args) == 1 {
				return write(p, page)
			}
			return helpOf(cmd.Root(), args)
		},
	}
}

// complete lists what can follow "sleeptalk help".
func complete(root *cobra.Command, args []string) []string {
	if len(args) > 0 {
		cmd, _, err := root.Find(args)
		if err != nil || cmd == root {
			return nil
		}
		return commandNames(cmd)
	}
	return append(Names(), commandNames(root)...)
}

func commandNames(of *cobra.Command) []string {
	var names []string
	for _, c := range below(of) {
		names = append(names, c.Name()+"\t"+c.Short)
	}
	return names
}

// below are the commands of a command, without those that are hidden.
func below(of *cobra.Command) (shown []*cobra.Command) {
	for _, c := range of.Commands() {
		if c.IsAvailableCommand() {
			shown = append(shown, c)
		}
	}
	return shown
}

// helpOf is the help of a command.
func helpOf(root *cobra.Command, args []string) error {
	cmd, rest, err := root.Find(args)
	if err != nil || cmd == root || len(rest) > 0 {
		known := Names()
		for _, c := range root.Commands() {
			known = append(known, c.Name())
		}
		asked := strings.Join(args, " ")
		return cli.Fail(cli.ExitUsage, fmt.Errorf("no help topic and no command %q%s", asked, words.DidYouMean(asked, known)), "sleeptalk help, which lists them")
	}
	cmd.InitDefaultHelpFlag()
	return cmd.Help()
}

// write shows a page on a terminal, and otherwise writes it as it is.
func write(p *cli.Program, page string) error {
	if width, ok := width(p.Out); ok {
		_, err := io.WriteString(colorprofile.NewWriter(cli.Coloured(p.Out), os.Environ()), Show(page, width))
		return err
	}
	_, err := io.WriteString(p.Out, page)
	return err
}

// width is that of the terminal that is written to, if it is one.
func width(out io.Writer) (int, bool) {
	f, ok := cli.Raw(out).(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(f.Fd()) {
		return 0, false
	}
	width, _, err := term.GetSize(f.Fd())
	return width, err == nil && width > 0
}

// contents lists the topics and the commands.
func contents(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("sleeptalk help TOPIC shows a page of the manual, sleeptalk help COMMAND a command.\n")
	for _, g := range Index() {
		b.WriteString("\n" + g.Title + "\n")
		for _, t := range g.Topics {
			row(&b, t.Name, t.About)
		}
	}
	b.WriteString("\nCommands\n")
	for _, c := range below(root) {
		row(&b, c.Name(), c.Short)
	}
	return b.String()
}

// row writes a name and what it is about, in lines of a terminal's width.
func row(b *strings.Builder, name, about string) {
	const column = 20
	for i, line := range words.Wrap(about, cli.TextWidth-column, utf8.RuneCountInString) {
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(b, "  %-*s%s\n", column-2, name, line)
	}
}
