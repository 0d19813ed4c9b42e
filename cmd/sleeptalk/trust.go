package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
)

const trustLong = `Trust the files of a folder, and of all folders below it: its .sleeptalk.yaml, and
its scenarios.

A repository that was cloned is somebody else's work. Until its folder is trusted,
its files may not

  name a command, or where a secret comes from (password-command, password-env, …)
  sign on with an account of yours, or change where and how its secret is sent
    (server, user, domain, transport, tls, ca, control, raw, …)
  play a file of this machine, write one, or answer calls with its microphone
  include or play what is outside of their folder, or take a profile from there

A run that would follow them ends with exit code 3 before anything is run or sent,
and says which lines it is about; sleeptalk locate lists them. All else that they say
counts. Read the files, then trust the folder. What others can write is not trusted
even there, nor what a group can that is not the user's alone.

For CI: --trust trusts the files of one run; SLEEPTALK_TRUST has the folders to
trust, separated as those of PATH are, or 1 for all.`

func trustCommand(p *cli.Program) *cobra.Command {
	var list, revoke bool
	cmd := &cobra.Command{
		Use: "trust [FOLDER]", Short: "Trust the files of a folder: what they say of secrets, commands and servers", Long: trustLong,
		Args: cobra.MaximumNArgs(1),
		Example: `  sleeptalk trust               # the working directory
  sleeptalk trust --revoke ~/src/pbx
  SLEEPTALK_TRUST=$PWD sleeptalk run tests/`,
		RunE: func(_ *cobra.Command, args []string) error {
			folder := append(args, ".")[0]
			switch {
			case list:
				return listTrusted(p)
			case revoke:
				return revokeTrust(p, folder)
			}
			return trustFolder(p, folder)
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "list the folders that are trusted")
	cmd.Flags().BoolVar(&revoke, "revoke", false, "trust the folder no longer")
	cmd.MarkFlagsMutuallyExclusive("list", "revoke")
	return cmd
}

func listTrusted(p *cli.Program) error {
	folders, err := config.ReadTrusted(p.Paths())
	if err != nil {
		return cli.InvalidConfig(err)
	}
	for _, folder := range folders {
		if _, err := fmt.Fprintln(p.Out, folder); err != nil {
			return err
		}
	}
	return nil
}

func trustFolder(p *cli.Program, dir string) error {
	folder, err := config.Trustable(dir, p.Env)
	if err != nil {
		return cli.Cannot(err, "--trust, for one run")
	}
	folders, err := config.ReadTrusted(p.Paths())
	if err != nil {
		return cli.InvalidConfig(err)
	}
	if !slices.Contains(folders, folder) {
		if err := config.WriteTrusted(p.Paths(), append(folders, folder)); err != nil {
			return cli.Cannot(err, "--trust, for one run, or "+config.TrustVariable+"="+folder)
		}
	}
	_, err = fmt.Fprintf(p.Out, "trusted: %s, and what is below it\n", folder)
	return err
}

func revokeTrust(p *cli.Program, dir string) error {
	folders, err := config.ReadTrusted(p.Paths())
	if err != nil {
		return cli.InvalidConfig(err)
	}
	left := slices.DeleteFunc(slices.Clone(folders), func(folder string) bool { return config.SameFolder(folder, dir) })
	if len(left) == len(folders) {
		return cli.Cannot(fmt.Errorf("%s is not in the list of trusted folders", dir), "sleeptalk trust --list")
	}
	if err := config.WriteTrusted(p.Paths(), left); err != nil {
		return cli.Cannot(err, "")
	}
	_, err = fmt.Fprintf(p.Out, "no longer trusted: %s\n", dir)
	return err
}
