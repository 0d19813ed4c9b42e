package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

const fmtLong = `Write scenarios as they should look: one blank between words, an empty line above
each test case, comments behind statements in a column. What they say stays.

Without a flag the result goes to standard output; without a FILE, or with "-", the
text comes from standard input.

Exit codes: 0 fine, 1 with --list or --diff if a file should look otherwise, 3 a text
is no scenario, 4 a file cannot be read or written.`

// fmtOptions are the flags of fmt.
type fmtOptions struct{ write, list, diff bool }

func fmtCommand(p *cli.Program) *cobra.Command {
	o := new(fmtOptions)
	cmd := &cobra.Command{
		Use: "fmt [-w|-l|-d] FILE|DIR...", Short: "Format scenarios", Long: fmtLong,
		Args: cobra.ArbitraryArgs,
		Example: `  sleeptalk fmt -w tests/
  sleeptalk fmt -l tests/        # for CI: names the files, exit 1 if there are any`,
		RunE: func(_ *cobra.Command, args []string) error { return runFormat(p, args, o) },
	}
	cli.TrustFlag(p, cmd)
	f := cmd.Flags()
	f.BoolVarP(&o.write, "write", "w", false, "write the result to the file")
	f.BoolVarP(&o.list, "list", "l", false, "name the files that should look otherwise")
	f.BoolVarP(&o.diff, "diff", "d", false, "show what should look otherwise")
	cmd.MarkFlagsMutuallyExclusive("write", "list", "diff")
	return cmd
}

func runFormat(p *cli.Program, args []string, o *fmtOptions) error {
	if len(args) == 0 || len(args) == 1 && args[0] == "-" {
		return formatInput(p, o)
	}
	scripts, err := script.Find(p, args)
	if err != nil {
		return err
	}
	var wrong, differs bool
	for _, s := range scripts {
		src, err := s.Read(s.Base)
		if err != nil {
			return cli.Unread(err)
		}
		out, err := scenario.FormatFile(s.Name, src)
		if err != nil {
			complainAll(p, err)
			wrong = true
			continue
		}
		differs = differs || !bytes.Equal(src, out)
		if err := formatted(p, s, src, out, o); err != nil {
			return err
		}
	}
	return o.outcome(wrong, differs)
}

// outcome is the exit code: what is no scenario outranks what looks otherwise.
func (o *fmtOptions) outcome(wrong, differs bool) error {
	switch {
	case wrong:
		return cli.Invalid(cli.ErrSilent, "")
	case differs && (o.list || o.diff):
		return cli.Fail(cli.ExitFailed, cli.ErrSilent, "")
	}
	return nil
}

func formatInput(p *cli.Program, o *fmtOptions) error {
	if o.write {
		return cli.Usage("fmt -w needs a file to write to")
	}
	src, err := files.ReadAll(p.In, "standard input", script.MaxSize)
	if err != nil {
		return cli.Cannot(err, "")
	}
	const name = "standard input"
	out, err := scenario.FormatFile(name, src)
	if err != nil {
		complainAll(p, err)
		return cli.Invalid(cli.ErrSilent, "")
	}
	return errors.Join(formatted(p, &script.Script{Name: name}, src, out, o), o.outcome(false, !bytes.Equal(src, out)))
}

// formatted does with the result what the flags say.
func formatted(p *cli.Program, s *script.Script, src, out []byte, o *fmtOptions) (err error) {
	same := bytes.Equal(src, out)
	switch {
	case !o.write && !o.list && !o.diff:
		_, err = cli.Raw(p.Out).Write(out) // as it came: the language has no commands of a terminal
	case same:
	case o.list:
		_, err = fmt.Fprintln(p.Out, s.Name)
	case o.diff:
		_, err = p.Out.Write(diff.Diff(s.Name, src, s.Name+" (formatted)", out))
	case s.Dir == "":
		return cli.Usage("%s is a part of the program and cannot be written", s.Name)
	default:
		err = rewrite(filepath.Join(s.Dir, s.Base), src, out)
	}
	return err
}

// rewrite gives a scenario its new text, unless somebody has changed it since it
// was read.
func rewrite(name string, src, out []byte) error {
	now, err := os.ReadFile(name)
	if err == nil && !bytes.Equal(now, src) {
		err = fmt.Errorf("%s was changed while it was being formatted; it is left as it is", name)
	}
	if err == nil {
		err = keep.File{Kind: keep.Plain, Name: name, Force: true}.WriteBytes(out)
	}
	if err != nil {
		return cli.Cannot(err, "")
	}
	return nil
}
