package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
)

func versionCommand(p *cli.Program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "Say which version this is, and of what it is made", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := cli.Build()
			b.Audio = aboutAudio()
			if asJSON {
				return printJSON(p.Out, b)
			}
			_, err := fmt.Fprintf(p.Out, "sleeptalk %s\ncommit    %s\ngo        %s %s/%s\naudio     %s\n",
				b.Version, orNone(b.Commit), b.Go, b.OS, b.Arch, b.Audio)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
