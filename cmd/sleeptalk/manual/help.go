package manual

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Help writes the help of a command, in lines of [cli.TextWidth].
func Help(cmd *cobra.Command, _ []string) {
	fmt.Fprint(colorprofile.NewWriter(cmd.OutOrStdout(), os.Environ()), helpText(cmd))
}

func helpText(cmd *cobra.Command) string {
	var b strings.Builder
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	b.WriteString(fold(text) + "\n")
	heading(&b, "Usage")
	b.WriteString("  " + usage(cmd) + "\n")
	if cmd.Example != "" {
		heading(&b, "Examples")
		for line := range strings.SplitSeq(strings.TrimRight(cmd.Example, "\n"), "\n") {
			b.WriteString(example(line) + "\n")
		}
	}
	if cmd.HasAvailableSubCommands() {
		heading(&b, "Commands")
		for _, c := range below(cmd) {
			row(&b, c.Name(), c.Short)
		}
	}
	if flags := visible(cmd); len(flags) > 0 {
		heading(&b, "Flags")
		for _, f := range flags {
			flagRow(&b, f)
		}
	}
	return b.String()
}

func heading(b io.Writer, title string) { fmt.Fprintf(b, "\n\x1b[1m%s\x1b[m\n", title) }

// usage is how a command is called.
func usage(cmd *cobra.Command) string {
	line := strings.ReplaceAll(cmd.UseLine(), "[flags]", "[--flags]")
	if cmd.HasAvailableSubCommands() {
		line = strings.Replace(line, cmd.CommandPath(), cmd.CommandPath()+" [COMMAND]", 1)
	}
	return line
}

// visible are the flags of a command, in the order of their names.
func visible(cmd *cobra.Command) (list []*pflag.Flag) {
	cmd.InitDefaultHelpFlag()
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			list = append(list, f)
		}
	})
	return list
}

// flagName is how a flag is written.
func flagName(f *pflag.Flag) string {
	if f.Shorthand != "" {
		return "-" + f.Shorthand + ", --" + f.Name
	}
	return "--" + f.Name
}

// flagText is what a flag does, with its default.
func flagText(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "false", "0", "0s", "[]":
		return f.Usage
	}
	return f.Usage + " (" + f.DefValue + ")"
}

// flagRow writes a flag, and beside or below it what it does.
func flagRow(b *strings.Builder, f *pflag.Flag) {
	const column = 22
	name := flagName(f)
	lines := words.Wrap(flagText(f), cli.TextWidth-column, utf8.RuneCountInString)
	if 2+len(name)+2 > column {
		lines = append([]string{""}, lines...)
	}
	for i, line := range lines {
		if i > 0 {
			name = ""
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("  %-*s%s", column-2, name, line), " ") + "\n")
	}
}

// fold fills the paragraphs of a text. What stands further in keeps its lines; those that are
// too long go on as far in.
func fold(text string) string {
	var folded []string
	filling := false
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line = strings.TrimRight(line, " ")
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		last := len(folded) - 1
		if filling && indent == "" && line != "" {
			line = folded[last] + " " + line
			folded = folded[:last]
		}
		filling = indent == "" && line != ""
		folded = append(folded, line)
	}
	for i, line := range folded {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		parts := words.Wrap(line, cli.TextWidth-len(indent), utf8.RuneCountInString)
		if utf8.RuneCountInString(line) > cli.TextWidth {
			folded[i] = indent + strings.Join(parts, "\n"+indent)
		}
	}
	return strings.Join(folded, "\n")
}

// example breaks a line of an example that is too long: its comment stands before it, and
// its flags go on in the next line.
func example(line string) string {
	if utf8.RuneCountInString(line) <= cli.TextWidth {
		return line
	}
	if code, comment, there := strings.Cut(line, "  # "); there {
		return "  # " + comment + "\n" + example(strings.TrimRight(code, " "))
	}
	if at := strings.LastIndex(line[:cli.TextWidth-len(` \\`)], " "); strings.TrimSpace(line[:at]) != "" {
		return line[:at] + " \\\n" + example("      "+strings.TrimSpace(line[at:]))
	}
	return line
}
