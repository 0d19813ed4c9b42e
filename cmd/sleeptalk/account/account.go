// Package account is whose phone it is: the flags that name an account of the
// config, or say what an account would, and what comes of them, the environment
// and the files together.
package account

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/profile"
)

// ErrNobody says that neither a flag nor an account says whose phone this is.
var ErrNobody = cli.Cannot(errors.New("whose phone? there is neither an account nor --server and --user"),
	"sleeptalk demo   or   sleeptalk init   or   sleeptalk phone --server HOST --user NAME --password-env VARIABLE")

// Who says whose phone it is, and on what device.
type Who struct {
	Choice config.Choice
	Set    []string // numbers of the device, each KEY=VALUE
}

// Flags declares the flags. Those of a phone come from the table of its settings.
func (w *Who) Flags(p *cli.Program, cmd *cobra.Command) {
	Flags(p, cmd, &w.Choice)
	SettingFlags(cmd, &w.Choice)
	cmd.Flags().StringArrayVar(&w.Set, "set", nil, "override a number of the device: KEY=VALUE, such as wake-window=5s")
}

// Resolve finds out whose phone this is.
func (w *Who) Resolve(ctx context.Context, p *cli.Program) (config.Phone, config.File, error) {
	file, warnings, err := p.Config()
	if err != nil {
		return config.Phone{}, config.File{}, cli.InvalidConfig(err)
	}
	for _, w := range warnings {
		p.Warn(w.Text, w.Hint)
	}
	who, err := file.Resolve(ctx, p.Paths(), w.Choice, p.Env)
	var noAccount *config.NoAccountError
	switch {
	case err == config.ErrNoAccount: // which says which account it is, where there are several
		return who, file, ErrNobody
	case err != nil && !errors.As(err, &noAccount) && !errors.Is(err, config.ErrCredentials):
		return who, file, cli.InvalidConfig(err)
	case err != nil:
		return who, file, err
	}
	p.Hide(who.Values.Secrets()...)
	for _, l := range who.Others {
		p.Hide(l.Values.Secrets()...)
	}
	if err := profile.Known(file, who.Device.Base); err != nil {
		return who, file, err
	}
	return who, file, w.override(&who)
}

// override adds what --set says to the numbers of the file.
func (w *Who) override(who *config.Phone) error {
	numbers, err := w.Numbers()
	if err != nil {
		return err
	}
	merged := map[string]string{}
	maps.Copy(merged, who.Device.Numbers)
	maps.Copy(merged, numbers)
	who.Device.Numbers = merged
	return nil
}

// Numbers are what --set says of the device.
func (w *Who) Numbers() (map[string]string, error) {
	numbers := map[string]string{}
	for _, pair := range w.Set {
		k, v, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, cli.Usage("--set %s: write it as KEY=VALUE, such as wake-window=5s", pair)
		}
		numbers[k] = v
	}
	return numbers, nil
}
