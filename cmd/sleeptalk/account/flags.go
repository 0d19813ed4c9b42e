package account

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// Flags declares the flag that names an account of the config, and the name that
// it had before; and the one that trusts all files.
func Flags(p *cli.Program, cmd *cobra.Command, c *config.Choice) {
	f := cmd.Flags()
	f.Var(accountFlag{c}, "account", "account of the config file; several, with commas or one by one, are accounts of one phone")
	cli.CompleteFlag(cmd, "account", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		file, _, _ := p.Config() // without a file that can be read there is nothing to complete
		return slices.Sorted(maps.Keys(file.Accounts)), cobra.ShellCompDirectiveNoFileComp
	})
	cli.TrustFlag(p, cmd)
	f.Var(oldAccountFlag{p, accountFlag{c}}, "profile", "account of the config file")
	if err := f.MarkHidden("profile"); err != nil { // only for a flag that is not there
		panic(err)
	}
}

// An accountFlag is --account, which can stand more than once.
type accountFlag struct{ choice *config.Choice }

func (a accountFlag) Set(name string) error {
	if before := a.choice.Account; before != "" {
		name = before + "," + name
	}
	_, err := setup.Accounts(name)
	a.choice.Account = name
	return err
}
func (a accountFlag) Type() string   { return "string" }
func (a accountFlag) String() string { return "" }

// An oldAccountFlag is --profile, which is --account now.
type oldAccountFlag struct {
	p *cli.Program
	accountFlag
}

func (o oldAccountFlag) Set(name string) error {
	o.p.Warn("--profile is --account now; the old word still works", "--account "+name)
	return o.accountFlag.Set(name)
}

// choice is the values of a setting that can have these alone.
var choice = regexp.MustCompile(`^[a-z0-9-]+(\|[a-z0-9-]+)+$`)

// SettingFlags declares flags for settings of a phone, all of them unless some
// are named.
func SettingFlags(cmd *cobra.Command, c *config.Choice, keys ...string) {
	c.Flags = setup.Values{}
	for _, s := range setup.Settings() {
		if !s.Secret && (len(keys) == 0 || slices.Contains(keys, s.Key)) {
			cmd.Flags().Var(settingFlag{s, c.Flags}, s.Key, s.Help)
			if choice.MatchString(s.Value) {
				cli.CompleteFlag(cmd, s.Key, cobra.FixedCompletions(strings.Split(s.Value, "|"), cobra.ShellCompDirectiveNoFileComp))
			}
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
