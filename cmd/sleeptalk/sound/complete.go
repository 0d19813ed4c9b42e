package sound

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/audio"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/clean"
)

// CompleteFlags says how --mic and --speaker are completed: by what they can be and, behind
// "device:", by the devices of this machine, which are looked for only then.
func CompleteFlags(cmd *cobra.Command) {
	complete := func(forms []string, devices func(audio.System) []audio.Device) cobra.CompletionFunc {
		return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			switch {
			case strings.HasPrefix(typed, "file:"):
				return nil, cobra.ShellCompDirectiveDefault
			case !strings.HasPrefix(typed, "device:"):
				return forms, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
			}
			system, err := audio.Find()
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp // there is nothing to complete
			}
			var names []string
			for _, d := range devices(system) {
				names = append(names, "device:"+clean.Line(d.Name))
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		}
	}
	cli.CompleteFlag(cmd, "mic", complete([]string{"device", "device:", "file:", "tone:440", "silence", "none"}, func(s audio.System) []audio.Device { return s.Microphones }))
	cli.CompleteFlag(cmd, "speaker", complete([]string{"device", "device:", "file:", "none"}, func(s audio.System) []audio.Device { return s.Speakers }))
}
