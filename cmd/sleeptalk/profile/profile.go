package profile

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

const profileLong = `Show the device profiles: the numbers by which the emulated systems treat an app.

A device is named by its profile (ios-pushkit), by a release of it
(ios-voip-socket@ios4), by a file (./door-phone.yaml), or by what the config calls
one of your own. A file says what it is based on, and what differs:

  base: ios-voip-socket@ios4
  about: our door phones
  settings:
    wake-window: 5s   # [B] measured on three of them

The comment behind a number is its source, [A] to [D] how sure that is.`

// Command shows and compares device profiles.
func Command(p *cli.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "profile", Short: "Show and compare device profiles: each number, its source, how sure it is", Args: cli.NoCommand, Long: profileLong,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(listCommand(p), showCommand(p), diffCommand(p))
	return cmd
}

func listCommand(p *cli.Program) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the devices, and the releases of each", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return listProfiles(p) },
	}
}

func showCommand(p *cli.Program) *cobra.Command {
	var era string
	cmd := &cobra.Command{
		Use: "show DEVICE", Short: "Show every number of a device, with its source and how sure it is", Args: cobra.ExactArgs(1),
		Example:           "  sleeptalk profile show ios-voip-socket --era ios4\n  sleeptalk profile show ./door-phone.yaml",
		ValidArgsFunction: Complete(p, 1),
		RunE:              func(_ *cobra.Command, args []string) error { return showProfile(p, args[0], era) },
	}
	cmd.Flags().StringVar(&era, "era", "", "a release of the system, as profile list names them")
	cli.CompleteFlag(cmd, "era", completeEras(p))
	return cmd
}

// completeEras completes a release of the device that the first argument names.
func completeEras(p *cli.Program) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		d, err := namedDevice(p, args[0])
		if err != nil { // which is not for a completion to tell
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return d.Eras(), cobra.ShellCompDirectiveNoFileComp
	}
}

func diffCommand(p *cli.Program) *cobra.Command {
	return &cobra.Command{
		Use: "diff DEVICE DEVICE", Short: "Show the numbers in which two devices differ", Args: cobra.ExactArgs(2),
		Example:           "  sleeptalk profile diff ios-voip-socket@ios4 ios-pushkit",
		ValidArgsFunction: Complete(p, 2),
		RunE:              func(_ *cobra.Command, args []string) error { return diffProfiles(p, args[0], args[1]) },
	}
}

// Complete completes the first n arguments: devices, or files.
func Complete(p *cli.Program, n int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return deviceNames(p), cobra.ShellCompDirectiveDefault
	}
}

// deviceNames are all names of devices but for files.
func deviceNames(p *cli.Program) []string {
	var names []string
	for _, name := range device.Names() {
		names = append(names, name)
		if d, err := device.Load(name); err == nil {
			for _, era := range d.Eras() {
				names = append(names, name+"@"+era)
			}
		}
	}
	file, _, err := p.Config()
	if err != nil { // which is not for a completion to tell
		return names
	}
	return append(names, file.OwnDevices()...)
}

// namedDevice finds a device by its name, as a phone would be on it. Numbers
// that no real device allowed are shown, and said to be so.
func namedDevice(p *cli.Program, name string) (device.Profile, error) {
	file, _, err := p.Config()
	if err != nil {
		return device.Profile{}, cli.InvalidConfig(err)
	}
	if err := file.Allowed(name); err != nil {
		return device.Profile{}, cli.InvalidConfig(err)
	}
	d := file.Device(name)
	if err := Known(file, d.Base); err != nil {
		return device.Profile{}, err
	}
	return Of(d, false)
}

func listProfiles(p *cli.Program) error {
	file, _, err := p.Config()
	if err != nil {
		return cli.InvalidConfig(err)
	}
	var b strings.Builder
	for _, name := range device.Names() {
		d, err := device.Load(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%-18s %s\n", name, d.About)
		if eras := d.Eras(); len(eras) > 0 {
			for _, line := range words.Wrap("releases: "+strings.Join(eras, " "), cli.TextWidth-19, utf8.RuneCountInString) {
				fmt.Fprintf(&b, "%-18s %s\n", "", line)
			}
		}
	}
	for _, name := range file.OwnDevices() {
		fmt.Fprintf(&b, "%-18s of your config, based on %s\n", name, file.Device(name).Base)
	}
	_, err = io.WriteString(p.Out, b.String())
	return err
}
