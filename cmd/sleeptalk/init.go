package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/ui"
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
	return keep.File{Kind: keep.Plain, Name: name, Force: force, Private: true}.WriteBytes([]byte(config.Template() + keyLines()))
}

// keyLines is the end of the template: the keys of the screen, each of which can be another.
func keyLines() string {
	var b strings.Builder
	b.WriteString("#   keys:          # others for these actions, one or several, such as h, H, ctrl+k or f5\n")
	for _, k := range ui.KeyTable() {
		fmt.Fprintf(&b, "#     %-24s # %s\n", quotedKey(k.ID)+": "+quotedKey(k.Keys), k.Help)
	}
	return b.String()
}

// quotedKey is a word as YAML has it.
func quotedKey(word string) string {
	if strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && r != ' ' }) || word == "y" || word == "n" {
		return strconv.Quote(word)
	}
	return word
}
