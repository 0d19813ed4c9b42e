package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/lab"
)

// accountFlags say who may register at a lab: on the command line, which
// everybody on the machine can read, or where secrets are kept.
type accountFlags struct {
	list []string
	kept config.Source
}

func (a *accountFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&a.list, "account", []string{"alice:secret", "carol:secret"}, "USER:PASSWORD who may register; everybody on this machine can read it there")
	cli.SecretFlags(cmd, &a.kept, "account", "a line USER:PASSWORD for each who may register")
}

// accounts looks them up. No error repeats what may be a password.
func (a *accountFlags) accounts(ctx context.Context, p *cli.Program) ([]lab.Account, error) {
	list := a.list
	if a.kept != (config.Source{}) {
		text, err := p.Fetch(ctx, a.kept)
		if err != nil {
			return nil, err
		}
		list = strings.Split(text, "\n")
	}
	var found []lab.Account
	for i, line := range list {
		line = strings.TrimRight(line, "\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		user, password, ok := strings.Cut(line, ":")
		if user = strings.TrimSpace(user); !ok || user == "" {
			return nil, cli.Fail(cli.ExitUsage, fmt.Errorf("account %d has no password: write it as USER:PASSWORD", i+1), "sleeptalk lab --account alice:secret")
		}
		p.Hide(password)
		found = append(found, lab.Account{User: user, Password: password})
	}
	if len(found) == 0 {
		return nil, cli.Invalid(errors.New("there is no account: nobody could register"), "a line USER:PASSWORD for each")
	}
	return found, nil
}
