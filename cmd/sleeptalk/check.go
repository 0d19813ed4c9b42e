package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
)

const checkLong = `Read scenarios and say all that is wrong with them, without playing anything. FILE
is a .talk file, DIR all of them below it, and builtin:NAME one that the program has
in itself. Warnings are about what is right and could be better.

With --json the syntax tree of each file, or its errors, is written as one line of
JSON.

Exit codes: 0 all are right, 3 something is wrong, 4 a file cannot be read, 5 there
was nothing to check.`

func checkCommand(p *cli.Program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "check FILE|DIR|builtin:NAME...", Short: "Check scenarios without playing them", Long: checkLong, ValidArgsFunction: script.Complete,
		Args: cobra.ArbitraryArgs,
		Example: `  sleeptalk check tests/
  sleeptalk check wake.talk --json | jq '.cases[].name'`,
		RunE: func(_ *cobra.Command, args []string) error { return runCheck(p, args, asJSON) },
	}
	cli.TrustFlag(p, cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the syntax trees as JSON lines")
	return cmd
}

func runCheck(p *cli.Program, args []string, asJSON bool) error {
	if len(args) == 0 {
		return cli.Usage("check what? a file, a folder, or builtin:NAME")
	}
	scripts, err := script.Find(p, args)
	if err != nil {
		return err
	}
	if len(scripts) == 0 {
		return cli.Fail(cli.ExitLimit, fmt.Errorf("no scenario (*%s) there", script.Suffix), "")
	}
	wrong := false
	for _, s := range scripts {
		src, err := s.Read(s.Base)
		if err != nil {
			return cli.Unread(err)
		}
		file, err := scenario.ParseFile(s.Name, src, s.Read)
		wrong = wrong || err != nil
		show := showCheck
		if asJSON {
			show = showTree
		}
		if record.IsCut(src) {
			p.Warn(s.Name+": the recording was cut, or goes on: it has what was done so far", "")
		}
		if err := show(p, s, file, err); err != nil {
			return err
		}
	}
	if wrong {
		return cli.Invalid(cli.ErrSilent, "")
	}
	return nil
}

// showCheck writes a line for a file that is right, and what is wrong with one
// that is not.
func showCheck(p *cli.Program, s *script.Script, file *scenario.File, wrong error) error {
	if wrong != nil {
		complainAll(p, wrong)
		return nil
	}
	for _, w := range scenario.Lint(file) {
		p.Warn(fmt.Sprint(w), "")
	}
	tests, steps := 0, 0
	for _, c := range file.Cases {
		if c.Name != scenario.SetupCase || len(c.Steps) > 0 {
			tests++
		}
		steps += len(c.Steps)
	}
	_, err := fmt.Fprintf(p.Out, "ok   %s   tests %d   steps %d   invariants %d\n", s.Name, tests, steps, len(file.Invariants))
	return err
}

// complainAll writes each of several errors as one.
func complainAll(p *cli.Program, err error) {
	list, many := errors.AsType[*scenario.SyntaxErrors](err)
	if !many {
		p.Complain("%v", err)
		return
	}
	for _, one := range list.List {
		p.Complain("%v", one)
	}
	if list.More {
		p.Complain("and more")
	}
}

// showTree writes a file's syntax tree, or its errors, as a line of JSON.
func showTree(p *cli.Program, s *script.Script, file *scenario.File, wrong error) error {
	if wrong == nil {
		return writeMasked(p, file)
	}
	list, _ := errors.AsType[*scenario.SyntaxErrors](wrong)
	return writeMasked(p, struct {
		V      int                     `json:"v"`
		File   string                  `json:"file"`
		Errors []*scenario.SyntaxError `json:"errors"`
		More   bool                    `json:"more,omitempty"`
	}{1, s.Name, list.List, list.More})
}

// writeMasked writes a value as a line of JSON, without the secrets that somebody
// has written into a scenario.
func writeMasked(p *cli.Program, v any) error {
	var line bytes.Buffer
	if err := clean.WriteJSON(&line, v, ""); err != nil {
		return err
	}
	_, err := io.WriteString(p.Out, p.ErrorText(line.String()))
	return err
}
