package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
)

func locateCommand(p *cli.Program) *cobra.Command {
	return &cobra.Command{
		Use: "locate", Short: "Say where the files are", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			paths := p.Paths()
			for _, row := range []struct{ what, path string }{
				{"config", paths.User}, {"project", paths.Project}, {"state", paths.State},
			} {
				if _, err := fmt.Fprintf(p.Out, "%-8s %s%s\n", row.what, orNone(row.path), absent(row.path)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func absent(path string) string {
	if path == "" {
		return "   (there is no HOME)"
	}
	if _, err := os.Stat(path); err != nil {
		return "   (not there yet)"
	}
	return ""
}
