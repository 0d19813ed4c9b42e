package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/audio"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

func devicesCommand(p *cli.Program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "devices", Short: "List the microphones and speakers of this machine", Args: cobra.NoArgs,
		Long: `List the microphones and speakers of this machine, for  --mic device:NAME  and
--speaker device:NAME, by the sound systems that sleeptalk can use. It takes the
first that has both. NAME is any part of a name that no other has.`,
		RunE: func(*cobra.Command, []string) error {
			systems, err := audio.Systems()
			switch {
			case err != nil:
				return cli.Cannot(err, "--mic tone:440 --speaker none")
			case asJSON:
				return printJSON(p.Out, systems)
			}
			_, err = io.WriteString(p.Out, listDevices(systems))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func listDevices(systems []audio.System) string {
	var b strings.Builder
	for _, s := range systems {
		if s.Why != "" {
			fmt.Fprintln(&b, s.Why)
			continue
		}
		fmt.Fprintln(&b, s.Name)
		for _, side := range []struct {
			what    string
			devices []audio.Device
		}{{"microphone", s.Microphones}, {"speaker", s.Speakers}} {
			for _, d := range side.devices {
				fmt.Fprintf(&b, "  %-10s  %s%s\n", side.what, event.Printable(d.Name), map[bool]string{true: "  (default)"}[d.Default])
			}
		}
	}
	return b.String()
}

// madeWith is what this program can play and record with.
func madeWith(systems []audio.System) string {
	names := make([]string, len(systems))
	for i, s := range systems {
		names[i] = s.Name
	}
	return "miniaudio: " + strings.Join(names, ", ")
}

// aboutAudio is that, and what of it is here.
func aboutAudio() string {
	systems, err := audio.Systems()
	if err != nil {
		return err.Error()
	}
	for _, s := range systems {
		if s.Why == "" {
			return madeWith(systems) + "; " + s.Name + " is here"
		}
	}
	return madeWith(systems) + "; no card here"
}

// deviceNames lists devices for a line of text, the default one first.
func deviceNames(devices []audio.Device) string {
	if len(devices) == 0 {
		return "none"
	}
	var names []string
	for _, d := range devices {
		if d.Default {
			names = append([]string{fmt.Sprintf("%q (default)", d.Name)}, names...)
		} else {
			names = append(names, fmt.Sprintf("%q", d.Name))
		}
	}
	return strings.Join(names, ", ")
}
