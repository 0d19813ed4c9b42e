package cli

import (
	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// TextWidth is for texts that people read: that of a terminal.
const TextWidth = 80

// NoCommand refuses a word that is no command, and names the nearest one.
func NoCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return Usage("unknown command %q%s", args[0], words.DidYouMean(args[0], names))
}

// CompleteFlag says how a flag's value is completed.
func CompleteFlag(cmd *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil { // only for a flag that is not there
		panic(err)
	}
}
