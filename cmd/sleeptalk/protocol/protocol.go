// Package protocol finds raw protocols, those of the program and a user's own,
// and shows and checks them.
package protocol

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/raw"
)

const rawLong = `Show and check raw protocols: what an app and a server of its own say to each other.

A raw protocol is a YAML file: how frames are cut (lines, a delimiter, a length
before them, HTTP), and the words of both ends, as templates and patterns. From
one file come both the phone (sleeptalk phone --raw FILE) and a server for it
(sleeptalk lab --raw FILE). Begin with one that is there:

  sleeptalk raw show lines > own.yaml
  sleeptalk raw check own.yaml

In a template {user}, {id} and the like are places, and {{ is a brace; {text:json}
and {text:url} are escaped. A pattern is a regular expression (RE2) with groups
that are named as the places.

  app:     hello ping pong poll ringing answer busy decline hangup token
           background foreground bye
  server:  accepted refused pong ping idle ended incoming message
  places:  user password token instance server id from name text reason length`

// Command shows and checks raw protocols.
func Command(p *cli.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "raw", Short: "Show and check raw protocols: an app and a server with words of their own", Args: cli.NoCommand, Long: rawLong,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List the raw protocols of the program", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return list(p) },
		},
		&cobra.Command{
			Use: "show NAME", Short: "Print one, to begin one of your own with", Args: cobra.ExactArgs(1), ValidArgs: raw.Names(),
			RunE: func(_ *cobra.Command, args []string) error { return show(p, args[0]) },
		},
		&cobra.Command{
			Use: "check FILE.yaml", Short: "Check one of your own", Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error { return check(p, args[0]) },
		},
	)
	return cmd
}

func list(p *cli.Program) error {
	for _, name := range raw.Names() {
		r, err := raw.Load(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Out, "%-14s%s\n", name, r.About)
	}
	return nil
}

func show(p *cli.Program, name string) error {
	text, err := raw.Source(name)
	if err != nil {
		return cli.Invalid(err, "sleeptalk raw list")
	}
	_, err = p.Out.Write(text)
	return err
}

// check says whether a protocol can be a phone's, and whether the lab can
// play its server.
func check(p *cli.Program, name string) error {
	r, err := Load(name)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Out, "ok   %s\n", r.Name)
	if err := raw.Playable(r); err != nil {
		p.Warn(err.Error(), "a phone can use it at its own server")
	}
	return nil
}

// Load finds a raw protocol: one of the program's, or a file.
func Load(name string) (*raw.Protocol, error) {
	if name == "" {
		return nil, cli.Invalid(errors.New("which raw protocol? --raw NAME"), "there are: "+raw.List()+", and a file of your own: FILE.yaml")
	}
	if !raw.IsFile(name) {
		r, err := raw.Load(name)
		if err != nil {
			return nil, cli.Invalid(err, "sleeptalk raw list")
		}
		return r, nil
	}
	data, err := cli.ReadProfile(name, "raw", "")
	if err != nil {
		return nil, err
	}
	r, err := raw.Parse(name, data)
	if err != nil {
		return nil, cli.Invalid(err, "sleeptalk raw --help, which says what stands in it")
	}
	return r, nil
}
