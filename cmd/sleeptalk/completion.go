package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// completionCommand is that of cobra, to whom a shell that it does not know is one more
// word to be passed over.
func completionCommand(p *cli.Program) *cobra.Command {
	shells := map[string]func(root *cobra.Command, to io.Writer) error{
		"bash":       func(root *cobra.Command, to io.Writer) error { return root.GenBashCompletionV2(to, true) },
		"zsh":        func(root *cobra.Command, to io.Writer) error { return root.GenZshCompletion(to) },
		"fish":       func(root *cobra.Command, to io.Writer) error { return root.GenFishCompletion(to, true) },
		"powershell": func(root *cobra.Command, to io.Writer) error { return root.GenPowerShellCompletionWithDesc(to) },
	}
	names := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use: "completion bash|zsh|fish|powershell", Short: "Write the completions for a shell", ValidArgs: names,
		Long: `Write the completions for a shell: commands, flags, and what they can be told (accounts,
strategies, devices, built-in scenarios). The packages bring them along.`,
		Example: `  source <(sleeptalk completion bash)
  sleeptalk completion zsh > "${fpath[1]}/_sleeptalk"
  sleeptalk completion fish > ~/.config/fish/completions/sleeptalk.fish
  sleeptalk completion powershell | Out-String | Invoke-Expression`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return cli.Usage("completions for which shell? bash, zsh, fish or powershell")
			}
			if err := setup.OneOf(names...)(args[0]); err != nil {
				return cli.Fail(cli.ExitUsage, err, "")
			}
			return shells[args[0]](cmd.Root(), p.Out)
		},
	}
}
