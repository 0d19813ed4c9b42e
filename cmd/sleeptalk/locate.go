package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
)

func locateCommand(p *cli.Program) *cobra.Command {
	return &cobra.Command{
		Use: "locate", Short: "Say where the files are, and which of them are trusted", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return locateFiles(p) },
	}
}

func locateFiles(p *cli.Program) error {
	paths := p.Paths()
	file, _, wrong := p.Config()
	strange, why := file.Strange()
	var b strings.Builder
	user, project := "(read)", "(read, trusted)"
	switch {
	case wrong != nil:
		user, project = "(not read)", "(not read)"
	case strange != "":
		project = "(read; not trusted: " + why + ")"
	}
	for _, row := range []struct{ what, path, there string }{
		{"config", paths.User, user}, {"project", paths.Project, project}, {"state", paths.State, ""}, {"trusted", paths.Trusted, ""},
	} {
		fmt.Fprintln(&b, strings.TrimSpace(fmt.Sprintf("%-8s %s   %s", row.what, orNone(row.path), cmp.Or(absent(row.path), row.there))))
	}
	for _, breach := range file.Breaches(paths, p.Env) {
		fmt.Fprintf(&b, "         %s\n", breach)
	}
	if strange != "" {
		fmt.Fprintf(&b, "  try: %s\n", config.TrustHint(strange))
	}
	if _, err := io.WriteString(p.Out, b.String()); err != nil {
		return err
	}
	if wrong != nil {
		return cli.InvalidConfig(wrong)
	}
	return nil
}

func absent(path string) string {
	if path == "" {
		return "(there is no HOME)"
	}
	if _, err := os.Stat(path); err != nil {
		return "(not there yet)"
	}
	return ""
}
