package account

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// Flags declares the flag that names an account of the config, and the name that
// it had before; and the one that trusts all files.
func Flags(p *cli.Program, cmd *cobra.Command, c *config.Choice) {
	f := cmd.Flags()
	f.StringVar(&c.Account, "account", "", "account of the config file")
	cli.TrustFlag(p, cmd)
	f.Var(oldAccountFlag{p, c}, "profile", "account of the config file")
	if err := f.MarkHidden("profile"); err != nil { // only for a flag that is not there
		panic(err)
	}
}

// An oldAccountFlag is --profile, which is --account now.
type oldAccountFlag struct {
	p      *cli.Program
	choice *config.Choice
}

func (o oldAccountFlag) Set(name string) error {
	o.p.Warn("--profile is --account now; the old word still works", "--account "+name)
	o.choice.Account = name
	return nil
}
func (o oldAccountFlag) Type() string   { return "string" }
func (o oldAccountFlag) String() string { return "" }

// SettingFlags declares flags for settings of a phone, all of them unless some
// are named.
func SettingFlags(cmd *cobra.Command, c *config.Choice, keys ...string) {
	c.Flags = setup.Values{}
	for _, s := range setup.Settings() {
		if !s.Secret && (len(keys) == 0 || slices.Contains(keys, s.Key)) {
			cmd.Flags().Var(settingFlag{s, c.Flags}, s.Key, s.Help)
		}
	}
}

// A settingFlag is the flag of a setting.
type settingFlag struct {
	setting setup.Setting
	values  setup.Values
}

func (s settingFlag) Set(v string) error { s.values.Add(s.setting, v); return nil }
func (s settingFlag) Type() string       { return "string" }
func (s settingFlag) String() string     { return s.setting.Usual() }
