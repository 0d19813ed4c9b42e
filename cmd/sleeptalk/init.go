package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/keep"
)

func initCommand(p *cli.Program) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use: "init", Short: "Write a config file to begin with: every key, commented", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			name := p.Paths().User
			if name == "" {
				return cli.Cannot(errors.New("there is no HOME to write a config file in"), "XDG_CONFIG_HOME=/some/directory sleeptalk init")
			}
			if err := writeTemplate(name, force); err != nil {
				return err
			}
			_, err := fmt.Fprintf(p.Out, "wrote %s\nNext: fill in an account, then  sleeptalk doctor  and  sleeptalk\n", name)
			return err
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "overwrite the file that is there")
	return cmd
}

// writeTemplate writes the file for the user's eyes only, as it may come to
// hold a password.
func writeTemplate(name string, force bool) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	if _, err := os.Lstat(name); err == nil && !force {
		return cli.Cannot(fmt.Errorf("%s is already there", name), "sleeptalk init --force, which overwrites it")
	}
	return keep.File{Kind: keep.Plain, Name: name, Force: force, Private: true}.WriteBytes([]byte(config.Template()))
}
