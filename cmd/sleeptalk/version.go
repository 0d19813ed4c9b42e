package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/audio/codec/opus"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
)

func versionCommand(p *cli.Program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "Say which version this is, and of what it is made", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := cli.Build()
			b.Audio, b.Opus = aboutAudio(), aboutOpus()
			if asJSON {
				return printJSON(p.Out, b)
			}
			_, err := fmt.Fprintf(p.Out, "sleeptalk %s\ncommit    %s\ngo        %s %s/%s\naudio     %s\nopus      %s\n",
				b.Version, orNone(b.Commit), b.Go, b.OS, b.Arch, b.Audio, b.Opus)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// aboutOpus is the library of the codec, or why there is none.
func aboutOpus() string {
	if err := opus.Missing(); err != nil {
		return err.Error()
	}
	return opus.Version()
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
